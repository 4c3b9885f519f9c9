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
	return inbox.Routes[app.Store]{
		recalled("order.placed", func(d placed) (order.Event, error) {
			customer, err := uuid.Parse(d.CustomerID)
			return order.Placed{Placement: order.Placement{
				Number: d.Number, CustomerID: order.CustomerID{UUID: customer}, Lines: d.Lines, Discount: d.Discount, Total: d.Total,
				ShippingAddress: d.ShippingAddress, PaymentToken: d.Payment.Token, PricedFrom: order.PricedFrom(d.PricedFrom),
				PromotionCodes: append([]string{}, d.PromotionCodes...), Deadline: d.Deadline,
			}}, err
		}),
		recalled("order.fulfilled", func(decided) (order.Event, error) { return order.Fulfilled{}, nil }),
		recalled("order.cancelled", func(d cancelled) (order.Event, error) {
			return order.Cancelled{Reason: order.Reason(d.Reason), Detail: d.Detail, By: order.Canceller(d.CancelledBy)}, nil
		}),
		recalled("order.settled", func(decided) (order.Event, error) { return order.Settled{}, nil }),
	}
}

// recalled reads a fact back into the event that it was published for.
func recalled[D any](name string, read func(D) (order.Event, error)) inbox.Route[app.Store] {
	return inbox.On("ordering."+name, inbox.Versions[app.Told]{1: func(e event.Envelope) (app.Told, error) {
		id, err := uuid.Parse(e.Subject)
		if err != nil {
			return app.Told{}, fmt.Errorf("subject: %w", err)
		}
		data, err := event.Data[D](e)
		if err != nil {
			return app.Told{}, err
		}
		told, err := read(data)
		return app.Told{Order: order.ID{UUID: id}, Event: told}, err
	}}, app.Recall)
}
