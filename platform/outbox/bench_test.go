package outbox_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	amqp "github.com/rabbitmq/amqp091-go"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/testkit"
)

// patience bounds what a test waits for; nothing depends on how long it really takes.
const patience = 60 * time.Second

// bench is the context ordering with an outbox, a broker, and what a test does to them.
type bench struct {
	t       testing.TB
	url     string
	amqpURL string
	db      *postgres.DB
	ch      *amqp.Channel
}

func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{t: t, url: testkit.Postgres(t), amqpURL: testkit.RabbitMQ(t)}
	b.db = b.open()
	if err := b.db.Migrate(t.Context(), "outbox", outbox.Migrations()); err != nil {
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
	if err := b.ch.ExchangeDeclare("ordering.events", "topic", true, false, false, false, nil); err != nil {
		t.Fatal(err)
	}
	return b
}

// open opens the database once more, as another process would.
func (b *bench) open() *postgres.DB { return b.openAt(b.url) }

func (b *bench) openAt(url string) *postgres.DB {
	b.t.Helper()
	db, err := postgres.Open(b.t.Context(), url, "ordering")
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(db.Close)
	return db
}

func (b *bench) append(facts ...event.Envelope) {
	b.t.Helper()
	if err := b.appendFrom(b.db, facts...); err != nil {
		b.t.Error(err)
	}
}

// appendFrom appends in the process that has opened db.
func (b *bench) appendFrom(db *postgres.DB, facts ...event.Envelope) error {
	return db.InTx(b.t.Context(), func(tx pgx.Tx) error { return outbox.Append(b.t.Context(), tx, facts...) })
}

// hold keeps a row from being removed until the answer is called.
func (b *bench) hold(fact event.Envelope) (release func()) {
	b.t.Helper()
	tx, err := b.open().Begin(context.Background())
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := tx.Exec(context.Background(), `SELECT FROM outbox WHERE id = $1 FOR UPDATE`, fact.ID); err != nil {
		b.t.Fatal(err)
	}
	release = sync.OnceFunc(func() { _ = tx.Rollback(context.Background()) })
	b.t.Cleanup(release)
	return release
}

func (b *bench) rows() int { return b.count("true") }

