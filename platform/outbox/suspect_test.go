package outbox

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	amqp "github.com/rabbitmq/amqp091-go"

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
	if err := db.Migrate(t.Context(), "outbox", Migrations()); err != nil {
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
		"a lost link":    {lost, 1, maxWindow, 0},
	} {
		row := row{id: uuid.New(), aggregate: aggregate{"/ordering", name}}
		_, err := db.Exec(t.Context(), `
			INSERT INTO outbox (id, partition, source, subject, sequence, routing_key, envelope)
			VALUES ($1, 0, $2, $3, 1, '', '')`, row.id, row.aggregate.source, row.aggregate.subject)
		if err != nil {
			t.Fatal(err)
		}
		relay := NewRelay(RelayConfig{DB: db})
		s := &session{}
		for range c.inFlight {
			s.flight = append(s.flight, flying{row: row})
		}
		relay.suspect(t.Context(), s, c.err)
		var attempts int
		if err := db.QueryRow(t.Context(), `SELECT attempts FROM outbox WHERE id = $1`, row.id).Scan(&attempts); err != nil {
			t.Fatal(err)
		}
		if relay.window != c.window || attempts != c.attempts {
			t.Errorf("%s: window %d, %d attempts; want %d, %d", name, relay.window, attempts, c.window, c.attempts)
		}
	}
}
