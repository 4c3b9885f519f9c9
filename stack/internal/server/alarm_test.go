package server

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os/exec"
	"path/filepath"
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
	"quadrille.dev/stack/internal/supervise"
)

// patience bounds what a test waits for; nothing depends on how long it really takes.
const patience = 60 * time.Second

// An alarm is the whole node's, so this test has a node of its own.
func TestAnAlarmOfTheBrokerHoldsUpPublishingAndLosesNothing(t *testing.T) {
	node := startNode(t)
	for name, alarm := range map[string]struct{ raise, clear []string }{
		"memory": {
			[]string{"set_vm_memory_high_watermark", "absolute", "1"},
			[]string{"set_vm_memory_high_watermark", "0.4"},
		},
		"disk": {
			[]string{"set_disk_free_limit", "1000000000000000"},
			[]string{"set_disk_free_limit", "50000000"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := relayTo(t, node.url)
			queue := r.queue(t, name, "#")
			r.append(t, "before", 1)
			r.awaitRows(t, 0)

			node.control(t, alarm.raise...)
			const facts = 600 // more than may be unconfirmed
			for i := range facts {
				r.append(t, fmt.Sprint(i%50), int64(i/50+1))
			}
			r.logs.await(t, "RabbitMQ blocks publishers")
			if got := queue.next(t); got.Subject != "before" {
				t.Errorf("consumed %s while publishing is blocked", got.Subject)
			}
			if n := r.rows(t); n != facts {
				t.Errorf("%d of %d facts are left while publishing is blocked", n, facts)
			}

			node.control(t, alarm.clear...)
			last := map[string]int64{}
			for range facts {
				fact := queue.next(t)
				if fact.Sequence != last[fact.Subject]+1 {
					t.Errorf("%s came as %d after %d", fact.Subject, fact.Sequence, last[fact.Subject])
				}
				last[fact.Subject] = fact.Sequence
			}
			r.awaitRows(t, 0)
		})
	}
}

// privateNode is a RabbitMQ that a test may do anything to.
type privateNode struct {
	url, managementURL string
	env                []string
}

func startNode(t *testing.T) privateNode {
	t.Helper()
	ports, err := FreePorts(2)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	config := RabbitMQConfig{
		Dir: dir, Log: filepath.Join(dir, "rabbitmq.log"), Node: "quadrille-" + strings.ToLower(rand.Text()),
		Port: ports[0], Management: ports[1], User: "admin", Password: rand.Text(),
	}
	server, err := NewRabbitMQ(config)
	if err != nil {
		t.Fatal(err)
	}
	f := &Fleeting{dir: dir, say: func(line string) { t.Log(line) }}
	epmd, node := f.unit(server.Epmd), f.unit(server.Node)
	t.Cleanup(func() { node.Halt(); epmd.Halt() })
	awaitNode(t, node, config.Log, server.ManagementURL)
	return privateNode{server.URL, server.ManagementURL, server.Node.Env}
}

func awaitNode(t *testing.T, node *supervise.Unit, log, managementURL string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := Await(ctx, node, log, func(ctx context.Context) error { return PingRabbitMQ(ctx, managementURL) }); err != nil {
		t.Fatal(err)
	}
}

// control runs rabbitmqctl, which finds the node and its cookie by the node's own environment.
func (n privateNode) control(t *testing.T, args ...string) {
	t.Helper()
	path, err := findRabbitMQ("rabbitmqctl")
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), path, args...)
	command.Env = n.env
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("rabbitmqctl %v: %v\n%s", args, err, output)
	}
}

// relaying is ordering's outbox with a relay.
type relaying struct {
	url    string
	db     *postgres.DB
	logs   *lines
	broker *rabbit.Broker
}

func relayTo(t *testing.T, amqpURL string) *relaying {
	t.Helper()
	return relayWith(t, rabbit.Config{URL: amqpURL}, outbox.RelayConfig{})
}

func relayWith(t *testing.T, config rabbit.Config, relayConfig outbox.RelayConfig) *relaying {
	t.Helper()
	db, err := postgres.Open(t.Context(), testkit.Postgres(t), "ordering")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if err := db.Migrate(t.Context(), "outbox", outbox.Migrations()); err != nil {
		t.Fatal(err)
	}
	logs := &lines{}
	log := slog.New(slog.NewTextHandler(logs, nil))
	config.Name, config.Log = "ordering", log
	broker := rabbit.New(config)
	t.Cleanup(broker.Close)
	relayConfig.DB, relayConfig.Broker, relayConfig.Log = db, broker, log
	relay := outbox.NewRelay(relayConfig)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = relay.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	return &relaying{config.URL, db, logs, broker}
}

func (r *relaying) append(t *testing.T, subject string, sequence int64) {
	t.Helper()
	r.appendNamed(t, "ordering.order.placed", subject, sequence)
}

func (r *relaying) appendNamed(t *testing.T, name, subject string, sequence int64) {
	t.Helper()
	fact := event.New(t.Context(), event.Fact{
		Name: name, Version: 1, Subject: subject, Sequence: sequence, CorrelationID: subject, At: time.Now(), Data: struct{}{},
	})
	if err := r.db.InTx(t.Context(), func(tx pgx.Tx) error { return outbox.Append(t.Context(), tx, fact) }); err != nil {
		t.Fatal(err)
	}
}

func (r *relaying) rows(t *testing.T) (n int) {
	t.Helper()
	if err := r.db.QueryRow(t.Context(), `SELECT count(*) FROM outbox`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func (r *relaying) awaitRows(t *testing.T, want int) {
	t.Helper()
	eventually(t, fmt.Sprintf("%d rows are left", want), func() bool { return r.rows(t) == want })
}

// queue gets every fact of a routing key, over a connection of its own, from when next first asks for one.
func (r *relaying) queue(t *testing.T, name, key string) *queue {
	t.Helper()
	conn, err := amqp.Dial(r.url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	ch, err := conn.Channel()
	if err != nil {
		t.Fatal(err)
	}
	_, err = ch.QueueDeclare(name, true, false, false, false, amqp.Table{"x-queue-type": "quorum"})
	if err != nil {
		t.Fatal(err)
	}
	if err := ch.ExchangeDeclare("ordering.events", "topic", true, false, false, false, nil); err != nil {
		t.Fatal(err)
	}
	if err := ch.QueueBind(name, key, "ordering.events", false, nil); err != nil {
		t.Fatal(err)
	}
	return &queue{name: name, ch: ch}
}

type queue struct {
	name     string
	ch       *amqp.Channel
	messages <-chan amqp.Delivery
}

func (q *queue) next(t *testing.T) event.Envelope {
	t.Helper()
	if q.messages == nil {
		messages, err := q.ch.Consume(q.name, "", true, false, false, false, nil)
		if err != nil {
			t.Fatal(err)
		}
		q.messages = messages
	}
	select {
	case m := <-q.messages:
		fact, err := event.Decode(m.Body)
		if err != nil {
			t.Fatal(err)
		}
		return fact
	case <-time.After(patience):
		t.Fatal("no message")
		panic("unreachable")
	}
}

func eventually(t *testing.T, what string, yes func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !yes(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

// lines collects what is logged.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *lines) await(t *testing.T, message string) {
	t.Helper()
	eventually(t, "logged: "+message, func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		return strings.Contains(l.text.String(), message)
	})
}
