package returns

import (
	"math/bits"

	"quadrille.dev/services/ordering/internal/order"
)

// share is how much of what was paid for an order was paid for some of it: in proportion to the lines, before what was taken off the
// whole, and rounded down, so that all lines together are exactly what was paid.
func share(o order.Order, quantities map[string]int32) int64 {
	var value, sum int64
	for _, line := range o.Lines {
		value += line.UnitPrice.Minor * int64(quantities[line.SKU])
		sum += line.LineTotal.Minor
	}
	if sum == 0 {
		return 0
	}
	high, low := bits.Mul64(uint64(o.Total.Minor), uint64(value))
	quotient, _ := bits.Div64(high, low, uint64(sum))
	return int64(quotient)
}
