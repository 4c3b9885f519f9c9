package ordering_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"
	amqp "github.com/rabbitmq/amqp091-go"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/resilience"
	"quadrille.dev/platform/serve"
	"quadrille.dev/platform/testkit"
	orderingv1 "quadrille.dev/schema/rpc/ordering/v1"
	"quadrille.dev/schema/rpc/ordering/v1/orderingv1connect"
	"quadrille.dev/services/ordering"
)

// running is ordering as a program of the test's own. Its neighbours are never there.
type running struct {
	*testing.T
	config ordering.Config
	client orderingv1connect.OrderingServiceClient
	ada    context.Context
	olga   context.Context
	broker *amqp.Connection
	// told counts what was told.
	told int64
	// stop ends the program.
	stop func()
}

// start runs ordering until the test ends, or is stopped.
func start(t *testing.T, deadline time.Duration, changes ...func(*ordering.Config)) *running {
	t.Helper()
	t.Parallel()
	issuer := testkit.NewIssuer(t)
	address, nobody := freeAddress(t), "http://"+freeAddress(t)
	r := &running{T: t, config: ordering.Config{
		Deadline: deadline, StepTimeout: time.Hour, StepTries: 3, UndoTries: 10,
		CatalogURL: nobody, CustomersURL: nobody, PricingURL: nobody, InventoryURL: nobody,
		Config: serve.Config{
			Listen: address, DatabaseURL: testkit.Postgres(t), AMQPURL: testkit.RabbitMQ(t), JWKSURL: issuer.URL,
			TokenIssuer: testkit.TokenIssuer, TokenAudience: testkit.TokenAudience, Credential: "ordering:secret",
			LogLevel: slog.LevelError + 1,
		},
	}}
	for _, change := range changes {
		change(&r.config)
	}
	client := serve.NewClient(resilience.Config{To: "ordering"}, "test:secret")
	r.client = orderingv1connect.NewOrderingServiceClient(client.HTTP, "http://"+address, client.Options...)
	r.ada = serve.WithToken(t.Context(), issuer.Token(customer, []string{serve.Customer}))
	r.olga = serve.WithToken(t.Context(), issuer.Token(uuid.New(), []string{serve.Operator}))
	r.run()
	return r
}

func (r *running) run() {
	r.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	done := make(chan error, 1)
	go func() { done <- ordering.New(r.config).Run(ctx) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			r.Errorf("run: %v", err)
		}
	})
	r.Cleanup(r.stop)
	r.until("ready", func() bool {
		status, _ := r.get("/readyz")
		return status == http.StatusOK
	})
}

// get asks the program's HTTP server; without an answer the status is 0.
func (r *running) get(path string) (status int, body string) {
	r.Helper()
	request, err := http.NewRequestWithContext(r.Context(), http.MethodGet, "http://"+r.config.Listen+path, nil)
	if err != nil {
		r.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, ""
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, ""
	}
	return response.StatusCode, string(read)
}

