package gateway

import (
	"context"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/rabbit"
)

// talking contexts are heard by the gateway, and say what a test has them say.
type talking struct {
	*signals
	mu        sync.Mutex
	heard     map[string]rabbit.Overhearing
	listening sync.WaitGroup
}

// Overhear hears from the start.
func (s *talking) Overhear(ctx context.Context, o rabbit.Overhearing) error {
	o.Began()
	s.mu.Lock()
	s.heard[o.Context] = o
	s.mu.Unlock()
	s.listening.Done()
	<-ctx.Done()
	return nil
}

// mumble says what nobody can read, after which everything has to be read again.
func (s *talking) mumble(contexts ...string) {
	s.listening.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, context := range contexts {
		s.heard[context].Handle("", nil)
	}
}

func newCachingWorld(t *testing.T) (*world, *talking) {
	t.Helper()
	said := &talking{signals: newSignals(), heard: map[string]rabbit.Overhearing{}}
	said.listening.Add(3)
	w := newWorldWith(t, said, "CACHE_ENTRIES=100", "CACHE_FRESH_FOR=1h", "CACHE_UNHEARD_FOR=0s", "CACHE_STALE_FOR=1h")
	said.listening.Wait()
	return w, said
}

const shopWindow = `{ products(first: 3) { totalCount edges { cursor node {
	id sku name stale price { amount stale } availability { available stale }
} } } }`

func TestWhatIsKeptIsServedWithoutACall(t *testing.T) {
	w, _ := newCachingWorld(t)
	first := w.ask(uuid.Nil, shopWindow, nil)
	w.called()
	again := w.ask(ada, shopWindow, nil)
	if diff := cmp.Diff(first.Data, again.Data); diff != "" || len(again.failures()) > 0 || again.Extensions != nil {
		t.Errorf("%v %v (-first +again):\n%s", again.failures(), again.Extensions, diff)
	}
	if calls := w.called(); len(calls) > 0 {
		t.Errorf("calls: %v", calls)
	}
}

func TestAContextThatIsDownIsStoodInFor(t *testing.T) {
	w, said := newCachingWorld(t)
	w.ask(uuid.Nil, shopWindow, nil)
	for _, context := range []string{"catalog", "pricing", "inventory"} {
		w.setDown(context, true)
	}
	said.mumble("catalog", "pricing", "inventory")
	got := w.ask(uuid.Nil, shopWindow, nil)
	want := map[string]any{
		"id": got.at("products", "edges", 1, "node", "id"), "sku": "SKU-001", "name": "Product 1", "stale": true,
		"price":        map[string]any{"amount": "4.25", "stale": true},
		"availability": map[string]any{"available": 1.0, "stale": true},
	}
	if diff := cmp.Diff(want, got.at("products", "edges", 1, "node")); diff != "" || len(got.failures()) > 0 {
		t.Errorf("%v (-want +got):\n%s", got.failures(), diff)
	}
	if diff := cmp.Diff(map[string]any{"degraded": []any{"catalog", "inventory", "pricing"}}, got.Extensions); diff != "" {
		t.Errorf("extensions (-want +got):\n%s", diff)
	}
	got = w.ask(uuid.Nil, `{
		kept: product(by: {sku: "sku-002"}) { sku stale price { amount } }
		never: product(by: {sku: "sku-050"}) { sku }
	}`, nil)
	if got.at("kept", "price", "amount") != "4.25" || got.at("kept", "stale") != true {
		t.Errorf("kept: %v", got.Data)
	}
	if diff := cmp.Diff([]string{"never: CONTEXT_UNAVAILABLE"}, got.failures()); diff != "" {
		t.Errorf("never read (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{"degraded": []any{"catalog", "pricing"}}, got.Extensions); diff != "" {
		t.Errorf("extensions (-want +got):\n%s", diff)
	}
}

// A context that answers with what it has no stand-in for is named all the same.
func TestMissingPartsAreListedToo(t *testing.T) {
	w, _ := newCachingWorld(t)
	w.setDown("billing", true)
	w.setDown("chronicle", true)
	got := w.ask(ada, document(t, "Order"), map[string]any{"id": id(3, 1), "timelineFirst": 10})
	if got.at("order") == nil {
		t.Errorf("no order: %v", got.failures())
	}
	if diff := cmp.Diff(map[string]any{"degraded": []any{"billing", "chronicle"}}, got.Extensions); diff != "" {
		t.Errorf("extensions (-want +got):\n%s", diff)
	}
}

// Who changes something through the gateway reads their own change, before the context has said that it changed.
func TestWhatIsChangedThroughTheGatewayIsReadAgain(t *testing.T) {
	for name, c := range map[string]struct{ change, look, call string }{
		"price": {
			`mutation { changePrice(input: {sku: "sku-001", price: {amount: "5.00", currencyCode: "GBP"}}) { price { amount } } }`,
			`{ product(by: {sku: "SKU-001"}) { price { amount } } }`, "pricing.v1.PricingService/GetPrices",
		},
		"stock": {
			`mutation { receiveStock(input: {sku: "sku-001", quantity: 3, reference: "r"}) { availability { available } } }`,
			`{ product(by: {sku: "SKU-001"}) { availability { available } } }`, "inventory.v1.InventoryService/GetAvailability",
		},
		"product": {
			`mutation { listProduct(input: {sku: "sku-001", name: "n", description: "d", category: "c"}) { product { sku } } }`,
			`{ product(by: {sku: "SKU-001"}) { name } }`, "catalog.v1.CatalogService/GetProducts",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := newCachingWorld(t)
			w.ask(uuid.Nil, c.look, nil)
			if got := w.ask(olga, c.change, nil); len(got.failures()) > 0 {
				t.Fatal(got.failures())
			}
			w.called()
			w.ask(uuid.Nil, c.look, nil)
			if calls := w.called(); calls[c.call] != 1 {
				t.Errorf("calls: %v", calls)
			}
		})
	}
}
