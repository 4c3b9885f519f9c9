package gateway

import (
	"context"
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	"quadrille.dev/gateway/internal/graph/model"
	billingv1 "quadrille.dev/schema/rpc/billing/v1"
	orderingv1 "quadrille.dev/schema/rpc/ordering/v1"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"
)

// back is the return of goods of an order of the same number; those from 8 on have never been requested.
func back(number int) string { return id(7, number) }

// returned is a return that is done but for the money.
func returned(number int) *orderingv1.Return {
	return &orderingv1.Return{
		Id: back(number), OrderId: id(3, number), CustomerId: owner(id(3, number)), State: "RUNNING", Reason: "A crack.",
		Lines:  []*orderingv1.ReturnLine{{Sku: sku(number), Quantity: 1}, {Sku: sku(number + 1), Quantity: 2}},
		Refund: pounds(425), RequestedAt: timestamppb.New(longAgo),
		Steps: []*orderingv1.ReturnStep{
			{Context: "fulfillment", Name: "pickup", State: "DONE", StartedAt: timestamppb.New(longAgo), Attempts: 1, Reference: "QC-1"},
			{Context: "inventory", Name: "restock", State: "DONE", StartedAt: timestamppb.New(longAgo), Attempts: 1},
			{Context: "billing", Name: "refund", State: "RUNNING", StartedAt: timestamppb.New(longAgo), Attempts: 3},
		},
	}
}

// numbered are the returns that exist: of two orders of ada's and one of grace's.
var numbered = []int{1, 2, 11}

func (*ordering) GetReturns(_ context.Context, r *orderingv1.GetReturnsRequest) (*orderingv1.GetReturnsResponse, error) {
	answer := &orderingv1.GetReturnsResponse{}
	for _, n := range numbered {
		if slices.Contains(r.Ids, back(n)) {
			answer.Returns = append(answer.Returns, returned(n))
		}
	}
	return answer, nil
}

func (*ordering) ListReturns(_ context.Context, r *orderingv1.ListReturnsRequest) (*orderingv1.ListReturnsResponse, error) {
	answer := &orderingv1.ListReturnsResponse{}
	for _, n := range numbered {
		if slices.Contains(r.OrderIds, id(3, n)) {
			answer.Returns = append(answer.Returns, returned(n))
		}
	}
	return answer, nil
}

func (o *ordering) RequestReturn(_ context.Context, r *orderingv1.RequestReturnRequest) (*orderingv1.RequestReturnResponse, error) {
	if len(r.Lines) > 0 && r.Lines[0].Quantity > 2 {
		return &orderingv1.RequestReturnResponse{UserErrors: []*problemv1.UserError{{
			Code: "RETURN_EXCEEDS_PURCHASE", Message: "Only 2 can go back.", Path: []string{"lines", "0", "quantity"},
			Details: map[string]string{"sku": r.Lines[0].Sku, "returnable": "2"},
		}}}, nil
	}
	return &orderingv1.RequestReturnResponse{Return: returned(1), Replayed: r.IdempotencyKey == "again"}, nil
}

func (*ordering) RetryReturn(_ context.Context, r *orderingv1.RetryReturnRequest) (*orderingv1.RetryReturnResponse, error) {
	if r.ReturnId != back(1) {
		return &orderingv1.RetryReturnResponse{UserErrors: problem("NOT_STALLED", "returnId")}, nil
	}
	return &orderingv1.RetryReturnResponse{Return: returned(1)}, nil
}

func (*ordering) ResolveReturn(_ context.Context, r *orderingv1.ResolveReturnRequest) (*orderingv1.ResolveReturnResponse, error) {
	if r.Reason == "" {
		return &orderingv1.ResolveReturnResponse{UserErrors: problem("REQUIRED", "reason")}, nil
	}
	return &orderingv1.ResolveReturnResponse{Return: returned(1)}, nil
}

func (*billing) GetCreditNotes(_ context.Context, r *billingv1.GetCreditNotesRequest) (*billingv1.GetCreditNotesResponse, error) {
	answer := &billingv1.GetCreditNotesResponse{}
	for _, n := range numbered {
		if slices.Contains(r.OrderIds, id(3, n)) {
			answer.CreditNotes = append(answer.CreditNotes, &billingv1.CreditNote{
				OrderId: id(3, n), ReturnId: back(n), Number: "CN-1", InvoiceNumber: "I-1", Amount: pounds(425),
			})
		}
	}
	return answer, nil
}

