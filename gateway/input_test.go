package gateway

import (
	"errors"
	"slices"
	"testing"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/gateway/internal/graph/model"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"

	"quadrille.dev/platform/resilience"
)

func TestIDsInQueries(t *testing.T) {
	w := newWorld(t)
	product := model.GlobalID("Product", id(1, 1))
	for name, test := range map[string]struct {
		document string
		want     []string
	}{
		"bare where the type is fixed": {`{ order(id: "` + id(3, 1) + `") { id } }`, nil},
		"bare product":                 {`{ product(by: {id: "` + id(1, 1) + `"}) { id } }`, nil},
		"global product":               {`{ product(by: {id: "` + product + `"}) { id } }`, nil},
		"product by SKU in any case":   {`{ product(by: {sku: "sku-001"}) { id } }`, nil},
		"bare where the type is open":  {`{ node(id: "` + id(3, 1) + `") { ... on Fact { type } } }`, nil},
		"of no fact":                   {`{ node(id: "` + id(7, 1) + `") { id } }`, nil},
		"another type's":               {`{ order(id: "` + product + `") { id } }`, []string{"order: BAD_USER_INPUT"}},
		"rubbish":                      {`{ order(id: "rubbish!") { id } }`, []string{"order: BAD_USER_INPUT"}},
		"rubbish in base64":            {`{ node(id: "cnViYmlzaA") { id } }`, []string{"node: BAD_USER_INPUT"}},
		"unknown type":                 {`{ node(id: "` + model.GlobalID("Invoice", id(3, 1)) + `") { id } }`, []string{"node: BAD_USER_INPUT"}},
		"rubbish among nodes": {
			`{ nodes(ids: ["` + product + `", "rubbish"]) { id } }`, []string{"nodes.1: BAD_USER_INPUT"},
		},
		"page of none":      {`{ products(first: 0) { totalCount } }`, []string{"products: OUT_OF_RANGE"}},
		"page of 101":       {`{ products(first: 101) { totalCount } }`, []string{"products: OUT_OF_RANGE"}},
		"timeline of none":  {`{ order(id: "` + id(3, 1) + `") { timeline(first: 0) { totalCount } } }`, []string{"order.timeline: OUT_OF_RANGE"}},
		"timeline's cursor": {`{ order(id: "` + id(3, 1) + `") { timeline(first: 1, after: "x") { totalCount } } }`, []string{"order.timeline: BAD_USER_INPUT"}},
		"list's cursor": {
			`{ viewer { customer { orders(first: 1, after: "rubbish") { totalCount } } } }`,
			[]string{"viewer.customer.orders: BAD_USER_INPUT"},
		},
		"number beyond Int": {`{ products(first: 3000000000) { totalCount } }`, []string{"products.first: BAD_USER_INPUT"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := w.ask(ada, test.document, nil)
			if diff := cmp.Diff(test.want, got.failures()); diff != "" {
				t.Errorf("%v\nerrors (-want +got):\n%s", got.Errors, diff)
			}
		})
	}
}

func TestNodesInTheOrderAskedFor(t *testing.T) {
	w := newWorld(t)
	ids := []string{
		model.GlobalID("Product", id(1, 5)), model.GlobalID("Order", id(3, 1)), model.GlobalID("Product", id(1, 500)),
		model.GlobalID("Customer", ada.String()), model.GlobalID("Product", id(1, 4)), model.GlobalID("Saga", id(3, 2)), id(4, 2),
	}
	got := w.ask(ada, `query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Product { price { amount } } } }`, map[string]any{"ids": ids})
	for i, want := range ids {
		if i == 2 {
			if got.at("nodes", i) != nil {
				t.Errorf("a product that does not exist is %v", got.at("nodes", i))
			}
			continue
		}
		if got.at("nodes", i, "id") != want {
			t.Errorf("node %d is %v", i, got.at("nodes", i))
		}
	}
	for procedure, calls := range w.called() {
		if calls != 1 {
			t.Errorf("%d calls of %s", calls, procedure)
		}
	}
	ids = []string{model.GlobalID("AuditEntry", id(9, 1)), model.ParkedID("catalog", id(8, 0)), model.GlobalID("AuditEntry", id(9, 0))}
	got = w.ask(olga, `query($ids: [ID!]!) { nodes(ids: $ids) { id } }`, map[string]any{"ids": ids})
	for i, want := range ids {
		if got.at("nodes", i, "id") != want {
			t.Errorf("an operator's node %d is %v, %v", i, got.at("nodes", i), got.failures())
		}
	}
	if got := w.ask(ada, `query($ids: [ID!]!) { nodes(ids: $ids) { id } }`, map[string]any{"ids": make([]string, 101)}); len(got.Errors) != 1 {
		t.Errorf("101 ids: %v", got.failures())
	}
}

