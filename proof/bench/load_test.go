package bench

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	amqp "github.com/rabbitmq/amqp091-go"
	"golang.org/x/sync/errgroup"

	"quadrille.dev/platform/rabbit"
	"quadrille.dev/proof/system"
	"quadrille.dev/stack/client"
	"quadrille.dev/stack/local/localtest"
)

const (
	// buyers is how many customers take turns.
	buyers = 20
	// goods is how many products are sold, but for large orders.
	goods = 100
	// mostLines is how many an order may have.
	mostLines = 1000
	// enough is how many pieces there are of each.
	enough = 1_000_000
)

// shop is a running system with much to sell, customers who buy, and an observer.
type shop struct {
	*system.System
	*meter
	stage
	customers []*client.Client
	// brokerVersion is RabbitMQ's.
	brokerVersion any
	goods         int
}

// stage is where orders are placed at random moments, and where it is heard in RabbitMQ what becomes of them.
type stage struct {
	broker *amqp.Channel
	watch  *watch
	chance *rand.Rand
}

func openShop(b *testing.B, goods int) *shop {
	b.Helper()
	quadrille := system.Start(b, localtest.Settings{
		"gateway": {"RATE_LIMIT": "0", "OPERATOR_RATE_LIMIT": "0"}, "carrier": {"DELIVERY_AFTER": "1s"},
	})
	s := &shop{System: quadrille, meter: newMeter(b, quadrille), goods: goods}
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = mostAtOnce
	filling, ctx := errgroup.WithContext(b.Context())
	filling.SetLimit(4)
	olga := s.As(b, system.Olga)
	for i := range goods {
		filling.Go(func() error { return system.Offer(ctx, olga, sku(i), "3.10", enough) })
	}
	s.customers = make([]*client.Client, buyers)
	for i := range s.customers {
		filling.Go(func() (err error) {
			s.customers[i], err = s.register(ctx, fmt.Sprintf("buyer-%d@quadrille.test", i))
			return err
		})
	}
	if err := filling.Wait(); err != nil {
		b.Fatal(err)
	}
	s.openBroker(b)
	s.introduce(b)
	return s
}

func sku(i int) string { return fmt.Sprintf("BENCH-%04d", i+1) }

// register makes a customer, whose requests are not tried again: what is refused under load shall show.
func (s *shop) register(ctx context.Context, email string) (*client.Client, error) {
	c := &client.Client{URL: s.URL("gateway") + "/graphql"}
	var data json.RawMessage
	err := c.Do(ctx, `mutation ($input: RegisterCustomerInput!) { registerCustomer(input: $input) { token } }`, map[string]any{
		"input": map[string]any{"email": email, "password": "quadrille", "name": "Ada", "idempotencyKey": uuid.New()},
	}, &data)
	if err != nil {
		return nil, err
	}
	return c, c.SignIn(ctx, email, "quadrille")
}

// openBroker looks into the system's virtual host as an administrator, and begins to watch.
func (s *shop) openBroker(b *testing.B) {
	b.Helper()
	administrator, err := url.Parse(os.Getenv("TEST_AMQP_URL"))
	if err != nil {
		b.Fatal(err)
	}
	ours, err := url.Parse(s.AMQPURL("gateway"))
	if err != nil {
		b.Fatal(err)
	}
	administrator.Path = ours.Path
	conn, err := amqp.Dial(administrator.String())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	s.brokerVersion = conn.Properties["version"]
	channel, err := conn.Channel()
	if err != nil {
		b.Fatal(err)
	}
	s.stage = openStage(b, channel, func(d amqp.Delivery) time.Time {
		var fact struct{ Time time.Time }
		_ = json.Unmarshal(d.Body, &fact) // a time that cannot be read is seen in the result
		return fact.Time
	})
}

// openStage begins to watch for orders that are fulfilled. told reads from a fact when that was.
func openStage(b *testing.B, broker *amqp.Channel, told func(amqp.Delivery) time.Time) stage {
	b.Helper()
	arrivals, err := broker.Consume(queueFor(b, broker, []string{"ordering"}, "order.fulfilled.*"), "", true, true, false, false, nil)
	if err != nil {
		b.Fatal(err)
	}
	w := &watch{heard: map[string]heard{}}
	go func() {
		for arrival := range arrivals {
			w.hear(arrival.CorrelationId, heard{time.Now(), told(arrival)})
		}
	}()
	return stage{broker, w, rand.New(rand.NewPCG(*seed, 0))}
}

