package memory_test

import (
	"testing"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/services/ordering/internal/acl"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/app/storetest"
	"quadrille.dev/services/ordering/internal/memory"
)

var _ testkit.Memory[app.Store] = (*memory.Memory)(nil)

func TestStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) storetest.Do {
		actor := testkit.NewParticipant(testkit.Script[app.Store]{Memory: memory.New(acl.Published)})
		return func(use func(app.Store) error) ([]event.Envelope, error) { return actor.Do(use) }
	})
}
