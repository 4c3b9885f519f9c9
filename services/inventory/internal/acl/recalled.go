package acl

import (
	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/services/inventory/internal/app"
	"quadrille.dev/services/inventory/internal/reservation"
	"quadrille.dev/services/inventory/internal/restock"
)

// Recalled is what inventory does on facts of its own that it has forgotten.
func Recalled() inbox.Routes[app.Store] {
	return inbox.Routes[app.Store]{
		inbox.On("inventory.stock.received", inbox.Versions[app.Delivery]{1: func(e event.Envelope) (app.Delivery, error) {
			d, err := event.Data[receivedV1](e)
			return app.Delivery{SKU: d.SKU, Quantity: d.Quantity, Reference: d.Reference}, err
		}}, app.RecallDelivery),
		recalled("stock.reserved", func(d heldV1) (uuid.UUID, reservation.Event) {
			return d.OrderID, reservation.StockReserved{Lines: d.Lines}
		}),
		recalled("stock.rejected", func(d rejectedV1) (uuid.UUID, reservation.Event) { return d.OrderID, reservation.StockRejected{} }),
		recalled("stock.deducted", func(d heldV1) (uuid.UUID, reservation.Event) {
			return d.OrderID, reservation.StockDeducted{Lines: d.Lines}
		}),
		recalled("stock.released", func(d heldV1) (uuid.UUID, reservation.Event) {
			return d.OrderID, reservation.StockReleased{Lines: d.Lines}
		}),
		recalled("stock.reinstated", func(d heldV1) (uuid.UUID, reservation.Event) {
			return d.OrderID, reservation.StockReinstated{Lines: d.Lines}
		}),
		recalledOfReturn("stock.returned", func(d returnedV1) restock.Event {
			return restock.GoodsReturned{OrderID: d.OrderID, Lines: d.Lines}
		}),
		recalledOfReturn("stock.withdrawn", func(d returnedV1) restock.Event { return restock.GoodsWithdrawn{Lines: d.Lines} }),
	}
}

func recalledOfReturn(name string, read func(returnedV1) restock.Event) inbox.Route[app.Store] {
	return inbox.On("inventory."+name, inbox.Versions[app.ToldOfReturn]{1: func(e event.Envelope) (app.ToldOfReturn, error) {
		data, err := event.Data[returnedV1](e)
		return app.ToldOfReturn{ReturnID: data.ReturnID, OrderID: data.OrderID, Event: read(data)}, err
	}}, app.RecallRestock)
}

// recalled reads a fact back into the event that it was published for.
func recalled[D any](name string, read func(D) (uuid.UUID, reservation.Event)) inbox.Route[app.Store] {
	return inbox.On("inventory."+name, inbox.Versions[app.Told]{1: func(e event.Envelope) (app.Told, error) {
		data, err := event.Data[D](e)
		order, told := read(data)
		return app.Told{OrderID: order, Event: told}, err
	}}, app.Recall)
}
