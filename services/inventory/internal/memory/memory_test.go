package memory_test

import (
	"testing"

	"quadrille.dev/platform/testkit"
	"quadrille.dev/services/inventory/internal/acl"
	"quadrille.dev/services/inventory/internal/app"
	"quadrille.dev/services/inventory/internal/app/storetest"
	"quadrille.dev/services/inventory/internal/memory"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) storetest.Do {
		return testkit.NewParticipant(testkit.Script[app.Store]{Name: "inventory", Memory: memory.New(acl.Published{})}).Do
	})
}
