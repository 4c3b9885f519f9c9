package pricing_test

import (
	"context"
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
	moneyv1 "quadrille.dev/schema/rpc/money/v1"
	pricingv1 "quadrille.dev/schema/rpc/pricing/v1"
	"quadrille.dev/schema/rpc/pricing/v1/pricingv1connect"
	"quadrille.dev/services/pricing"
)

// system is pricing running on servers of its own.
type system struct {
	*testing.T
	ctx    context.Context
	amqp   string
	issuer *testkit.Issuer
	client pricingv1connect.PricingServiceClient
}

// start runs pricing, with its exchanges there already.
func start(t *testing.T) *system {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	s := &system{T: t, ctx: ctx, amqp: testkit.RabbitMQ(t), issuer: testkit.NewIssuer(t)}
	publisher, err := s.broker("pricing").Publisher(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	publisher.Close()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	s.client = pricingv1connect.NewPricingServiceClient(http.DefaultClient, "http://"+address)
	program := pricing.New(pricing.Config{Config: serve.Config{
		Listen: address, DatabaseURL: testkit.Postgres(t), AMQPURL: s.amqp, JWKSURL: s.issuer.URL,
		TokenIssuer: testkit.TokenIssuer, TokenAudience: testkit.TokenAudience, Credential: "pricing:secret",
	}})
	s.whileTestRuns("pricing", program.Run)
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

// facts are what ordering hears of pricing.
func (s *system) facts() <-chan event.Envelope {
	heard := make(chan event.Envelope, 100)
	broker := s.broker("ordering")
	s.whileTestRuns("ordering", func(ctx context.Context) error {
		return broker.Consume(ctx, pricing.Published(), 10, func(d rabbit.Delivery) {
			if e, err := event.Decode(d.Body()); err != nil {
				s.Error(err)
			} else if e.Name() != audit.Fact("pricing") {
				heard <- e
			}
			d.Ack()
		}, func() {})
	})
	return heard
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

// as calls in the name of a person.
func (s *system) as(role string) context.Context {
	ctx, call := connect.NewClientContext(s.ctx)
	call.RequestHeader().Set("Authorization", "Bearer "+s.issuer.Token(uuid.New(), []string{role}))
	return ctx
}

// once repeats a call until pricing serves.
func once[T any](s *system, call func(ctx context.Context) (T, error)) T {
	s.Helper()
	for {
		response, err := call(s.as(serve.Operator))
		if connect.CodeOf(err) == connect.CodeUnavailable && s.ctx.Err() == nil {
			continue
		}
		if err != nil {
			s.Fatal(err)
		}
		return response
	}
}

func TestFromTheCallToTheBroker(t *testing.T) {
	s := start(t)
	facts := s.facts()
	once(s, func(ctx context.Context) (*pricingv1.ChangePriceResponse, error) {
		return s.client.ChangePrice(ctx, &pricingv1.ChangePriceRequest{
			Sku: "CUP", ListPrice: &moneyv1.Money{MinorUnits: 425, CurrencyCode: "GBP"},
		})
	})
	if e := await(s, facts); e.Name() != "pricing.price.changed" || e.Subject != "CUP" {
		t.Errorf("heard %s of %s", e.Name(), e.Subject)
	}
	request := &pricingv1.QuoteRequest{Lines: []*pricingv1.QuoteRequest_Line{{Sku: "CUP", Quantity: 2}}, Tier: "VIP"}
	quote, err := s.client.Quote(s.as(serve.Customer), request)
	if err != nil || quote.GetTotal().GetMinorUnits() != 764 {
		t.Errorf("a customer is answered %v, %v", quote, err)
	}
	if _, err := s.client.Quote(s.ctx, request); connect.CodeOf(err) != connect.CodeUnauthenticated {
		t.Errorf("nobody is answered %v", err)
	}
}