// until asks again and again until something is so, or the test has waited for far too long.
func (r *running) until(what string, is func() bool) {
	r.Helper()
	for end := time.Now().Add(30 * time.Second); !is(); {
		if time.Now().After(end) {
			r.Fatalf("it never becomes %s", what)
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// send publishes a message until it is confirmed: a quorum queue refuses messages while it is being set up.
func (r *running) send(exchange, key string, message any) {
	r.Helper()
	body, err := json.Marshal(message)
	if err != nil {
		r.Fatal(err)
	}
	ch := r.channel()
	if err := ch.Confirm(false); err != nil {
		r.Fatal(err)
	}
	r.until("confirmed", func() bool {
		confirm, err := ch.PublishWithDeferredConfirmWithContext(r.Context(), exchange, key, false, false, amqp.Publishing{Body: body})
		if err != nil {
			r.Fatal(err)
		}
		confirmed, err := confirm.WaitContext(r.Context())
		if err != nil {
			r.Fatal(err)
		}
		return confirmed
	})
}

func (r *running) channel() *amqp.Channel {
	r.Helper()
	if r.broker == nil {
		var err error
		if r.broker, err = amqp.Dial(r.config.AMQPURL); err != nil {
			r.Fatal(err)
		}
		r.Cleanup(func() { _ = r.broker.Close() })
	}
	ch, err := r.broker.Channel()
	if err != nil {
		r.Fatal(err)
	}
	return ch
}

// tell puts a neighbour's fact into ordering's inbox.
func (r *running) tell(name, subject string, said time.Time, data any) {
	r.Helper()
	r.until("an owner of an inbox", func() bool {
		_, err := r.channel().QueueDeclarePassive("ordering.inbox", true, false, false, false, nil)
		return err == nil
	})
	r.told++
	r.send("", "ordering.inbox", event.New(r.Context(), event.Fact{
		Name: name, Version: 1, Subject: subject, Sequence: r.told, At: said, Data: data,
	}))
}

// announce tells of a product and its price, as said at a moment.
func (r *running) announce(said time.Time) {
	r.Helper()
	r.tell("catalog.product.listed", "p", said, map[string]any{"productId": uuid.New(), "sku": "CUP"})
	r.tell("pricing.price.changed", "CUP", said, map[string]any{
		"sku": "CUP", "listPrice": map[string]any{"minorUnits": 425, "currency": "GBP"},
		"tierDiscounts": map[string]any{"STANDARD": 0, "PREMIUM": 500, "VIP": 1000},
	})
}

// quoted tells whether a price can be had.
func (r *running) quoted() bool {
	r.Helper()
	answer, err := r.client.Quote(r.ada, &orderingv1.QuoteRequest{Lines: []*orderingv1.LineInput{{Sku: "CUP", Quantity: 1}}})
	if err != nil {
		r.Fatal(err)
	}
	return answer.PricedFrom == orderingv1.PricedFrom_PRICED_FROM_CACHED
}

func (r *running) place() string {
	r.Helper()
	answer, err := r.client.PlaceOrder(r.ada, &orderingv1.PlaceOrderRequest{
		IdempotencyKey: uuid.NewString(), PaymentToken: visa, Lines: []*orderingv1.LineInput{{Sku: "CUP", Quantity: 1}},
		ShippingAddress: &orderingv1.Address{Name: "Ada", Street: "1 Row", City: "London", PostalCode: "N1", CountryCode: "GB"},
	})
	if err != nil || len(answer.UserErrors) > 0 {
		r.Fatal(err, answer)
	}
	return answer.Order.Id
}

func (r *running) order(id string) *orderingv1.Order {
	r.Helper()
	answer, err := r.client.GetOrders(r.ada, &orderingv1.GetOrdersRequest{Ids: []string{id}})
	if err != nil || len(answer.Orders) != 1 {
		r.Fatal(err, answer)
	}
	return answer.Orders[0]
}

// With every neighbour down, an order is accepted from announced prices, and fulfilled by a fact.
func TestOrderIsPlacedAndFulfilled(t *testing.T) {
	r := start(t, time.Hour)
	r.announce(time.Now())
	r.until("quoted", r.quoted)
	id := r.place()
	if status := r.order(id).Status; status != "PLACED" {
		t.Errorf("%s at once", status)
	}
	r.tell("inventory.stock.deducted", id, time.Now(), map[string]any{"orderId": id, "lines": []any{}})
	r.until("fulfilled", func() bool { return r.order(id).Status == "FULFILLED" })
}

func TestOrderIsCancelledInTime(t *testing.T) {
	r := start(t, 50*time.Millisecond)
	r.announce(time.Now())
	r.until("quoted", r.quoted)
	id := r.place()
	r.until("cancelled", func() bool { return r.order(id).GetCancellation().GetReason() == "TIMED_OUT" })
}

// Prices that were announced long ago are good again as soon as pricing shows a sign of life.
func TestSignsOfLifeAreHeard(t *testing.T) {
	r := start(t, time.Hour)
	if err := r.channel().ExchangeDeclare("pricing.signals", "topic", true, false, false, false, nil); err != nil {
		t.Fatal(err)
	}
	r.announce(time.Now().Add(-2 * time.Hour))
	r.until("quoted", func() bool {
		r.send("pricing.signals", "pricing.alive", map[string]any{"at": time.Now()})
		return r.quoted()
	})
}

func TestStrangersAreNotServed(t *testing.T) {
	r := start(t, time.Hour)
	_, err := r.client.Quote(t.Context(), &orderingv1.QuoteRequest{})
	if connect.CodeOf(err) != connect.CodeUnauthenticated {
		t.Errorf("got %v", err)
	}
}

func TestConfigIsChecked(t *testing.T) {
	for name, config := range map[string]ordering.Config{
		"ORDER_DEADLINE":      {},
		"RETURN_STEP_TIMEOUT": {Deadline: 1},
		"RETURN_STEP_TRIES":   {Deadline: 1, StepTimeout: 1},
		"RETURN_UNDO_TRIES":   {Deadline: 1, StepTimeout: 1, StepTries: 1},
		"DATABASE_URL":        {Deadline: 1, StepTimeout: 1, StepTries: 1, UndoTries: 1},
	} {
		err := ordering.New(config).Run(t.Context())
		if err == nil || errors.Is(err, context.Canceled) || name != "DATABASE_URL" && !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
