package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	amqp "github.com/rabbitmq/amqp091-go"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/prune"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/testkit"
)

const (
	// old is how many rows wait to be removed: more than go while it is measured.
	old = 500_000
	// turns is how often handling is measured without and with pruning, in turn.
	turns = 5
	// perTurn is how many messages are handled each time.
	perTurn = 4_000
)

// BenchmarkHandlingWhilePruning measures how many messages a consumer handles in a second, each in a transaction of its own, without
// and with the removal of old inbox rows going on at its ordinary rate, in turn, and prints the ratio. 1.00 is not to be told apart.
func BenchmarkHandlingWhilePruning(b *testing.B) {
	h := newHandling(b)
	var alone, beside time.Duration
	var removed int64
	b.ResetTimer()
	for range turns {
		alone += h.handle(b, perTurn)
		ctx, stop := context.WithCancel(b.Context())
		pruned := make(chan int64, 1)
		go func() {
			rows, _ := prune.New(prune.Config{DB: h.db, Tables: []prune.Table{inbox.Kept(inbox.KeptFor)}}).Once(ctx) // ends with ctx
			pruned <- rows
		}()
		beside += h.handle(b, perTurn)
		stop()
		removed += <-pruned
	}
	b.StopTimer()
	if removed == 0 || removed >= old {
		b.Fatalf("%d of %d old rows were removed: pruning did not go on all the time", removed, old)
	}
	rate := func(took time.Duration) float64 { return float64(turns*perTurn) / took.Seconds() }
	b.ReportMetric(rate(alone), "alone-msg/s")
	b.ReportMetric(rate(beside), "pruning-msg/s")
	b.ReportMetric(float64(removed)/beside.Seconds(), "pruned-rows/s")
	b.ReportMetric(rate(beside)/rate(alone), "×alone")
}

// handling is a context with an inbox full of old rows.
type handling struct {
	db        *postgres.DB
	broker    *rabbit.Broker
	channel   *amqp.Channel
	published int64
}

func newHandling(b *testing.B) *handling {
	b.Helper()
	url := testkit.RabbitMQ(b)
	h := &handling{broker: rabbit.New(rabbit.Config{URL: url, Name: "inventory", Log: slog.New(slog.DiscardHandler)})}
	b.Cleanup(h.broker.Close)
	var err error
	if h.db, err = postgres.Open(b.Context(), testkit.Postgres(b), "inventory"); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(h.db.Close)
	if err := h.db.Migrate(b.Context(), "inbox", inbox.Migrations()); err != nil {
		b.Fatal(err)
	}
	_, err = h.db.Exec(b.Context(), fmt.Sprintf(`
		CREATE TABLE done (subject text PRIMARY KEY);
		INSERT INTO inbox SELECT 'inventory', gen_random_uuid(), now() - interval '1 year' + n * interval '1 second'
		FROM generate_series(1, %d) AS n`, old))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := h.db.Exec(b.Context(), `VACUUM ANALYZE inbox`); err != nil {
		b.Fatal(err)
	}
	conn, err := amqp.Dial(url)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	if h.channel, err = conn.Channel(); err != nil {
		b.Fatal(err)
	}
	if err := h.channel.Confirm(false); err != nil {
		b.Fatal(err)
	}
	if err := h.channel.ExchangeDeclare(rabbit.EventsExchange("ordering"), "topic", true, false, false, false, nil); err != nil {
		b.Fatal(err)
	}
	publisher, err := h.broker.Publisher(b.Context(), 1) // declares the queue
	if err != nil {
		b.Fatal(err)
	}
	publisher.Close()
	h.handle(b, 1000) // warms up
	return h
}

// handle answers how long a consumer takes for n messages that lie in its queue.
func (h *handling) handle(b *testing.B, n int) time.Duration {
	b.Helper()
	handled := make(chan struct{}, n)
	h.db.AfterCommit(func() {
		select {
		case handled <- struct{}{}:
		default: // counted by an earlier call
		}
	})
	routes := inbox.Routes[pgx.Tx]{{Fact: "ordering.order.placed", Handle: func(ctx context.Context, tx pgx.Tx, e event.Envelope, _ time.Time) error {
		_, err := tx.Exec(ctx, `INSERT INTO done VALUES ($1)`, e.Subject)
		return err
	}}}
	consumer := inbox.NewConsumer(inbox.Config{DB: h.db, Broker: h.broker, Log: slog.New(slog.DiscardHandler)}, routes,
		func(tx pgx.Tx) pgx.Tx { return tx })
	h.publish(b, n)
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	begun := time.Now()
	go func() { ended <- consumer.Run(ctx) }()
	for range n {
		<-handled
	}
	took := time.Since(begun)
	stop()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
	return took
}

func (h *handling) publish(b *testing.B, n int) {
	b.Helper()
	var last *amqp.DeferredConfirmation
	for range n {
		h.published++
		fact := event.New(b.Context(), event.Fact{
			Name: "ordering.order.placed", Version: 1, Subject: fmt.Sprint(h.published), Sequence: 1, At: time.Now(), Data: struct{}{},
		})
		body, err := json.Marshal(fact)
		if err != nil {
			b.Fatal(err)
		}
		last, err = h.channel.PublishWithDeferredConfirmWithContext(b.Context(), "", rabbit.InboxQueue("inventory"), false, false,
			amqp.Publishing{DeliveryMode: amqp.Persistent, Body: body})
		if err != nil {
			b.Fatal(err)
		}
	}
	if last != nil && !last.Wait() {
		b.Fatal("messages were not taken")
	}
}
