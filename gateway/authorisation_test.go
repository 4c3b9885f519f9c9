package gateway

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/lestrrat-go/jwx/v3/jwt"
	"github.com/vektah/gqlparser/v2/ast"

	"quadrille.dev/gateway/internal/graph/generated"
	"quadrille.dev/gateway/internal/graph/model"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"
)

var update = flag.Bool("update", false, "write testdata/authorisation.txt again")

// matrix says who gets which field. Everything asked for is ada's, if it is anybody's.
const matrix = "testdata/authorisation.txt"

// principals ask for everything, in the order of the matrix's columns.
var principals = []struct {
	name string
	who  uuid.UUID
}{{"anonymous", uuid.Nil}, {"owner", ada}, {"other", grace}, {"operator", olga}}

// What becomes of a question beside UNAUTHENTICATED and FORBIDDEN.
const (
	answered = "yes"
	// absent is an object that is not there for the one who asks, so that nothing can be asked of it.
	absent = "absent"
	// refused is a user error of code FORBIDDEN.
	refused = "refused"
)

// TestEveryFieldIsForWhomTheMatrixSays asks for every field of every type as everybody. The contexts here would let everybody have
// everything. A field that the matrix does not have fails; `-update` adds it, for a person to look at.
func TestEveryFieldIsForWhomTheMatrixSays(t *testing.T) {
	w := newWorld(t)
	w.ordering.refuse = []*problemv1.UserError{
		{Code: "REQUIRED"},
		{Code: "UNKNOWN_PRODUCT"},
		{Code: "OUT_OF_STOCK"},
		{Code: "IDEMPOTENCY_CONFLICT"},
		{Code: "RETURN_EXCEEDS_PURCHASE"},
	}
	everything := everything()
	ways, fields := everything.ways(), everything.fields()
	rows := []string{row("# field", principals[0].name, principals[1].name, principals[2].name, principals[3].name)}
	for _, of := range slices.Sorted(maps.Keys(fields)) {
		if ways[of] == nil {
			t.Errorf("%s: nothing leads there", of)
			continue
		}
		for _, field := range fields[of] {
			question := everything.ask(ways, of, field)
			cells := make([]string, len(principals))
			for i, principal := range principals {
				cells[i] = w.outcome(principal.who, question)
			}
			if !slices.Contains(cells, answered) {
				t.Errorf("%s.%s: nobody gets it, by %s", of, field.Name, question.document)
			}
			rows = append(rows, row(of+"."+field.Name, cells...))
		}
	}
	compareMatrix(t, strings.Join(rows, "\n")+"\n")
}

func row(field string, cells ...string) string {
	var line strings.Builder
	fmt.Fprintf(&line, "%-44s", field)
	for _, cell := range cells {
		fmt.Fprintf(&line, " %-16s", cell)
	}
	return strings.TrimRight(line.String(), " ")
}

func compareMatrix(t *testing.T, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(matrix, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(matrix)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s; run `go test ./gateway -run %s -update` and look at what changes (-want +got):\n%s", matrix, t.Name(), diff)
	}
}

