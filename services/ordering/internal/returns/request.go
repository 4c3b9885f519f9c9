package returns

import (
	"errors"
	"fmt"
	"maps"

	"quadrille.dev/platform/money"
	"quadrille.dev/services/ordering/internal/order"
)

// The reasons for which nothing can be returned.
var (
	ErrNotFulfilled = errors.New("the order is not fulfilled")
	ErrImpossible   = errors.New("impossible")
)

// TooManyError tells which lines of a request cannot come back.
type TooManyError struct{ Lines []TooMany }

// TooMany is a SKU of which more is to come back than can.
type TooMany struct {
	SKU string
	// Bought is how many were bought: none if the order has no such SKU. Left is how many of them may still come back.
	Bought, Left int32
}

func (e *TooManyError) Error() string {
	return fmt.Sprintf("%d lines are more than was bought, less what has come back", len(e.Lines))
}

// Ask is what a customer wants to send back, each SKU once, and why.
type Ask struct {
	Lines  []Line
	Reason string
}

// Begin begins a return of goods of an order, beside all others of that order, and asks for the first step. ErrNotFulfilled or a
// TooManyError if it cannot be.
func (r Return) Begin(o order.Order, others []Return, ask Ask, pace Pace) ([]Event, error) {
	if r.State != StateUnknown || len(ask.Lines) == 0 {
		return nil, fmt.Errorf("request return %s, %s, of %d lines: %w", r.ID, r.State, len(ask.Lines), ErrImpossible)
	}
	if o.Status != order.StatusFulfilled {
		return nil, ErrNotFulfilled
	}
	gone, refunded := already(others)
	if err := check(o, gone, ask.Lines); err != nil {
		return nil, err
	}
	c := course{Return: r, pace: pace}
	c.happens(Requested{Request{
		OrderID: o.ID, OrderNumber: o.Number, CustomerID: o.CustomerID, Lines: ask.Lines, Reason: ask.Reason,
		Refund: money.Money{Minor: max(0, share(o, with(gone, ask.Lines))-refunded), Currency: o.Total.Currency},
	}})
	c.advance()
	return c.events, nil
}

// already is what returns take back, or may, by SKU, and what the customer gets back for it.
func already(returns []Return) (gone map[string]int32, refunded int64) {
	gone = map[string]int32{}
	for _, r := range returns {
		if r.Active() {
			gone = with(gone, r.Lines)
			refunded += r.Refund.Minor
		}
	}
	return gone, refunded
}

func with(gone map[string]int32, lines []Line) map[string]int32 {
	sum := maps.Clone(gone)
	for _, line := range lines {
		sum[line.SKU] += line.Quantity
	}
	return sum
}

func check(o order.Order, gone map[string]int32, lines []Line) error {
	bought := map[string]int32{}
	for _, line := range o.Lines {
		bought[line.SKU] = line.Quantity
	}
	var tooMany []TooMany
	seen := map[string]bool{}
	for _, line := range lines {
		if line.Quantity <= 0 || seen[line.SKU] {
			return fmt.Errorf("return %d × %s: %w", line.Quantity, line.SKU, ErrImpossible)
		}
		seen[line.SKU] = true
		if left := bought[line.SKU] - gone[line.SKU]; line.Quantity > left {
			tooMany = append(tooMany, TooMany{SKU: line.SKU, Bought: bought[line.SKU], Left: left})
		}
	}
	if len(tooMany) > 0 {
		return &TooManyError{tooMany}
	}
	return nil
}
