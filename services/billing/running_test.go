package billing_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/resilience"
	"quadrille.dev/platform/serve"
	"quadrille.dev/platform/testkit"
	billingv1 "quadrille.dev/schema/rpc/billing/v1"
	"quadrille.dev/schema/rpc/billing/v1/billingv1connect"
	customersv1 "quadrille.dev/schema/rpc/customers/v1"
	"quadrille.dev/schema/rpc/customers/v1/customersv1connect"
	moneyv1 "quadrille.dev/schema/rpc/money/v1"
	"quadrille.dev/services/billing"
)

// patience bounds what is waited for.
const patience = time.Minute

// publish has neighbours say what is in the facts, as soon as billing listens.
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
			missing, err := broker.MissingBindings(ctx, map[string][]string{fact.Name(): {"billing.inbox"}})
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

// people is customers, as far as billing asks it. At first it does not answer.
type people struct {
	customersv1connect.UnimplementedCustomersServiceHandler
	asked atomic.Int64
}

func (p *people) GetCustomers(_ context.Context, r *customersv1.GetCustomersRequest) (*customersv1.GetCustomersResponse, error) {
	if p.asked.Add(1) <= 3 {
		return nil, connect.NewError(connect.CodeUnavailable, errors.New("not yet"))
	}
	return &customersv1.GetCustomersResponse{Customers: []*customersv1.Customer{{
		Id: r.Ids[0], Name: "Ada Lovelace", Email: "ada@quadrille.test",
		Addresses: []*customersv1.Address{{Name: "Ada", Street: "1 Row", City: "London", PostalCode: "N1", CountryCode: "GB"}},
	}}}, nil
}

// customers serves people over HTTP/2 cleartext, as contexts do.
func customers(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle(customersv1connect.NewCustomersServiceHandler(&people{}))
	server := httptest.NewUnstartedServer(mux)
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

// start runs billing, with neighbours and a payment provider that takes everybody's money.
func start(ctx context.Context, t *testing.T) (billingv1connect.BillingServiceClient, map[string]*rabbit.Broker) {
	t.Helper()
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"id":"pi_1","status":"succeeded"}`))
	}))
	t.Cleanup(provider.Close)
	amqp, management, address := testkit.RabbitMQ(t), testkit.RabbitMQManagement(t), freeAddress(t)
	brokers := map[string]*rabbit.Broker{}
	for _, name := range []string{"ordering", "inventory", "fulfillment", "customers"} {
		brokers[name] = rabbit.New(rabbit.Config{URL: amqp, ManagementURL: management, Name: name})
		t.Cleanup(brokers[name].Close)
	}
	secret := sha256.Sum256([]byte("secret"))
	program := billing.New(billing.Config{ProviderURL: provider.URL, CustomersURL: customers(t), Config: serve.Config{
		Listen: address, DatabaseURL: testkit.Postgres(t), AMQPURL: amqp, ManagementURL: management, JWKSURL: testkit.NewIssuer(t).URL,
		TokenIssuer: testkit.TokenIssuer, TokenAudience: testkit.TokenAudience, Credential: "billing:secret",
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
	client := serve.NewClient(resilience.Config{To: "billing"}, "gateway:secret")
	return billingv1connect.NewBillingServiceClient(client.HTTP, "http://"+address, client.Options...), brokers
}

// The whole program, on real servers: facts come by the broker, provider and customers are asked, and the RPC tells. The invoice was
// issued before customers answered.
func TestAnOrderIsCharged(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	client, brokers := start(ctx, t)
	publish(ctx, t, brokers, facts(1, "425", "inventory.stock.reserved", "ordering.order.placed"))
	publish(ctx, t, brokers, facts(1, "", "customers.customer.registered"))

	gbp := func(minor int64) *moneyv1.Money { return &moneyv1.Money{MinorUnits: minor, CurrencyCode: "GBP"} }
	want := []*billingv1.Account{{
		OrderId: orderID,
		Payment: &billingv1.Payment{Status: "CAPTURED", Amount: gbp(425), Refunded: gbp(0), Attempts: 1},
		Invoice: &billingv1.Invoice{Number: "INV-Q-1", Status: "ISSUED", Total: gbp(425), BilledTo: &billingv1.Party{
			Name: "Ada Lovelace", Email: "ada@quadrille.test",
			Address: &billingv1.Address{Name: "Ada", Street: "1 Row", City: "London", PostalCode: "N1", CountryCode: "GB"},
		}},
	}}
	for {
		response, err := client.GetAccounts(ctx, &billingv1.GetAccountsRequest{OrderIds: []string{orderID}})
		if err == nil && cmp.Equal(want, response.GetAccounts(), protocmp.Transform()) {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("not charged: %v, %v", response.GetAccounts(), err)
		}
	}
}