func (b *bench) count(condition string) (n int) {
	b.t.Helper()
	if err := b.db.QueryRow(b.t.Context(), `SELECT count(*) FROM outbox WHERE `+condition).Scan(&n); err != nil {
		b.t.Fatal(err)
	}
	return n
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

func (b *bench) eventuallyEmpty() {
	b.t.Helper()
	b.eventually("the outbox is empty", func() bool { return b.rows() == 0 })
}

// terminateOwner ends the database session that holds the locks.
func (b *bench) terminateOwner() {
	b.t.Helper()
	b.eventually("a relay's session is ended", func() bool { return b.terminated() > 0 })
}

// endOwners makes sure that no session of a relay is left.
func (b *bench) endOwners() {
	b.t.Helper()
	b.eventually("no relay's session is left", func() bool { return b.terminated() == 0 })
}

// refuse ends every session of the database and lets nobody in, until admit.
func (b *bench) refuse() {
	b.t.Helper()
	b.admin(`ALTER DATABASE %s ALLOW_CONNECTIONS false`)
	b.admin(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%s'`)
}

func (b *bench) admit() {
	b.t.Helper()
	b.admin(`ALTER DATABASE %s ALLOW_CONNECTIONS true`)
}

// admin runs a statement about the database from another one.
func (b *bench) admin(statement string) {
	b.t.Helper()
	server, err := url.Parse(b.url)
	if err != nil {
		b.t.Fatal(err)
	}
	name := strings.TrimPrefix(server.Path, "/")
	server.Path = "/postgres"
	conn, err := pgx.Connect(b.t.Context(), server.String())
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = conn.Close(b.t.Context()) }()
	if _, err := conn.Exec(b.t.Context(), fmt.Sprintf(statement, name)); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) terminated() (sessions int) {
	b.t.Helper()
	if err := b.db.QueryRow(b.t.Context(), `
		SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'ordering relay'`).Scan(&sessions); err != nil {
		b.t.Fatal(err)
	}
	return sessions
}

// awaitRemoval returns when a relay waits for someone who holds a row that it wants to remove.
func (b *bench) awaitRemoval() {
	b.t.Helper()
	b.eventually("the relay wants to remove what was confirmed", func() (removing bool) {
		err := b.db.QueryRow(b.t.Context(), `
			SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
			               AND application_name = 'ordering relay' AND query LIKE 'DELETE FROM outbox%')`).Scan(&removing)
		return err == nil && removing
	})
}

// awaitStuckRelay returns when a relay, which looks into its outbox every second at least, has not done so for longer.
func (b *bench) awaitStuckRelay() {
	b.t.Helper()
	b.eventually("the relay is stuck", func() (stuck bool) {
		err := b.db.QueryRow(b.t.Context(), `
			SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
			               AND application_name = 'ordering relay' AND state_change < now() - interval '3 s')`).Scan(&stuck)
		return err == nil && stuck
	})
}

// relaying is a relay as one process runs it.
type relaying struct {
	t      testing.TB
	config outbox.RelayConfig
	logs   *logs
	// started is the relay that was started last.
	started *outbox.Relay
}

func (b *bench) relay(db *postgres.DB) *relaying { return b.relayTo(b.amqpURL, db) }

func (b *bench) relayThrough(amqpURL string) *relaying { return b.relayTo(amqpURL, b.open()) }

func (b *bench) relayTo(amqpURL string, db *postgres.DB) *relaying {
	broker := rabbit.New(rabbit.Config{URL: amqpURL, ManagementURL: testkit.RabbitMQManagement(b.t), Name: "ordering"})
	b.t.Cleanup(broker.Close)
	logs := &logs{}
	config := outbox.RelayConfig{DB: db, Broker: broker, Log: slog.New(slog.NewTextHandler(logs, nil))}
	return &relaying{t: b.t, config: config, logs: logs}
}

func (r *relaying) relay() *outbox.Relay { return outbox.NewRelay(r.config) }

func (r *relaying) start() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	relay := r.relay()
	r.started = relay
	go func() { ended <- relay.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			r.t.Errorf("run relay: %v", err)
		}
		if r.t.Failed() {
			_, _ = io.Copy(r.t.Output(), r.logs.reader())
		}
	})
	r.t.Cleanup(stop)
	return stop
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

func (l *logs) await(t testing.TB, message string) {
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

// tap is a queue that a test looks into.
type tap struct {
	t        testing.TB
	ch       *amqp.Channel
	queue    string
	messages <-chan amqp.Delivery
}

func (b *bench) tap(key string, args amqp.Table) *tap {
	return b.tapNamed("tap", key, args)
}

func (b *bench) tapNamed(name, key string, args amqp.Table) *tap {
	b.t.Helper()
	if _, err := b.ch.QueueDeclare(name, true, false, false, false, args); err != nil {
		b.t.Fatal(err)
	}
	tap := &tap{t: b.t, ch: b.ch, queue: name}
	b.bind(tap, key)
	tap.release()
	return tap
}

func (b *bench) bind(tap *tap, key string) {
	b.t.Helper()
	if err := b.ch.QueueBind(tap.queue, key, "ordering.events", false, nil); err != nil {
		b.t.Fatal(err)
	}
}

// hold leaves the messages in the queue until release.
func (p *tap) hold() {
	if err := p.ch.Cancel(p.queue, false); err != nil {
		p.t.Fatal(err)
	}
}

func (p *tap) release() {
	messages, err := p.ch.Consume(p.queue, p.queue, true, false, false, false, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	p.messages = messages
}

func (p *tap) nextMessage() amqp.Delivery {
	p.t.Helper()
	select {
	case m := <-p.messages:
		return m
	case <-time.After(patience):
		p.t.Fatal("no message")
		panic("unreachable")
	}
}

func (p *tap) next() event.Envelope {
	p.t.Helper()
	fact, err := event.Decode(p.nextMessage().Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return fact
}
