package outbox

import (
	"context"
	"testing"

	"quadrille.dev/platform/postgres"
)

// Postgres is testkit's; tests of this package proper cannot import that, because it imports outbox itself.
var Postgres func(testing.TB) string

// MaxWindow is how many facts are in flight at most.
const MaxWindow = maxWindow

// WindowAfter is how many facts a relay has in flight at most after err has closed the channel on so many.
func WindowAfter(ctx context.Context, db *postgres.DB, position int64, subject string, inFlight int, err error) int {
	relay := NewRelay(RelayConfig{DB: db})
	s := &session{}
	for range inFlight {
		s.flight = append(s.flight, flying{row: row{position: position, aggregate: aggregate{"/ordering", subject}}})
	}
	relay.suspect(ctx, s, err)
	return relay.window
}
