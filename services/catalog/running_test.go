package catalog_test

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
	catalogv1 "quadrille.dev/schema/rpc/catalog/v1"
	"quadrille.dev/schema/rpc/catalog/v1/catalogv1connect"
	"quadrille.dev/services/catalog"
)

// system is catalog running on servers of its own.
type system struct {
	*testing.T
	ctx    context.Context
	amqp   string
	issuer *testkit.Issuer
	client catalogv1connect.CatalogServiceClient
}

// start runs catalog, with its exchanges there already.
func start(t *testing.T) *system {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	s := &system{T: t, ctx: ctx, amqp: testkit.RabbitMQ(t), issuer: testkit.NewIssuer(t)}
	publisher, err := s.broker("catalog").Publisher(ctx, 1)
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
	s.client = catalogv1connect.NewCatalogServiceClient(http.DefaultClient, "http://"+address)
	program := catalog.New(catalog.Config{Config: serve.Config{
		Listen: address, DatabaseURL: testkit.Postgres(t), AMQPURL: s.amqp, JWKSURL: s.issuer.URL,
		TokenIssuer: testkit.TokenIssuer, TokenAudience: testkit.TokenAudience, Credential: "catalog:secret",
	}})
	s.whileTestRuns("catalog", program.Run)
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

// facts are what ordering hears of catalog.
func (s *system) facts() <-chan event.Envelope {
	heard := make(chan event.Envelope, 100)
	broker := s.broker("ordering")
	s.whileTestRuns("ordering", func(ctx context.Context) error {
		return broker.Consume(ctx, catalog.Published(), 10, func(d rabbit.Delivery) {
			if e, err := event.Decode(d.Body()); err != nil {
				s.Error(err)
			} else if e.Name() != audit.Fact("catalog") {
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

// once repeats a call until catalog serves.
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
	listed := once(s, func(ctx context.Context) (*catalogv1.ListProductResponse, error) {
		return s.client.ListProduct(ctx, &catalogv1.ListProductRequest{Sku: "CUP", Name: "Cup", Category: "Kitchen"})
	})
	if e := await(s, facts); e.Name() != "catalog.product.listed" || e.Subject != listed.GetProduct().GetId() {
		t.Errorf("heard %s of %s after %v", e.Name(), e.Subject, listed)
	}
	request := &catalogv1.GetProductsRequest{Skus: []string{"CUP"}}
	if found, err := s.client.GetProducts(s.as(serve.Customer), request); err != nil || len(found.Products) != 1 {
		t.Errorf("a customer is answered %v, %v", found, err)
	}
	if _, err := s.client.GetProducts(s.ctx, request); connect.CodeOf(err) != connect.CodeUnauthenticated {
		t.Errorf("nobody is answered %v", err)
	}
}
