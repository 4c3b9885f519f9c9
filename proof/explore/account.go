package explore

import (
	"fmt"
	"strings"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/money"
	"quadrille.dev/platform/testkit"
)

// account is how one return stands: what was said of it, and what the outside has in its books.
type account struct {
	// order is which one it is of.
	order int
	// state is ordering's, pickup fulfillment's, and restock inventory's.
	state, pickup, restock string
	// said was told at all, twice more than once. tries is how often, where that is of matter.
	said, twice said
	tries       map[said]int
	// refund is what the customer is to get, and given what the provider has given, so often.
	refund, given int64
	refunds       int
	// collections are those that the carrier does, cancellations those that it is not to do any more.
	collections, cancellations int
	// unpayable and uncollectable tell that they refused.
	unpayable, uncollectable bool
	// asking is what the provider and the carrier are being asked.
	asking map[string]bool
	// amiss tells that they were asked for something else than what the return is about.
	amiss bool
	// decreed are the steps of which an operator has stated that they are undone.
	decreed said
	// dues is how often the provider has to give something back: not at all, if that is nothing.
	dues int
}

// often is what may be told of a return more than once.
var often = allSteps(toDo | toUndo | wasDone | wasRefused | wasUndone)

// audit answers the accounts of all returns, in a buffer that is used again for the next world.
func (s *stage) audit(w *world) []account {
	for i, r := range s.Returns {
		s.accounts[i] = account{
			order: r.Order, state: s.state(w, i), restock: s.view(w, roleInventory).returns[i], pickup: s.view(w, roleFulfillment).returns[i],
			asking: map[string]bool{},
		}
	}
	for _, l := range w.post {
		f := &s.facts[l.fact]
		if f.ret < 0 {
			continue
		}
		a := &s.accounts[f.ret]
		a.twice |= a.said & f.said
		a.said |= f.said
		if f.said == returnRequested {
			a.refund = f.amount
			a.dues = min(1, int(f.amount))
		}
		if f.said.has(allSteps(stepCompensated)) && f.reason == "OPERATOR" {
			a.decreed |= f.said
		}
	}
	for _, e := range w.books {
		if i, known := s.returns[s.calls[e.call].Subject]; known {
			s.accounts[i].enter(&s.calls[e.call], e.outcome)
			s.accounts[i].amiss = s.accounts[i].amiss || !s.fits[e.call]
		}
	}
	for _, who := range []int{roleBilling, roleFulfillment} {
		for _, number := range s.roles[who].states[w.at[who]].calls {
			if i, known := s.returns[s.calls[number].Subject]; known {
				s.accounts[i].asking[s.calls[number].Operation] = true
			}
		}
	}
	return s.accounts
}

func (a *account) enter(call *testkit.Call, outcome testkit.Outcome) {
	if outcome == testkit.Refused {
		a.unpayable = a.unpayable || call.Operation == "refund"
		a.uncollectable = a.uncollectable || call.Operation == "collect"
		return
	}
	switch call.Operation {
	case "refund":
		a.refunds++
		a.given += amountOf(call)
	case "collect":
		a.collections++
	case "cancelPickup":
		a.cancellations++
	}
}

// amountOf is how much a call moves.
func amountOf(call *testkit.Call) (minor int64) {
	_, amount, _ := strings.Cut(call.Argument, " ")
	_, _ = fmt.Sscanf(amount, "%d", &minor) // nothing, if it does not say
	return minor
}

// live tells whether the carrier comes.
func (a *account) live() bool { return a.collections > 0 && a.cancellations == 0 }

// has tells whether one of some facts was told of a step.
func (a *account) has(any said, step int) bool { return a.said.has(any << step) }

// over tells whether nothing of a step is there, or ever will be, as far as ordering is told.
func (a *account) over(step int) bool {
	return !a.has(stepStarted, step) || a.has(stepRefused|stepCompensated, step)
}

// amountIn is how much a return gives back by what is told of it.
func amountIn(e event.Envelope) int64 {
	data, _ := event.Data[struct{ Refund money.Money }](e) // it is as its schema says
	return data.Refund.Minor
}
