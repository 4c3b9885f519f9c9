package app_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/money"
	"quadrille.dev/services/ordering/internal/acl"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/memory"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/problem"
	"quadrille.dev/services/ordering/internal/quote"
)

var (
	now       = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ada       = order.CustomerID{UUID: uuid.MustParse("01940000-0000-7000-8000-0000000000aa")}
	errSilent = errors.New("silent")
)

// catalog answers what it has; nil does not answer.
type catalog map[string]bool

func (c catalog) OnSale(context.Context, []string) (map[string]bool, error) {
	if c == nil {
		return nil, errSilent
	}
	return c, nil
}

// pricing asks a function; nil does not answer.
type pricing func(quote.Basket, quote.Tier) (quote.Quote, []problem.Problem)

func (p pricing) Quote(_ context.Context, basket quote.Basket, tier quote.Tier) (quote.Quote, []problem.Problem, error) {
	if p == nil {
		return quote.Quote{}, nil, errSilent
	}
	priced, problems := p(basket, tier)
	return priced, problems, nil
}

// liveTotal tells a live quote from a remembered one.
var liveTotal = money.Money{Minor: 7, Currency: "GBP"}

func live(_ quote.Basket, tier quote.Tier) (quote.Quote, []problem.Problem) {
	if tier != quote.VIP {
		return quote.Quote{}, []problem.Problem{problem.NoPrice()}
	}
	return quote.Quote{Total: liveTotal, PricedFrom: order.Live}, nil
}

func unpriced(quote.Basket, quote.Tier) (quote.Quote, []problem.Problem) {
	return quote.Quote{}, []problem.Problem{problem.Unpriced(0)}
}

// knowing is a store that has heard of CUP, of the retired JUG and of VIP Ada, and of pricing at a moment.
func knowing(t *testing.T, heard time.Time) *memory.Memory {
	t.Helper()
	store := memory.New(acl.Published)
	price := quote.Price{
		SKU: "CUP", List: money.Money{Minor: 425, Currency: "GBP"}, Discounts: map[quote.Tier]int64{quote.VIP: 1000}, Sequence: 1,
	}
	for _, err := range []error{
		store.KeepProduct(t.Context(), app.Product{ID: uuid.New(), SKU: "CUP"}),
		store.KeepProduct(t.Context(), app.Product{ID: uuid.New(), SKU: "JUG", Retired: true}),
		store.KeepTier(t.Context(), app.CustomerTier{Customer: ada, Tier: quote.VIP, Sequence: 1}),
		app.RememberPrice(t.Context(), store, app.Announcement{Price: price, Said: heard}, now),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return store
}

func TestQuote(t *testing.T) {
	remembered := money.Money{Minor: 382, Currency: "GBP"}
	for name, test := range map[string]struct {
		sku        string
		promotions []string
		heard      time.Duration
		catalog    catalog
		pricing    pricing
		total      money.Money
		from       order.PricedFrom
		problem    problem.Code
	}{
		"pricing answers":                              {sku: "CUP", pricing: live, total: liveTotal, from: order.Live},
		"pricing answers after a long silence":         {sku: "CUP", heard: 48 * time.Hour, pricing: live, total: liveTotal, from: order.Live},
		"pricing refuses":                              {sku: "CUP", pricing: unpriced, problem: problem.UnpricedProduct},
		"pricing is silent":                            {sku: "CUP", total: remembered, from: order.Cached},
		"pricing is silent for an hour":                {sku: "CUP", heard: time.Hour, total: remembered, from: order.Cached},
		"pricing is silent for more than an hour":      {sku: "CUP", heard: time.Hour + 1, problem: problem.PriceUnavailable},
		"pricing is silent and there is a promotion":   {sku: "CUP", promotions: []string{"SPRING"}, problem: problem.PriceUnavailable},
		"a retired product":                            {sku: "JUG", catalog: catalog{"JUG": true}, pricing: live, problem: problem.UnknownProduct},
		"a new product":                                {sku: "TEA", catalog: catalog{"TEA": true}, pricing: live, total: liveTotal, from: order.Live},
		"a product that does not exist":                {sku: "TEA", catalog: catalog{}, pricing: live, problem: problem.UnknownProduct},
		"a product that was retired unheard":           {sku: "TEA", catalog: catalog{"TEA": false}, pricing: live, problem: problem.UnknownProduct},
		"a new product while the catalog is silent":    {sku: "TEA", pricing: live, total: liveTotal, from: order.Live},
		"an unpriced one while the catalog is silent":  {sku: "TEA", pricing: unpriced, problem: problem.UnpricedProduct},
		"a new product while catalog, pricing are mum": {sku: "TEA", problem: problem.PriceUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			quoter := app.Quoter{
				Store: knowing(t, now.Add(-test.heard)), Catalog: test.catalog, Pricing: test.pricing, Log: slog.New(slog.DiscardHandler),
			}
			basket := quote.Basket{Lines: []quote.Line{{SKU: test.sku, Quantity: 1}}, PromotionCodes: test.promotions}
			got, problems, err := ask(t.Context(), t, quoter, basket, now)
			if err != nil || got.Total != test.total || got.PricedFrom != test.from {
				t.Errorf("got %s %s, %v", got.Total, got.PricedFrom, err)
			}
			if (test.problem == "") != (len(problems) == 0) || len(problems) > 0 && problems[0].Code != test.problem {
				t.Errorf("got %v, want %q", problems, test.problem)
			}
		})
	}
}

