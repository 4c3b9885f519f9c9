package cache

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/gateway/internal/acl"
	"quadrille.dev/gateway/internal/fault"
	"quadrille.dev/gateway/internal/graph/model"
	"quadrille.dev/gateway/internal/viewer"
	"quadrille.dev/platform/event"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/schema"
)

// shop is catalog, pricing and inventory with the same version of everything, and a broker.
type shop struct {
	mu      sync.Mutex
	version int
	down    bool
	broken  error
	// takes is how long an answer takes after it was found.
	takes time.Duration
	// named is set when somebody was asked in a person's name.
	named bool
	// asked are the keys of each call.
	asked []string
	heard map[string]rabbit.Overhearing
}

func (s *shop) set(change func(*shop)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

func (s *shop) answer(ctx context.Context, of string, keys []string) (version int, err error) {
	_, named := viewer.From(ctx)
	s.mu.Lock()
	s.named = s.named || named
	s.asked = append(s.asked, strings.Join(keys, " "))
	version, takes, down, broken := s.version, s.takes, s.down, s.broken
	s.mu.Unlock()
	time.Sleep(takes)
	if down {
		return 0, fault.Unavailable(of, errors.New("down"))
	}
	return version, broken
}

func (s *shop) calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := s.asked
	s.asked = nil
	return asked
}

func (s *shop) product(sku string, version int) *model.Product {
	return &model.Product{Key: "id of " + sku, SKU: sku, Name: fmt.Sprint(version), AsOf: time.Now()}
}

func (s *shop) BySKU(ctx context.Context, skus []string) (map[string]*model.Product, error) {
	version, err := s.answer(ctx, "catalog", skus)
	found := map[string]*model.Product{}
	for _, sku := range skus {
		if err == nil && sku != "NIX" {
			found[sku] = s.product(sku, version)
		}
	}
	return found, err
}

func (s *shop) ByID(ctx context.Context, ids []string) (map[string]*model.Product, error) {
	version, err := s.answer(ctx, "catalog", ids)
	found := map[string]*model.Product{}
	for _, id := range ids {
		found[id] = s.product(strings.TrimPrefix(id, "id of "), version)
	}
	return found, err
}

func (s *shop) Search(ctx context.Context, page acl.Page, search, category string) (*model.ProductConnection, error) {
	version, err := s.answer(ctx, "catalog", []string{fmt.Sprint(page.First, page.After, search, category)})
	if err != nil {
		return nil, err
	}
	connection := &model.ProductConnection{PageInfo: &model.PageInfo{HasNextPage: true}, TotalCount: 7}
	for _, sku := range []string{"CUP", "JUG"} {
		connection.Edges = append(connection.Edges, &model.ProductEdge{Cursor: "at " + sku, Node: s.product(sku, version)})
	}
	return connection, nil
}

func (s *shop) Categories(ctx context.Context) ([]model.Category, error) {
	version, err := s.answer(ctx, "catalog", []string{"categories"})
	return []model.Category{{Name: "Things", ProductCount: int32(version)}}, err
}

func (s *shop) Prices(ctx context.Context, skus []string) (map[string]*model.Price, error) {
	version, err := s.answer(ctx, "pricing", skus)
	found := map[string]*model.Price{}
	for _, sku := range skus {
		if err == nil && sku != "NIX" {
			found[sku] = &model.Price{Amount: fmt.Sprint(version), CurrencyCode: "GBP"}
		}
	}
	return found, err
}

func (s *shop) Availability(ctx context.Context, skus []string) (map[string]*model.Availability, error) {
	version, err := s.answer(ctx, "inventory", skus)
	found := map[string]*model.Availability{}
	for _, sku := range skus {
		found[sku] = &model.Availability{Available: int32(version)}
	}
	return found, err
}

func (s *shop) Overhear(_ context.Context, o rabbit.Overhearing) error {
	s.heard[o.Context] = o
	return nil
}

