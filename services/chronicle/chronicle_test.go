package chronicle_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/serve"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/schema/eventtest"
	chroniclev1 "quadrille.dev/schema/rpc/chronicle/v1"
	"quadrille.dev/schema/rpc/chronicle/v1/chroniclev1connect"
	"quadrille.dev/services/chronicle"
)

// patience bounds what a test waits for; nothing takes nearly as long.
const patience = time.Minute

// system is chronicle running on servers of its own, and a neighbour of each kind.
type system struct {
	*testing.T
	ctx     context.Context
	amqp    string
	brokers map[string]*rabbit.Broker
	issuer  *testkit.Issuer
	address string
	client  chroniclev1connect.ChronicleServiceClient
}

// start runs chronicle, with the exchanges of neighbours there already.
func start(t *testing.T, stuckAfter time.Duration, neighbours ...string) *system {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	s := &system{T: t, ctx: ctx, amqp: testkit.RabbitMQ(t), brokers: map[string]*rabbit.Broker{}, issuer: testkit.NewIssuer(t)}
	for _, name := range neighbours {
		s.brokers[name] = s.broker(name)
		s.publisher(name).Close()
	}
	address := freeAddress(t)
	s.address = address
	s.client = chroniclev1connect.NewChronicleServiceClient(http.DefaultClient, "http://"+address)
	program := chronicle.New(chronicle.Config{StuckAfter: stuckAfter, KeptFor: 365 * 24 * time.Hour, Config: serve.Config{
		Listen: address, DatabaseURL: testkit.Postgres(t), AMQPURL: s.amqp, ManagementURL: testkit.RabbitMQManagement(t),
		JWKSURL: s.issuer.URL, TokenIssuer: testkit.TokenIssuer, TokenAudience: testkit.TokenAudience, Credential: "chronicle:secret",
	}})
	running, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- program.Run(running) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	for _, name := range neighbours {
		s.awaitBinding(name)
	}
	return s
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

func (s *system) broker(name string) *rabbit.Broker {
	broker := rabbit.New(rabbit.Config{URL: s.amqp, ManagementURL: testkit.RabbitMQManagement(s), Name: name})
	s.Cleanup(broker.Close)
	return broker
}

func (s *system) publisher(name string) *rabbit.Publisher {
	s.Helper()
	publisher, err := s.brokers[name].Publisher(s.ctx, 1)
	if err != nil {
		s.Fatal(err)
	}
	return publisher
}

// awaitBinding returns when chronicle hears what a neighbour publishes.
func (s *system) awaitBinding(neighbour string) {
	s.Helper()
	for {
		missing, err := s.brokers[neighbour].MissingBindings(s.ctx, map[string][]string{neighbour + ".any.fact": {"chronicle.inbox"}})
		if err != nil {
			s.Fatal(err)
		}
		if len(missing) == 0 {
			return
		}
	}
}

func (s *system) publish(e event.Envelope) {
	s.Helper()
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

// changes are the signals that chronicle sends, from now on.
func (s *system) changes() <-chan chronicleChange {
	s.Helper()
	changes, listening := make(chan chronicleChange, 100), make(chan struct{}, 10)
	ctx, stop := context.WithCancel(s.ctx)
	ended := make(chan error, 1)
	broker := s.broker("gateway")
	go func() {
		ended <- broker.Listen(ctx, "chronicle", "saga.changed", func() { listening <- struct{}{} }, func(_ string, message []byte) {
			var signal struct {
				chronicleChange
				Others []chronicleChange
			}
			if err := json.Unmarshal(message, &signal); err != nil {
				s.Errorf("read signal: %v", err)
			}
			for _, change := range append([]chronicleChange{signal.chronicleChange}, signal.Others...) {
				changes <- change
			}
		})
	}()
	s.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			s.Errorf("listen: %v", err)
		}
	})
	<-listening
	return changes
}

type chronicleChange struct {
	Saga     string
	Sequence int64
	Fact     struct {
		ID, Type, Context string
		OccurredAt        time.Time
	}
}

// fact is the first that a context says of an order.
func fact(name string, order uuid.UUID) event.Envelope {
	return event.New(context.Background(), event.Fact{
		Name: name, Version: 1, Subject: order.String(), Sequence: 1, CorrelationID: order.String(),
		At: time.Now(), Data: eventtest.Examples(name, 1)[0],
	})
}

func as[T any](token string, message *T) (context.Context, *T) {
	ctx, call := connect.NewClientContext(context.Background())
	call.RequestHeader().Set("Authorization", "Bearer "+token)
	return ctx, message
}

