package localtest

import (
	"context"
	"testing"
	"time"

	"quadrille.dev/stack/internal/server"
)

// Servers are a PostgreSQL and a RabbitMQ that a test can break. What dies is started again with the data it had.
type Servers struct{ *server.Fleeting }

// StartServers starts servers of the test's own, which end with it; if it fails, their logs are kept and shown as the programs' are.
func StartServers(t testing.TB) *Servers {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	servers, err := server.StartFleeting(ctx, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			keepLogs(t, servers.Logs())
		}
		if err := servers.Stop(); err != nil {
			t.Errorf("stop the servers: %v", err)
		}
	})
	return &Servers{servers}
}
