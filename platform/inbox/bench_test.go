package inbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	amqp "github.com/rabbitmq/amqp091-go"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/testkit"
)

// patience bounds what a test waits for; nothing depends on how long it really takes.
const patience = 60 * time.Second

// placed is the fact that the context under test consumes.
const placed = "ordering.order.placed"

// bench is the context inventory with an inbox, and ordering, which publishes.
type bench struct {
	t       *testing.T
	url     string
	amqpURL string
	db      *postgres.DB
	ch      *amqp.Channel
}

func newBench(t *testing.T) *bench {
	t.Helper()
	t.Parallel()
	b := &bench{t: t, url: testkit.Postgres(t), amqpURL: testkit.RabbitMQ(t)}
	b.db = b.open()
	if err := errors.Join(
		b.db.Migrate(t.Context(), "outbox", outbox.Migrations()), b.db.Migrate(t.Context(), "inbox", inbox.Migrations()),
		b.db.Migrate(t.Context(), "audit", audit.Migrations()),
	); err != nil {
		t.Fatal(err)
	}
	_, err := b.db.Exec(t.Context(),
		`CREATE TABLE done (position bigint GENERATED ALWAYS AS IDENTITY, subject text, sequence bigint)`)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := amqp.Dial(b.amqpURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if b.ch, err = conn.Channel(); err != nil {
		t.Fatal(err)
	}
	if err := b.ch.Confirm(false); err != nil {
		t.Fatal(err)
	}
	if err := b.ch.ExchangeDeclare("ordering.events", "topic", true, false, false, false, nil); err != nil {
		t.Fatal(err)
	}
	return b
}

// open opens the database once more, as another process would.
func (b *bench) open() *postgres.DB {
	b.t.Helper()
	db, err := postgres.Open(b.t.Context(), b.url, "inventory")
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(db.Close)
	return db
}

// store writes down what was done, in the transaction that records the message.
type store struct{ tx pgx.Tx }

func (s store) do(ctx context.Context, fact event.Envelope) error {
	_, err := s.tx.Exec(ctx, `INSERT INTO done (subject, sequence) VALUES ($1, $2)`, fact.Subject, fact.Sequence)
	return err
}

type handler func(ctx context.Context, s store, fact event.Envelope) error

// consumer is one process that consumes. Its times are short, so that what is set aside comes back within a test.
type consumer struct {
	*inbox.Consumer[store]
	b      *bench
	broker *rabbit.Broker
	logs   *logs
}

// reader reads one version of the fact.
type reader = func(event.Envelope) (event.Envelope, error)

func (b *bench) consumer(db *postgres.DB, handle handler, change ...func(*inbox.Config)) *consumer {
	return b.consumerOf(db, routed(map[int]reader{1: readOrder}, handle), change...)
}

// consumerOf has other routes.
func (b *bench) consumerOf(db *postgres.DB, routes inbox.Routes[store], change ...func(*inbox.Config)) *consumer {
	logs := &logs{}
	log := slog.New(slog.NewTextHandler(logs, nil))
	broker := rabbit.New(rabbit.Config{URL: b.amqpURL, ManagementURL: testkit.RabbitMQManagement(b.t), Name: "inventory", Log: log})
	b.t.Cleanup(broker.Close)
	config := inbox.Config{
		DB: db, Broker: broker, Log: log,
		Patience: 200 * time.Millisecond,
		Retry:    rabbit.Backoff{First: 50 * time.Millisecond, Most: 100 * time.Millisecond},
	}
	for _, c := range change {
		c(&config)
	}
	c := inbox.NewConsumer(config, routes, func(tx pgx.Tx) store { return store{tx} })
	return &consumer{c, b, broker, logs}
}

func routed(versions map[int]reader, handle handler) inbox.Routes[store] {
	return inbox.Routes[store]{inbox.On(placed, inbox.Versions[event.Envelope](versions),
		func(ctx context.Context, s store, fact event.Envelope, _ time.Time) error {
			return handle(ctx, s, fact)
		})}
}

// readOrder refuses a payload without what the consumer relies on.
func readOrder(fact event.Envelope) (event.Envelope, error) {
	order, err := event.Data[struct {
		OrderID string `json:"orderId"`
	}](fact)
	if err == nil && order.OrderID == "" {
		err = errors.New("no orderId")
	}
	return fact, err
}

// start runs the consumer until stop, and waits until its queue is bound.
func (c *consumer) start() (stop func()) {
	c.b.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			c.b.t.Errorf("run consumer: %v", err)
		}
		if c.b.t.Failed() {
			_, _ = io.Copy(c.b.t.Output(), c.logs.reader())
		}
	})
	c.b.t.Cleanup(stop)
	c.b.awaitBinding()
	return stop
}

