package pricelist_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"quadrille.dev/platform/money"
	"quadrille.dev/services/pricing/internal/pricelist"
)

func price(sku string, minor int64, currency string) pricelist.Price {
	return pricelist.Price{SKU: sku, List: money.Money{Minor: minor, Currency: currency}, Version: 1}
}

var list = pricelist.List{
	Prices: map[string]pricelist.Price{
		"CUP": price("CUP", 425, "GBP"), "JUG": price("JUG", 1, "GBP"), "PEN": price("PEN", 100_000_000, "GBP"),
		"TEE": price("TEE", 1200, "JPY"), "TEA": price("TEA", 995, "GBP"),
	},
	Tiers:      pricelist.TierDiscounts{"STANDARD": 0, "PREMIUM": 500, "VIP": 1000},
	Promotions: map[string]pricelist.Promotion{"TEN": {BasisPoints: 1000}, "ODD": {BasisPoints: 1250}, "ALL": {BasisPoints: 10000}},
}

func TestQuote(t *testing.T) {
	for _, c := range []struct {
		lines, tier, codes, want string
	}{
		{"CUP×2", "STANDARD", "", "4.25 8.50; -0.00 = 8.50"},
		{"CUP×2 JUG×3 CUP×1", "STANDARD", "", "4.25 8.50, 0.01 0.03, 4.25 4.25; -0.00 = 12.78"},
		{"CUP×2", "PREMIUM", "", "4.04 8.08; -0.00 = 8.08"},
		{"CUP×2", "VIP", "", "3.82 7.64; -0.00 = 7.64"},
		{"TEA×1", "PREMIUM", "", "9.45 9.45; -0.00 = 9.45"},
		{"JUG×1", "VIP", "", "0.01 0.01; -0.00 = 0.01"},
		{"CUP×3", "STANDARD", "TEN", "4.25 12.75; -1.28 = 11.47"},
		{"CUP×2", "VIP", "TEN ODD", "3.82 7.64; -1.72 = 5.92"},
		{"CUP×1", "STANDARD", "TEN TEN", "4.25 4.25; -0.43 = 3.82"},
		{"CUP×1", "STANDARD", "ALL TEN", "4.25 4.25; -4.25 = 0.00"},
		{"TEE×2", "VIP", "TEN", "1080 2160; -216 = 1944"},
		{strings.Repeat("PEN×10000 ", 1000), "STANDARD", "", strings.Repeat("1000000.00 10000000000.00, ", 999) +
			"1000000.00 10000000000.00; -0.00 = 10000000000000.00"},
	} {
		quote, faults, err := list.Quote(lines(c.lines), c.tier, strings.Fields(c.codes))
		if err != nil || len(faults) > 0 {
			t.Errorf("%.40s %s %s: %v, %v", c.lines, c.tier, c.codes, faults, err)
			continue
		}
		if got := written(quote); got != c.want {
			t.Errorf("%.40s %s %s: %.200s, want %.200s", c.lines, c.tier, c.codes, got, c.want)
		}
	}
}

func lines(text string) []pricelist.Line {
	var all []pricelist.Line
	for field := range strings.FieldsSeq(text) {
		sku, quantity, _ := strings.Cut(field, "×")
		line := pricelist.Line{SKU: sku}
		if _, err := fmt.Sscan(quantity, &line.Quantity); err != nil {
			panic(err)
		}
		all = append(all, line)
	}
	return all
}

func written(quote pricelist.Quote) string {
	var all []string
	for _, line := range quote.Lines {
		all = append(all, line.Unit.Decimal()+" "+line.Total.Decimal())
	}
	return fmt.Sprintf("%s; -%s = %s", strings.Join(all, ", "), quote.Discount.Decimal(), quote.Total.Decimal())
}

func TestQuoteFindsEveryFault(t *testing.T) {
	for _, c := range []struct{ lines, codes, want string }{
		{"NONE×1 CUP×1 NOT×1", "", "UNPRICED_PRODUCT lines.0.sku, UNPRICED_PRODUCT lines.2.sku"},
		{"CUP×1 TEE×1", "", "MALFORMED lines.1.sku"},
		{"CUP×1", "TEN NONE", "UNKNOWN_PROMOTION promotionCodes.1"},
		{"NONE×1", "NONE", "UNPRICED_PRODUCT lines.0.sku, UNKNOWN_PROMOTION promotionCodes.0"},
	} {
		quote, faults, err := list.Quote(lines(c.lines), "STANDARD", strings.Fields(c.codes))
		if err != nil || reasons(faults) != c.want || len(quote.Lines) != 0 {
			t.Errorf("%s %s: %v, %s, %v; want %s", c.lines, c.codes, quote, reasons(faults), err, c.want)
		}
	}
}

