// Package explore plays the sagas of orders and returns with the shipped code of all who take part in them, through every interleaving that
// outbox, inbox, the payment provider, the carrier and people can bring about, and holds every state against the invariants.
package explore

import (
	"slices"
)

// Scenario is a world to explore: who wants what, and what may go wrong.
type Scenario struct {
	Name string
	// Stock is how many there are of each SKU.
	Stock map[string]int64
	// Orders are placed, at any moment and in any order.
	Orders []Order
	// Free orders cost nothing. Discount is what is taken off every other order.
	Free     bool
	Discount int64
	// Provider and Carrier are how the outside decides.
	Provider, Carrier Verdict
	// Lost is how many answers of the outside may get lost, workers that die over them included.
	Lost int
	// Duplicates is how often each fact may come again to each who has heard it.
	Duplicates int
	// Forgets is how often an inbox may have forgotten, after all the time for which it remembers, that it has handled a message which
	// comes again.
	Forgets int
	// Together has all that waits for a consumer be handled in one transaction at any moment, too.
	Together bool
	// Customer and Operator may cancel each order at any moment; Deadline may pass at any moment; Erased customers may be, too.
	Customer, Operator, Deadline, Erased bool
	// Begun is how far the first order has got, with nobody interfering, when the exploration begins.
	Begun Begun
	// Returns are requested as soon as they can be, in any order.
	Returns []Return
	// Refunder and Collector are how the provider decides about the refunds of returns, and the carrier about collecting.
	Refunder, Collector Verdict
	// Tries and UndoTries are how often ordering asks for a step of a return, and for undoing it; once if they are zero.
	Tries, UndoTries int
	// Timers is how often an answer may be overdue that is yet to come. One that nobody is about to give is overdue sooner or later anyway.
	Timers int
	// Retries and Resolves are how often an operator may have it tried again what cannot be undone, and may state that it is undone.
	Retries, Resolves int
	// Delivery is goods that may come in at any moment.
	Delivery map[string]int64
	// Reaches are facts, of a step of a return also with the step and the cause, and reasons, without which the scenario would not show what it
	// is there for.
	Reaches []string
	// Bounded scenarios are small enough for every run of the tests.
	Bounded bool
	// Whole explores without the reduction to what can be told apart.
	Whole bool
	// Fault breaks the rules of delivery, for tests of the explorer itself.
	Fault Fault
}

// Order is what one customer wants: how many of each SKU, at a price of 1.00 each if it has one.
type Order map[string]int64

// Return is some goods of an order that its customer sends back.
type Return struct {
	// Order is which one, counted from 0.
	Order int
	Lines Order
}

// Begun is how far an order has got.
type Begun int

// The first order is not placed yet; or it is fulfilled, as far as ordering knows, and its parcel is about to go; or it has arrived.
const (
	Unplaced Begun = iota
	Fulfilled
	Delivered
)

// Verdict is how the outside decides: always so, or either way.
type Verdict int

// The verdicts.
const (
	Accepts Verdict = iota
	Refuses
	Either
)

// Scenarios lists all, by name.
func Scenarios() []Scenario {
	all := slices.Concat(plain, cancelled, unreliable, crowded, returned, stalled, returnedAtOnce)
	for i := range all {
		all[i].Together = true
		if all[i].Orders == nil {
			all[i].Orders = []Order{{"CUP": 1, "JUG": 2}}
		}
		if all[i].Stock == nil {
			all[i].Stock = map[string]int64{"CUP": 2, "JUG": 2}
		}
	}
	return all
}