// everything is how to ask these contexts for every field.
func everything() walk {
	quoted := func(text string) string { return `"` + text + `"` }
	adas := quoted(id(3, 1))
	walk := walk{
		schema: generated.NewExecutableSchema(generated.Config{}).Schema(),
		given: map[string]string{
			"orderId": adas, "customerId": quoted(ada.String()), "Query.order(id)": adas, "Query.saga(id)": adas, "Subscription.orderChanged(id)": adas,
			"returnId": quoted(back(1)), "Query.return(id)": quoted(back(1)), "Subscription.returnChanged(id)": quoted(back(1)),
			"Subscription.returnChanged(since)": "0",
			"Subscription.orderChanged(since)":  "0", "Subscription.stockChanged(skus)": "[" + quoted(sku(3)) + "]",
			"Query.node(id)":        quoted(model.GlobalID("Order", id(3, 1))),
			"Query.nodes(ids)":      "[" + quoted(model.GlobalID("Order", id(3, 1))) + "]",
			"Query.product(by)":     `{sku: "SKU-001"}`,
			"UpdateProductInput.id": quoted(id(1, 1)), "RetireProductInput.id": quoted(id(1, 2)),
			"SignInInput.email": `"ada@quadrille.test"`, "SignInInput.password": `"quadrille"`, "SignInWithTokenInput.token": `"elsewhere"`,
			"RetryParkedMessagesInput.ids":   "[" + quoted(model.ParkedID("pricing", id(8, 99))) + "]",
			"DiscardParkedMessagesInput.ids": "[" + quoted(model.ParkedID("pricing", id(8, 1))) + "]",
			"currencyCode":                   `"GBP"`,
		},
	}
	customer := step{"node", "Customer", "node(id: " + quoted(model.GlobalID("Customer", ada.String())) + ") { ... on Customer"}
	wrong := step{"placeOrder", "PlaceOrderPayload", "placeOrder" + walk.arguments("Mutation", walk.schema.Mutation.Fields.ForName("placeOrder"))}
	cancelled := step{"cancelOrder", "CancelOrderPayload", "cancelOrder" + walk.arguments("Mutation", walk.schema.Mutation.Fields.ForName("cancelOrder"))}
	query, mutation := step{to: "Query"}, step{to: "Mutation"}
	walk.entrances = map[string][]step{
		"Customer":     {query, customer},
		"Saga":         {query, {"order", "Order", "order(id: " + adas + ")"}, {"saga", "Saga", "saga"}},
		"UserError":    {mutation, wrong, {"userErrors", "UserError", "userErrors"}},
		"Cancellation": {mutation, cancelled, {"order", "Order", "order"}, {"cancellation", "Cancellation", "cancellation"}},
	}
	for _, kind := range walk.schema.GetPossibleTypes(walk.schema.Types["UserError"]) {
		walk.entrances[kind.Name] = []step{mutation, wrong, {"userErrors", kind.Name, "userErrors { ... on " + kind.Name}}
	}
	return walk
}

// outcome asks a question as somebody.
func (w *world) outcome(who uuid.UUID, question question) string {
	w.t.Helper()
	var got answer
	if strings.HasPrefix(question.document, "subscription") {
		got = w.firstOf(who, question.document)
	} else {
		got = w.ask(who, question.document, nil)
	}
	for _, failure := range got.Errors {
		code := failure.Extensions["code"]
		if code == "UNAUTHENTICATED" || code == "FORBIDDEN" {
			return fmt.Sprint(code)
		}
		w.t.Errorf("%s: %v", question.document, failure)
	}
	for _, value := range got.Data {
		payload, _ := value.(map[string]any)
		errors, _ := payload["userErrors"].([]any)
		if slices.ContainsFunc(errors, func(of any) bool { return of.(map[string]any)["code"] == "FORBIDDEN" }) {
			return refused
		}
	}
	if isThere(any(got.Data), question.path) {
		return answered
	}
	return absent
}

// isThere tells whether an answer has something, be it null, at the end of a path; of lists any element may.
func isThere(in any, path []string) bool {
	switch in := in.(type) {
	case map[string]any:
		value, there := in[path[0]]
		return there && (len(path) == 1 || isThere(value, path[1:]))
	case []any:
		return slices.ContainsFunc(in, func(element any) bool { return isThere(element, path) })
	default:
		return false
	}
}

// firstOf is the first that somebody is told by a subscription.
func (w *world) firstOf(who uuid.UUID, document string) answer {
	w.t.Helper()
	token := ""
	if who != uuid.Nil {
		token = w.token(who)
	}
	s := w.dial(token)
	defer func() { _ = s.conn.CloseNow() }()
	if f := s.next(); f.Type != "connection_ack" {
		w.t.Fatalf("connected: %+v", f)
	}
	payload, err := json.Marshal(map[string]any{"query": document})
	if err != nil {
		w.t.Fatal(err)
	}
	s.send(frame{ID: "1", Type: "subscribe", Payload: payload})
	if who == olga && strings.Contains(document, "sagaChanged") { // which begins with silence
		w.awaitSubscriptions(1)
		w.signals.send(id(3, 1), w.chronicle.record(1))
	}
	first := s.next()
	var got answer
	if first.Type == "error" {
		err = json.Unmarshal(first.Payload, &got.Errors)
	} else {
		err = json.Unmarshal(first.Payload, &got)
	}
	if err != nil {
		w.t.Fatalf("%s: %s: %v", document, first.Payload, err)
	}
	return got
}

