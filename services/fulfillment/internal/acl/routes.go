// Package acl is where fulfillment's words meet those of its neighbours and of the carrier; no other package knows both.
package acl

import (
	"quadrille.dev/platform/inbox"
	"quadrille.dev/services/fulfillment/internal/app"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

// Routes is what fulfillment reacts to.
func Routes() inbox.Routes[app.Store] {
	return inbox.Routes[app.Store]{
		foreseen("ordering.order.placed", inbox.Versions[shipment.Order]{1: orderPlacedV1}, app.Open, placed).Lingering(),
		foreseen("billing.payment.captured", inbox.Versions[shipment.OrderID]{1: paymentCapturedV1}, app.Book, itself),
		foreseen("ordering.order.cancelled", inbox.Versions[shipment.OrderID]{1: orderCancelledV1}, app.Cancel, itself),
		foreseen("ordering.order.fulfilled", inbox.Versions[shipment.OrderID]{1: orderFulfilledV1}, app.Dispatch, itself).Lingering(),
		inbox.On("ordering.return.arrangePickup", inbox.Versions[app.Asked]{1: returnAskedV1}, app.ArrangePickup),
		inbox.On("ordering.return.cancelPickup", inbox.Versions[app.Asked]{1: returnAskedV1}, app.CancelPickup),
		inbox.On("customers.customer.erased", inbox.Versions[shipment.CustomerID]{1: customerErasedV1}, app.Forget).Lingering(),
	}
}
