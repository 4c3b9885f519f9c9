package reservation

import (
	"maps"
	"slices"

	"quadrille.dev/services/inventory/internal/stock"
)

// Out tells how many of each SKU have left and have not come back: nothing unless the goods are with the customer.
func (r *Reservation) Out() map[string]int64 {
	if r.Status != Deducted {
		return nil
	}
	return quantities(without(r.Lines, r.Returned))
}

// TakeBack notes that a return of the order has brought goods back.
func (r *Reservation) TakeBack(lines []stock.Line) { r.Returned = sum(r.Returned, lines, 1) }

// GiveOut notes that they are out again.
func (r *Reservation) GiveOut(lines []stock.Line) { r.Returned = sum(r.Returned, lines, -1) }

func quantities(lines []stock.Line) map[string]int64 {
	quantities := make(map[string]int64, len(lines))
	for _, line := range lines {
		quantities[line.SKU] += line.Quantity
	}
	return quantities
}

// without leaves lines in their order.
func without(lines, taken []stock.Line) []stock.Line {
	if len(taken) == 0 {
		return lines
	}
	gone := quantities(taken)
	var left []stock.Line
	for _, line := range lines {
		if line.Quantity -= gone[line.SKU]; line.Quantity > 0 {
			left = append(left, line)
		}
	}
	return left
}

// sum answers lines of their own, by SKU.
func sum(lines, more []stock.Line, times int64) []stock.Line {
	total := quantities(lines)
	for _, line := range more {
		total[line.SKU] += times * line.Quantity
	}
	var added []stock.Line
	for _, sku := range slices.Sorted(maps.Keys(total)) {
		if total[sku] != 0 {
			added = append(added, stock.Line{SKU: sku, Quantity: total[sku]})
		}
	}
	return added
}
