package pricelist

import (
	"fmt"
	"strconv"

	"quadrille.dev/platform/money"
)

// Line is a quantity of a SKU that somebody wants a price for.
type Line struct {
	SKU      string
	Quantity int64
}

// The limits of what is quoted.
const (
	mostLines    = 1000
	mostQuantity = 10_000
	mostCodes    = 20
)

// CheckOrder answers all that is wrong with the form of lines and promotion codes.
func CheckOrder(lines []Line, codes []string) []Fault {
	var faults []Fault
	switch {
	case len(lines) == 0:
		faults = append(faults, Fault{Required, "There must be at least one line.", []string{"lines"}})
	case len(lines) > mostLines:
		faults = append(faults, Fault{OutOfRange, "There must be at most 1,000 lines.", []string{"lines"}})
	}
	for i, line := range lines[:min(len(lines), mostLines)] {
		if line.SKU == "" {
			faults = append(faults, Fault{Required, "The SKU is missing.", linePath(i, "sku")})
		}
		if line.Quantity < 1 || line.Quantity > mostQuantity {
			faults = append(faults, Fault{OutOfRange, "The quantity must be 1 to 10,000.", linePath(i, "quantity")})
		}
	}
	if len(codes) > mostCodes {
		faults = append(faults, Fault{OutOfRange, "There must be at most 20 promotion codes.", []string{"promotionCodes"}})
	}
	return faults
}

// Quote is what an order comes to.
type Quote struct {
	Lines []QuotedLine
	// Discount is what promotions take off the sum of the lines, Total what is left.
	Discount, Total money.Money
}

// QuotedLine is a line with its price.
type QuotedLine struct {
	Line
	Unit, Total money.Money
}

// List is what a quote is made from.
type List struct {
	// Prices are by SKU, Promotions by code.
	Prices     map[string]Price
	Tiers      TierDiscounts
	Promotions map[string]Promotion
}

// Quote prices lines in the order given. The unit price is the list price less the tier's share of it, rounded half up; the
// promotions' shares add up, to no more than the whole, and come off the sum, rounded half up too. A code counts once.
func (l List) Quote(lines []Line, tier string, codes []string) (Quote, []Fault, error) {
	faults := append(l.checkLines(lines), l.checkCodes(codes)...)
	if len(faults) > 0 {
		return Quote{}, faults, nil
	}
	quote := Quote{Lines: make([]QuotedLine, len(lines))}
	var sum money.Money
	for i, line := range lines {
		quoted, err := l.quoteLine(line, tier)
		if err == nil {
			sum, err = sum.Add(quoted.Total)
		}
		if err != nil {
			return Quote{}, nil, fmt.Errorf("quote line %d: %w", i, err)
		}
		quote.Lines[i] = quoted
	}
	var err error
	quote.Discount = sum.Share(l.off(codes))
	quote.Total, err = sum.Sub(quote.Discount)
	return quote, nil, err
}

func (l List) quoteLine(line Line, tier string) (QuotedLine, error) {
	list := l.Prices[line.SKU].List
	unit, err := list.Sub(list.Share(l.Tiers[tier]))
	if err != nil {
		return QuotedLine{}, err
	}
	total, err := unit.Times(line.Quantity)
	return QuotedLine{Line: line, Unit: unit, Total: total}, err
}

func (l List) off(codes []string) int64 {
	counted := map[string]bool{}
	var off int64
	for _, code := range codes {
		if !counted[code] {
			counted[code] = true
			off += l.Promotions[code].BasisPoints
		}
	}
	return min(off, whole)
}

// checkLines finds lines without a price, and lines in another currency than the first.
func (l List) checkLines(lines []Line) []Fault {
	var faults []Fault
	currency := ""
	for i, line := range lines {
		list := l.Prices[line.SKU].List
		switch {
		case list.Currency == "":
			faults = append(faults, Fault{Unpriced, line.SKU + " has no price.", linePath(i, "sku")})
		case currency == "":
			currency = list.Currency
		case currency != list.Currency:
			faults = append(faults, Fault{
				Malformed, "One order has one currency, and this product is priced in another.", linePath(i, "sku"),
			})
		}
	}
	return faults
}

func (l List) checkCodes(codes []string) []Fault {
	var faults []Fault
	for i, code := range codes {
		if _, runs := l.Promotions[code]; !runs {
			faults = append(faults, Fault{
				UnknownPromotion, "There is no such promotion now.", []string{"promotionCodes", strconv.Itoa(i)},
			})
		}
	}
	return faults
}

func linePath(i int, field string) []string { return []string{"lines", strconv.Itoa(i), field} }
