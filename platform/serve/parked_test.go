package serve_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/lestrrat-go/jwx/v3/jwt"
	amqp "github.com/rabbitmq/amqp091-go"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/serve"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/schema"
	operationsv1 "quadrille.dev/schema/rpc/operations/v1"
	"quadrille.dev/schema/rpc/operations/v1/operationsv1connect"
	pagev1 "quadrille.dev/schema/rpc/page/v1"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"
)

const profiled = "customers.customer.profiled"

// parking is ordering, which hears of profiles that customers publishes and reads only those with a tier.
type parking struct {
	*testing.T
	host, customers *serve.Host
	issuer          *testkit.Issuer
	broker          string
	handled         chan string
}

func openParking(t *testing.T) *parking {
	t.Helper()
	broker := testkit.RabbitMQ(t)
	p := &parking{T: t, broker: broker, handled: make(chan string, 100)}
	p.customers, _ = openAt(t, "customers", broker)
	p.host, p.issuer = openAt(t, "ordering", broker)
	run(t, p.customers)
	for _, name := range []string{"billing", "chronicle", "fulfillment", "inventory"} {
		other, _ := openAt(t, name, broker)
		run(t, other, serve.Consumer(other, indifferent(name), bind))
	}
	read := func(e event.Envelope) (string, error) {
		profile, err := event.Data[struct{ Tier string }](e)
		if err == nil && profile.Tier == "" {
			err = errors.New("no tier")
		}
		return e.Subject, err
	}
	handle := func(_ context.Context, _ pgx.Tx, subject string, _ time.Time) error {
		p.handled <- subject
		return nil
	}
	routes := slices.DeleteFunc(indifferent("ordering"), func(route inbox.Route[pgx.Tx]) bool { return route.Fact == profiled })
	run(t, p.host, serve.Consumer(p.host, append(routes, inbox.On(profiled, inbox.Versions[string]{2: read}, handle)), bind))
	return p
}

// indifferent takes the facts of customers that a context is declared to take, without which their relay would pause.
func indifferent(name string) inbox.Routes[pgx.Tx] {
	nothing := func(context.Context, pgx.Tx, event.Envelope, time.Time) error { return nil }
	if name == "chronicle" {
		return inbox.Routes[pgx.Tx]{{Fact: "#", Handle: nothing}}
	}
	var routes inbox.Routes[pgx.Tx]
	for fact, consumers := range schema.Consumers() {
		if strings.HasPrefix(fact, "customers.") && slices.Contains(consumers, name) {
			routes = append(routes, inbox.Route[pgx.Tx]{Fact: fact, Handle: nothing})
		}
	}
	return routes
}

// client calls ordering as an operator, a customer or a service.
func (p *parking) client(as string) operationsv1connect.OperationsServiceClient {
	authorization := "Service gateway:secret"
	if as != "service" {
		authorization = "Bearer " + p.issuer.Token(ada, []string{as}, func(token jwt.Token) error { return token.Set("email", "olga@quadrille.test") })
	}
	return operationsv1connect.NewOperationsServiceClient(http.DefaultClient, "http://"+p.host.Addr(),
		connect.WithInterceptors(header("Authorization", authorization)))
}

// park has as many unreadable profiles parked, and answers them in the order of their failure.
func (p *parking) park(n int) []*operationsv1.ParkedMessage {
	p.Helper()
	for i := range n {
		publish(p.T, p.customers, event.Fact{
			Name: profiled, Version: 2, Subject: fmt.Sprint("customer ", i), Sequence: 1, At: time.Now(),
			Data: map[string]string{"name": "Ada Lovelace", "email": "ada@quadrille.test"},
		})
	}
	for {
		if parked := p.list(&operationsv1.ListParkedRequest{}); len(parked.Edges) == n {
			var messages []*operationsv1.ParkedMessage
			for _, edge := range parked.Edges {
				messages = append(messages, edge.Message)
			}
			return messages
		}
	}
}

func (p *parking) list(request *operationsv1.ListParkedRequest) *operationsv1.ListParkedResponse {
	p.Helper()
	if request.Page == nil {
		request.Page = &pagev1.PageRequest{First: 100}
	}
	response, err := p.client(serve.Operator).ListParked(p.Context(), request)
	if err != nil {
		p.Fatal(err)
	}
	return response
}

