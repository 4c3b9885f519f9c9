package acl

import (
	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/services/fulfillment/internal/app"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

// Recalled is what fulfillment does on facts of its own that it has forgotten.
func Recalled() inbox.Routes[app.Store] {
	return inbox.Routes[app.Store]{
		recalled("shipment.arranged", func(d booked) app.Told {
			return app.Told{Order: d.OrderID, Event: shipment.ParcelArranged{Carrier: d.Carrier, TrackingNumber: d.TrackingNumber}}
		}),
		recalled("shipment.failed", func(d shipmentFailed) app.Told {
			return app.Told{Order: d.OrderID, Event: shipment.ParcelFailed{Reason: d.Reason}}
		}),
		recalled("shipment.cancelled", func(d shipmentCancelled) app.Told {
			return app.Told{Order: d.OrderID, Event: shipment.ParcelCancelled{}}
		}),
		recalled("shipment.dispatched", func(d booked) app.Told {
			return app.Told{Order: d.OrderID, Event: shipment.ParcelDispatched{Carrier: d.Carrier, TrackingNumber: d.TrackingNumber}}
		}),
		recalled("shipment.delivered", func(d shipmentDelivered) app.Told {
			return app.Told{Order: d.OrderID, Event: shipment.ParcelDelivered{TrackingNumber: d.TrackingNumber}}
		}),
	}
}

// recalled reads a fact back into the event that it was published for.
func recalled[D any](name string, read func(D) app.Told) inbox.Route[app.Store] {
	return inbox.On("fulfillment."+name, inbox.Versions[app.Told]{1: func(e event.Envelope) (app.Told, error) {
		data, err := event.Data[D](e)
		return read(data), err
	}}, app.Recall)
}
