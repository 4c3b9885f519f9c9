package acl

import (
	"cmp"
	"fmt"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/fulfillment/internal/app"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

type (
	// booked is the payload of arranged and dispatched.
	booked struct {
		OrderID        shipment.OrderID `json:"orderId"`
		Carrier        string           `json:"carrier"`
		TrackingNumber string           `json:"trackingNumber"`
	}
	shipmentFailed struct {
		OrderID shipment.OrderID `json:"orderId"`
		Reason  string           `json:"reason"`
	}
	shipmentCancelled struct {
		OrderID shipment.OrderID `json:"orderId"`
	}
	shipmentDelivered struct {
		OrderID        shipment.OrderID `json:"orderId"`
		TrackingNumber string           `json:"trackingNumber"`
	}
	shipmentStalled struct {
		OrderID    shipment.OrderID   `json:"orderId"`
		Step       shipment.Step      `json:"step"`
		Operation  shipment.Operation `json:"operation"`
		Tries      int                `json:"tries"`
		LastError  string             `json:"lastError"`
		NextAction string             `json:"nextAction"`
	}
)

// remedies are what an operator can do for a call that has stalled.
var remedies = map[shipment.Operation]string{
	shipment.Book: "Retry the step arrange, or resolve it as DONE with the tracking number and the carrier, " +
		"or as REFUSED with the reason.",
	shipment.Cancel:   "Retry the step arrange, or resolve it as UNDONE.",
	shipment.HandOver: "Retry the step dispatch, or resolve it as DONE.",
}

// clip bounds what an error may say in a fact.
func clip(text string) string {
	const most = 500
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

// Language is how fulfillment tells what happened.
func Language() app.Language { return app.Language{Shipment: Published, Pickup: PublishedOfPickup} }

// Published is what others hear of the events that have brought a shipment to where it is.
func Published(s shipment.Shipment, at time.Time, events []shipment.Event) []event.Fact {
	var facts []event.Fact
	for _, e := range events {
		if name, data := tell(s.Order, e); name != "" {
			facts = append(facts, event.Fact{
				Name: "fulfillment." + name, Version: 1, Subject: s.Order.String(), CorrelationID: s.Order.String(), At: at, Data: data,
			})
		}
	}
	for i := range facts {
		facts[i].Sequence = s.Version - int64(len(facts)-1-i)
	}
	return facts
}

// tell puts an event into public words; no name for what is nobody else's business.
func tell(order shipment.OrderID, e shipment.Event) (name string, data any) {
	switch e := e.(type) {
	case shipment.Opened, shipment.OrderPaid, shipment.OrderCancelled, shipment.OrderFulfilled, shipment.CustomerErased,
		shipment.BookedInVain, shipment.CallIntended, shipment.CallTaken, shipment.AnswerLost, shipment.StillUnderWay,
		shipment.CallRetried, shipment.OutcomeStated, shipment.CancelledInVain:
		return "", nil
	case shipment.ParcelArranged:
		return "shipment.arranged", booked{order, e.Carrier, e.TrackingNumber}
	case shipment.ParcelFailed:
		return "shipment.failed", shipmentFailed{order, e.Reason}
	case shipment.ParcelCancelled:
		return "shipment.cancelled", shipmentCancelled{order}
	case shipment.ParcelDispatched:
		return "shipment.dispatched", booked{order, e.Carrier, e.TrackingNumber}
	case shipment.ParcelDelivered:
		return "shipment.delivered", shipmentDelivered{order, e.TrackingNumber}
	case shipment.CallStalled:
		return "shipment.stalled", shipmentStalled{
			order, e.Operation.Step(), e.Operation, e.Tries, cmp.Or(clip(e.Why), "no answer"), remedies[e.Operation],
		}
	default:
		panic(fmt.Sprintf("unknown event %T", e))
	}
}