func TestCheckOrder(t *testing.T) {
	for _, c := range []struct {
		lines []pricelist.Line
		codes []string
		want  string
	}{
		{lines("A×1 B×10000"), make([]string, 20), ""},
		{nil, nil, "REQUIRED lines"},
		{slices.Repeat(lines("A×1"), 1000), nil, ""},
		{slices.Repeat(lines("A×1"), 1001), nil, "OUT_OF_RANGE lines"},
		{lines("A×0 B×-1 C×10001"), nil, "OUT_OF_RANGE lines.0.quantity, OUT_OF_RANGE lines.1.quantity, OUT_OF_RANGE lines.2.quantity"},
		{[]pricelist.Line{{Quantity: 1}}, nil, "REQUIRED lines.0.sku"},
		{lines("A×1"), make([]string, 21), "OUT_OF_RANGE promotionCodes"},
	} {
		if got := reasons(pricelist.CheckOrder(c.lines, c.codes)); got != c.want {
			t.Errorf("%.80v, %d codes: %q, want %q", c.lines, len(c.codes), got, c.want)
		}
	}
}

func reasons(faults []pricelist.Fault) string {
	var all []string
	for _, fault := range faults {
		all = append(all, string(fault.Reason)+" "+strings.Join(fault.Path, "."))
	}
	return strings.Join(all, ", ")
}

func TestPromotionRuns(t *testing.T) {
	start := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		promotion pricelist.Promotion
		at        time.Time
		want      bool
	}{
		{pricelist.Promotion{StartsAt: start}, start.Add(-1), false},
		{pricelist.Promotion{StartsAt: start}, start, true},
		{pricelist.Promotion{StartsAt: start}, start.AddDate(100, 0, 0), true},
		{pricelist.Promotion{StartsAt: start, EndsAt: new(start.Add(time.Hour))}, start.Add(time.Hour - 1), true},
		{pricelist.Promotion{StartsAt: start, EndsAt: new(start.Add(time.Hour))}, start.Add(time.Hour), false},
	} {
		if got := c.promotion.Running(c.at); got != c.want {
			t.Errorf("%+v at %s: %t", c.promotion, c.at, got)
		}
	}
}

func TestChange(t *testing.T) {
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	p := pricelist.Price{SKU: "CUP"}
	first := money.Money{Minor: 425, Currency: "GBP"}
	changed := p.Change(first, list.Tiers, at)
	if len(changed) != 1 || changed[0].List != first || p.Version != 1 || p.ChangedAt != at {
		t.Errorf("first price: %v, %+v", changed, p)
	}
	if changed := p.Change(first, list.Tiers, at.Add(1)); changed != nil || p.Version != 1 || p.ChangedAt != at {
		t.Errorf("same price: %v, %+v", changed, p)
	}
	if changed := p.Change(money.Money{Minor: 425, Currency: "EUR"}, list.Tiers, at.Add(1)); len(changed) != 1 || p.Version != 2 {
		t.Errorf("same amount in another currency: %v, %+v", changed, p)
	}
}

func TestCheckList(t *testing.T) {
	for _, c := range []struct {
		minor    int64
		currency string
		want     string
	}{
		{1, "GBP", ""},
		{100_000_000, "GBP", ""},
		{100_000_001, "GBP", "OUT_OF_RANGE price.amount"},
		{0, "GBP", "OUT_OF_RANGE price.amount"},
		{-1, "GBP", "OUT_OF_RANGE price.amount"},
		{1_000_000, "JPY", ""},
		{1_000_001, "JPY", "OUT_OF_RANGE price.amount"},
		{1_000_000_000, "BHD", ""},
		{1, "gbp", "MALFORMED price.currencyCode"},
		{1, "", "MALFORMED price.currencyCode"},
		{1, "QQQ", "MALFORMED price.currencyCode"},
	} {
		if got := reasons(pricelist.CheckList(money.Money{Minor: c.minor, Currency: c.currency})); got != c.want {
			t.Errorf("%d %s: %q, want %q", c.minor, c.currency, got, c.want)
		}
	}
}
