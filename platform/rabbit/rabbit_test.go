package rabbit_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/testkit"
)

// patience bounds what a test waits for; nothing depends on how long it really takes.
const patience = 30 * time.Second

func open(t *testing.T, amqpURL, name string) *rabbit.Broker {
	t.Helper()
	broker := rabbit.New(rabbit.Config{URL: amqpURL, ManagementURL: testkit.RabbitMQManagement(t), Name: name})
	t.Cleanup(broker.Close)
	return broker
}

// publisher opens a publisher, which has the broker's topology declared.
func publisher(t *testing.T, broker *rabbit.Broker) *rabbit.Publisher {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	p, err := broker.Publisher(ctx, 10)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// placed is a fact as ordering publishes it.
func placed(sequence int64) (event.Envelope, []byte) {
	e := event.New(context.Background(), event.Fact{
		Name: "ordering.order.placed", Version: 1, Subject: "1", Sequence: sequence, CorrelationID: "1", At: time.Now(), Data: map[string]string{},
	})
	body, err := json.Marshal(e)
	if err != nil {
		panic(err)
	}
	return e, body
}

// publish publishes a fact and answers why it has not arrived, or nothing.
func publish(t *testing.T, p *rabbit.Publisher, e event.Envelope, body []byte) string {
	t.Helper()
	confirm, err := p.Publish(e.RoutingKey(), e, body)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if acked, err := confirm.WaitContext(ctx); err != nil || !acked {
		t.Fatalf("confirm: %t, %v", acked, err)
	}
	for _, r := range p.Returned() {
		if r.MessageID == e.ID.String() {
			return r.Reason
		}
	}
	return ""
}

// run runs f until the test ends.
func run(t *testing.T, f func(ctx context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// consume takes the facts of a broker's inbox, acknowledging each.
func consume(t *testing.T, broker *rabbit.Broker, facts ...string) <-chan event.Envelope {
	got := make(chan event.Envelope, 1000)
	run(t, func(ctx context.Context) error {
		return broker.Consume(ctx, facts, 10, func(d rabbit.Delivery) {
			if e, err := event.Decode(d.Body()); err == nil {
				got <- e
			}
			d.Ack()
		}, func() {})
	})
	return got
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

// eventually asks until the answer is yes.
func eventually(t *testing.T, what string, yes func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !yes(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

func vhost(t *testing.T, amqpURL string) string {
	t.Helper()
	parsed, err := url.Parse(amqpURL)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Path
}

func TestASubscriptionWaitsForItsNeighbour(t *testing.T) {
	t.Parallel()
	amqpURL := testkit.RabbitMQ(t)
	inventory := open(t, amqpURL, "inventory")
	got := consume(t, inventory, "ordering.order.placed")
	ordering := publisher(t, open(t, amqpURL, "ordering"))
	e, body := placed(1)
	eventually(t, "the fact is routed", func() bool { return publish(t, ordering, e, body) == "" })
	if first := receive(t, got, "fact"); first.ID != e.ID {
		t.Errorf("got %s, want %s", first.ID, e.ID)
	}
}

func TestWhatNobodyConsumesComesBack(t *testing.T) {
	t.Parallel()
	ordering := publisher(t, open(t, testkit.RabbitMQ(t), "ordering"))
	e, body := placed(1)
	if reason := publish(t, ordering, e, body); !strings.Contains(reason, "NO_ROUTE") {
		t.Errorf("reason %q", reason)
	}
}

// arrives publishes once, over a connection that may be about to end.
func arrives(t *testing.T, broker *rabbit.Broker, e event.Envelope, body []byte) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	p, err := broker.Publisher(ctx, 10)
	if err != nil {
		return false
	}
	defer p.Close()
	confirm, err := p.Publish(e.RoutingKey(), e, body)
	if err != nil {
		return false
	}
	acked, err := confirm.WaitContext(ctx)
	return err == nil && acked && len(p.Returned()) == 0
}

func TestLostConnectionsAreReplacedAndLeakNothing(t *testing.T) {
	t.Parallel()
	amqpURL := testkit.RabbitMQ(t)
	ordering, inventory := open(t, amqpURL, "ordering"), open(t, amqpURL, "inventory")
	publisher(t, ordering)
	got := consume(t, inventory, "ordering.order.placed")
	for i := range int64(2) {
		e, body := placed(i + 1)
		eventually(t, "the fact arrives", func() bool { return arrives(t, ordering, e, body) })
		for receive(t, got, "fact").ID != e.ID {
		}
		eventually(t, "the consumer's connection is cut", func() bool { return testkit.CutConnections(t, amqpURL, "consumer") == 1 })
		eventually(t, "the publisher's connection is cut", func() bool { return testkit.CutConnections(t, amqpURL, "publisher") == 1 })
	}
	eventually(t, "one consumer", func() bool { return inspect(t, amqpURL, "inventory.inbox").Consumers == 1 })
}

func TestACancelledConsumerComesBack(t *testing.T) {
	t.Parallel()
	amqpURL := testkit.RabbitMQ(t)
	ordering := publisher(t, open(t, amqpURL, "ordering"))
	got := consume(t, open(t, amqpURL, "inventory"), "ordering.order.placed")
	first, body := placed(1)
	eventually(t, "the first fact is routed", func() bool { return publish(t, ordering, first, body) == "" })
	receive(t, got, "first fact")
	testkit.Manage(t, http.MethodDelete, "/api/queues"+vhost(t, amqpURL)+"/inventory.inbox", "")
	second, body := placed(2)
	eventually(t, "the second fact is routed", func() bool { return publish(t, ordering, second, body) == "" })
	for receive(t, got, "second fact").ID != second.ID {
	}
}

func inspect(t *testing.T, amqpURL, queue string) amqp.Queue {
	t.Helper()
	conn, err := amqp.Dial(amqpURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	ch, err := conn.Channel()
	if err != nil {
		t.Fatal(err)
	}
	q, err := ch.QueueDeclarePassive(queue, true, false, false, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestMissingBindings(t *testing.T) {
	t.Parallel()
	amqpURL := testkit.RabbitMQ(t)
	ordering := open(t, amqpURL, "ordering")
	publisher(t, ordering)
	consumers := map[string][]string{"ordering.order.placed": {"inventory.inbox", "chronicle.stream"}}
	missing, err := ordering.MissingBindings(t.Context(), consumers)
	if err != nil || len(missing) != 2 {
		t.Fatalf("missing %v, %v", missing, err)
	}
	consume(t, open(t, amqpURL, "inventory"), "ordering.order.placed")
	consume(t, open(t, amqpURL, "chronicle"), "#")
	eventually(t, "nothing is missing", func() bool {
		missing, err := ordering.MissingBindings(t.Context(), consumers)
		return err == nil && len(missing) == 0
	})
}

func TestDepth(t *testing.T) {
	t.Parallel()
	amqpURL := testkit.RabbitMQ(t)
	ordering := open(t, amqpURL, "ordering")
	if _, err := ordering.Depth(t.Context(), rabbit.DeadQueue("ordering")); err == nil {
		t.Error("a queue that is not there has a depth")
	}
	publisher(t, ordering)
	if depth, err := ordering.Depth(t.Context(), rabbit.DeadQueue("ordering")); err != nil || depth != 0 {
		t.Errorf("depth %d, %v", depth, err)
	}
}

func TestAClosedBrokerSaysSo(t *testing.T) {
	t.Parallel()
	broker := open(t, testkit.RabbitMQ(t), "ordering")
	broker.Close()
	if _, err := broker.Publisher(t.Context(), 1); !errors.Is(err, rabbit.ErrClosed) {
		t.Errorf("error %v", err)
	}
}

func TestNobodyWaitsForEverForABrokerThatIsNotThere(t *testing.T) {
	t.Parallel()
	broker := rabbit.New(rabbit.Config{URL: "amqp://127.0.0.1:1/", Name: "ordering"})
	defer broker.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := broker.Publisher(ctx, 1); err == nil {
		t.Error("connected to nothing")
	}
}
