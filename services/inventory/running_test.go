package inventory_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/event"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/serve"
	"quadrille.dev/platform/testkit"
	inventoryv1 "quadrille.dev/schema/rpc/inventory/v1"
	"quadrille.dev/schema/rpc/inventory/v1/inventoryv1connect"
	"quadrille.dev/services/inventory"
)

// system is inventory running on servers of its own.
type system struct {
	*testing.T
	ctx    context.Context
	amqp   string
	issuer *testkit.Issuer
	client inventoryv1connect.InventoryServiceClient
}

// start runs inventory, with the exchanges of its neighbours there already.
func start(t *testing.T) *system {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	s := &system{T: t, ctx: ctx, amqp: testkit.RabbitMQ(t), issuer: testkit.NewIssuer(t)}
	for _, name := range []string{"inventory", "ordering", "billing", "fulfillment"} {
		s.publisher(name).Close()
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	s.client = inventoryv1connect.NewInventoryServiceClient(http.DefaultClient, "http://"+address)
	program := inventory.New(inventory.Config{Config: serve.Config{
		Listen: address, DatabaseURL: testkit.Postgres(t), AMQPURL: s.amqp, JWKSURL: s.issuer.URL,
		TokenIssuer: testkit.TokenIssuer, TokenAudience: testkit.TokenAudience, Credential: "inventory:secret",
	}})
	s.whileTestRuns("inventory", program.Run)
	return s
}

// whileTestRuns runs a loop until the test ends.
func (s *system) whileTestRuns(what string, run func(ctx context.Context) error) {
	ctx, stop := context.WithCancel(context.WithoutCancel(s.ctx))
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	s.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			s.Errorf("%s: %v", what, err)
		}
	})
}

func (s *system) broker(name string) *rabbit.Broker {
	broker := rabbit.New(rabbit.Config{URL: s.amqp, ManagementURL: testkit.RabbitMQManagement(s), Name: name})
	s.Cleanup(broker.Close)
	return broker
}

// publisher is there once the exchanges of a context are.
func (s *system) publisher(name string) *rabbit.Publisher {
	s.Helper()
	publisher, err := s.broker(name).Publisher(s.ctx, 1)
	if err != nil {
		s.Fatal(err)
	}
	return publisher
}

// facts are what a neighbour hears of inventory.
func (s *system) facts(neighbour string) <-chan event.Envelope {
	heard := make(chan event.Envelope, 100)
	broker := s.broker(neighbour)
	s.whileTestRuns(neighbour, func(ctx context.Context) error {
		return broker.Consume(ctx, inventory.Published(), 10, func(d rabbit.Delivery) {
			if e, err := event.Decode(d.Body()); err != nil {
				s.Error(err)
			} else if e.Name() != audit.Fact("inventory") {
				heard <- e
			}
			d.Ack()
		}, func() {})
	})
	for _, name := range inventory.Published() {
		s.awaitBinding("inventory", name, neighbour+".inbox")
	}
	return heard
}

// awaitBinding returns when a queue gets what a context publishes.
func (s *system) awaitBinding(context, fact, queue string) {
	s.Helper()
	broker := s.broker(context)
	for {
		missing, err := broker.MissingBindings(s.ctx, map[string][]string{fact: {queue}})
		if err != nil {
			s.Fatal(err)
		}
		if len(missing) == 0 {
			return
		}
	}
}

// levels are the signals that inventory sends, from now on.
func (s *system) levels() <-chan string {
	heard, listening := make(chan string, 100), make(chan struct{}, 10)
	broker := s.broker("gateway")
	s.whileTestRuns("gateway", func(ctx context.Context) error {
		return broker.Listen(ctx, "inventory", "stock.level", func() { listening <- struct{}{} },
			func(_ string, message []byte) { heard <- string(message) })
	})
	await(s, listening)
	return heard
}

// told waits for a signal. Those before it tell of what was there before.
func (s *system) told(levels <-chan string, want string) {
	s.Helper()
	for await(s, levels) != want {
	}
}

func await[T any](s *system, from <-chan T) (value T) {
	s.Helper()
	select {
	case value = <-from:
	case <-s.ctx.Done():
		s.Fatal("nothing came")
	}
	return value
}

// publish has ordering say something, once inventory listens.
func (s *system) publish(e event.Envelope) {
	s.Helper()
	s.awaitBinding(e.Context(), e.Name(), "inventory.inbox")
	publisher := s.publisher(e.Context())
	defer publisher.Close()
	body, err := json.Marshal(e)
	if err != nil {
		s.Fatal(err)
	}
	confirmation, err := publisher.Publish(e.RoutingKey(), e, body)
	if err != nil {
		s.Fatal(err)
	}
	if acked, err := confirmation.WaitContext(s.ctx); err != nil || !acked || len(publisher.Returned()) != 0 {
		s.Fatalf("%s has not arrived: acked %t, %v", e.Name(), acked, err)
	}
}

