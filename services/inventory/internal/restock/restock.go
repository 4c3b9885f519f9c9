// Package restock is the goods of one return: they come back into stock, and leave it again when the return does not come about.
package restock

import (
	"fmt"

	"github.com/google/uuid"

	"quadrille.dev/services/inventory/internal/stock"
)

// Status is how a restock stands.
type Status string

// The statuses. Rejected, Out and CalledOff are final.
const (
	// Unasked: nothing was asked for the return.
	Unasked Status = "UNASKED"
	// Back: the goods are back in stock.
	Back Status = "PUT_BACK"
	// Rejected: the goods could not come back, and will not.
	Rejected Status = "REFUSED"
	// Out: the goods were back, and are out again.
	Out Status = "TAKEN_OUT"
	// CalledOff: the goods were to be taken out before they were to come back, and will not come back.
	CalledOff Status = "CALLED_OFF"
)

// Restock is the goods of one return.
type Restock struct {
	ReturnID uuid.UUID
	// OrderID is zero until something was asked.
	OrderID uuid.UUID
	Status  Status
	// Lines are the goods that are back, or were once.
	Lines []stock.Line
	// Reason is why they could not come back.
	Reason string
	// Version counts what was published.
	Version int64
}

// New is the restock of a return for which nothing was asked.
func New(returnID uuid.UUID) Restock { return Restock{ReturnID: returnID, Status: Unasked} }

// Goods are what an order's return is to put back.
type Goods struct {
	OrderID uuid.UUID
	Lines   []stock.Line
}

// Undecided tells whether the goods, when they are to come back, have to be taken or refused.
func (r *Restock) Undecided() bool { return r.Status == Unasked }

// PutBack takes the goods back, once: all of them, or none when some are not out or there is no room to count them. What of the order
// is out, and the levels, have to be told only for an undecided restock. Whoever asks is answered, every time.
func (r *Restock) PutBack(goods Goods, out map[string]int64, levels map[string]stock.Level, asker string) []Event {
	answer := func(outcome Outcome, reason string) []Event {
		return r.record(Answered{Asker: asker, Asked: ToPutBack, Outcome: outcome, Reason: reason})
	}
	switch r.Status {
	case Unasked:
		if reason := goods.unacceptable(out, levels); reason != "" {
			return append(r.record(GoodsRefused{goods.OrderID, reason}), answer(NotDone, reason)...)
		}
		return append(r.record(GoodsReturned(goods)), answer(Done, "")...)
	case Back:
		return answer(Done, "")
	case Rejected:
		return answer(NotDone, r.Reason)
	case Out, CalledOff:
		return answer(NotDone, "The return was called off.")
	}
	panic(r.impossible())
}

// unacceptable tells why goods cannot come back; empty when they can.
func (g Goods) unacceptable(out map[string]int64, levels map[string]stock.Level) string {
	for _, line := range g.Lines {
		if line.Quantity > out[line.SKU] {
			return fewer(out[line.SKU], line.SKU, "with the customer")
		}
		if line.Quantity > levels[line.SKU].Room() {
			return fmt.Sprintf("There is no room to count %d more of %s.", line.Quantity, line.SKU)
		}
	}
	return ""
}

// TakeOut undoes PutBack, or has it never happen. Goods that are promised to others stay: then it is refused, and may be tried again.
// Levels have to be told only while the goods are back. Whoever asks is answered, every time.
func (r *Restock) TakeOut(orderID uuid.UUID, levels map[string]stock.Level, asker string) []Event {
	answer := func(outcome Outcome, reason string) []Event {
		return r.record(Answered{Asker: asker, Asked: ToTakeOut, Outcome: outcome, Reason: reason})
	}
	switch r.Status {
	case Unasked:
		return append(r.record(ReturnCalledOff{orderID}), answer(Undone, "")...)
	case Back:
		for _, line := range r.Lines {
			if available := levels[line.SKU].Available(); line.Quantity > available {
				return answer(NotDone, fewer(available, line.SKU, "left"))
			}
		}
		return append(r.record(GoodsWithdrawn{r.Lines}), answer(Undone, "")...)
	case Rejected, Out, CalledOff:
		return answer(Undone, "")
	}
	panic(r.impossible())
}

// fewer says how many there are, where more are wanted.
func fewer(count int64, sku, where string) string {
	switch count {
	case 0:
		return fmt.Sprintf("None of %s is %s.", sku, where)
	case 1:
		return fmt.Sprintf("Only 1 of %s is %s.", sku, where)
	default:
		return fmt.Sprintf("Only %d of %s are %s.", count, sku, where)
	}
}

func (r *Restock) record(e Event) []Event {
	switch e := e.(type) {
	case GoodsReturned:
		r.OrderID, r.Status, r.Lines = e.OrderID, Back, e.Lines
		r.Version++
	case GoodsWithdrawn:
		r.Status = Out
		r.Version++
	case GoodsRefused:
		r.OrderID, r.Status, r.Reason = e.OrderID, Rejected, e.Reason
	case ReturnCalledOff:
		r.OrderID, r.Status = e.OrderID, CalledOff
	case Answered:
		r.Version++
	default:
		panic(fmt.Sprintf("apply %T", e))
	}
	return []Event{e}
}

func (r *Restock) impossible() string {
	return fmt.Sprintf("restock of return %s has status %q", r.ReturnID, r.Status)
}
