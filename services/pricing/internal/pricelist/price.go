// Package pricelist knows what things cost: list prices, what tiers and promotions take off, and what an order comes to.
package pricelist

import (
	"regexp"
	"strings"
	"time"

	"quadrille.dev/platform/money"
)

// Price is the list price of a SKU.
type Price struct {
	SKU string
	// List is zero while the SKU has no price.
	List      money.Money
	ChangedAt time.Time
	// Version counts the changes.
	Version int64
}

// Changed says that a SKU has a new list price, and what customers of each tier get off it.
type Changed struct {
	List money.Money
	Off  TierDiscounts
}

// Change sets the list price. When it is the same, nothing happens.
func (p *Price) Change(list money.Money, off TierDiscounts, at time.Time) []Changed {
	if p.List == list {
		return nil
	}
	p.List, p.ChangedAt = list, at
	p.Version++
	return []Changed{{List: list, Off: off}}
}

var skuForm = regexp.MustCompile(`^[A-Z0-9][A-Z0-9._-]{0,39}$`)

// ReadSKU reads a SKU in any case: 1 to 40 letters, digits, dashes, dots and underscores, from a letter or digit on.
func ReadSKU(text string) (string, []Fault) {
	sku := strings.ToUpper(strings.TrimSpace(text))
	switch {
	case sku == "":
		return "", []Fault{{Required, "The SKU is missing.", []string{"sku"}}}
	case !skuForm.MatchString(sku):
		return "", []Fault{{
			Malformed, "A SKU has 1 to 40 letters, digits, dashes, dots and underscores, and starts with a letter or digit.",
			[]string{"sku"},
		}}
	}
	return sku, nil
}

// mostMajor is the highest price in the major unit of any currency.
const mostMajor = 1_000_000

// CheckList answers what is wrong with a list price.
func CheckList(list money.Money) []Fault {
	decimals, err := money.Decimals(list.Currency)
	if err != nil {
		return []Fault{{Malformed, "The currency must be one of ISO 4217, such as GBP.", []string{"price", "currencyCode"}}}
	}
	most := int64(mostMajor)
	for range decimals {
		most *= 10
	}
	if list.Minor < 1 || list.Minor > most {
		return []Fault{{OutOfRange, "The price must be above 0 and at most 1,000,000.", []string{"price", "amount"}}}
	}
	return nil
}
