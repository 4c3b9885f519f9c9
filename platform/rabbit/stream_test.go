package rabbit_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/testkit"
)

// stream declares the stream of all facts in a virtual host of the test's own, and answers how to fill it.
func stream(t *testing.T) (url string, fill func(texts ...string)) {
	t.Helper()
	t.Parallel()
	url = testkit.RabbitMQ(t)
	conn, err := amqp.Dial(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	ch, err := conn.Channel()
	if err != nil {
		t.Fatal(err)
	}
	queues := rabbit.TopologyOf("chronicle", nil).Queues
	queue := queues[slices.IndexFunc(queues, func(q rabbit.Queue) bool { return q.Name == "chronicle.stream" })]
	if _, err := ch.QueueDeclare(queue.Name, true, false, false, false, queue.Arguments); err != nil {
		t.Fatal(err)
	}
	if err := ch.Confirm(false); err != nil {
		t.Fatal(err)
	}
	return url, func(texts ...string) {
		t.Helper()
		var last *amqp.DeferredConfirmation
		for _, text := range texts {
			last, err = ch.PublishWithDeferredConfirm("", queue.Name, true, false, amqp.Publishing{Body: []byte(text)})
			if err != nil {
				t.Fatal(err)
			}
		}
		if !last.Wait() {
			t.Fatal("not confirmed")
		}
	}
}

func numbers(from, to int) (texts []string) {
	for n := from; n < to; n++ {
		texts = append(texts, fmt.Sprint(n))
	}
	return texts
}

func TestAStreamIsReadToItsEndInOrder(t *testing.T) {
	url, fill := stream(t)
	want := numbers(0, 3000) // several times the prefetch
	fill(want...)
	broker := open(t, url, "chronicle")
	for range 2 { // reading takes nothing away
		var got []string
		err := broker.ReadStream(t.Context(), time.Now().Add(-time.Hour), func(body []byte) error {
			got = append(got, string(body))
			return nil
		})
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("read %d messages, %v", len(got), err)
		}
	}
}

func TestAStreamIsReadFromAMomentOn(t *testing.T) {
	url, fill := stream(t)
	fill(numbers(0, 10)...)
	time.Sleep(1100 * time.Millisecond) // the broker's moments are seconds
	middle := time.Now()
	fill(numbers(10, 20)...)
	var got []string
	err := open(t, url, "chronicle").ReadStream(t.Context(), middle, func(body []byte) error {
		got = append(got, string(body))
		return nil
	})
	if err != nil || len(got) > 11 || !slices.Equal(got[max(0, len(got)-10):], numbers(10, 20)) {
		t.Errorf("read %v, %v", got, err)
	}
}

func TestAnEmptyStreamHasNothingToRead(t *testing.T) {
	url, _ := stream(t)
	err := open(t, url, "chronicle").ReadStream(t.Context(), time.Now().Add(-time.Hour), func([]byte) error {
		t.Error("read something")
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestReadingAStreamEndsWithTheErrorOfItsReader(t *testing.T) {
	url, fill := stream(t)
	fill(numbers(0, 10)...)
	refused := errors.New("refused")
	err := open(t, url, "chronicle").ReadStream(t.Context(), time.Now().Add(-time.Hour), func([]byte) error { return refused })
	if !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
}