var settings = Settings{Entries: 1000, FreshFor: 5 * time.Minute, UnheardFor: 2 * time.Second, StaleFor: time.Hour}

// open is a cache before a shop that it hears.
func open(t *testing.T) (*shop, *Goods) {
	t.Helper()
	s := &shop{version: 1, heard: map[string]rabbit.Overhearing{}}
	g := New(settings, s, s, s, slog.New(slog.DiscardHandler))
	g.Listen(t.Context(), s, func(loop func() error) {
		if err := loop(); err != nil {
			t.Error(err)
		}
	})
	for _, context := range []string{"catalog", "pricing", "inventory"} {
		s.heard[context].Began()
	}
	return s, g
}

// priceOf is the price as "amount", or "amount stale", or "none".
func priceOf(t *testing.T, g *Goods, sku string) string {
	t.Helper()
	prices, err := g.Prices(t.Context(), []string{sku})
	price := prices[sku]
	switch {
	case price == nil && err != nil:
		return "error"
	case price == nil:
		return "none"
	case price.Stale:
		return price.Amount + " stale"
	default:
		return price.Amount
	}
}

func (s *shop) changePrice(sku string) {
	s.set(func(s *shop) { s.version++ })
	s.say("pricing", "pricing.price.changed", fmt.Sprintf(`{"sku":%q}`, sku))
}

func (s *shop) say(from, name, data string) {
	fact, err := json.Marshal(event.New(context.Background(), event.Fact{
		Name: name, Version: 1, Subject: "1", Sequence: 1, CorrelationID: "1", At: time.Now(), Data: json.RawMessage(data),
	}))
	if err != nil {
		panic(err)
	}
	s.heard[from].Handle(strings.TrimPrefix(name, from+".")+".v1", fact)
}

func expect(t *testing.T, when, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %q, want %q", when, got, want)
	}
}

func TestWhatIsHeardToBeUnchangedIsNotAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, g := open(t)
		expect(t, "first", priceOf(t, g, "CUP"), "1")
		time.Sleep(settings.FreshFor - 1)
		s.set(func(s *shop) { s.version++ })
		expect(t, "kept", priceOf(t, g, "CUP"), "1")
		time.Sleep(time.Nanosecond)
		expect(t, "too old", priceOf(t, g, "CUP"), "2")
		expect(t, "none", priceOf(t, g, "NIX"), "none")
		expect(t, "none, kept", priceOf(t, g, "NIX"), "none")
		if diff := cmp.Diff([]string{"CUP", "CUP", "NIX"}, s.calls()); diff != "" {
			t.Errorf("calls:\n%s", diff)
		}
	})
}

func TestWithoutEntriesEveryReadIsAsked(t *testing.T) {
	s := &shop{version: 1, heard: map[string]rabbit.Overhearing{}}
	g := New(Settings{}, s, s, s, slog.New(slog.DiscardHandler))
	g.Listen(t.Context(), s, func(loop func() error) { t.Error("it listens", loop()) })
	ctx := viewer.With(t.Context(), viewer.Viewer{}, "token")
	for range 2 {
		_, err := g.BySKU(ctx, []string{"CUP"})
		_, err1 := g.ByID(ctx, []string{"id of CUP"})
		_, err2 := g.Search(ctx, acl.Page{First: 2}, "", "Tea")
		_, err3 := g.Prices(ctx, []string{"CUP"})
		_, err4 := g.Availability(ctx, []string{"CUP"})
		categories, err5 := g.Categories(ctx)
		if err := errors.Join(err, err1, err2, err3, err4, err5); err != nil || len(categories) != 1 || categories[0].Name != "Things" {
			t.Fatal(categories, err)
		}
	}
	if calls := s.calls(); len(calls) != 2*6 {
		t.Errorf("calls: %q", calls)
	}
	if s.named {
		t.Error("it was asked in somebody's name")
	}
}

func TestWhatChangesIsAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, g := open(t)
		expect(t, "first", priceOf(t, g, "CUP"), "1")
		expect(t, "another's first", priceOf(t, g, "JUG"), "1")
		s.changePrice("CUP")
		expect(t, "changed", priceOf(t, g, "CUP"), "2")
		expect(t, "another's", priceOf(t, g, "JUG"), "1")
		s.heard["pricing"].Handle("price.changed.v1", []byte("rubbish"))
		expect(t, "after rubbish", priceOf(t, g, "JUG"), "2")
	})
}

func TestEveryKindIsHeardOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, g := open(t)
		look := func() []string {
			t.Helper()
			ctx := t.Context()
			bySKU, err1 := g.BySKU(ctx, []string{"CUP"})
			byID, err2 := g.ByID(ctx, []string{"id of CUP"})
			page, err3 := g.Search(ctx, acl.Page{First: 2}, "", "Tea")
			stock, err4 := g.Availability(ctx, []string{"CUP"})
			if err := errors.Join(err1, err2, err3, err4); err != nil {
				t.Fatal(err)
			}
			return []string{
				bySKU["CUP"].Name, byID["id of CUP"].Name, page.Nodes[0].Name, page.Edges[1].Node.Name, fmt.Sprint(stock["CUP"].Available),
			}
		}
		want := func(when string, words ...string) {
			t.Helper()
			if diff := cmp.Diff(words, look()); diff != "" {
				t.Errorf("%s:\n%s", when, diff)
			}
		}
		want("first", "1", "1", "1", "1", "1")
		s.set(func(s *shop) { s.version = 2 })
		want("nothing is heard", "1", "1", "1", "1", "1")
		s.say("catalog", "catalog.product.updated", `{"productId":"id of CUP","sku":"CUP","changes":[]}`)
		want("catalog is heard", "2", "2", "2", "2", "1")
		g.Signalled("stock.level", []byte(`{"sku":"CUP","available":7}`))
		want("a signal of inventory's is heard", "2", "2", "2", "2", "2")
		s.set(func(s *shop) { s.version = 3 })
		s.say("inventory", "inventory.stock.reserved", `{"orderId":"1","lines":[{"sku":"cup","quantity":1}]}`)
		want("a fact of inventory's is heard", "2", "2", "2", "2", "3")
	})
}

// A page brings along the products that are asked for next, by SKU or by id.
func TestProductsOfAPageAreKnownAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, g := open(t)
		if _, err := g.Search(t.Context(), acl.Page{First: 2}, "", ""); err != nil {
			t.Fatal(err)
		}
		s.calls()
		bySKU, err := g.BySKU(t.Context(), []string{"CUP", "JUG"})
		byID, err2 := g.ByID(t.Context(), []string{"id of JUG"})
		if err != nil || err2 != nil || len(bySKU) != 2 || byID["id of JUG"].SKU != "JUG" || len(s.calls()) != 0 {
			t.Errorf("%v %v, %v %v", bySKU, byID, err, err2)
		}
		if bySKU["CUP"].Siblings == nil || !slices.Contains(bySKU["CUP"].Siblings.All, bySKU["JUG"]) {
			t.Error("products of one answer are no siblings")
		}
	})
}

func TestSearchesForWordsAreNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, g := open(t)
		for range 2 {
			if _, err := g.Search(t.Context(), acl.Page{First: 2}, "Ada Lovelace", ""); err != nil {
				t.Fatal(err)
			}
		}
		if calls := s.calls(); len(calls) != 2 {
			t.Errorf("calls: %q", calls)
		}
	})
}