func TestOperatorsSeeToParkedMessages(t *testing.T) {
	p := openParking(t)
	messages := p.park(3)
	first := messages[0]
	if first.Type != profiled || first.Attempts != 1 || first.Error != "UNREADABLE_EVENT: no tier" ||
		first.GetPayload() != `{"email":"***","name":"***"}` {
		t.Errorf("listed %v", first)
	}
	page := p.list(&operationsv1.ListParkedRequest{Page: &pagev1.PageRequest{First: 2}})
	rest := p.list(&operationsv1.ListParkedRequest{Page: &pagev1.PageRequest{First: 2, After: page.Edges[1].Cursor}})
	if !page.PageInfo.HasNextPage || page.PageInfo.TotalCount != 3 || rest.PageInfo.HasNextPage || len(rest.Edges) != 1 ||
		rest.Edges[0].Message.Id != messages[2].Id {
		t.Errorf("pages %v, %v", page, rest)
	}
	if got := page.Groups; len(got) != 1 || got[0].Count != 3 || got[0].Error != first.Error {
		t.Errorf("groups %v", got)
	}

	olga := p.client(serve.Operator)
	payload := `{"name":"***","email":"***","tier":"VIP"}`
	retried, err := olga.RetryParked(t.Context(), &operationsv1.RetryParkedRequest{Ids: []string{first.Id}, Payload: &payload})
	if err != nil || retried.Retried != 1 || <-p.handled != first.Subject {
		t.Errorf("retried: %v, %v", retried, err)
	}
	discarded, err := olga.DiscardParked(t.Context(), &operationsv1.DiscardParkedRequest{Ids: []string{messages[1].Id}, Reason: " a test "})
	if err != nil || discarded.Discarded != 1 {
		t.Errorf("discarded: %v, %v", discarded, err)
	}
	group := &operationsv1.ParkedGroup{Type: first.Type, Error: first.Error}
	vain, err := olga.RetryParked(t.Context(), &operationsv1.RetryParkedRequest{Group: group})
	if err != nil || vain.Retried != 0 || len(vain.Failed) != 1 || vain.Failed[0].Id != messages[2].Id {
		t.Errorf("retried in vain: %v, %v", vain, err)
	}
	if left := p.list(&operationsv1.ListParkedRequest{}); len(left.Edges) != 1 || left.Edges[0].Message.Attempts != 2 {
		t.Errorf("left: %v", left)
	}
	want := []string{
		"olga@quadrille.test parked.retried " + first.Id + ": Retried customers.customer.profiled v2 with tier changed.",
		"olga@quadrille.test parked.discarded " + messages[1].Id + ": Discarded customers.customer.profiled v2: a test",
		"olga@quadrille.test parked.retried customers.customer.profiled: " +
			"Retried a group of 1 parked messages of customers.customer.profiled.",
	}
	if diff := cmp.Diff(want, testkit.Audited(t, p.host.DB)); diff != "" {
		t.Error(diff)
	}
}

func TestParkedMessagesAreForOperators(t *testing.T) {
	p := openParking(t)
	ids := []string{p.park(1)[0].Id}
	for as, may := range map[string]bool{serve.Customer: false, "service": true} {
		client := p.client(as)
		_, list := client.ListParked(t.Context(), &operationsv1.ListParkedRequest{Page: &pagev1.PageRequest{First: 1}})
		_, retry := client.RetryParked(t.Context(), &operationsv1.RetryParkedRequest{Ids: ids})
		_, discard := client.DiscardParked(t.Context(), &operationsv1.DiscardParkedRequest{Ids: ids, Reason: "r"})
		told, deliveries := client.ListDeliveries(t.Context(), &operationsv1.ListDeliveriesRequest{Ids: ids})
		if (list == nil) != may || (deliveries == nil) != may {
			t.Errorf("%s lists: %v, and what became of it: %v", as, list, deliveries)
		}
		if may && (len(told.Deliveries) != 1 || told.Deliveries[0].Id != ids[0] || told.Deliveries[0].State != "PARKED" ||
			told.Deliveries[0].GetAttempts() == 0 || told.Deliveries[0].At == nil || !strings.Contains(told.Deliveries[0].Error, "no tier")) {
			t.Errorf("%s is told of %v", as, told)
		}
		for _, err := range []error{retry, discard} {
			if connect.CodeOf(err) != connect.CodePermissionDenied {
				t.Errorf("%s: %v", as, err)
			}
		}
	}
}