func TestInputsThatTheGatewayReads(t *testing.T) {
	w := newWorld(t)
	const (
		price     = `mutation($v: Decimal!, $c: CurrencyCode!) { changePrice(input: {sku: "a", price: {amount: $v, currencyCode: $c}}) { userErrors { code path } } }`
		promotion = `mutation($v: Decimal!) { createPromotion(input: {code: "ten", percentOff: $v}) { promotion { percentOff } userErrors { code path } } }`
		cancel    = `mutation($v: ID!) { cancelOrder(input: {orderId: $v, reason: "", idempotencyKey: ""}) { userErrors { code path } } }`
		retire    = `mutation($v: ID!) { retireProduct(input: {id: $v}) { userErrors { code path } } }`
		erase     = `mutation($v: ID!) { eraseCustomer(input: {customerId: $v, reason: "R"}) { userErrors { code path } } }`
		tier      = `mutation($v: ID!) { setCustomerTier(input: {customerId: $v, tier: VIP}) { userErrors { code path } } }`
	)
	for name, test := range map[string]struct {
		document, field, value, currency, code string
		path                                   []any
	}{
		"amount of words":        {price, "changePrice", "four", "GBP", "MALFORMED", []any{"price", "amount"}},
		"too many decimals":      {price, "changePrice", "4.255", "GBP", "MALFORMED", []any{"price", "amount"}},
		"amount too large":       {price, "changePrice", "99999999999999999999", "GBP", "OUT_OF_RANGE", []any{"price", "amount"}},
		"no currency":            {price, "changePrice", "4.25", "pound", "MALFORMED", []any{"price", "currencyCode"}},
		"share of words":         {promotion, "createPromotion", "ten", "", "MALFORMED", []any{"percentOff"}},
		"share with an exponent": {promotion, "createPromotion", "1e1", "", "MALFORMED", []any{"percentOff"}},
		"share of nothing":       {promotion, "createPromotion", "", "", "MALFORMED", []any{"percentOff"}},
		"share too fine":         {promotion, "createPromotion", "12.345", "", "MALFORMED", []any{"percentOff"}},
		"share too large":        {promotion, "createPromotion", "999999999999999999999", "", "OUT_OF_RANGE", []any{"percentOff"}},
		"order of rubbish":       {cancel, "cancelOrder", "rubbish", "", "MALFORMED", []any{"orderId"}},
		"product of rubbish":     {retire, "retireProduct", model.GlobalID("Order", id(3, 1)), "", "MALFORMED", []any{"id"}},
		"whom to erase":          {erase, "eraseCustomer", "rubbish", "", "MALFORMED", []any{"customerId"}},
		"customer of rubbish":    {tier, "setCustomerTier", "rubbish", "", "MALFORMED", []any{"customerId"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := w.ask(olga, test.document, map[string]any{"v": test.value, "c": test.currency})
			want := []any{map[string]any{"code": test.code, "path": test.path}}
			if diff := cmp.Diff(want, got.at(test.field, "userErrors")); diff != "" || len(got.Errors) > 0 {
				t.Errorf("%v, user errors (-want +got):\n%s", got.failures(), diff)
			}
		})
	}
	if diff := cmp.Diff(map[string]int{}, w.called()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	w.ask(olga, price, map[string]any{"v": "4.25", "c": "GBP"})
	if w.pricing.changed.ListPrice.MinorUnits != 425 || w.pricing.changed.Sku != "A" {
		t.Errorf("pricing was told %v", w.pricing.changed)
	}
	for given, want := range map[string]string{"12.5": "12.5", "10": "10", "0.05": "0.05", "100.00": "100"} {
		if got := w.ask(olga, promotion, map[string]any{"v": given}); got.at("createPromotion", "promotion", "percentOff") != want {
			t.Errorf("%s is read as %v", given, got.at("createPromotion"))
		}
	}
	if got := w.ask(olga, price, map[string]any{"v": 4.25, "c": "GBP"}); len(got.Errors) != 1 || got.Errors[0].Extensions["code"] != "BAD_USER_INPUT" {
		t.Errorf("a decimal as a number: %v", got.Errors)
	}
}

func TestUserErrorsAreTyped(t *testing.T) {
	w := newWorld(t)
	w.ordering.refuse = []*problemv1.UserError{
		{Code: "UNKNOWN_PRODUCT", Message: "No.", Path: []string{"lines", "0", "sku"}, Details: map[string]string{"sku": "X"}},
		{Code: "OUT_OF_STOCK", Message: "No.", Path: []string{"lines", "1", "quantity"}, Details: map[string]string{"sku": "Y", "available": "3"}},
		{Code: "IDEMPOTENCY_CONFLICT", Message: "No.", Path: []string{"idempotencyKey"}, Details: map[string]string{"idempotencyKey": "k"}},
		{Code: "REQUIRED", Message: "No."},
	}
	got := w.ask(ada, document(t, "PlaceOrder"), map[string]any{"input": placement()})
	want := []any{
		map[string]any{"__typename": "UnknownProductError", "code": "UNKNOWN_PRODUCT", "message": "No.", "path": []any{"lines", "0", "sku"}, "sku": "X"},
		map[string]any{
			"__typename": "OutOfStockError", "code": "OUT_OF_STOCK", "message": "No.", "path": []any{"lines", "1", "quantity"},
			"sku": "Y", "available": 3.0,
		},
		map[string]any{
			"__typename": "IdempotencyConflictError", "code": "IDEMPOTENCY_CONFLICT", "message": "No.", "path": []any{"idempotencyKey"},
			"idempotencyKey": "k",
		},
		map[string]any{"__typename": "InvalidInputError", "code": "REQUIRED", "message": "No.", "path": []any{}},
	}
	if diff := cmp.Diff(want, got.at("placeOrder", "userErrors")); diff != "" || got.at("placeOrder", "order") != nil {
		t.Errorf("%v, user errors (-want +got):\n%s", got.failures(), diff)
	}
}

func TestPlaceOrderTellsOrderingEverything(t *testing.T) {
	w := newWorld(t)
	input := placement()
	input["onBehalfOf"], input["refuseIfOutOfStock"] = model.GlobalID("Customer", ada.String()), true
	got := w.ask(olga, document(t, "PlaceOrder"), map[string]any{"input": input})
	if got.at("placeOrder", "order", "number") != "Q-00000001" || got.at("placeOrder", "replayed") != false {
		t.Errorf("answer: %v, %v", got.Data, got.failures())
	}
	placed := w.ordering.placed
	if placed.IdempotencyKey != "k" || placed.Lines[0].Quantity != 2 || placed.PaymentToken != "pm_card_visa" || !placed.RefuseIfOutOfStock ||
		placed.OnBehalfOf != ada.String() || placed.ShippingAddress.CountryCode != "Nowhere" || placed.PromotionCodes[0] != "TEN" {
		t.Errorf("ordering was told %v", placed)
	}
}

func placement() map[string]any {
	return map[string]any{
		"idempotencyKey": "k", "lines": []any{map[string]any{"sku": "a", "quantity": 2}}, "promotionCodes": []any{"TEN"},
		"payment": map[string]any{"card": map[string]any{"token": "pm_card_visa"}},
		"shippingAddress": map[string]any{
			"name": "Ada", "street": "1 St James's Square", "city": "London", "postalCode": "SW1Y 4JH", "countryCode": "Nowhere",
		},
	}
}

func TestWhatGoesWrongInsideIsNotShown(t *testing.T) {
	w := newWorld(t)
	w.ordering.fail = connect.NewError(connect.CodeInternal, errors.New("password of the database"))
	got := w.ask(ada, `{ order(id: "`+id(3, 1)+`") { id } }`, nil)
	if diff := cmp.Diff([]string{"order: INTERNAL"}, got.failures()); diff != "" || got.Errors[0].Message != "Something went wrong on our side." {
		t.Errorf("%v, errors (-want +got):\n%s", got.Errors, diff)
	}
	got = w.ask(olga, `mutation { retireProduct(input: {id: "`+id(1, 1)+`"}) { userErrors { code } } }`, nil)
	if diff := cmp.Diff([]string{"retireProduct: INTERNAL"}, got.failures()); diff != "" {
		t.Errorf("a code that is not published (-want +got):\n%s", diff)
	}
}

func TestContextThatNeedsOneThatIsDown(t *testing.T) {
	w := newWorld(t)
	silence := connect.NewError(connect.CodeUnavailable, errors.New("pricing did not answer"))
	silence.Meta().Set(resilience.Elsewhere, "pricing")
	w.ordering.fail = silence
	got := w.ask(ada, `{ order(id: "`+id(3, 1)+`") { id } }`, nil)
	if diff := cmp.Diff([]string{"order: CONTEXT_UNAVAILABLE"}, got.failures()); diff != "" || got.Errors[0].Extensions["context"] != "pricing" {
		t.Errorf("%v, errors (-want +got):\n%s", got.Errors, diff)
	}
}

func TestMutationWhileItsContextIsDown(t *testing.T) {
	w := newWorld(t)
	w.setDown("ordering", true)
	got := w.ask(ada, document(t, "PlaceOrder"), map[string]any{"input": placement()})
	if diff := cmp.Diff([]string{"placeOrder: CONTEXT_UNAVAILABLE"}, got.failures()); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
}

func TestSagaSearch(t *testing.T) {
	w := newWorld(t)
	for search, want := range map[string][2]string{
		"q-00000001": {"Q-00000001", ""}, " ada@quadrille.test ": {"", ada.String()}, "": {"", ""},
	} {
		got := w.ask(olga, document(t, "Sagas"), map[string]any{"first": 1, "filter": map[string]any{"search": search, "state": "STUCK"}})
		if len(got.Errors) > 0 || got.at("sagas", "nodes", 0, "subject", "number") != "Q-00000001" {
			t.Errorf("%q: %v, %v", search, got.Data, got.failures())
		}
		if asked := w.chronicle.list; asked.OrderNumber != want[0] || asked.CustomerId != want[1] || !slices.Equal(asked.States, []string{"STUCK"}) {
			t.Errorf("%q: chronicle was asked %v", search, asked)
		}
	}
	got := w.ask(olga, document(t, "Sagas"), map[string]any{"first": 1, "filter": map[string]any{"search": "nobody@quadrille.test"}})
	if len(got.Errors) > 0 || got.at("sagas", "totalCount") != 0.0 {
		t.Errorf("a customer who does not exist: %v, %v", got.Data, got.failures())
	}
}

func TestSignInTellsWhoSignedIn(t *testing.T) {
	w := newWorld(t)
	got := w.ask(uuid.Nil, `mutation { signIn(input: {email: "ada@quadrille.test", password: "quadrille"}) {
		token expiresAt viewer { id roles customer { tier } } userErrors { code } } }`, nil)
	want := map[string]any{"signIn": map[string]any{
		"token": "signed", "expiresAt": "2026-03-01T12:00:00Z", "userErrors": []any{},
		"viewer": map[string]any{"id": ada.String(), "roles": []any{"CUSTOMER"}, "customer": map[string]any{"tier": "STANDARD"}},
	}}
	if diff := cmp.Diff(want, got.Data); diff != "" || len(got.Errors) > 0 {
		t.Errorf("%v, data (-want +got):\n%s", got.failures(), diff)
	}
	got = w.ask(uuid.Nil, `mutation { signIn(input: {email: "olga@quadrille.test", password: "quadrille"}) {
		viewer { roles customer { tier } } } }`, nil)
	want = map[string]any{"signIn": map[string]any{"viewer": map[string]any{"roles": []any{"OPERATOR"}, "customer": nil}}}
	if diff := cmp.Diff(want, got.Data); diff != "" || len(got.Errors) > 0 {
		t.Errorf("%v, olga (-want +got):\n%s", got.failures(), diff)
	}
}
