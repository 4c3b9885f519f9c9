package app

import (
	"quadrille.dev/platform/event"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/returns"
)

// Publish tells what events are to others; false if they are nothing to them.
type Publish struct {
	Order func(order.ID, order.Recorded) (event.Fact, bool)
	// Return is given the return as it has become.
	Return func(returns.Return, returns.Recorded) (event.Fact, bool)
}