// While changes are not heard, nothing is taken for fresh for long; when they are heard again, all that was kept before is read again.
func TestWhatMayHaveChangedUnheardIsNotFreshForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, g := open(t)
		expect(t, "first", priceOf(t, g, "CUP"), "1")
		s.set(func(s *shop) { s.version = 2 })
		s.heard["pricing"].Ended()
		expect(t, "just read", priceOf(t, g, "CUP"), "1")
		time.Sleep(settings.UnheardFor)
		expect(t, "read a while ago", priceOf(t, g, "CUP"), "2")
		s.set(func(s *shop) { s.version = 3 })
		expect(t, "read again just now", priceOf(t, g, "CUP"), "2")
		s.heard["pricing"].Began()
		expect(t, "heard again", priceOf(t, g, "CUP"), "3")
		s.set(func(s *shop) { s.version = 4 })
		time.Sleep(settings.UnheardFor)
		expect(t, "read while heard", priceOf(t, g, "CUP"), "3")
	})
}

// A read that began before a change may have seen what was before it: it is not kept, and whoever asks after the change does not get it.
func TestAReadThatAChangeOvertakesIsNotKept(t *testing.T) {
	for name, change := range map[string]func(*shop){
		"the price changes": func(s *shop) { s.changePrice("CUP") },
		"rubbish is heard":  func(s *shop) { s.set(func(s *shop) { s.version++ }); s.heard["pricing"].Handle("", nil) },
		"the connection is new": func(s *shop) {
			s.set(func(s *shop) { s.version++ })
			s.heard["pricing"].Ended()
			s.heard["pricing"].Began()
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, g := open(t)
				s.set(func(s *shop) { s.takes = time.Second })
				before := make(chan string, 1)
				go func() { before <- priceOf(t, g, "CUP") }()
				synctest.Wait()
				change(s)
				s.set(func(s *shop) { s.takes = 0 })
				expect(t, "asked after the change", priceOf(t, g, "CUP"), "2")
				expect(t, "asked before the change", <-before, "1")
				expect(t, "asked when both are back", priceOf(t, g, "CUP"), "2")
			})
		})
	}
}

// The same for a product that a page brings along.
func TestAPageThatAChangeOvertakesIsNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, g := open(t)
		s.set(func(s *shop) { s.takes = time.Second })
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = g.Search(t.Context(), acl.Page{First: 2}, "", "")
		}()
		synctest.Wait()
		s.set(func(s *shop) { s.version, s.takes = 2, 0 })
		s.say("catalog", "catalog.product.updated", `{"productId":"id of CUP","sku":"CUP","changes":[]}`)
		<-done
		bySKU, err := g.BySKU(t.Context(), []string{"CUP"})
		page, err2 := g.Search(t.Context(), acl.Page{First: 2}, "", "")
		if err != nil || err2 != nil || bySKU["CUP"].Name != "2" || page.Nodes[0].Name != "2" {
			t.Errorf("%v %v, %v %v", bySKU["CUP"], page, err, err2)
		}
	})
}

func TestReadsAtOnceAreOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, g := open(t)
		s.set(func(s *shop) { s.takes = time.Second })
		first, cancel := context.WithCancel(t.Context())
		go func() { _, _ = g.Prices(first, []string{"CUP", "JUG"}) }()
		synctest.Wait()
		cancel() // the first goes away, and what it began goes on
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				prices, err := g.Prices(t.Context(), []string{"JUG", "POT", "CUP"})
				if err != nil || len(prices) != 3 {
					t.Errorf("%v, %v", prices, err)
				}
			})
		}
		all.Wait()
		if diff := cmp.Diff([]string{"CUP JUG", "POT"}, s.calls()); diff != "" {
			t.Errorf("calls:\n%s", diff)
		}
	})
}