// as calls in the name of a person.
func (s *system) as(subject uuid.UUID, role string) context.Context {
	ctx, call := connect.NewClientContext(s.ctx)
	call.RequestHeader().Set("Authorization", "Bearer "+s.issuer.Token(subject, []string{role}))
	return ctx
}

// receive books goods in, as soon as inventory serves.
func (s *system) receive(sku string, quantity int64) {
	s.Helper()
	request := &inventoryv1.ReceiveStockRequest{Sku: sku, Quantity: quantity, Reference: "note 1"}
	for {
		response, err := s.client.ReceiveStock(s.as(uuid.New(), serve.Operator), request)
		if connect.CodeOf(err) == connect.CodeUnavailable && s.ctx.Err() == nil {
			continue
		}
		if err != nil || response.Availability.GetAvailable() != quantity {
			s.Fatalf("receive %s: %v, %v", sku, response, err)
		}
		return
	}
}

func TestFromTheBrokerToTheAnswer(t *testing.T) {
	s := start(t)
	facts := s.facts("billing")
	s.receive("CUP", 5)
	if e := await(s, facts); e.Name() != "inventory.stock.received" || e.Subject != "CUP" {
		t.Errorf("heard %s of %s", e.Name(), e.Subject)
	}
	s.receive("JUG", 1)
	await(s, facts)

	levels := s.levels()
	placed := fact("ordering.order.placed", 1)
	s.publish(placed)
	s.publish(placed)
	reserved := await(s, facts)
	if reserved.Name() != "inventory.stock.reserved" || reserved.CorrelationID != orderID.String() ||
		reserved.CausationID != placed.ID.String() {
		t.Errorf("heard %+v", reserved)
	}
	s.told(levels, `{"sku":"CUP","available":3,"others":[{"sku":"JUG","available":0}]}`)
	s.publish(fact("billing.payment.declined", 1))
	if e := await(s, facts); e.Name() != "inventory.stock.released" || e.Sequence != 2 {
		t.Errorf("heard %s %d; a fact that came twice counts twice", e.Name(), e.Sequence)
	}

	request := &inventoryv1.GetReservationsRequest{OrderIds: []string{orderID.String()}}
	mine, err := s.client.GetReservations(s.as(customer, serve.Customer), request)
	if err != nil || len(mine.Reservations) != 1 || mine.Reservations[0].Status != "RELEASED" {
		t.Errorf("the customer is answered %v, %v", mine, err)
	}
	other, err := s.client.GetReservations(s.as(uuid.New(), serve.Customer), request)
	if err != nil || len(other.Reservations) != 0 {
		t.Errorf("another customer is answered %v, %v", other, err)
	}
	if _, err := s.client.GetReservations(s.ctx, request); connect.CodeOf(err) != connect.CodeUnauthenticated {
		t.Errorf("nobody is answered %v", err)
	}
}

// until answers the first of the facts that has a name.
func (s *system) until(facts <-chan event.Envelope, name string) event.Envelope {
	s.Helper()
	for {
		if e := await(s, facts); e.Name() == name {
			return e
		}
	}
}

// Commands come by the exchange of inventory's commands, and the answers go to where ordering takes them.
func TestFromACommandToItsAnswer(t *testing.T) {
	s := start(t)
	facts := s.facts("ordering")
	s.receive("CUP", 5)
	s.receive("JUG", 1)
	levels := s.levels()
	s.publish(fact("ordering.order.placed", 1))
	s.told(levels, `{"sku":"CUP","available":3,"others":[{"sku":"JUG","available":0}]}`)
	s.publish(fact("fulfillment.shipment.arranged", 1)) // which leaves as much to be promised
	s.until(facts, "inventory.stock.deducted")
	for _, step := range []struct{ command, outcome, level string }{
		{"ordering.return.restock", "DONE", `{"sku":"CUP","available":4}`},
		{"ordering.return.withdrawStock", "UNDONE", `{"sku":"CUP","available":3}`},
	} {
		asked := fact(step.command, 1)
		s.publish(asked)
		e := s.until(facts, "inventory.restock.answered")
		said, err := event.Data[answer](e)
		if err != nil || said.Outcome != step.outcome || e.CausationID != asked.ID.String() || e.CorrelationID != firstReturn.String() {
			t.Errorf("%s is answered %s by %+v, %v", step.command, said.Outcome, e, err)
		}
		s.told(levels, step.level)
	}
}
