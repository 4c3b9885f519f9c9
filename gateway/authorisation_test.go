package gateway

import (
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/lestrrat-go/jwx/v3/jwt"

	"quadrille.dev/gateway/internal/graph/model"
)

// graces is an order that is not ada's.
var graces = id(3, 11)

func TestWhoMayAskWhat(t *testing.T) {
	w := newWorld(t)
	order, nobodys := model.GlobalID("Order", graces), model.GlobalID("Order", id(3, 50))
	for name, test := range map[string]struct {
		who      uuid.UUID
		document string
		want     []string
	}{
		"own order":               {grace, `{ order(id: "` + order + `") { id } }`, nil},
		"any order as operator":   {olga, `{ order(id: "` + order + `") { id } }`, nil},
		"someone else's order":    {ada, `{ order(id: "` + order + `") { id } }`, []string{"order: FORBIDDEN"}},
		"order of nobody":         {ada, `{ order(id: "` + nobodys + `") { id } }`, nil},
		"order without token":     {uuid.Nil, `{ order(id: "` + order + `") { id } }`, []string{"order: UNAUTHENTICATED"}},
		"someone else's as node":  {ada, `{ node(id: "` + order + `") { id } }`, []string{"node: FORBIDDEN"}},
		"order as node, no token": {uuid.Nil, `{ node(id: "` + order + `") { id } }`, []string{"node: UNAUTHENTICATED"}},
		"someone else's among nodes": {
			ada, `{ nodes(ids: ["` + model.GlobalID("Order", id(3, 1)) + `", "` + order + `", "` + model.GlobalID("Product", id(1, 1)) + `"]) { id } }`,
			[]string{"nodes.1: FORBIDDEN"},
		},
		"someone else as node": {
			ada, `{ node(id: "` + model.GlobalID("Customer", grace.String()) + `") { id } }`, []string{"node: FORBIDDEN"},
		},
		"oneself as node":       {ada, `{ node(id: "` + model.GlobalID("Customer", ada.String()) + `") { id } }`, nil},
		"saga without token":    {uuid.Nil, `{ node(id: "` + model.GlobalID("Saga", graces) + `") { id } }`, []string{"node: UNAUTHENTICATED"}},
		"product without token": {uuid.Nil, `{ node(id: "` + model.GlobalID("Product", id(1, 1)) + `") { id } }`, nil},
		"someone else's saga":   {ada, `{ node(id: "` + model.GlobalID("Saga", graces) + `") { id } }`, []string{"node: FORBIDDEN"}},
		"any saga as operator":  {olga, `{ node(id: "` + model.GlobalID("Saga", graces) + `") { id } }`, nil},
		"nobody's saga":         {ada, `{ node(id: "` + model.GlobalID("Saga", id(3, 50)) + `") { id } }`, []string{"node: FORBIDDEN"}},
		"nobody's, as operator": {olga, `{ node(id: "` + model.GlobalID("Saga", id(3, 50)) + `") { id } }`, nil},
		"viewer without token":  {uuid.Nil, `{ viewer { id } }`, nil},
		"sagas as customer":     {ada, `{ sagas(first: 1) { totalCount } }`, []string{"sagas: FORBIDDEN"}},
		"audit log as customer": {ada, `{ auditLog(first: 1) { totalCount } }`, []string{"auditLog: FORBIDDEN"}},
		"audit without token":   {uuid.Nil, `{ auditLog(first: 1) { totalCount } }`, []string{"auditLog: UNAUTHENTICATED"}},
		"parked as customer":    {ada, `{ parkedMessages(first: 1) { totalCount } }`, []string{"parkedMessages: FORBIDDEN"}},
		"parked without token":  {uuid.Nil, `{ parkedMessages(first: 1) { totalCount } }`, []string{"parkedMessages: UNAUTHENTICATED"}},
		"retries as customer": {
			ada, `mutation { retryParkedMessages(input: {ids: ["x"]}) { retried } }`, []string{"retryParkedMessages: FORBIDDEN"},
		},
		"discards as customer": {
			ada, `mutation { discardParkedMessages(input: {ids: ["x"], reason: "r"}) { discarded } }`, []string{"discardParkedMessages: FORBIDDEN"},
		},
		"sagas without token":    {uuid.Nil, `{ sagas(first: 1) { totalCount } }`, []string{"sagas: UNAUTHENTICATED"}},
		"contexts as customer":   {ada, `{ contexts { name } }`, []string{"contexts: FORBIDDEN"}},
		"contexts without token": {uuid.Nil, `{ contexts { name } }`, []string{"contexts: UNAUTHENTICATED"}},
		"listProduct as customer": {
			ada, `mutation { listProduct(input: {sku: "A", name: "A", description: "", category: "C"}) { product { id } } }`,
			[]string{"listProduct: FORBIDDEN"},
		},
		"eraseCustomer as customer": {
			ada, `mutation { eraseCustomer(input: {customerId: "` + grace.String() + `", reason: "R"}) { replayed } }`,
			[]string{"eraseCustomer: FORBIDDEN"},
		},
		"receiveStock without token": {
			uuid.Nil, `mutation { receiveStock(input: {sku: "A", quantity: 1, reference: "R"}) { userErrors { code } } }`,
			[]string{"receiveStock: UNAUTHENTICATED"},
		},
		"cancelOrder without token": {
			uuid.Nil, `mutation { cancelOrder(input: {orderId: "` + order + `", reason: "", idempotencyKey: ""}) { userErrors { code } } }`,
			[]string{"cancelOrder: UNAUTHENTICATED"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, w.ask(test.who, test.document, nil).failures()); diff != "" {
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