// queueFor makes a queue that lives as long as the benchmark, for what contexts tell.
func queueFor(b *testing.B, broker *amqp.Channel, contexts []string, key string) string {
	b.Helper()
	queue, err := broker.QueueDeclare("", false, true, true, false, nil)
	if err != nil {
		b.Fatal(err)
	}
	for _, context := range contexts {
		if err := broker.QueueBind(queue.Name, key, rabbit.EventsExchange(context), false, nil); err != nil {
			b.Fatal(err)
		}
	}
	return queue.Name
}

// watch hears of orders that are fulfilled, from a queue of its own in RabbitMQ.
type watch struct {
	count atomic.Int64
	mu    sync.Mutex
	heard map[string]heard
}

// heard is when an order.fulfilled arrived, and the time that it tells of, by the system's clock.
type heard struct{ at, told time.Time }

func (w *watch) hear(order string, h heard) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.heard[order] = h
	w.count.Add(1)
}

// take answers when an order was heard to be fulfilled, once.
func (w *watch) take(order string) (h heard, known bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	h, known = w.heard[order]
	delete(w.heard, order)
	return h, known
}

// mostAtOnce is how many requests may be under way; more than that is never the time that a system takes which keeps up.
const mostAtOnce = 1000

// passage is what became of orders placed at a rate.
type passage struct {
	rate   float64
	placed int
	// refused are orders that were not placed, and why the last of them was not.
	refused int
	reason  error
	// backlog is how many were not fulfilled when the last had been asked for, piled how many messages waited in inboxes then.
	backlog, piled int
	// fulfilled is how many were in a second, from the first request until the last was asked for.
	fulfilled float64
	// heard are the times from when a request was due until the order was heard to be fulfilled; told those from PlacedAt to FulfilledAt by
	// the system's own clock.
	heard, told []time.Duration
}

// perSaga is about how many messages of a saga are handled; how many precisely does not matter where work piles up.
const perSaga = 17

// lag is how much work a system that keeps up has before it, as time.
const lag = 500 * time.Millisecond

// keptUp tells whether less work had piled up in the end than arrives within lag.
func (p passage) keptUp() bool {
	most := max(p.rate*lag.Seconds(), 20)
	return p.refused == 0 && float64(p.backlog) < most && float64(p.piled) < most*perSaga
}

// sent is an order that was asked for.
type sent struct {
	due      time.Time
	id       string
	placedAt time.Time
}

// place asks for orders at a rate. Each has so many lines, of other products.
func (s *shop) place(b *testing.B, rate float64, lasting time.Duration, lines int) passage {
	b.Helper()
	return s.ask(b, rate, lasting, func(n int) func(context.Context) (sent, error) {
		customer, input := s.customers[n%buyers], s.basket(lines)
		return func(ctx context.Context) (sent, error) { return place(ctx, customer, input) }
	})
}

// ask asks for orders at a rate, at random moments, whatever becomes of the earlier ones, and returns when all of them are fulfilled. order
// answers how the n-th is asked for.
func (s stage) ask(b *testing.B, rate float64, lasting time.Duration, order func(n int) func(context.Context) (sent, error)) passage {
	b.Helper()
	p := passage{rate: rate}
	before := s.watch.count.Load()
	orders := make(chan sent, mostAtOnce)
	collected := make(chan []sent, 1)
	go func() {
		var all []sent
		for order := range orders {
			all = append(all, order)
		}
		collected <- all
	}()
	began := time.Now()
	var asking errgroup.Group
	asking.SetLimit(mostAtOnce)
	var refused sync.Mutex
	for due := began; due.Sub(began) < lasting; due = due.Add(time.Duration(s.chance.ExpFloat64() / rate * float64(time.Second))) {
		time.Sleep(time.Until(due))
		place := order(p.placed)
		p.placed++
		asking.Go(func() error {
			placed, err := place(b.Context())
			if err != nil {
				refused.Lock()
				defer refused.Unlock()
				p.refused, p.reason = p.refused+1, err
				return nil
			}
			placed.due = due
			orders <- placed
			return nil
		})
	}
	took := time.Since(began)
	fulfilled := int(s.watch.count.Load() - before)
	p.backlog, p.fulfilled = p.placed-fulfilled, float64(fulfilled)/took.Seconds()
	p.piled = s.piled(b)
	_ = asking.Wait() // they answer none
	close(orders)
	s.follow(b, &p, <-collected)
	return p
}

