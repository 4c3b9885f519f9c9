package browser

import (
	"testing"

	"go.uber.org/goleak"

	"quadrille.dev/platform/testkit/leak"
)

func TestMain(m *testing.M) {
	// The thread on which children are started lives as long as the program.
	leak.Main(m, goleak.IgnoreAnyFunction("quadrille.dev/stack/internal/process.spawn"))
}