func (b *bench) awaitBinding() {
	b.t.Helper()
	ordering := rabbit.New(rabbit.Config{URL: b.amqpURL, ManagementURL: testkit.RabbitMQManagement(b.t), Name: "ordering"})
	defer ordering.Close()
	b.eventually("the inbox is bound", func() bool {
		missing, err := ordering.MissingBindings(b.t.Context(), map[string][]string{placed: {"inventory.inbox"}})
		return err == nil && len(missing) == 0
	})
}

// order is a fact as ordering publishes it.
func order(subject string, sequence int64) event.Envelope {
	return event.New(context.Background(), event.Fact{
		Name: placed, Version: 1, Subject: subject, Sequence: sequence, CorrelationID: subject, At: time.Now(),
		Data: map[string]any{"orderId": subject},
	})
}

func (b *bench) publish(facts ...event.Envelope) {
	b.t.Helper()
	for _, fact := range facts {
		body, err := json.Marshal(fact)
		if err != nil {
			b.t.Fatal(err)
		}
		b.publishBody(body)
	}
}

func (b *bench) publishBody(body []byte) {
	b.t.Helper()
	message := amqp.Publishing{DeliveryMode: amqp.Persistent, Body: body}
	confirm, err := b.ch.PublishWithDeferredConfirm("ordering.events", "order.placed.v1", true, false, message)
	if err != nil {
		b.t.Fatal(err)
	}
	if !confirm.Wait() {
		b.t.Fatal("publishing failed")
	}
}

// eventually asks until the answer is yes.
func (b *bench) eventually(what string, yes func() bool) {
	b.t.Helper()
	for deadline := time.Now().Add(patience); !yes(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.t.Fatalf("never: %s", what)
		}
	}
}

// scalar asks the database for one number, or -1 while it does not answer.
func (b *bench) scalar(query string, args ...any) (n int) {
	if err := b.db.QueryRow(b.t.Context(), query, args...).Scan(&n); err != nil {
		return -1
	}
	return n
}

func (b *bench) done() int    { return b.scalar(`SELECT count(*) FROM done`) }
func (b *bench) handled() int { return b.scalar(`SELECT count(*) FROM inbox`) }
func (b *bench) waiting(state string) int {
	return b.scalar(`SELECT count(*) FROM waiting WHERE state = $1`, state)
}

// sequences are what was done for a subject, in order.
func (b *bench) sequences(subject string) (sequences []int64) {
	b.t.Helper()
	rows, err := b.db.Query(b.t.Context(), `SELECT sequence FROM done WHERE subject = $1 ORDER BY position`, subject)
	if err == nil {
		sequences, err = pgx.CollectRows(rows, pgx.RowTo[int64])
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return sequences
}

// depth is how many messages of the inbox are in nobody's hand.
func (b *bench) depth() int64 {
	b.t.Helper()
	q, err := b.ch.QueueDeclarePassive("inventory.inbox", true, false, false, false, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return int64(q.Messages)
}

// finish stops a consumer and expects that it leaves nothing unacknowledged.
func (b *bench) finish(stop func()) {
	b.t.Helper()
	stop()
	b.eventually("the queue is empty", func() bool { return b.depth() == 0 })
}

func (b *bench) errorOf(fact event.Envelope) (state, reason string) {
	b.t.Helper()
	err := b.db.QueryRow(b.t.Context(), `SELECT state, coalesce(error, '') FROM waiting WHERE message_id = $1`, fact.ID).
		Scan(&state, &reason)
	if err != nil {
		b.t.Fatalf("find %s among those that wait: %v", fact.ID, err)
	}
	return state, reason
}

// logs collects what is logged.
type logs struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logs) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logs) reader() io.Reader {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.NewReader(l.text.String())
}

func (l *logs) await(t *testing.T, message string) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if text, _ := io.ReadAll(l.reader()); bytes.Contains(text, []byte(message)) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("never logged: %s", message)
		}
	}
}

func receive[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatalf("no %s", what)
		panic("unreachable")
	}
}

func subjects(n int) []event.Envelope {
	facts := make([]event.Envelope, n)
	for i := range facts {
		facts[i] = order(fmt.Sprint(i), 1)
	}
	return facts
}