// TestWhateverCanBeOwnedIsLookedAt holds that no interface and no union lets through what belongs to somebody.
func TestWhateverCanBeOwnedIsLookedAt(t *testing.T) {
	schema := generated.NewExecutableSchema(generated.Config{}).Schema()
	owned := func(of *ast.Definition) bool { return of.Directives.ForName("owner") != nil }
	for _, name := range slices.Sorted(maps.Keys(schema.Types)) {
		of := schema.Types[name]
		if of.IsAbstractType() && slices.ContainsFunc(schema.GetPossibleTypes(of), owned) && !owned(of) {
			t.Errorf("%s can be what belongs to somebody, and has no @owner", name)
		}
	}
}

// graces is an order that is not ada's.
var graces = id(3, 11)

// TestWhoGetsWhatByItsGlobalID is for the fields that answer objects of many types.
func TestWhoGetsWhatByItsGlobalID(t *testing.T) {
	w := newWorld(t)
	order, nobodys := model.GlobalID("Order", graces), model.GlobalID("Order", id(3, 50))
	for name, test := range map[string]struct {
		who      uuid.UUID
		document string
		want     []string
	}{
		"order of nobody":         {ada, `{ order(id: "` + nobodys + `") { id } }`, nil},
		"someone else's as node":  {ada, `{ node(id: "` + order + `") { id } }`, []string{"node: FORBIDDEN"}},
		"order as node, no token": {uuid.Nil, `{ node(id: "` + order + `") { id } }`, []string{"node: UNAUTHENTICATED"}},
		"someone else's among nodes": {
			ada, `{ nodes(ids: ["` + model.GlobalID("Order", id(3, 1)) + `", "` + order + `", "` + model.GlobalID("Product", id(1, 1)) + `"]) { id } }`,
			[]string{"nodes.1: FORBIDDEN"},
		},
		"someone else's, their saga and they": {
			ada, `{ nodes(ids: ["` + order + `", "` + model.GlobalID("Saga", graces) + `", "` + model.GlobalID("Customer", grace.String()) + `"]) { id } }`,
			[]string{"nodes.0: FORBIDDEN", "nodes.1: FORBIDDEN", "nodes.2: FORBIDDEN"},
		},
		"a fact of one's own":      {ada, `{ node(id: "` + id(4, 1) + `") { ... on Fact { type } } }`, nil},
		"a fact of someone else's": {ada, `{ node(id: "` + id(5, 1) + `") { id } }`, []string{"node: FORBIDDEN"}},
		"any fact as operator":     {olga, `{ node(id: "` + id(5, 1) + `") { id } }`, nil},
		"a fact without token":     {uuid.Nil, `{ node(id: "` + id(4, 1) + `") { id } }`, []string{"node: UNAUTHENTICATED"}},
		"what operators did, and what is parked": {
			ada, `{ nodes(ids: ["` + model.GlobalID("AuditEntry", id(9, 0)) + `", "` + model.ParkedID("catalog", id(8, 0)) + `"]) { id } }`,
			[]string{"nodes.0: FORBIDDEN", "nodes.1: FORBIDDEN"},
		},
		"all of it as operator": {
			olga, `{ nodes(ids: ["` + order + `", "` + model.GlobalID("Saga", graces) + `", "` + model.GlobalID("Customer", grace.String()) + `"]) { id } }`, nil,
		},
		"someone else as node": {
			ada, `{ node(id: "` + model.GlobalID("Customer", grace.String()) + `") { id } }`, []string{"node: FORBIDDEN"},
		},
		"oneself as node":       {ada, `{ node(id: "` + model.GlobalID("Customer", ada.String()) + `") { id } }`, nil},
		"saga without token":    {uuid.Nil, `{ node(id: "` + model.GlobalID("Saga", graces) + `") { id } }`, []string{"node: UNAUTHENTICATED"}},
		"product without token": {uuid.Nil, `{ node(id: "` + model.GlobalID("Product", id(1, 1)) + `") { id } }`, nil},
		"someone else's saga":   {ada, `{ node(id: "` + model.GlobalID("Saga", graces) + `") { id } }`, []string{"node: FORBIDDEN"}},
		"nobody's saga":         {ada, `{ node(id: "` + model.GlobalID("Saga", id(3, 50)) + `") { id } }`, []string{"node: FORBIDDEN"}},
		"nobody's, as operator": {olga, `{ node(id: "` + model.GlobalID("Saga", id(3, 50)) + `") { id } }`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, sorted(w.ask(test.who, test.document, nil).failures())); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRefusedBeforeAnyContextIsAsked(t *testing.T) {
	w := newWorld(t)
	w.ask(ada, `{ sagas(first: 1) { totalCount } contexts { name } }`, nil)
	w.ask(uuid.Nil, `{ order(id: "`+graces+`") { id } node(id: "`+model.GlobalID("Customer", ada.String())+`") { id } }`, nil)
	w.ask(ada, `mutation { changePrice(input: {sku: "A", price: {amount: "1", currencyCode: "GBP"}}) { userErrors { code } } }`, nil)
	if diff := cmp.Diff(map[string]int{}, w.called()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestForeignOrderIsNotInTheAnswer(t *testing.T) {
	w := newWorld(t)
	got := w.ask(ada, `query($id: ID!) { order(id: $id) { number } }`, map[string]any{"id": graces})
	if diff := cmp.Diff(map[string]any{"order": nil}, got.Data); diff != "" {
		t.Errorf("data (-want +got):\n%s", diff)
	}
}

func TestOrdersOfAnotherCustomer(t *testing.T) {
	w := newWorld(t)
	document := `query($id: ID!) { node(id: $id) { ... on Customer { orders(first: 2) { totalCount } } } }`
	if got := w.ask(olga, document, map[string]any{"id": model.GlobalID("Customer", grace.String())}); len(got.Errors) > 0 {
		t.Errorf("operator: %v", got.failures())
	}
	// Registering answers a customer to somebody who is not signed in as that customer yet.
	got := w.ask(uuid.Nil, `mutation { registerCustomer(input: {email: "e", password: "p", name: "n", idempotencyKey: "k"}) {
		customer { name orders(first: 1) { totalCount } } } }`, nil)
	if diff := cmp.Diff([]string{"registerCustomer.customer.orders: UNAUTHENTICATED"}, got.failures()); diff != "" {
		t.Errorf("registered (-want +got):\n%s", diff)
	}
}

func TestCustomersMayNotNameOthers(t *testing.T) {
	w := newWorld(t)
	place := `mutation($for: ID) { placeOrder(input: {idempotencyKey: "k", lines: [], onBehalfOf: $for, payment: {card: {token: "t"}},
		shippingAddress: {name: "", street: "", city: "", postalCode: "", countryCode: ""}}) { order { id } userErrors { code path } } }`
	update := `mutation($for: ID) { updateProfile(input: {customerId: $for, name: "N"}) { customer { name } userErrors { code path } } }`
	for name, test := range map[string]struct {
		who      uuid.UUID
		document string
		field    string
		whose    string
		want     []any
	}{
		"order for another": {
			ada, place, "placeOrder", grace.String(), []any{map[string]any{"code": "FORBIDDEN", "path": []any{"onBehalfOf"}}},
		},
		"order for another as operator": {olga, place, "placeOrder", grace.String(), []any{}},
		"order for rubbish as operator": {
			olga, place, "placeOrder", "rubbish", []any{map[string]any{"code": "MALFORMED", "path": []any{"onBehalfOf"}}},
		},
		"change another": {
			ada, update, "updateProfile", grace.String(), []any{map[string]any{"code": "FORBIDDEN", "path": []any{"customerId"}}},
		},
		"change another as operator": {olga, update, "updateProfile", grace.String(), []any{}},
		"change oneself":             {ada, update, "updateProfile", model.GlobalID("Customer", ada.String()), []any{}},
		"change rubbish": {
			ada, update, "updateProfile", "rubbish", []any{map[string]any{"code": "MALFORMED", "path": []any{"customerId"}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := w.ask(test.who, test.document, map[string]any{"for": test.whose})
			if diff := cmp.Diff(test.want, got.at(test.field, "userErrors")); diff != "" || len(got.Errors) > 0 {
				t.Errorf("%v, user errors (-want +got):\n%s", got.failures(), diff)
			}
		})
	}
}

func TestRefusedTokensAreNotAnonymous(t *testing.T) {
	w := newWorld(t)
	expired := w.issuer.Token(ada, nil, func(token jwt.Token) error {
		return token.Set(jwt.ExpirationKey, time.Now().Add(-time.Hour))
	})
	stranger := w.issuer.Token(ada, nil, func(token jwt.Token) error { return token.Set(jwt.IssuerKey, "https://elsewhere.test") })
	unsigned := "eyJhbGciOiJub25lIn0.eyJzdWIiOiIwMTkyZjBjMS0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMGEifQ."
	for name, authorization := range map[string]string{
		"expired": "Bearer " + expired, "wrong issuer": "Bearer " + stranger, "alg none": "Bearer " + unsigned,
		"rubbish": "Bearer rubbish", "empty": "Bearer ", "other scheme": "Basic YWRhOnF1YWRyaWxsZQ==",
		"a service's": "Service gateway:secret",
	} {
		t.Run(name, func(t *testing.T) {
			got := w.post(authorization, `{ products(first: 1) { totalCount } }`, nil)
			if diff := cmp.Diff([]string{": UNAUTHENTICATED"}, got.failures()); diff != "" || got.Status != http.StatusUnauthorized {
				t.Errorf("status %d, errors (-want +got):\n%s", got.Status, diff)
			}
		})
	}
	if diff := cmp.Diff(map[string]int{}, w.called()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestNoKeysIsNotTheCallersFault(t *testing.T) {
	w := newWorld(t)
	token := w.token(ada)
	w.issuer.SetDown(true)
	got := w.post("Bearer "+token, `{ viewer { id } }`, nil)
	if got.Status != http.StatusServiceUnavailable || got.Errors[0].Extensions["code"] != "CONTEXT_UNAVAILABLE" {
		t.Errorf("status %d: %v", got.Status, got.failures())
	}
}

func TestKeysOutliveAnOutageOfCustomersAndARestart(t *testing.T) {
	w := newWorld(t, "JWKS_CACHE="+filepath.Join(t.TempDir(), "gateway.keys"))
	token := "Bearer " + w.token(ada)
	who := func() any { return w.post(token, `{ viewer { id } }`, nil).at("viewer", "id") }
	if who() != ada.String() {
		t.Fatal("ada is not known")
	}
	w.issuer.SetDown(true)
	w.setDown("customers", true)
	if who() != ada.String() {
		t.Error("ada is not known while customers is down")
	}
	w.run(w.config, newSignals())
	if who() != ada.String() {
		t.Error("ada is not known after a restart")
	}
}

func TestCredentialsTowardsContexts(t *testing.T) {
	w := newWorld(t)
	w.ask(uuid.Nil, `{ products(first: 1) { totalCount } }`, nil)
	if got := w.authorized("catalog"); got != "Service gateway:secret" {
		t.Errorf("anonymous requests go on as %q", got)
	}
	token := w.token(ada)
	w.post("bearer "+token, `{ products(first: 1) { totalCount } viewer { customer { name } } }`, nil)
	if got := w.authorized("customers"); got != "Bearer "+token {
		t.Errorf("ada's requests go on as %q", got)
	}
	// What everybody may know is read once for all who ask.
	if got := w.authorized("catalog"); got != "Service gateway:secret" {
		t.Errorf("ada's reads of what is public go on as %q", got)
	}
}

func TestViewer(t *testing.T) {
	w := newWorld(t)
	got := w.ask(ada, document(t, "Viewer"), nil)
	if got.at("viewer", "id") != ada.String() || got.at("viewer", "email") != "who@quadrille.test" ||
		got.at("viewer", "customer", "orders", "totalCount") != 9.0 {
		t.Errorf("ada is %v, %v", got.Data, got.failures())
	}
	got = w.ask(olga, `{ viewer { roles customer { id } } }`, nil)
	want := map[string]any{"viewer": map[string]any{"roles": []any{"OPERATOR"}, "customer": nil}}
	if diff := cmp.Diff(want, got.Data); diff != "" {
		t.Errorf("olga (-want +got):\n%s", diff)
	}
}

func TestGetIsForQueries(t *testing.T) {
	w := newWorld(t)
	for query, want := range map[string]int{
		`{products(first:1){totalCount}}`:                                 http.StatusOK,
		`mutation{signIn(input:{email:"e",password:"quadrille"}){token}}`: http.StatusMethodNotAllowed,
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+"/graphql", nil)
		if err != nil {
			t.Fatal(err)
		}
		values := request.URL.Query()
		values.Set("query", query)
		request.URL.RawQuery = values.Encode()
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: status %d, want %d", query, response.StatusCode, want)
		}
	}
}
