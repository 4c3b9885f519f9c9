package fulfillment_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/resilience"
	"quadrille.dev/platform/serve"
	"quadrille.dev/platform/testkit"
	fulfillmentv1 "quadrille.dev/schema/rpc/fulfillment/v1"
	"quadrille.dev/schema/rpc/fulfillment/v1/fulfillmentv1connect"
	"quadrille.dev/services/fulfillment"
)

// patience bounds what is waited for.
const patience = time.Minute

// publish has neighbours say what is in the facts, as soon as fulfillment listens.
func publish(ctx context.Context, t *testing.T, brokers map[string]*rabbit.Broker, facts []event.Envelope) {
	t.Helper()
	for _, fact := range facts {
		broker := brokers[fact.Context()]
		publisher, err := broker.Publisher(ctx, 1)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(publisher.Close)
		for heard := false; !heard; {
			missing, err := broker.MissingBindings(ctx, map[string][]string{fact.Name(): {"fulfillment.inbox"}})
			if err != nil {
				t.Fatal(err)
			}
			heard = len(missing) == 0
		}
		body, err := json.Marshal(fact)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := publisher.Publish(fact.RoutingKey(), fact, body); err != nil {
			t.Fatal(err)
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

// start runs fulfillment, with neighbours and a carrier that comes for everybody.
func start(ctx context.Context, t *testing.T) (fulfillmentv1connect.FulfillmentServiceClient, map[string]*rabbit.Broker) {
	t.Helper()
	carrier := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/cancellation") {
			_, _ = w.Write([]byte(`{"status":"CANCELLED"}`))
			return
		}
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(`{"trackingNumber":"QP1","collectionNumber":"QC1","carrier":"Quill & Post","status":"BOOKED"}`))
	}))
	t.Cleanup(carrier.Close)
	amqp, management, address := testkit.RabbitMQ(t), testkit.RabbitMQManagement(t), freeAddress(t)
	brokers := map[string]*rabbit.Broker{}
	for _, name := range []string{"ordering", "billing"} {
		brokers[name] = rabbit.New(rabbit.Config{URL: amqp, ManagementURL: management, Name: name})
		t.Cleanup(brokers[name].Close)
	}
	secret := sha256.Sum256([]byte("secret"))
	program := fulfillment.New(fulfillment.Config{CarrierURL: carrier.URL, Config: serve.Config{
		Listen: address, DatabaseURL: testkit.Postgres(t), AMQPURL: amqp, JWKSURL: testkit.NewIssuer(t).URL,
		TokenIssuer: testkit.TokenIssuer, TokenAudience: testkit.TokenAudience, Credential: "fulfillment:secret",
		TrustedServices: map[string]string{"gateway": hex.EncodeToString(secret[:])}, LogLevel: slog.LevelError + 1,
	}})
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- program.Run(running) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	client := serve.NewClient(resilience.Config{To: "fulfillment"}, "gateway:secret")
	return fulfillmentv1connect.NewFulfillmentServiceClient(client.HTTP, "http://"+address, client.Options...), brokers
}

// The whole program, on real servers: facts come by the broker, the carrier is asked over HTTP, and the RPC tells.
func TestAParcelIsArranged(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	client, brokers := start(ctx, t)
	publish(ctx, t, brokers, facts(1, "billing.payment.captured", "ordering.order.placed"))

	want := []*fulfillmentv1.Shipment{{
		OrderId: orderID, Status: "ARRANGED", Carrier: new("Quill & Post"), TrackingNumber: new("QP1"),
	}}
	for {
		response, err := client.GetShipments(ctx, &fulfillmentv1.GetShipmentsRequest{OrderIds: []string{orderID}})
		if err == nil && cmp.Equal(want, response.GetShipments(), protocmp.Transform()) {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("not arranged: %v, %v", response.GetShipments(), err)
		}
	}
}

// answers are what ordering is answered.
func answers(ctx context.Context, t *testing.T, ordering *rabbit.Broker) <-chan event.Envelope {
	t.Helper()
	heard := make(chan event.Envelope, 10)
	listening, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		ended <- ordering.Consume(listening, []string{"fulfillment.pickup.answered"}, 10, func(d rabbit.Delivery) {
			if e, err := event.Decode(d.Body()); err != nil {
				t.Error(err)
			} else {
				heard <- e
			}
			d.Ack()
		}, func() {})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("ordering: %v", err)
		}
	})
	return heard
}

// Commands come by the exchange of fulfillment's commands, and the answers go to where ordering takes them.
func TestFromACommandToItsAnswer(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	client, brokers := start(ctx, t)
	heard := answers(ctx, t, brokers["ordering"])
	publish(ctx, t, brokers, facts(1, "ordering.order.placed"))
	for placed := false; !placed; {
		response, err := client.GetShipments(ctx, &fulfillmentv1.GetShipmentsRequest{OrderIds: []string{orderID}})
		if placed = err == nil && len(response.GetShipments()) == 1; ctx.Err() != nil {
			t.Fatal(ctx.Err())
		}
	}
	for _, step := range []struct{ command, outcome, reference string }{{arrangePickup, "DONE", "QC1"}, {cancelPickup, "UNDONE", ""}} {
		command := asked(1, step.command)
		publish(ctx, t, brokers, command)
		select {
		case e := <-heard:
			said, err := event.Data[struct{ Outcome, Reference string }](e)
			if err != nil || said.Outcome != step.outcome || said.Reference != step.reference || e.CorrelationID != returnID ||
				e.CausationID != command[0].ID.String() {
				t.Errorf("%s is answered %s, %v", step.command, e.Data, err)
			}
		case <-ctx.Done():
			t.Fatalf("%s is not answered", step.command)
		}
	}
}
