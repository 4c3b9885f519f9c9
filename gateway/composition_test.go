package gateway

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/gateway/internal/graph/model"
)

func TestPageOfProductsCostsOneCallToEachContext(t *testing.T) {
	w := newWorld(t)
	got := w.ask(uuid.Nil, document(t, "Products"), map[string]any{"first": 20})

	if len(got.Errors) > 0 {
		t.Fatalf("errors: %v", got.failures())
	}
	want := map[string]int{
		"catalog.v1.CatalogService/SearchProducts":      1,
		"pricing.v1.PricingService/GetPrices":           1,
		"inventory.v1.InventoryService/GetAvailability": 1,
	}
	if diff := cmp.Diff(want, w.called()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	node := got.at("products", "edges", 9, "node")
	if diff := cmp.Diff(map[string]any{"available": 9.0, "status": "LOW_STOCK"}, node.(map[string]any)["availability"]); diff != "" {
		t.Errorf("availability (-want +got):\n%s", diff)
	}
	if price := got.at("products", "edges", 9, "node", "price").(map[string]any); price["amount"] != "4.25" || price["stale"] != false {
		t.Errorf("price is %v", price)
	}
	if got.at("products", "nodes", 19, "id") != model.GlobalID("Product", id(1, 19)) {
		t.Errorf("the last node is %v", got.at("products", "nodes", 19))
	}
}

func TestAvailabilityInAWord(t *testing.T) {
	w := newWorld(t)
	got := w.ask(uuid.Nil, `{ products(first: 12) { nodes { availability { available status } } } }`, nil)
	for n, want := range map[int]map[string]any{
		0:  {"available": 0.0, "status": "OUT_OF_STOCK"},
		1:  {"available": 1.0, "status": "LOW_STOCK"},
		9:  {"available": 9.0, "status": "LOW_STOCK"},
		10: {"available": 10.0, "status": "IN_STOCK"},
		11: {"available": 2147483647.0, "status": "IN_STOCK"},
	} {
		if diff := cmp.Diff(want, got.at("products", "nodes", n, "availability")); diff != "" {
			t.Errorf("%d (-want +got):\n%s", n, diff)
		}
	}
}

func TestWhatAContextIsAskedForAtTheSameTimeIsOneCall(t *testing.T) {
	w := newWorld(t)
	got := w.ask(ada, `query ($id: ID!) { order(id: $id) {
		reservation { status } lines { product { availability { available } price { amount } } }
	} }`, map[string]any{"id": model.GlobalID("Order", id(3, 1))})

	if len(got.Errors) > 0 {
		t.Fatalf("errors: %v", got.failures())
	}
	want := map[string]int{
		"ordering.v1.OrderingService/GetOrders":  1,
		"catalog.v1.CatalogService/GetProducts":  1,
		"pricing.v1.PricingService/GetPrices":    1,
		"inventory.v1.InventoryService/GetStock": 1,
	}
	if diff := cmp.Diff(want, w.called()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if got.at("order", "reservation", "status") != "DEDUCTED" || got.at("order", "lines", 0, "product", "availability") == nil {
		t.Errorf("the order is %v", got.at("order"))
	}
}

func TestWholeOrderCostsOneCallToEachContext(t *testing.T) {
	w := newWorld(t)
	got := w.ask(ada, document(t, "Order"), map[string]any{"id": model.GlobalID("Order", id(3, 1))})

	if len(got.Errors) > 0 {
		t.Fatalf("errors: %v", got.failures())
	}
	want := map[string]int{
		"ordering.v1.OrderingService/GetOrders":          1,
		"customers.v1.CustomersService/GetCustomers":     1,
		"catalog.v1.CatalogService/GetProducts":          1,
		"inventory.v1.InventoryService/GetReservations":  1,
		"billing.v1.BillingService/GetAccounts":          1,
		"fulfillment.v1.FulfillmentService/GetShipments": 1,
		"chronicle.v1.ChronicleService/GetSagas":         1,
		"chronicle.v1.ChronicleService/GetTimeline":      1,
	}
	if diff := cmp.Diff(want, w.called()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	for _, check := range []struct {
		path []any
		want any
	}{
		{[]any{"order", "number"}, "Q-00000001"},
		{[]any{"order", "customer", "tier"}, "STANDARD"},
		{[]any{"order", "placedAt"}, "2026-03-01T12:00:00Z"},
		{[]any{"order", "lines", 1, "product", "name"}, "Product 2"}, // retired
		{[]any{"order", "payment", "status"}, "CAPTURED"},
		{[]any{"order", "invoice", "total", "amount"}, "8.50"},
		{[]any{"order", "shipment", "trackingNumber"}, "QP1"},
		{[]any{"order", "reservation", "status"}, "DEDUCTED"},
		{[]any{"order", "saga", "steps", 0, "name"}, "charge"},
		{[]any{"order", "timeline", "nodes", 1, "correlationId"}, id(3, 1)},
		{[]any{"order", "shippingAddress", "countryCode"}, "GB"},
		{[]any{"order", "cancellation"}, nil},
	} {
		if got.at(check.path...) != check.want {
			t.Errorf("%v is %v, want %v", check.path, got.at(check.path...), check.want)
		}
	}
	if w.authorized("billing") == "Service gateway:secret" {
		t.Error("billing was not called under the caller's token")
	}
}

func TestListsInListsCostOneCallToEachContext(t *testing.T) {
	w := newWorld(t)
	got := w.ask(olga, `{ sagas(first: 9) { edges { node { subject { ... on Order {
		customer { name } payment { status } timeline(first: 2) { totalCount } saga { state }
		lines { product { name price { amount } availability { status } } } } } } } } }`, nil)

	if len(got.Errors) > 0 {
		t.Fatalf("errors: %v", got.failures())
	}
	for procedure, calls := range w.called() {
		if calls != 1 {
			t.Errorf("%d calls of %s", calls, procedure)
		}
	}
	if name := got.at("sagas", "edges", 8, "node", "subject", "lines", 2, "product", "name"); name != "Product 11" {
		t.Errorf("the last line's product is %v", name)
	}
}

func TestContextDownLeavesTheRestStanding(t *testing.T) {
	w := newWorld(t)
	w.setDown("billing", true)
	got := w.ask(ada, `query($id: ID!) { order(id: $id) { number payment { status } invoice { number } shipment { status } } }`,
		map[string]any{"id": id(3, 1)})

	want := map[string]any{"order": map[string]any{
		"number": "Q-00000001", "payment": nil, "invoice": nil, "shipment": map[string]any{"status": "DISPATCHED"},
	}}
	if diff := cmp.Diff(want, got.Data); diff != "" {
		t.Errorf("data (-want +got):\n%s", diff)
	}
	failures := map[string]bool{}
	for i, failure := range got.failures() {
		failures[failure] = true
		if got.Errors[i].Extensions["context"] != "billing" {
			t.Errorf("extensions are %v", got.Errors[i].Extensions)
		}
	}
	if diff := cmp.Diff(map[string]bool{
		"order.payment: CONTEXT_UNAVAILABLE": true, "order.invoice: CONTEXT_UNAVAILABLE": true,
	}, failures); diff != "" || len(got.Errors) != 2 {
		t.Errorf("%d errors (-want +got):\n%s", len(got.Errors), diff)
	}
}

func TestContextDownInAList(t *testing.T) {
	w := newWorld(t)
	w.setDown("pricing", true)
	got := w.ask(uuid.Nil, `{ products(first: 3) { nodes { sku price { amount } } } }`, nil)

	want := []string{
		"products.nodes.0.price: CONTEXT_UNAVAILABLE", "products.nodes.1.price: CONTEXT_UNAVAILABLE",
		"products.nodes.2.price: CONTEXT_UNAVAILABLE",
	}
	if diff := cmp.Diff(want, sorted(got.failures())); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	if got.at("products", "nodes", 2, "sku") != sku(2) {
		t.Errorf("data is %v", got.Data)
	}
}

func TestContextsForOperators(t *testing.T) {
	w := newWorld(t)
	w.setDown("inventory", true)
	got := w.ask(olga, document(t, "Contexts"), nil)

	names, reachable := []any{}, map[any]any{}
	for _, one := range got.at("contexts").([]any) {
		context := one.(map[string]any)
		names = append(names, context["name"])
		reachable[context["name"]] = context["reachable"]
	}
	if diff := cmp.Diff([]any{
		"catalog", "customers", "pricing", "inventory", "ordering", "billing", "fulfillment", "chronicle", "gateway",
	}, names); diff != "" {
		t.Errorf("contexts (-want +got):\n%s", diff)
	}
	if reachable["inventory"] != false || reachable["catalog"] != true || reachable["gateway"] != true {
		t.Errorf("reachable: %v", reachable)
	}
	catalog := map[string]any{
		"name": "catalog", "version": "1", "reachable": true, "outboxBacklog": 3.0, "oldestUnpublishedSeconds": 0.0, "inboxReady": nil,
		"parked": 0.0, "dead": 0.0,
		"breakers": []any{map[string]any{"to": "pricing", "state": "CLOSED", "since": "2026-03-01T12:00:00Z", "failures": 0.0}},
	}
	if diff := cmp.Diff(catalog, got.at("contexts", 0)); diff != "" {
		t.Errorf("catalog (-want +got):\n%s", diff)
	}
	if breakers := got.at("contexts", 8, "breakers").([]any); len(breakers) != 8 {
		t.Errorf("the gateway has %d breakers", len(breakers))
	}
}
