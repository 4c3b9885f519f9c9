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
	"os/exec"
	"path/filepath"
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

// customers serves people over HTTP/1.1 and HTTP/2 cleartext, as contexts do.
func customers(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle(customersv1connect.NewCustomersServiceHandler(&people{}))
	server := httptest.NewUnstartedServer(mux)
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

// sandbox runs the sandbox payment provider, and answers its URL.
func sandbox(ctx context.Context, t *testing.T) string {
	t.Helper()
	program, address := filepath.Join(t.TempDir(), "provider"), freeAddress(t)
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/provider")
	build.Dir = filepath.Join("..", "..", "stack")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the provider: %v\n%s", err, said)
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	provider := exec.CommandContext(running, program)
	provider.Env = []string{"LISTEN=" + address, "LEDGER=" + filepath.Join(t.TempDir(), "ledger")}
	if err := provider.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		_ = provider.Wait()
	})
	return "http://" + address
}

// entry is money that moved, as the provider's ledger has it.
type entry struct {
	Kind     string
	Amount   int64
	ReturnID string `json:"return_id"`
}

func ledger(ctx context.Context, t *testing.T, provider string) []entry {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, provider+"/v1/ledger?order_id="+orderID, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var body struct{ Entries []entry }
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	return body.Entries
}

// start runs billing with a payment provider, and has neighbours.
func start(ctx context.Context, t *testing.T, provider string) (billingv1connect.BillingServiceClient, map[string]*rabbit.Broker) {
	t.Helper()
	amqp, management, address := testkit.RabbitMQ(t), testkit.RabbitMQManagement(t), freeAddress(t)
	brokers := map[string]*rabbit.Broker{}
	for _, name := range []string{"ordering", "inventory", "fulfillment", "customers"} {
		brokers[name] = rabbit.New(rabbit.Config{URL: amqp, ManagementURL: management, Name: name})
		t.Cleanup(brokers[name].Close)
	}
	secret := sha256.Sum256([]byte("secret"))
	program := billing.New(billing.Config{ProviderURL: provider, CustomersURL: customers(t), Config: serve.Config{
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

// The whole program, on real servers: facts and commands come by the broker, provider and customers are asked, and the RPC tells. The invoice
// was issued before customers answered.
func TestAnOrderIsChargedAndGoodsThatComeBackArePaidBack(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	provider := sandbox(ctx, t)
	client, brokers := start(ctx, t, provider)
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
	awaitAccounts(ctx, t, client, want)

	publish(ctx, t, brokers, facts(2, "", "ordering.return.refund"))
	want[0].Payment.Refunded = gbp(300)
	awaitAccounts(ctx, t, client, want)
	notes, err := client.GetCreditNotes(ctx, &billingv1.GetCreditNotesRequest{OrderIds: []string{orderID}})
	wantNotes := []*billingv1.CreditNote{{
		OrderId: orderID, ReturnId: returnID, Number: "CN-00000001", InvoiceNumber: "INV-Q-1", Amount: gbp(300),
	}}
	if diff := cmp.Diff(wantNotes, notes.GetCreditNotes(), protocmp.Transform()); err != nil || diff != "" {
		t.Errorf("credit notes: %s, %v", diff, err)
	}
	if diff := cmp.Diff([]entry{{"charge", 425, ""}, {"refund", 300, returnID}}, ledger(ctx, t, provider)); diff != "" {
		t.Errorf("the provider's ledger: %s", diff)
	}
}

// awaitAccounts returns when the order's account is told as wanted.
func awaitAccounts(ctx context.Context, t *testing.T, client billingv1connect.BillingServiceClient, want []*billingv1.Account) {
	t.Helper()
	for {
		response, err := client.GetAccounts(ctx, &billingv1.GetAccountsRequest{OrderIds: []string{orderID}})
		if err == nil && cmp.Equal(want, response.GetAccounts(), protocmp.Transform()) {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("never: %v; told %v, %v", want, response.GetAccounts(), err)
		}
	}
}
