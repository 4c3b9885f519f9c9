package outbox_test

import (
	"fmt"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"

	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/testkit"
)

func TestAClosedChannelIsBlamedOnAFactThatWasAlone(t *testing.T) {
	t.Parallel()
	db, err := postgres.Open(t.Context(), testkit.Postgres(t), "ordering")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(t.Context(), "outbox", outbox.Migrations()); err != nil {
		t.Fatal(err)
	}
	refused := fmt.Errorf("publish: %w", &amqp.Error{Code: amqp.PreconditionFailed, Reason: "message too large", Server: true})
	lost := fmt.Errorf("publish: %w", &amqp.Error{Code: amqp.ConnectionForced, Server: true})
	for name, c := range map[string]struct {
		err              error
		inFlight         int
		window, attempts int
	}{
		"one alone":      {refused, 1, 1, 1},
		"one of several": {refused, 2, 1, 0},
		"a lost link":    {lost, 1, outbox.MaxWindow, 0},
	} {
		var fact int64
		err := db.QueryRow(t.Context(), `
			INSERT INTO outbox (id, partition, source, subject, sequence, routing_key, envelope)
			VALUES (gen_random_uuid(), 0, '/ordering', $1, 1, '', '') RETURNING position`, name).Scan(&fact)
		if err != nil {
			t.Fatal(err)
		}
		window := outbox.WindowAfter(t.Context(), db, fact, name, c.inFlight, c.err)
		var attempts int
		if err := db.QueryRow(t.Context(), `SELECT attempts FROM outbox WHERE position = $1`, fact).Scan(&attempts); err != nil {
			t.Fatal(err)
		}
		if window != c.window || attempts != c.attempts {
			t.Errorf("%s: window %d, %d attempts; want %d, %d", name, window, attempts, c.window, c.attempts)
		}
	}
}

func init() { outbox.Postgres = testkit.Postgres }
