package bench

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"quadrille.dev/proof/system"
	"quadrille.dev/stack/client"
	"quadrille.dev/stack/local/localtest"
)

var (
	pushes   = flag.Int("pushes", 200, "how many orders are watched, one after another")
	idle     = flag.Int("idle", 5000, "how many subscriptions are held open, each on a web socket of its own")
	idleOf   = flag.Int("idle-orders", 500, "how many orders these subscriptions are about")
	watched  = flag.Int("watched", 5, "how many orders of which one fact each is told are watched, each by as many subscribers as -watchers says")
	watchers = flag.Int("watchers", 1000, "how many subscribers are told of one fact, each on a web socket of its own")
)

// orderChanged is what clients send.
const orderChanged = `subscription OrderChanged($id: ID!, $since: Int) {
	orderChanged(id: $id, since: $since) {
		sequence
		fact { id type context occurredAt }
		order { id status saga { state waitingFor steps { context name state } } }
	}
}`

type changed struct {
	OrderChanged struct {
		Fact *struct {
			Type       string
			OccurredAt time.Time
		}
	}
}

// BenchmarkLivePush places one order after another on an idle stack, and prints the time from each fact to its arrival at a subscriber. It
// is counted from when the fact's transaction began, so that what is printed is a little more than from its commit. Of a delivery nothing
// else happens at the same time; of the other facts, the saga goes on meanwhile.
func BenchmarkLivePush(b *testing.B) {
	quadrille := system.Start(b, localtest.Settings{"carrier": {"DELIVERY_AFTER": "500ms"}})
	ada := quadrille.As(b, system.Ada)
	system.Sell(b, quadrille.As(b, system.Olga), "BENCH-1", "3.10", *pushes+100)
	var all, alone []time.Duration
	for i := range *pushes {
		last := dispatched
		if i%10 == 0 { // which takes seconds
			last = delivered
		}
		watchOne(b, ada, last, func(fact string, took time.Duration) {
			all = append(all, took)
			if fact == delivered {
				alone = append(alone, took)
			}
		})
	}
	report(b, "push", all)
	report(b, "push-alone", alone)
}

// The last facts of an order.
const (
	dispatched = "fulfillment.shipment.dispatched"
	delivered  = "fulfillment.shipment.delivered"
)

