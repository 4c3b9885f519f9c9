package bench

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	amqp "github.com/rabbitmq/amqp091-go"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/schema/eventtest"
)

var (
	many = flag.Int("facts", 20_000, "how many facts are relayed for the rate")
	load = flag.Float64("rate", 0, "how many facts are committed a second for the times; half of the relay's rate unless set")
	held = flag.Duration("held", 15*time.Second, "how long facts are relayed for the times, and a transaction is held open meanwhile")
)

const (
	// window is how many messages may be unconfirmed; the relay's own is the same.
	window = 500
	// perAggregate is how many facts each aggregate has.
	perAggregate = 10
	// rounds are how often the three take turns.
	rounds     = 3
	exchange   = "ordering.events"
	routingKey = "order.placed.v1"
)

// BenchmarkRelay measures the relay alone, from PostgreSQL to a quorum queue, with confirms and mandatory, each aggregate in order and a
// second relay ready to take over: its rate beside a loop that publishes the same messages from memory, with the same window, and beside
// Watermill's forwarder at the same job; and the time from commit to delivery at half that rate, also while a transaction and its snapshot
// are held open. The three take turns, and what counts is the median of the turns' ratios. It is what `make bench-relay` runs.
func BenchmarkRelay(b *testing.B) {
	var loops, relays, forwarders, ofCeiling, ofWatermill []float64
	for range rounds {
		loop, relay, forwarder := ceiling(b, *many), relayed(b, *many), forwarded(b, max(*many/15, 100))
		loops, relays, forwarders = append(loops, loop), append(relays, relay), append(forwarders, forwarder)
		ofCeiling, ofWatermill = append(ofCeiling, 100*relay/loop), append(ofWatermill, relay/forwarder)
	}
	rate := cmp.Or(*load, median(relays)/2)
	table := tabwriter.NewWriter(os.Stderr, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(cells string, values ...any) { fmt.Fprintf(table, "\n"+cells+"\t", values...) }
	row("\tmessages/s\tof the loop\tof Watermill")
	row("loop from memory\t%.0f\t\t", median(loops))
	row("relay\t%.0f\t%.0f %%\t%.1f ×", median(relays), median(ofCeiling), median(ofWatermill))
	row("Watermill's forwarder\t%.0f\t\t", median(forwarders))
	row("\t\t\t")
	row("commit to delivery at %.0f/s\tp50\tp99\t", rate)
	for _, name := range []string{alone, here, elsewhere} {
		took := atRate(b, rate, *held, holds[name])
		row("%s\t%.1f ms\t%.1f ms\t", name, milliseconds(took, 50), milliseconds(took, 99))
		b.ReportMetric(milliseconds(took, 99), "p99-ms-"+unit[name])
	}
	fmt.Fprintln(table)
	_ = table.Flush()
	b.ReportMetric(median(ofCeiling), "%loop")
	b.ReportMetric(median(ofWatermill), "×watermill")
	b.ReportMetric(0, "ns/op")
}

func median(of []float64) float64 {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[len(sorted)/2]
}

const alone, here, elsewhere = "alone", "snapshot held in its database", "snapshot held in another database"

var unit = map[string]string{alone: "alone", here: "held-here", elsewhere: "held-elsewhere"}

// holds begin a transaction with a number and a snapshot, in the database of a URL or in another, or do not.
var holds = map[string]func(b *testing.B, url string) (release func()){
	alone:     func(*testing.B, string) func() { return func() {} },
	here:      hold,
	elsewhere: func(b *testing.B, _ string) func() { return hold(b, testkit.Postgres(b)) },
}

func hold(b *testing.B, url string) (release func()) {
	b.Helper()
	conn, err := pgx.Connect(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	release = func() { conn.Close(context.Background()) }
	b.Cleanup(release)
	if _, err := conn.Exec(b.Context(), `BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT pg_current_xact_id(), count(*) FROM pg_class`); err != nil {
		b.Fatal(err)
	}
	return release
}

func milliseconds(took []time.Duration, p int) float64 {
	return float64(percentile(took, p).Microseconds()) / 1000
}

// post is an exchange with a quorum queue, and an outbox before it.
type post struct {
	b       *testing.B
	amqpURL string
	url     string
	db      *postgres.DB
	ch      *amqp.Channel
	queue   string
}

func newPost(b *testing.B) *post {
	b.Helper()
	p := &post{b: b, amqpURL: testkit.RabbitMQ(b), url: testkit.Postgres(b), queue: "arrivals"}
	p.db = p.open()
	if err := p.db.Migrate(b.Context(), "outbox", outbox.Migrations()); err != nil {
		b.Fatal(err)
	}
	conn, err := amqp.Dial(p.amqpURL)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	if p.ch, err = conn.Channel(); err != nil {
		b.Fatal(err)
	}
	if err := p.ch.ExchangeDeclare(exchange, "topic", true, false, false, false, nil); err != nil {
		b.Fatal(err)
	}
	if _, err := p.ch.QueueDeclare(p.queue, true, false, false, false, amqp.Table{"x-queue-type": "quorum"}); err != nil {
		b.Fatal(err)
	}
	if err := p.ch.QueueBind(p.queue, "#", exchange, false, nil); err != nil {
		b.Fatal(err)
	}
	return p
}

func (p *post) open() *postgres.DB {
	p.b.Helper()
	db, err := postgres.Open(p.b.Context(), p.url, "ordering")
	if err != nil {
		p.b.Fatal(err)
	}
	p.b.Cleanup(db.Close)
	return db
}

// relay runs a relay as a process of its own would, woken by the commits of db.
func (p *post) relay(db *postgres.DB) (stop func()) {
	broker := rabbit.New(rabbit.Config{URL: p.amqpURL, Name: "ordering", Log: slog.New(slog.DiscardHandler)})
	relay := outbox.NewRelay(outbox.RelayConfig{DB: db, Broker: broker, Log: slog.New(slog.DiscardHandler)})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = relay.Run(ctx) })
	stop = sync.OnceFunc(func() {
		cancel()
		running.Wait()
		broker.Close()
	})
	p.b.Cleanup(stop)
	return stop
}