// follow waits until all orders are fulfilled.
func (s stage) follow(b *testing.B, p *passage, orders []sent) {
	b.Helper()
	for _, order := range orders {
		h := system.Await(b, 2*time.Minute, "order "+order.id+" is fulfilled", func(context.Context) (heard, bool, error) {
			h, known := s.watch.take(order.id)
			return h, known, nil
		})
		p.heard, p.told = append(p.heard, h.at.Sub(order.due)), append(p.told, h.told.Sub(order.placedAt))
	}
}

// basket is the input of an order with so many lines.
func (s *shop) basket(lines int) map[string]any {
	input := system.Wish{}.Input()
	from := s.chance.IntN(s.goods)
	picked := make([]any, lines)
	for i := range picked {
		picked[i] = map[string]any{"sku": sku((from + i) % s.goods), "quantity": 1}
	}
	input["lines"] = picked
	return input
}

func place(ctx context.Context, c *client.Client, input map[string]any) (sent, error) {
	var data struct {
		PlaceOrder struct {
			Order *struct {
				ID       string
				PlacedAt time.Time
			}
			UserErrors []client.UserError
		}
	}
	err := c.Do(ctx, `mutation PlaceOrder($input: PlaceOrderInput!) {
		placeOrder(input: $input) { order { id placedAt } userErrors { code message path } }
	}`, map[string]any{"input": input}, &data)
	switch {
	case err != nil:
		return sent{}, err
	case data.PlaceOrder.Order == nil:
		return sent{}, fmt.Errorf("place order: %+v", data.PlaceOrder.UserErrors)
	}
	global, err := base64.RawURLEncoding.DecodeString(data.PlaceOrder.Order.ID)
	_, id, _ := strings.Cut(string(global), ":")
	return sent{id: id, placedAt: data.PlaceOrder.Order.PlacedAt}, err
}

// piled is how many messages wait in inboxes to be delivered.
func (s stage) piled(b *testing.B) (waiting int) {
	b.Helper()
	for _, context := range rabbit.Contexts {
		queue, err := s.broker.QueueDeclarePassive(rabbit.InboxQueue(context), true, false, false, false, nil)
		if err != nil {
			b.Fatal(err)
		}
		waiting += queue.Messages
	}
	return waiting
}

// unfinished counts what goes on in a context, by indexes alone, so that it costs the same however many orders are stored.
var unfinished = map[string]string{
	"chronicle": `SELECT (SELECT count(*) FROM sagas WHERE state IN ('RUNNING', 'COMPENSATING'))`,
	"fulfillment": `
		SELECT (SELECT count(*) FROM shipments WHERE call NOT IN ('', 'track') AND call_attempts = 0)
		     + (SELECT count(*) FROM shipments WHERE call NOT IN ('', 'track') AND call_attempts > 0)
		     + (SELECT count(*) FROM shipments WHERE call = 'track')`,
}

// rest returns when nothing goes on any more: all parcels are delivered, all sagas over and all facts told.
func (s *shop) rest(b *testing.B) {
	b.Helper()
	system.Await(b, 5*time.Minute, "the system rests", func(ctx context.Context) (moving int, rests bool, err error) {
		for name, conn := range s.databases {
			var count int
			if err := conn.QueryRow(ctx, cmp.Or(unfinished[name], `SELECT 0`)+` + (SELECT count(*) FROM outbox)`).Scan(&count); err != nil {
				return 0, false, err
			}
			moving += count
		}
		return moving, moving == 0 && s.piled(b) == 0, nil
	})
}