func TestFactsBecomeASagaThatIsAnnouncedAndServed(t *testing.T) {
	s := start(t, 5*time.Minute, "ordering", "inventory")
	changes := s.changes()
	order := uuid.New()
	published := []event.Envelope{fact("ordering.order.placed", order), fact("inventory.stock.reserved", order)}
	for _, e := range published {
		s.publish(e)
		s.publish(e)
	}
	for i, e := range published {
		select {
		case change := <-changes:
			got := []any{change.Saga, change.Sequence, change.Fact.ID, change.Fact.Type, change.Fact.Context, change.Fact.OccurredAt}
			if diff := cmp.Diff([]any{order.String(), int64(i + 1), e.ID.String(), e.Name(), e.Context(), e.Time}, got); diff != "" {
				t.Error(diff)
			}
		case <-s.ctx.Done():
			t.Fatalf("%d signals, want %d", i, len(published))
		}
	}
	ada := uuid.MustParse("01996f1e-0b7d-7a33-b1c9-5e4f2a6d8c11")
	s.serves(order, s.issuer.Token(ada, []string{serve.Customer}), true)
	s.serves(order, s.issuer.Token(uuid.New(), []string{serve.Operator}), true)
	s.serves(order, s.issuer.Token(uuid.New(), []string{serve.Customer}), false)
}

// serves holds what a caller is answered about an order that is placed and reserved.
func (s *system) serves(order uuid.UUID, token string, visible bool) {
	s.Helper()
	sagas, err := s.client.GetSagas(as(token, &chroniclev1.GetSagasRequest{Ids: []string{order.String()}}))
	if err != nil {
		s.Fatal(err)
	}
	timelines, err := s.client.GetTimeline(as(token, &chroniclev1.GetTimelineRequest{SagaIds: []string{order.String()}, First: 10}))
	if err != nil {
		s.Fatal(err)
	}
	if !visible {
		if len(sagas.GetSagas()) != 0 || len(timelines.GetTimelines()) != 0 {
			s.Errorf("somebody else's order is answered: %v, %v", sagas, timelines)
		}
		return
	}
	if got := sagas.GetSagas(); len(got) != 1 || got[0].GetState() != "RUNNING" || got[0].GetSequence() != 2 ||
		!slices.Contains(got[0].GetWaitingFor(), "billing.payment.captured") {
		s.Errorf("saga is %v", got)
	}
	var summaries []string
	for _, f := range timelines.GetTimelines()[0].GetFacts() {
		summaries = append(summaries, f.GetSummary())
	}
	if diff := cmp.Diff([]string{"Placed Q-00001234: 2 lines, 13.40 GBP", "Reserved 2 lines"}, summaries); diff != "" {
		s.Error(diff)
	}
}

// await returns when an operator sees the saga of an order as it should be, and answers it.
func (s *system) await(order uuid.UUID, want string, seen func(*chroniclev1.Saga) bool) *chroniclev1.Saga {
	s.Helper()
	token := s.issuer.Token(uuid.New(), []string{serve.Operator})
	for {
		sagas, err := s.client.GetSagas(as(token, &chroniclev1.GetSagasRequest{Ids: []string{order.String()}}))
		if found := sagas.GetSagas(); err == nil && len(found) == 1 && seen(found[0]) {
			return found[0]
		}
		if s.ctx.Err() != nil {
			s.Fatalf("the saga is not %s: %v, %v", want, sagas.GetSagas(), err)
		}
	}
}

// A saga that falls silent is told of, once, and is no longer stuck when it is heard of again.
func TestASilentSagaIsStuckUntilItIsHeardOf(t *testing.T) {
	s := start(t, 2*time.Second, "ordering", "inventory")
	changes := s.changes()
	order := uuid.New()
	s.publish(fact("ordering.order.placed", order))
	stuck := s.await(order, "stuck", func(found *chroniclev1.Saga) bool { return found.GetState() == "STUCK" && found.GetSequence() == 2 })
	if stuck.GetNextAction() != "Inventory reserves the lines; billing issues the invoice." || len(stuck.GetWaitingFor()) != 3 {
		t.Errorf("stuck, waiting for %v, next action %q", stuck.GetWaitingFor(), stuck.GetNextAction())
	}
	if metrics := s.metrics(); !strings.Contains(metrics, "quadrille_sagas_stuck 1\n") ||
		!strings.Contains(metrics, `quadrille_sagas_by_state{state="STUCK"} 1`) || !strings.Contains(metrics, `quadrille_sagas_by_state{state="RUNNING"} 0`) {
		t.Errorf("metrics are\n%s", metrics)
	}
	s.publish(fact("inventory.stock.reserved", order))
	s.await(order, "running", func(found *chroniclev1.Saga) bool { return found.GetState() == "RUNNING" })
	s.await(order, "stuck again", func(found *chroniclev1.Saga) bool { return found.GetState() == "STUCK" && found.GetSequence() == 4 })
	var heard []string
	for range 4 {
		heard = append(heard, (<-changes).Fact.Type)
	}
	want := []string{"ordering.order.placed", "chronicle.saga.stuck", "inventory.stock.reserved", "chronicle.saga.stuck"}
	if diff := cmp.Diff(want, heard); diff != "" {
		t.Error(diff)
	}
}

func (s *system) metrics() string {
	s.Helper()
	request, err := http.NewRequestWithContext(s.ctx, http.MethodGet, "http://"+s.address+"/metrics", http.NoBody)
	if err != nil {
		s.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		s.Fatal(err)
	}
	return string(body)
}

func TestConfigIsValidated(t *testing.T) {
	if (chronicle.Config{}).Validate() == nil {
		t.Error("a saga may be stuck after no time at all")
	}
}