func TestWhatNobodyCanReadIsCountedAsDead(t *testing.T) {
	p := openParking(t)
	p.park(1) // and so the queues are bound
	conn, err := amqp.Dial(p.broker)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ch, err := conn.Channel()
	if err != nil {
		t.Fatal(err)
	}
	message := amqp.Publishing{Body: []byte("no envelope"), DeliveryMode: amqp.Persistent}
	if err := ch.PublishWithContext(t.Context(), "customers.events", "customer.profiled.v2", true, false, message); err != nil {
		t.Fatal(err)
	}
	for {
		status, err := p.client(serve.Operator).GetStatus(t.Context(), &operationsv1.GetStatusRequest{})
		if err != nil {
			t.Fatal(err)
		}
		if status.Dead == 1 {
			if status.Parked != 1 {
				t.Errorf("%d parked", status.Parked)
			}
			return
		}
	}
}

func TestWrongInputAboutParkedMessagesIsRefused(t *testing.T) {
	p := openParking(t)
	ids := []string{p.park(1)[0].Id}
	olga := p.client(serve.Operator)
	group := &operationsv1.ParkedGroup{Type: "a.b.c"}
	for want, request := range map[string]*operationsv1.RetryParkedRequest{
		"REQUIRED ids":                       {},
		"MALFORMED group":                    {Ids: ids, Group: group},
		"MALFORMED payload":                  {Ids: ids, Payload: new(`{`)},
		"MALFORMED payload ":                 {Group: group, Payload: new(`{}`)},
		"MALFORMED payload  ":                {Ids: []string{ids[0], uuid.NewString()}, Payload: new(`{}`)},
		"MALFORMED payload (still no tier)":  {Ids: ids, Payload: new(`{}`), DryRun: true},
		"MALFORMED payload (blot of naught)": {Ids: ids, Payload: new(`{"phone":"***","tier":"VIP"}`)},
	} {
		response, err := olga.RetryParked(t.Context(), request)
		if err != nil || !strings.HasPrefix(want, said(response.GetUserErrors())) || response.GetUserErrors() == nil {
			t.Errorf("retry: %v, %v, want %s", response, err, want)
		}
	}
	for want, request := range map[string]*operationsv1.DiscardParkedRequest{
		"REQUIRED ids, REQUIRED reason": {},
		"OUT_OF_RANGE reason":           {Ids: ids, Reason: strings.Repeat("é", 501)},
		"MALFORMED reason":              {Ids: ids, Reason: "two\nlines"},
		"NOT_FOUND ids.1":               {Ids: []string{ids[0], uuid.NewString()}, Reason: "r"},
	} {
		response, err := olga.DiscardParked(t.Context(), request)
		if err != nil || said(response.GetUserErrors()) != want {
			t.Errorf("discard: %v, %v, want %s", response, err, want)
		}
	}
	_, retry := olga.RetryParked(t.Context(), &operationsv1.RetryParkedRequest{Ids: []string{"no id"}})
	_, discard := olga.DiscardParked(t.Context(), &operationsv1.DiscardParkedRequest{Ids: make([]string, 101), Reason: "r"})
	_, none := olga.ListParked(t.Context(), &operationsv1.ListParkedRequest{})
	_, after := olga.ListParked(t.Context(), &operationsv1.ListParkedRequest{Page: &pagev1.PageRequest{First: 1, After: "YSBiIGM"}})
	for _, err := range []error{retry, discard, none, after} {
		if connect.CodeOf(err) != connect.CodeInvalidArgument {
			t.Errorf("got %v", err)
		}
	}
	if left := p.list(&operationsv1.ListParkedRequest{Ids: ids}); len(left.Edges) != 1 || left.Edges[0].Message.Attempts != 1 {
		t.Errorf("refused, and left %v", left)
	}
}

func said(errors []*problemv1.UserError) string {
	var all []string
	for _, wrong := range errors {
		all = append(all, wrong.Code+" "+strings.Join(wrong.Path, "."))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}
