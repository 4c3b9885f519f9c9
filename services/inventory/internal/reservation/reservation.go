// Package reservation is what inventory holds for one order, from the promise until the goods have left or are free again.
package reservation

import (
	"fmt"

	"github.com/google/uuid"

	"quadrille.dev/services/inventory/internal/stock"
)

// Status is how a reservation stands.
type Status string

// The statuses. Rejected, Released and Reinstated are final.
const (
	// Pending: the order itself has not been heard of.
	Pending    Status = "PENDING"
	Reserved   Status = "RESERVED"
	Rejected   Status = "REJECTED"
	Deducted   Status = "DEDUCTED"
	Released   Status = "RELEASED"
	Reinstated Status = "REINSTATED"
)

// Reservation is what is held for one order.
type Reservation struct {
	OrderID uuid.UUID
	// CustomerID is zero until the order itself was heard of.
	CustomerID uuid.UUID
	Status     Status
	// ShipmentArranged remembers a shipment that was heard of before the order.
	ShipmentArranged bool
	// Lines are the goods held, or held once.
	Lines []stock.Line
	// Returned are those of them that returns of the order have brought back, by SKU.
	Returned []stock.Line
	// Version counts the events.
	Version int64
}

// New is the reservation of an order of which nothing is known.
func New(orderID uuid.UUID) Reservation {
	return Reservation{OrderID: orderID, Status: Pending}
}

// Undecided tells whether the order, once heard of, has to be given goods or refused.
func (r *Reservation) Undecided() bool { return r.Status == Pending }

// Reserve takes the order in and holds all of its lines, or none when one is short. What is available has to be told only
// for an undecided order. When the payment had already come to nothing, nothing is held; when the shipment was already
// arranged, the goods leave at once.
func (r *Reservation) Reserve(customerID uuid.UUID, lines []stock.Line, available map[string]int64) []Event {
	r.CustomerID = customerID
	switch r.Status {
	case Pending:
		if missing := short(lines, available); len(missing) > 0 {
			return r.record(StockRejected{missing})
		}
		events := r.record(StockReserved{lines})
		if r.ShipmentArranged {
			events = append(events, r.Deduct()...)
		}
		return events
	case Reserved, Rejected, Deducted, Released, Reinstated:
		return nil
	}
	panic(r.impossible())
}

func short(lines []stock.Line, available map[string]int64) []Missing {
	var missing []Missing
	for _, line := range lines {
		if line.Quantity > available[line.SKU] {
			missing = append(missing, Missing{SKU: line.SKU, Requested: line.Quantity, Available: available[line.SKU]})
		}
	}
	return missing
}

// Deduct has the goods leave, because their shipment is arranged. A shipment heard of before the order is remembered.
func (r *Reservation) Deduct() []Event {
	switch r.Status {
	case Pending:
		r.ShipmentArranged = true
		return nil
	case Reserved:
		return r.record(StockDeducted{r.Lines})
	case Rejected, Deducted, Released, Reinstated:
		return nil
	}
	panic(r.impossible())
}

// Release ends the reservation, because the payment came to nothing: goods held are free again, goods that have left are put
// back. An order not yet heard of will never be given any.
func (r *Reservation) Release() []Event {
	switch r.Status {
	case Pending, Reserved:
		return r.record(StockReleased{r.Lines})
	case Deducted:
		if left := without(r.Lines, r.Returned); len(left) > 0 {
			return r.record(StockReinstated{left})
		}
		r.Status = Reinstated
		return nil
	case Rejected, Released, Reinstated:
		return nil
	}
	panic(r.impossible())
}

func (r *Reservation) record(e Event) []Event {
	switch e := e.(type) {
	case StockReserved:
		r.Status, r.Lines = Reserved, e.Lines
	case StockRejected:
		r.Status = Rejected
	case StockDeducted:
		r.Status = Deducted
	case StockReleased:
		r.Status = Released
	case StockReinstated:
		r.Status = Reinstated
	default:
		panic(fmt.Sprintf("apply %T", e))
	}
	r.Version++
	return []Event{e}
}

func (r *Reservation) impossible() string {
	return fmt.Sprintf("reservation of order %s has status %q", r.OrderID, r.Status)
}