// An answer of pricing's is a sign of life: remembered prices are good for an hour from it.
func TestAnswersAreHeard(t *testing.T) {
	store := knowing(t, now.Add(-48*time.Hour))
	quoter := app.Quoter{Store: store, Catalog: catalog{}, Pricing: pricing(live), Log: slog.New(slog.DiscardHandler)}
	basket := quote.Basket{Lines: []quote.Line{{SKU: "CUP", Quantity: 1}}}
	if _, _, err := ask(t.Context(), t, quoter, basket, now); err != nil {
		t.Fatal(err)
	}
	quoter.Pricing = pricing(nil)
	for age, want := range map[time.Duration]order.PricedFrom{time.Hour: order.Cached, time.Hour + time.Second: ""} {
		if got, _, err := ask(t.Context(), t, quoter, basket, now.Add(age)); got.PricedFrom != want || err != nil {
			t.Errorf("after %s: %q, %v", age, got.PricedFrom, err)
		}
	}
}

// What pricing says of the future is not believed, or a wrong clock would make prices good for ever.
func TestPricingIsNotHeardOfInTheFuture(t *testing.T) {
	store := knowing(t, now.Add(48*time.Hour))
	known, err := store.Known(t.Context(), ada, nil)
	if err != nil || !known.PricingHeard.Equal(now) {
		t.Errorf("heard at %s, %v", known.PricingHeard, err)
	}
}

func TestErasedCustomersGetNoQuote(t *testing.T) {
	store := knowing(t, now)
	if err := app.Erase(t.Context(), store, ada, now); err != nil {
		t.Fatal(err)
	}
	quoter := app.Quoter{Store: store, Catalog: catalog{}, Pricing: pricing(live), Log: slog.New(slog.DiscardHandler)}
	_, _, err := ask(t.Context(), t, quoter, quote.Basket{Lines: []quote.Line{{SKU: "CUP", Quantity: 1}}}, now)
	if !errors.Is(err, app.ErrErased) {
		t.Errorf("got %v", err)
	}
}

// A caller who has gone is not answered from memory.
func TestCallersMayGo(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	quoter := app.Quoter{Store: knowing(t, now), Catalog: catalog{}, Pricing: pricing(nil), Log: slog.New(slog.DiscardHandler)}
	_, _, err := ask(ctx, t, quoter, quote.Basket{Lines: []quote.Line{{SKU: "CUP", Quantity: 1}}}, now)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

type inventory map[string]int64

func (i inventory) Available(context.Context, []string) (map[string]int64, error) {
	if i == nil {
		return nil, errSilent
	}
	return i, nil
}

func TestShortages(t *testing.T) {
	basket := quote.Basket{Lines: []quote.Line{{SKU: "CUP", Quantity: 2, Index: 4}, {SKU: "JUG", Quantity: 2, Index: 7}}}
	log := slog.New(slog.DiscardHandler)
	for name, test := range map[string]struct {
		inventory inventory
		want      []problem.Problem
	}{
		"enough":            {inventory{"CUP": 2, "JUG": 9}, nil},
		"too little of two": {inventory{"CUP": 1, "JUG": 0}, []problem.Problem{problem.Short(4, "CUP", 1), problem.Short(7, "JUG", 0)}},
		"no answer":         {nil, nil},
	} {
		if diff := cmp.Diff(test.want, app.Shortages(t.Context(), test.inventory, basket, log)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// ask has a basket of ada's be quoted for by what is known.
func ask(ctx context.Context, t *testing.T, quoter app.Quoter, basket quote.Basket, at time.Time) (quote.Quote, []problem.Problem, error) {
	t.Helper()
	known, err := quoter.Store.Known(t.Context(), ada, basket.SKUs())
	if err != nil {
		t.Fatal(err)
	}
	return quoter.Quote(ctx, known, ada, basket, at)
}
