package bench

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	amqp "github.com/rabbitmq/amqp091-go"

	"quadrille.dev/platform/testkit"
	"quadrille.dev/proof/system"
	"quadrille.dev/stack/client"
)

// The longest chain from order.placed to order.fulfilled: five facts travel, and nine transactions commit, three each for charging and
// for booking: the fact, the hand-over to a worker, and the answer.
const (
	hops    = 5
	commits = 9
)

// alone places one order after another on an idle system, and prints the time from placed to fulfilled by the system's own clock, beside the
// floor: the same number of bare commits and of bare messages through a quorum queue, one by one.
func (s *shop) alone(b *testing.B) {
	took := make([]time.Duration, *single)
	for i := range took {
		took[i] = fulfil(b, s.customers[i%buyers])
	}
	floor := floor(b, *single)
	report(b, "saga", took)
	report(b, "floor", floor)
	b.ReportMetric(percentile(took, 50).Seconds()/percentile(floor, 50).Seconds(), "×floor-p50")
	b.ReportMetric(0, "ns/op")
}

func fulfil(b *testing.B, ada *client.Client) time.Duration {
	b.Helper()
	id, err := system.Place(b.Context(), ada, system.Wish{SKU: sku(0)})
	if err != nil {
		b.Fatal(err)
	}
	system.Rest(b, ada, id, time.Minute)
	var data struct {
		Order struct{ PlacedAt, FulfilledAt time.Time }
	}
	err = ada.Do(b.Context(), `query ($id: ID!) { order(id: $id) { placedAt fulfilledAt } }`, map[string]any{"id": id}, &data)
	if err != nil {
		b.Fatal(err)
	}
	return data.Order.FulfilledAt.Sub(data.Order.PlacedAt)
}

// floor is what PostgreSQL and RabbitMQ themselves take for one saga.
func floor(b *testing.B, n int) []time.Duration {
	b.Helper()
	ctx := b.Context()
	conn, err := pgx.Connect(ctx, testkit.Postgres(b))
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(ctx, `CREATE TABLE floor (n bigint)`); err != nil {
		b.Fatal(err)
	}
	hop := hopper(b)
	took := make([]time.Duration, 0, n)
	for range n {
		began := time.Now()
		for range commits {
			if _, err := conn.Exec(ctx, `INSERT INTO floor VALUES (1)`); err != nil {
				b.Fatal(err)
			}
		}
		for range hops {
			hop()
		}
		took = append(took, time.Since(began))
	}
	return took
}

// hopper answers a function that takes a message through a quorum queue: published, confirmed and received.
func hopper(b *testing.B) func() {
	b.Helper()
	conn, err := amqp.Dial(testkit.RabbitMQ(b))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	channel, err := conn.Channel()
	if err != nil {
		b.Fatal(err)
	}
	if err := channel.Confirm(false); err != nil {
		b.Fatal(err)
	}
	queue, err := channel.QueueDeclare("floor", true, false, false, false, amqp.Table{"x-queue-type": "quorum"})
	if err != nil {
		b.Fatal(err)
	}
	deliveries, err := channel.Consume(queue.Name, "", true, false, false, false, nil)
	if err != nil {
		b.Fatal(err)
	}
	return func() {
		confirm, err := channel.PublishWithDeferredConfirmWithContext(b.Context(), "", queue.Name, false, false,
			amqp.Publishing{DeliveryMode: amqp.Persistent, Body: []byte("{}")})
		if err != nil || !confirm.Wait() {
			b.Fatalf("publish: %v", err)
		}
		<-deliveries
	}
}

func report(b *testing.B, what string, took []time.Duration) {
	b.Helper()
	for _, p := range []int{50, 99} {
		b.ReportMetric(float64(percentile(took, p).Microseconds())/1000, fmt.Sprintf("%s-p%d-ms", what, p))
	}
	if len(took) < 100 {
		fmt.Fprintf(os.Stderr, "%s: %d runs are few for a p99\n", what, len(took))
	}
}

// percentile is by the nearest rank.
func percentile(took []time.Duration, p int) time.Duration {
	sorted := slices.Sorted(slices.Values(took))
	return sorted[(p*len(sorted)+99)/100-1]
}
