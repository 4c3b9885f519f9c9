package acl

import (
	"fmt"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
)

// Recalled is what ordering does on facts of its own that it has forgotten.
func Recalled() inbox.Routes[app.Store] {
	return append(recalledOfReturns(), inbox.Routes[app.Store]{
		recalled("ordering.order.placed", func(d placed) (order.Event, error) {
			customer, err := uuid.Parse(d.CustomerID)
			return order.Placed{Placement: order.Placement{
				Number: d.Number, CustomerID: order.CustomerID{UUID: customer}, Lines: d.Lines, Discount: d.Discount, Total: d.Total,
				ShippingAddress: d.ShippingAddress, PaymentToken: d.Payment.Token, PricedFrom: order.PricedFrom(d.PricedFrom),
				PromotionCodes: append([]string{}, d.PromotionCodes...), Deadline: d.Deadline,
			}}, err
		}),
		recalled("ordering.order.fulfilled", func(decided) (order.Event, error) { return order.Fulfilled{}, nil }),
		recalled("ordering.order.cancelled", func(d cancelled) (order.Event, error) {
			return order.Cancelled{Reason: order.Reason(d.Reason), Detail: d.Detail, By: order.Canceller(d.CancelledBy)}, nil
		}),
		recalled("ordering.order.settled", func(decided) (order.Event, error) { return order.Settled{}, nil }),
	}...)
}

// recalled reads a fact back into the event of an order that it was published for.
func recalled[D any](name string, read func(D) (order.Event, error)) inbox.Route[app.Store] {
	return inbox.On(name, ownWords(func(id uuid.UUID, d D) (app.Told, error) {
		told, err := read(d)
		return app.Told{Order: order.ID{UUID: id}, Event: told}, err
	}), app.Recall)
}

// ownWords reads what ordering published of an aggregate.
func ownWords[D, M any](read func(id uuid.UUID, data D) (M, error)) inbox.Versions[M] {
	return inbox.Versions[M]{1: func(e event.Envelope) (message M, err error) {
		id, err := uuid.Parse(e.Subject)
		if err != nil {
			return message, fmt.Errorf("subject: %w", err)
		}
		data, err := event.Data[D](e)
		if err != nil {
			return message, err
		}
		return read(id, data)
	}}
}
