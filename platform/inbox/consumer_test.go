package inbox_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/testkit"
)

const (
	placed   = "ordering.order.placed"
	deadline = 30 * time.Second
)

// note is what the tests' use case does: it writes down the fact, in the same transaction.
type note struct{ tx pgx.Tx }

func bindNote(tx pgx.Tx) note { return note{tx} }

// bench is the servers of one test: ordering publishes, others consume.
type bench struct {
	t        *testing.T
	amqpURL  string
	db       *postgres.DB
	ordering *rabbit.Broker
}

func newBench(t *testing.T) *bench {
	t.Parallel()
	b := &bench{t: t, amqpURL: testkit.RabbitMQ(t)}
	b.db = b.database()
	b.ordering = b.broker("ordering")
	return b
}

func (b *bench) database() *postgres.DB {
	b.t.Helper()
	db, err := postgres.Open(b.t.Context(), testkit.Postgres(b.t), b.t.Name())
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(db.Close)
	if err := db.Migrate(b.t.Context(), "outbox", outbox.Migrations()); err != nil {
		b.t.Fatal(err)
	}
	if err := db.Migrate(b.t.Context(), "inbox", inbox.Migrations()); err != nil {
		b.t.Fatal(err)
	}
	if _, err := db.Exec(b.t.Context(), `CREATE TABLE note (position bigint GENERATED ALWAYS AS IDENTITY, subject text, sequence bigint)`); err != nil {
		b.t.Fatal(err)
	}
	return db
}

func (b *bench) broker(name string) *rabbit.Broker {
	broker := rabbit.New(rabbit.Config{URL: b.amqpURL, ManagementURL: testkit.RabbitMQManagement(b.t), Name: name})
	b.t.Cleanup(broker.Close)
	return broker
}

func (b *bench) start(run func(ctx context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	stopped := false
	stop = func() {
		cancel()
		if stopped {
			return
		}
		stopped = true
		if err := <-ended; err != nil {
			b.t.Errorf("run: %v", err)
		}
	}
	b.t.Cleanup(stop)
	return stop
}

func TestFactsGoFromOutboxToHandler(t *testing.T) {
	b := newBench(t)
	relay := outbox.NewRelay(outbox.RelayConfig{
		DB: b.db, Broker: b.ordering,
		Consumers: map[string][]string{placed: {"inventory.inbox"}},
	})
	b.start(relay.Run)
	const facts = 50
	handled := make(chan event.Envelope, facts)
	routes := inbox.Routes[note]{{Fact: placed, Handle: func(_ context.Context, _ note, fact event.Envelope, _ time.Time) error {
		handled <- fact
		return nil
	}}}
	consumer := inbox.NewConsumer(inbox.Config{DB: b.database(), Broker: b.broker("inventory")}, routes, bindNote)
	b.start(consumer.Run)
	for i := range facts {
		fact := event.New(t.Context(), event.Fact{
			Name: placed, Version: 1, Subject: fmt.Sprint("order ", i), Sequence: 1, At: time.Now(), Data: map[string]int{"i": i},
		})
		if err := b.db.InTx(t.Context(), func(tx pgx.Tx) error { return outbox.Append(t.Context(), tx, fact) }); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	timeout := time.After(deadline)
	for len(seen) < facts {
		select {
		case fact := <-handled:
			seen[fact.Subject] = true
		case <-timeout:
			t.Fatalf("%d of %d facts handled", len(seen), facts)
		}
	}
}