// watchOne places an order and watches it until the last fact. What happened before the subscription began is not counted.
func watchOne(b *testing.B, ada *client.Client, last string, count func(fact string, took time.Duration)) {
	b.Helper()
	id, err := system.Place(b.Context(), ada, system.Wish{SKU: "BENCH-1"})
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithTimeout(b.Context(), time.Minute)
	defer stop()
	var began time.Time
	err = ada.Subscribe(ctx, orderChanged, map[string]any{"id": id, "since": nil}, func(data json.RawMessage) bool {
		now := time.Now()
		var event changed
		if err := json.Unmarshal(data, &event); err != nil {
			b.Fatal(err)
		}
		fact := event.OrderChanged.Fact
		if fact == nil {
			began = now
			return true
		}
		if fact.OccurredAt.After(began) {
			count(fact.Type, now.Sub(fact.OccurredAt))
		}
		return fact.Type != last
	})
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkLiveIdle holds subscriptions open of which nothing is told any more, and prints what they cost the gateway: its resident memory
// before and after, as the kernel says.
func BenchmarkLiveIdle(b *testing.B) {
	quadrille := system.Start(b, localtest.Settings{
		"gateway": {"RATE_LIMIT": "0", "SUBSCRIPTIONS_PER_PRINCIPAL": strconv.Itoa(*idle)}, "carrier": {"DELIVERY_AFTER": "100ms"},
	})
	ada := quadrille.As(b, system.Ada)
	system.Sell(b, quadrille.As(b, system.Olga), "BENCH-1", "3.10", *idleOf)
	orders := make([]string, *idleOf)
	placing, ctx := errgroup.WithContext(b.Context())
	placing.SetLimit(8)
	for i := range orders {
		placing.Go(func() (err error) {
			orders[i], err = system.Place(ctx, ada, system.Wish{SKU: "BENCH-1"})
			return err
		})
	}
	if err := placing.Wait(); err != nil {
		b.Fatal(err)
	}
	for _, order := range orders {
		system.Rest(b, ada, order, time.Minute)
	}
	time.Sleep(5 * time.Second) // until all is delivered, and the gateway's garbage is collected
	before := resident(b, quadrille)
	held, letGo := keepOpen(b, ada, orders, *idle, func(int, json.RawMessage) {})
	time.Sleep(20 * time.Second) // pings and pongs go on
	after := resident(b, quadrille)
	letGo()
	if held() > 0 {
		b.Fatalf("%d subscriptions were not held", held())
	}
	b.ReportMetric(before, "MB-before")
	b.ReportMetric(after, "MB-after")
	b.ReportMetric((after-before)*1000/float64(*idle), "KB/subscription")
}

// BenchmarkLiveFanOut has one fact told to many: every one of the orders that are watched is delivered some seconds after the others, and has
// as many subscribers as -watchers says, while those of the others are open too. It prints the time from the fact, as BenchmarkLivePush
// counts it, to its arrival at each of them, and from its arrival at the first to that at the last.
func BenchmarkLiveFanOut(b *testing.B) {
	quadrille := system.Start(b, localtest.Settings{
		"gateway": {"RATE_LIMIT": "0", "SUBSCRIPTIONS_PER_PRINCIPAL": strconv.Itoa(*watched * *watchers)}, "carrier": {"DELIVERY_AFTER": travels.String()},
	})
	ada := quadrille.As(b, system.Ada)
	system.Sell(b, quadrille.As(b, system.Olga), "BENCH-1", "3.10", *watched)
	orders := make([]string, *watched)
	for i := range orders {
		var err error
		if orders[i], err = system.Place(b.Context(), ada, system.Wish{SKU: "BENCH-1"}); err != nil {
			b.Fatal(err)
		}
		system.Rest(b, ada, orders[i], time.Minute)
		time.Sleep(apart)
	}
	crowd := newCrowd(b, len(orders))
	held, letGo := keepOpen(b, ada, orders, *watched**watchers, crowd.hear)
	b.Logf("%d subscriptions are open", *watched**watchers)
	crowd.await()
	letGo()
	if held() > 0 {
		b.Fatalf("%d subscriptions were not held", held())
	}
	var all, spread []time.Duration
	for _, took := range crowd.took {
		all, spread = append(all, took...), append(spread, slices.Max(took)-slices.Min(took))
	}
	report(b, "fan-out", all)
	b.ReportMetric(milliseconds(all, 100), "max-fan-out-ms")
	b.ReportMetric(milliseconds(spread, 50), "first-to-last-ms")
}

const (
	// travels is how long a parcel is under way, in which all subscribe.
	travels = 90 * time.Second
	// apart is the time between two orders, and so between the facts that they are delivered.
	apart = 3 * time.Second
)

// crowd is those who watch orders, and wait for their delivery.
type crowd struct {
	b       *testing.B
	waiting sync.WaitGroup

	mu sync.Mutex
	// took is how long the fact of each order took to each of its watchers.
	took [][]time.Duration
}

func newCrowd(b *testing.B, orders int) *crowd {
	c := &crowd{b: b, took: make([][]time.Duration, orders)}
	c.waiting.Add(*watched * *watchers)
	return c
}

// hear is for what the subscriber of a number was told.
func (c *crowd) hear(number int, data json.RawMessage) {
	now := time.Now()
	var event changed
	if err := json.Unmarshal(data, &event); err != nil {
		c.b.Errorf("read event: %v", err)
		return
	}
	fact := event.OrderChanged.Fact
	if fact == nil || fact.Type != delivered {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	of := number % len(c.took)
	c.took[of] = append(c.took[of], now.Sub(fact.OccurredAt))
	c.waiting.Done()
}

// await returns when all have been told.
func (c *crowd) await() {
	told := make(chan struct{})
	go func() { c.waiting.Wait(); close(told) }()
	select {
	case <-told:
	case <-time.After(2 * travels):
		c.b.Fatal("not everybody was told: perhaps the parcels were faster than those who subscribe")
	}
}

// keepOpen has so many subscribe to orders in turn, and returns when everybody has been told the present state. What each is told, hear
// is told too; lost answers how many have ended before they were let go.
func keepOpen(
	b *testing.B, ada *client.Client, orders []string, many int, hear func(subscriber int, data json.RawMessage),
) (lost func() int, letGo func()) {
	b.Helper()
	ctx, stop := context.WithCancel(b.Context())
	var mu sync.Mutex
	var ended int
	var going, begun sync.WaitGroup
	gate := make(chan struct{}, 32)
	for i := range many {
		gate <- struct{}{}
		begun.Add(1)
		going.Go(func() {
			first := sync.OnceFunc(func() { begun.Done(); <-gate })
			defer first()
			err := ada.Subscribe(ctx, orderChanged, map[string]any{"id": orders[i%len(orders)], "since": nil}, func(data json.RawMessage) bool {
				hear(i, data)
				first()
				return true
			})
			if ctx.Err() == nil {
				b.Logf("ended: %v", err)
				mu.Lock()
				defer mu.Unlock()
				ended++
			}
		})
	}
	begun.Wait()
	return func() int { mu.Lock(); defer mu.Unlock(); return ended }, func() { stop(); going.Wait() }
}

var residentBytes = regexp.MustCompile(`(?m)^process_resident_memory_bytes (\S+)$`)

// resident is the gateway's memory in MB.
func resident(b *testing.B, quadrille *system.System) float64 {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, quadrille.URL("gateway")+"/metrics", nil)
	if err != nil {
		b.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.Fatal(err)
	}
	found := residentBytes.FindSubmatch(text)
	if found == nil {
		b.Fatal("the gateway does not say how much memory it takes")
	}
	bytes, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		b.Fatal(fmt.Errorf("read memory: %w", err))
	}
	return bytes / 1e6
}