// rate is how many messages a second arrive from when start is called until all are in the queue.
func (p *post) rate(messages int, start func()) float64 {
	p.b.Helper()
	began := time.Now()
	start()
	for {
		q, err := p.ch.QueueDeclarePassive(p.queue, true, false, false, false, nil)
		if err != nil {
			p.b.Fatal(err)
		}
		if q.Messages >= messages {
			return float64(messages) / time.Since(began).Seconds()
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// payload is an order as customers place them.
var payload = eventtest.Examples("ordering.order.placed", 1)[0]

func fact(subject string, sequence int64) event.Envelope {
	return event.New(context.Background(), event.Fact{
		Name: "ordering.order.placed", Version: 1, Subject: subject, Sequence: sequence, CorrelationID: subject, At: time.Now(), Data: payload,
	})
}

// facts are of aggregates with the same number of facts each, those of one spread over all.
func facts(n int) []event.Envelope {
	subjects := make([]string, max(n/perAggregate, 1))
	for i := range subjects {
		subjects[i] = uuid.NewString()
	}
	all := make([]event.Envelope, n)
	for i := range all {
		all[i] = fact(subjects[i%len(subjects)], int64(i/len(subjects)+1))
	}
	return all
}

// ceiling is the rate of a loop that publishes from memory and keeps nothing in order.
func ceiling(b *testing.B, n int) float64 {
	p := newPost(b)
	messages := make([]amqp.Publishing, n)
	for i, fact := range facts(n) {
		body, err := json.Marshal(fact)
		if err != nil {
			b.Fatal(err)
		}
		messages[i] = amqp.Publishing{
			ContentType: event.ContentType, DeliveryMode: amqp.Persistent, MessageId: fact.ID.String(), Type: fact.Type,
			CorrelationId: fact.CorrelationID, Timestamp: fact.Time, AppId: "ordering", Body: body,
		}
	}
	if err := p.ch.Confirm(false); err != nil {
		b.Fatal(err)
	}
	return p.rate(n, func() {
		flight := make(chan *amqp.DeferredConfirmation, window)
		for _, message := range messages {
			for len(flight) == window {
				<-(<-flight).Done()
			}
			confirm, err := p.ch.PublishWithDeferredConfirm(exchange, routingKey, true, false, message)
			if err != nil {
				b.Fatal(err)
			}
			flight <- confirm
		}
	})
}

// relayed is the rate of the relay with all facts appended before, and checks that each aggregate came in order.
func relayed(b *testing.B, n int) float64 {
	p := newPost(b)
	all := facts(n)
	for from := 0; from < n; from += 1000 {
		batch := all[from:min(from+1000, n)]
		if err := p.db.InTx(b.Context(), func(tx pgx.Tx) error { return outbox.Append(b.Context(), tx, batch...) }); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := p.db.Exec(b.Context(), `ANALYZE outbox`); err != nil {
		b.Fatal(err)
	}
	var first, second func()
	rate := p.rate(n, func() { first, second = p.relay(p.db), p.relay(p.open()) })
	first()
	second()
	deliveries, err := p.ch.Consume(p.queue, "", true, false, false, false, nil)
	if err != nil {
		b.Fatal(err)
	}
	last := map[string]int64{}
	for range n {
		got, err := event.Decode((<-deliveries).Body)
		if err != nil || got.Sequence != last[got.Subject]+1 {
			b.Fatalf("%s came as %d after %d, %v", got.Subject, got.Sequence, last[got.Subject], err)
		}
		last[got.Subject] = got.Sequence
	}
	return rate
}

// atRate appends facts at a rate, ten in a transaction as far as the rate allows, and answers how long each took from just before its commit
// until it was delivered from the queue.
func atRate(b *testing.B, rate float64, lasting time.Duration, hold func(*testing.B, string) (release func())) []time.Duration {
	const batch, writers = 10, 4
	p := newPost(b)
	defer p.relay(p.db)()
	defer p.relay(p.open())()
	n := int(rate*lasting.Seconds()) / (batch * writers) * batch * writers
	committed := make([]atomic.Int64, n)
	deliveries, err := p.ch.Consume(p.queue, "", true, false, false, false, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer hold(b, p.url)()
	began := time.Now()
	var writing sync.WaitGroup
	for writer := range writers {
		writing.Go(func() {
			for i := writer * batch; i < n; i += batch * writers {
				time.Sleep(time.Until(began.Add(time.Duration(float64(i) / rate * float64(time.Second)))))
				err := p.db.InTx(b.Context(), func(tx pgx.Tx) error {
					err := outbox.Append(b.Context(), tx, numbered(i, batch)...)
					for j := range batch {
						committed[i+j].Store(int64(time.Since(began)))
					}
					return err
				})
				if err != nil {
					b.Error(err)
				}
			}
		})
	}
	took := make([]time.Duration, 0, n)
	for range n {
		var i int
		if _, err := fmt.Sscan((<-deliveries).CorrelationId, &i); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began)-time.Duration(committed[i].Load()))
	}
	writing.Wait()
	if took := time.Since(began); took > lasting*5/4 {
		fmt.Fprintf(os.Stderr, "%d facts took %s: this machine cannot do %.0f/s\n", n, took, rate)
	}
	return took[n/10:]
}

// numbered facts have aggregates of their own, and their number as correlation id.
func numbered(from, n int) []event.Envelope {
	facts := make([]event.Envelope, n)
	for i := range facts {
		facts[i] = fact(fmt.Sprint(from+i), 1)
	}
	return facts
}
