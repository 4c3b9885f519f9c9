package quote_test

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/platform/money"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/quote"
)

func gbp(minor int64) money.Money { return money.Money{Minor: minor, Currency: "GBP"} }

func prices() map[string]quote.Price {
	discounts := map[quote.Tier]int64{quote.Standard: 0, quote.Premium: 500, quote.VIP: 1000}
	return map[string]quote.Price{
		"CUP": {SKU: "CUP", List: gbp(425), Discounts: discounts},
		"JUG": {SKU: "JUG", List: gbp(1000), Discounts: discounts},
		"YEN": {SKU: "YEN", List: money.Money{Minor: 100, Currency: "JPY"}, Discounts: discounts},
		"MAX": {SKU: "MAX", List: gbp(math.MaxInt64), Discounts: discounts},
		"ODD": {SKU: "ODD", List: gbp(1), Discounts: map[quote.Tier]int64{quote.Standard: 0}},
	}
}

func TestRememberedPrices(t *testing.T) {
	basket := quote.Basket{Lines: []quote.Line{{SKU: "JUG", Quantity: 3}, {SKU: "CUP", Quantity: 2}}}
	for tier, want := range map[quote.Tier]struct{ jug, cup, total int64 }{
		quote.Standard: {1000, 425, 3850},
		quote.Premium:  {950, 404, 3658}, // 425 less 21.25
		quote.VIP:      {900, 382, 3464}, // 425 less 42.5, which is rounded to 43
	} {
		got, err := quote.Remembered(basket, tier, prices())
		if err != nil {
			t.Fatal(err)
		}
		expected := quote.Quote{
			Lines: []order.Line{
				{SKU: "JUG", Quantity: 3, UnitPrice: gbp(want.jug), LineTotal: gbp(3 * want.jug)},
				{SKU: "CUP", Quantity: 2, UnitPrice: gbp(want.cup), LineTotal: gbp(2 * want.cup)},
			},
			Discount: gbp(0), Total: gbp(want.total), PricedFrom: order.Cached,
		}
		if diff := cmp.Diff(expected, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tier, diff)
		}
		if err := got.Check(basket); err != nil {
			t.Error(err)
		}
	}
}

func TestNotEverythingIsRemembered(t *testing.T) {
	for name, test := range map[string]struct {
		basket quote.Basket
		want   error
	}{
		"a promotion":          {quote.Basket{Lines: []quote.Line{{SKU: "CUP", Quantity: 1}}, PromotionCodes: []string{"SPRING"}}, quote.ErrNoPrice},
		"a SKU without price":  {quote.Basket{Lines: []quote.Line{{SKU: "TEA", Quantity: 1}}}, quote.ErrNoPrice},
		"a tier without share": {quote.Basket{Lines: []quote.Line{{SKU: "ODD", Quantity: 1}}}, quote.ErrNoPrice},
		"two currencies":       {quote.Basket{Lines: []quote.Line{{SKU: "CUP", Quantity: 1}, {SKU: "YEN", Quantity: 1}}}, money.ErrMixed},
		"too much money":       {quote.Basket{Lines: []quote.Line{{SKU: "MAX", Quantity: 2}}}, money.ErrOverflow},
	} {
		if got, err := quote.Remembered(test.basket, quote.VIP, prices()); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	basket := quote.Basket{Lines: []quote.Line{{SKU: "CUP", Quantity: 2}}}
	for name, spoil := range map[string]func(*quote.Quote){
		"no lines":         func(q *quote.Quote) { q.Lines = nil },
		"another SKU":      func(q *quote.Quote) { q.Lines[0].SKU = "JUG" },
		"another quantity": func(q *quote.Quote) { q.Lines[0].Quantity = 1 },
		"a wrong total":    func(q *quote.Quote) { q.Total = gbp(1) },
		"no currency":      func(q *quote.Quote) { q.Lines[0].UnitPrice.Currency = "" },
	} {
		priced, err := quote.Remembered(basket, quote.Standard, prices())
		if err != nil {
			t.Fatal(err)
		}
		spoil(&priced)
		if priced.Check(basket) == nil {
			t.Errorf("%s passes", name)
		}
	}
}
