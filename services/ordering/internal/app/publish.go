package app

import (
	"quadrille.dev/platform/event"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/returns"
)

// Publish tells what events are to others; false if they are nothing to them.
type Publish struct {
	// Order and Return are given the order, or the return, as it has become.
	Order  func(order.Order, order.Recorded) (event.Fact, bool)
	Return func(returns.Return, returns.Recorded) (event.Fact, bool)
}
