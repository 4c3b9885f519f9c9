package inbox

import "testing"

// Postgres is testkit's; tests of this package proper cannot import that, because it imports inbox itself.
var Postgres func(testing.TB) string
