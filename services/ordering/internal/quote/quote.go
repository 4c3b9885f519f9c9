// Package quote is what an order would cost.
package quote

import (
	"errors"
	"fmt"

	"quadrille.dev/platform/money"
	"quadrille.dev/services/ordering/internal/order"
)

// Tier is how much a customer buys, and so what is taken off list prices.
type Tier string

// The tiers. Standard is also the tier of those of whom no other is known.
const (
	Standard Tier = "STANDARD"
	Premium  Tier = "PREMIUM"
	VIP      Tier = "VIP"
)

// Line is a SKU, in capitals, and how many of it.
type Line struct {
	SKU      string `json:"sku"`
	Quantity int32  `json:"quantity"`
	// Index is where the SKU is first named in the caller's input.
	Index int `json:"-"`
}

// Basket is what to price. It has each SKU once.
type Basket struct {
	Lines []Line `json:"lines"`
	// PromotionCodes are in capitals.
	PromotionCodes []string `json:"promotionCodes"`
}

// SKUs lists what is in the basket.
func (b Basket) SKUs() []string {
	skus := make([]string, len(b.Lines))
	for i, line := range b.Lines {
		skus[i] = line.SKU
	}
	return skus
}

// Quote is the price of a basket.
type Quote struct {
	Lines           []order.Line
	Discount, Total money.Money
	PricedFrom      order.PricedFrom
}

// Price is a list price that pricing announced, and what each tier is spared of it, in hundredths of a per cent.
type Price struct {
	SKU       string
	List      money.Money
	Discounts map[Tier]int64
	// Sequence orders the announcements of a SKU's price.
	Sequence int64
}

// ErrNoPrice tells that a basket cannot be priced from announced prices.
var ErrNoPrice = errors.New("no price is known")

// Remembered prices a basket without promotions from announced prices.
func Remembered(basket Basket, tier Tier, prices map[string]Price) (Quote, error) {
	if len(basket.PromotionCodes) > 0 {
		return Quote{}, fmt.Errorf("with promotions: %w", ErrNoPrice)
	}
	lines := make([]order.Line, len(basket.Lines))
	for i, line := range basket.Lines {
		price, known := prices[line.SKU]
		discount, tiered := price.Discounts[tier]
		if !known || !tiered {
			return Quote{}, fmt.Errorf("%s for %s: %w", line.SKU, tier, ErrNoPrice)
		}
		unit, err := price.List.Sub(price.List.Share(discount))
		if err != nil {
			return Quote{}, err
		}
		lines[i] = order.Line{SKU: line.SKU, Quantity: line.Quantity, UnitPrice: unit}
	}
	return sum(lines)
}

func sum(lines []order.Line) (Quote, error) {
	var total money.Money
	for i, line := range lines {
		lineTotal, err := line.UnitPrice.Times(int64(line.Quantity))
		if err != nil {
			return Quote{}, err
		}
		if total, err = total.Add(lineTotal); err != nil {
			return Quote{}, err
		}
		lines[i].LineTotal = lineTotal
	}
	nothing := money.Money{Currency: total.Currency}
	return Quote{Lines: lines, Discount: nothing, Total: total, PricedFrom: order.Cached}, nil
}

// Check tells why pricing's answer cannot be an answer to the basket; nil if it can.
func (q Quote) Check(basket Basket) error {
	if len(q.Lines) != len(basket.Lines) {
		return fmt.Errorf("%d lines for %d", len(q.Lines), len(basket.Lines))
	}
	for i, line := range q.Lines {
		if line.SKU != basket.Lines[i].SKU || line.Quantity != basket.Lines[i].Quantity {
			return fmt.Errorf("%d × %s for %d × %s", line.Quantity, line.SKU, basket.Lines[i].Quantity, basket.Lines[i].SKU)
		}
	}
	return order.CheckSum(q.Lines, q.Discount, q.Total)
}