func TestWholeReturnCostsOneCallToEachContext(t *testing.T) {
	w := newWorld(t)
	got := w.ask(ada, `query ($id: ID!) { return(id: $id) {
		id state reason failure endedAt refund { amount } lines { sku quantity product { name } } steps { name state attempts reference }
		order { number } creditNote { number invoiceNumber amount { amount } return { state } } saga { kind subject { ... on Return { id } } }
		timeline(first: 1) { totalCount nodes { correlationId } }
	} }`, map[string]any{"id": model.GlobalID("Return", back(1))})
	if len(got.Errors) > 0 {
		t.Fatalf("errors: %v", got.failures())
	}
	want := map[string]int{
		"ordering.v1.OrderingService/GetReturns":    3, // for itself, its credit note and its saga
		"ordering.v1.OrderingService/GetOrders":     1,
		"catalog.v1.CatalogService/GetProducts":     1,
		"billing.v1.BillingService/GetCreditNotes":  1,
		"chronicle.v1.ChronicleService/GetSagas":    1,
		"chronicle.v1.ChronicleService/GetTimeline": 1,
	}
	if diff := cmp.Diff(want, w.called()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	for _, check := range []struct {
		path []any
		want any
	}{
		{[]any{"return", "id"}, model.GlobalID("Return", back(1))},
		{[]any{"return", "state"}, "RUNNING"},
		{[]any{"return", "reason"}, "A crack."},
		{[]any{"return", "failure"}, nil},
		{[]any{"return", "endedAt"}, nil},
		{[]any{"return", "refund", "amount"}, "4.25"},
		{[]any{"return", "lines", 1, "product", "name"}, "Product 2"},
		{[]any{"return", "steps", 0, "reference"}, "QC-1"},
		{[]any{"return", "steps", 1, "reference"}, nil},
		{[]any{"return", "steps", 2, "attempts"}, 3.0},
		{[]any{"return", "order", "number"}, "Q-00000001"},
		{[]any{"return", "creditNote", "number"}, "CN-1"},
		{[]any{"return", "creditNote", "return", "state"}, "RUNNING"},
		{[]any{"return", "saga", "kind"}, "RETURN"},
		{[]any{"return", "saga", "subject", "id"}, model.GlobalID("Return", back(1))},
		{[]any{"return", "timeline", "nodes", 0, "correlationId"}, back(1)},
	} {
		if got.at(check.path...) != check.want {
			t.Errorf("%v is %v, want %v", check.path, got.at(check.path...), check.want)
		}
	}
}

const withReturns = `{ viewer { customer { orders(first: 4) { nodes {
	number returns { id saga { kind } creditNote { number } lines { product { name } } } creditNotes { number return { id } }
} } } } }`

func TestReturnsOfAPageOfOrdersAreBatched(t *testing.T) {
	w := newWorld(t)
	got := w.ask(ada, withReturns, nil)
	if len(got.Errors) > 0 {
		t.Fatalf("errors: %v", got.failures())
	}
	want := map[string]int{
		"customers.v1.CustomersService/GetCustomers": 1,
		"ordering.v1.OrderingService/ListOrders":     1,
		"ordering.v1.OrderingService/ListReturns":    1,
		"ordering.v1.OrderingService/GetReturns":     1, // of the credit notes
		"billing.v1.BillingService/GetCreditNotes":   2, // of the orders, and of the returns
		"catalog.v1.CatalogService/GetProducts":      1,
		"chronicle.v1.ChronicleService/GetSagas":     1,
	}
	if diff := cmp.Diff(want, w.called()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	nodes := []any{"viewer", "customer", "orders", "nodes"}
	for _, n := range []int{1, 2} {
		id := model.GlobalID("Return", back(n))
		if got.at(append(nodes, n-1, "returns", 0, "id")...) != id || got.at(append(nodes, n-1, "creditNotes", 0, "return", "id")...) != id {
			t.Errorf("order %d has %v", n, got.at(append(nodes, n-1)...))
		}
	}
	if diff := cmp.Diff([]any{[]any{}, []any{}}, []any{got.at(append(nodes, 2, "returns")...), got.at(append(nodes, 2, "creditNotes")...)}); diff != "" {
		t.Errorf("an order of which nothing comes back (-want +got):\n%s", diff)
	}
}

func TestAnOrderIsThereWithoutWhatIsDown(t *testing.T) {
	w := newWorld(t)
	w.setDown("billing", true)
	got := w.ask(ada, `{ order(id: "`+id(3, 1)+`") { number creditNotes { number } returns { id creditNote { number } } } }`, nil)
	want := []string{"order.creditNotes: CONTEXT_UNAVAILABLE", "order.returns.0.creditNote: CONTEXT_UNAVAILABLE"}
	if diff := cmp.Diff(want, sorted(got.failures())); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	if got.at("order", "number") == nil || got.at("order", "returns", 0, "id") == nil || got.at("order", "creditNotes") != nil {
		t.Errorf("answer %v", got.Data)
	}
	if diff := cmp.Diff([]any{"billing"}, got.Extensions["degraded"]); diff != "" {
		t.Errorf("degraded (-want +got):\n%s", diff)
	}
}

func TestAReturnIsRequested(t *testing.T) {
	w := newWorld(t)
	input := func(quantity int, key string) map[string]any {
		return map[string]any{"input": map[string]any{
			"orderId": model.GlobalID("Order", id(3, 1)), "reason": "A crack.", "idempotencyKey": key,
			"lines": []any{map[string]any{"sku": sku(1), "quantity": quantity}},
		}}
	}
	got := w.ask(ada, document(t, "RequestReturn"), input(1, "k"))
	want := map[string]any{
		"userErrors": []any{},
		"return": map[string]any{
			"id": model.GlobalID("Return", back(1)), "state": "RUNNING",
			"lines": []any{map[string]any{"sku": sku(1), "quantity": 1.0}, map[string]any{"sku": sku(2), "quantity": 2.0}},
			"steps": []any{
				map[string]any{"context": "fulfillment", "name": "pickup", "state": "DONE"},
				map[string]any{"context": "inventory", "name": "restock", "state": "DONE"},
				map[string]any{"context": "billing", "name": "refund", "state": "RUNNING"},
			},
		},
	}
	if diff := cmp.Diff(want, got.at("requestReturn")); diff != "" || len(got.Errors) > 0 {
		t.Errorf("%v (-want +got):\n%s", got.failures(), diff)
	}
	more := `mutation ($input: RequestReturnInput!) { requestReturn(input: $input) { return { id } replayed
		userErrors { code path ... on ReturnExceedsPurchaseError { sku returnable } } } }`
	if got := w.ask(ada, more, input(1, "again")); got.at("requestReturn", "replayed") != true {
		t.Errorf("said again: %v", got.Data)
	}
	want = map[string]any{"return": nil, "replayed": false, "userErrors": []any{map[string]any{
		"code": "RETURN_EXCEEDS_PURCHASE", "path": []any{"lines", "0", "quantity"}, "sku": sku(1), "returnable": 2.0,
	}}}
	if diff := cmp.Diff(want, w.ask(ada, more, input(3, "k")).at("requestReturn")); diff != "" {
		t.Errorf("too many (-want +got):\n%s", diff)
	}
}

func TestOnlyOperatorsActOnReturns(t *testing.T) {
	w := newWorld(t)
	retry := `mutation ($input: RetryReturnInput!) { retryReturn(input: $input) { return { id } userErrors { code path } } }`
	resolve := `mutation ($input: ResolveReturnInput!) { resolveReturn(input: $input) { return { id } userErrors { code path } } }`
	retried := map[string]any{"input": map[string]any{"returnId": model.GlobalID("Return", back(1))}}
	resolved := map[string]any{"input": map[string]any{"returnId": back(1), "reason": "Counted by hand."}}
	for who, want := range map[uuid.UUID]string{ada: "FORBIDDEN", uuid.Nil: "UNAUTHENTICATED"} {
		got := append(w.ask(who, retry, retried).failures(), w.ask(who, resolve, resolved).failures()...)
		if diff := cmp.Diff([]string{"retryReturn: " + want, "resolveReturn: " + want}, got); diff != "" {
			t.Error(diff)
		}
	}
	if calls := w.called(); len(calls) != 0 {
		t.Errorf("asked all the same: %v", calls)
	}
	for document, variables := range map[string]map[string]any{retry: retried, resolve: resolved} {
		got := w.ask(olga, document, variables)
		for field, payload := range got.Data {
			want := map[string]any{"return": map[string]any{"id": model.GlobalID("Return", back(1))}, "userErrors": []any{}}
			if diff := cmp.Diff(want, payload); diff != "" {
				t.Errorf("%s (-want +got):\n%s", field, diff)
			}
		}
	}
	for returnID, code := range map[string]string{back(2): "NOT_STALLED", model.GlobalID("Order", id(3, 1)): "MALFORMED"} {
		got := w.ask(olga, retry, map[string]any{"input": map[string]any{"returnId": returnID}})
		want := map[string]any{"return": nil, "userErrors": []any{map[string]any{"code": code, "path": []any{"returnId"}}}}
		if diff := cmp.Diff(want, got.at("retryReturn")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", code, diff)
		}
	}
}

func TestWhoGetsAReturn(t *testing.T) {
	w := newWorld(t)
	own, theirs := model.GlobalID("Return", back(1)), model.GlobalID("Return", back(11))
	for name, test := range map[string]struct {
		who      uuid.UUID
		document string
		want     []string
	}{
		"one's own":              {ada, `{ return(id: "` + own + `") { id } node(id: "` + own + `") { id } }`, nil},
		"by a bare id":           {ada, `{ return(id: "` + back(1) + `") { id } }`, nil},
		"its saga":               {ada, `{ saga(id: "` + own + `") { id } node(id: "` + model.GlobalID("Saga", back(1)) + `") { id } }`, nil},
		"someone else's":         {ada, `{ return(id: "` + theirs + `") { id } }`, []string{"return: FORBIDDEN"}},
		"someone else's as node": {ada, `{ node(id: "` + theirs + `") { id } }`, []string{"node: FORBIDDEN"}},
		"someone else's saga":    {ada, `{ saga(id: "` + theirs + `") { id } }`, []string{"saga: FORBIDDEN"}},
		"any as operator":        {olga, `{ return(id: "` + theirs + `") { id } node(id: "` + theirs + `") { id } saga(id: "` + theirs + `") { id } }`, nil},
		"without a token":        {uuid.Nil, `{ return(id: "` + own + `") { id } }`, []string{"return: UNAUTHENTICATED"}},
		"none":                   {ada, `{ return(id: "` + back(8) + `") { id } }`, nil},
		"an order's id":          {ada, `{ return(id: "` + model.GlobalID("Order", id(3, 1)) + `") { id } }`, []string{"return: BAD_USER_INPUT"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, sorted(w.ask(test.who, test.document, nil).failures())); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSagasAreListedByKind(t *testing.T) {
	w := newWorld(t)
	w.ask(olga, `{ sagas(filter: {kind: RETURN, state: NEEDS_OPERATOR, about: {orderNumber: "q-1"}}, first: 2) { totalCount } }`, nil)
	if got := w.chronicle.list; got.GetKind() != "RETURN" || !slices.Equal(got.GetStates(), []string{"NEEDS_OPERATOR"}) || got.GetOrderNumber() != "Q-1" {
		t.Errorf("asked for %v", got)
	}
}

const returnChanged = `subscription ($id: ID!, $since: Int) { returnChanged(id: $id, since: $since) { sequence fact { id } return { id state } } }`

func TestReturnsAreFollowed(t *testing.T) {
	w := newWorld(t)
	s := w.dial(w.token(ada))
	s.follow(returnChanged, map[string]any{"id": model.GlobalID("Return", back(1))})
	expect := func(sequence float64, fact any) {
		t.Helper()
		want := map[string]any{
			"sequence": sequence, "fact": fact, "return": map[string]any{"id": model.GlobalID("Return", back(1)), "state": "RUNNING"},
		}
		if diff := cmp.Diff(want, s.change().at("returnChanged")); diff != "" {
			t.Errorf("change (-want +got):\n%s", diff)
		}
	}
	expect(2, nil)
	w.chronicle.record(1)
	w.signals.send(back(1), 3)
	expect(3, map[string]any{"id": id(4, 3)})

	for number, want := range map[int]string{11: "returnChanged: FORBIDDEN", 8: "returnChanged: NOT_FOUND"} {
		payload, err := json.Marshal(map[string]any{"query": returnChanged, "variables": map[string]any{"id": back(number)}})
		if err != nil {
			t.Fatal(err)
		}
		s.send(frame{ID: "2", Type: "subscribe", Payload: payload})
		if got := s.change(); got.brief() != want {
			t.Errorf("got %q, want %q", got.brief(), want)
		}
		if f := s.next(); f.Type != "complete" {
			t.Errorf("then %s", f.Type)
		}
	}
}