func TestWhatIsKeptStandsInForAContextThatIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, g := open(t)
		expect(t, "first", priceOf(t, g, "CUP"), "1")
		read := time.Now()
		time.Sleep(time.Minute)
		s.set(func(s *shop) { s.down = true })
		expect(t, "heard to be unchanged", priceOf(t, g, "CUP"), "1")
		s.changePrice("CUP")
		expect(t, "changed, and not to be had", priceOf(t, g, "CUP"), "1 stale")
		prices, err := g.Prices(t.Context(), []string{"CUP", "NEW"})
		if silent, ok := errors.AsType[*fault.Error](err); !ok || silent.Context != "pricing" || prices["CUP"] == nil || prices["NEW"] != nil {
			t.Errorf("one of two is kept: %v, %v", prices, err)
		}
		if asOf := prices["CUP"].AsOf; !asOf.Equal(read) {
			t.Errorf("as of %v, read at %v", asOf, read)
		}
		time.Sleep(settings.StaleFor - time.Minute - 1)
		expect(t, "inside the hour", priceOf(t, g, "CUP"), "1 stale")
		time.Sleep(time.Nanosecond)
		expect(t, "older", priceOf(t, g, "CUP"), "error")
		s.set(func(s *shop) { s.down = false })
		expect(t, "back", priceOf(t, g, "CUP"), "2")
	})
}

// Only silence is stood in for: what a context itself finds wrong is not hidden.
func TestErrorsOfAContextAreNotHidden(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, g := open(t)
		expect(t, "first", priceOf(t, g, "CUP"), "1")
		s.changePrice("CUP")
		s.set(func(s *shop) { s.broken = errors.New("a mistake") })
		expect(t, "a mistake", priceOf(t, g, "CUP"), "error")
	})
}

func TestKeysAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, g := open(t)
		long := strings.Repeat("X", longestKey+1)
		for range 2 {
			expect(t, "a long key", priceOf(t, g, long), "1")
		}
		if calls := s.calls(); len(calls) != 2 {
			t.Errorf("%d calls", len(calls))
		}
		for i := range 10 * settings.Entries {
			priceOf(t, g, fmt.Sprint(i))
		}
		synctest.Wait()
		if kept := g.prices.entries.EstimatedSize(); kept > settings.Entries {
			t.Errorf("%d are kept", kept)
		}
	})
}

// Nothing that is kept has a field that a fact would mark as personal.
func TestNothingPersonalIsKept(t *testing.T) {
	personal := map[string]bool{}
	for _, fact := range schema.Events() {
		for _, path := range fact.Personal {
			if name := path[len(path)-1]; name != "*" {
				personal[strings.ToLower(name)] = true
			}
		}
	}
	// A product has a name, too.
	delete(personal, "name")
	if len(personal) < 5 {
		t.Fatalf("personal are only %v", personal)
	}
	for _, kept := range []reflect.Type{
		reflect.TypeFor[model.Product](), reflect.TypeFor[model.Price](), reflect.TypeFor[model.Availability](), reflect.TypeFor[listing](), reflect.TypeFor[model.Category](),
	} {
		for _, field := range reflect.VisibleFields(kept) {
			if personal[strings.ToLower(field.Name)] {
				t.Errorf("%s.%s is kept", kept, field.Name)
			}
		}
	}
}

func TestCategoriesAreKeptUntilAProductChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, g := open(t)
		count := func() int32 {
			categories, err := g.Categories(t.Context())
			if err != nil || len(categories) != 1 {
				t.Fatalf("%v, %v", categories, err)
			}
			return categories[0].ProductCount
		}
		s.set(func(s *shop) { s.version++ })
		count()
		s.set(func(s *shop) { s.version++ })
		if got := count(); got != 2 {
			t.Errorf("%d, which is not what is kept", got)
		}
		s.say("catalog", "catalog.product.listed", `{"productId":"1","sku":"CUP"}`)
		if got := count(); got != 3 {
			t.Errorf("%d, and a product was listed", got)
		}
		s.set(func(s *shop) { s.down = true })
		s.say("catalog", "catalog.product.retired", `{"productId":"1","sku":"CUP"}`)
		if got := count(); got != 3 {
			t.Errorf("%d, and catalog does not answer", got)
		}
		time.Sleep(settings.StaleFor)
		if _, err := g.Categories(t.Context()); err == nil {
			t.Error("what is too old is served")
		}
	})
}
