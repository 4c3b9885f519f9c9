package rabbit_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/testkit"
)

func listen(t *testing.T, broker *rabbit.Broker, to, key string) (signals <-chan string, connected <-chan struct{}) {
	got, again := make(chan string, 1000), make(chan struct{}, 10)
	run(t, func(ctx context.Context) error {
		return broker.Listen(ctx, to, key, func() { again <- struct{}{} }, func(key string, message []byte) {
			got <- key + " " + string(message)
		})
	})
	return got, again
}

func TestSignalsReachWhoListens(t *testing.T) {
	t.Parallel()
	amqpURL := testkit.RabbitMQ(t)
	gateway, chronicle := open(t, amqpURL, "gateway"), open(t, amqpURL, "chronicle")
	got, connected := listen(t, gateway, "chronicle", "saga.*")
	chronicle.Signal(t.Context(), "too.early", 0)
	receive(t, connected, "connection")
	chronicle.Signal(t.Context(), "other.thing", 1)
	chronicle.Signal(t.Context(), "saga.changed", map[string]int{"sequence": 2})
	if s := receive(t, got, "signal"); s != `saga.changed {"sequence":2}` {
		t.Errorf("signal %q", s)
	}
}

func TestSignalsInQuickSuccessionComeInOrder(t *testing.T) {
	t.Parallel()
	amqpURL := testkit.RabbitMQ(t)
	gateway, chronicle := open(t, amqpURL, "gateway"), open(t, amqpURL, "chronicle")
	got, connected := listen(t, gateway, "chronicle", "saga.changed")
	chronicle.Signal(t.Context(), "too.early", 0)
	receive(t, connected, "connection")
	for i := range 500 {
		chronicle.Signal(t.Context(), "saga.changed", i)
	}
	for i := range 500 {
		if s, want := receive(t, got, "signal"), fmt.Sprintf("saga.changed %d", i); s != want {
			t.Fatalf("%s instead of %s", s, want)
		}
	}
}

func TestAListenerIsToldThatItMayHaveMissedSomething(t *testing.T) {
	t.Parallel()
	amqpURL := testkit.RabbitMQ(t)
	gateway, chronicle := open(t, amqpURL, "gateway"), open(t, amqpURL, "chronicle")
	chronicle.Signal(t.Context(), "saga.changed", 1)
	got, connected := listen(t, gateway, "chronicle", "saga.changed")
	receive(t, connected, "connection")
	eventually(t, "the listener's connection is cut", func() bool { return testkit.CutConnections(t, amqpURL, "consumer") == 1 })
	receive(t, connected, "second connection")
	chronicle.Signal(t.Context(), "saga.changed", 2)
	for receive(t, got, "signal") != "saga.changed 2" {
	}
}

func TestSignalsAreDroppedRatherThanWaitedFor(t *testing.T) {
	t.Parallel()
	broker := rabbit.New(rabbit.Config{URL: "amqp://127.0.0.1:1/", Name: "pricing"})
	for i := range 10_000 {
		broker.Signal(t.Context(), "pricing.alive", i)
	}
	broker.Close()
}

func TestFactsAndSignalsAreOverheardWhileThereIsAConnection(t *testing.T) {
	t.Parallel()
	amqpURL := testkit.RabbitMQ(t)
	gateway, inventory := open(t, amqpURL, "gateway"), open(t, amqpURL, "inventory")
	got, state := make(chan string, 1000), make(chan string, 100)
	run(t, func(ctx context.Context) error {
		return gateway.Overhear(ctx, rabbit.Overhearing{
			Context: "inventory", Facts: []string{"stock.*.*"}, Signals: []string{"stock.level"},
			Began: func() { state <- "began" }, Ended: func() { state <- "ended" },
			Handle: func(key string, _ []byte) { got <- key },
		})
	})
	facts := publisher(t, inventory)
	say := func(fact string) {
		e := event.New(t.Context(), event.Fact{
			Name: fact, Version: 1, Subject: "1", Sequence: 1, CorrelationID: "1", At: time.Now(), Data: map[string]string{},
		})
		publish(t, facts, e, []byte("{}"))
	}
	if s := receive(t, state, "state"); s != "began" {
		t.Fatal(s)
	}
	say("inventory.stock.reserved")
	say("inventory.other.thing")
	inventory.Signal(t.Context(), "stock.level", 1)
	for range 2 {
		if key := receive(t, got, "message"); key != "stock.reserved.v1" && key != "stock.level" {
			t.Errorf("heard %s", key)
		}
	}
	eventually(t, "the listener's connection is cut", func() bool { return testkit.CutConnections(t, amqpURL, "consumer") == 1 })
	if s := receive(t, state, "state"); s != "ended" {
		t.Fatal(s)
	}
	if s := receive(t, state, "state"); s != "began" {
		t.Fatal(s)
	}
	say("inventory.stock.released")
	if key := receive(t, got, "message"); key != "stock.released.v1" {
		t.Errorf("heard %s", key)
	}
}
