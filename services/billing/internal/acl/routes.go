// Package acl is where billing's words meet those of its neighbours and of the payment provider; no other package knows both.
package acl

import (
	"quadrille.dev/platform/inbox"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/app"
	"quadrille.dev/services/billing/internal/refund"
)

// Routes is what billing reacts to.
func Routes() inbox.Routes[app.Store] {
	return inbox.Routes[app.Store]{
		foreseen("ordering.order.placed", inbox.Versions[account.Order]{1: orderPlacedV1}, app.Open, placed).Lingering(),
		foreseen("inventory.stock.reserved", inbox.Versions[account.OrderID]{1: stockReservedV1}, app.Charge, itself),
		foreseen("ordering.order.cancelled", inbox.Versions[account.OrderID]{1: orderCancelledV1}, app.GiveUp, itself),
		foreseen("fulfillment.shipment.failed", inbox.Versions[account.OrderID]{1: shipmentFailedV1}, app.GiveUp, itself),
		inbox.On("ordering.return.refund", inbox.Versions[refund.Command]{1: refundV1}, app.Refund),
		inbox.On("ordering.return.cancelRefund", inbox.Versions[refund.Command]{1: cancelRefundV1}, app.CallOffRefund),
		inbox.On("customers.customer.registered", inbox.Versions[app.News]{1: customerRegisteredV1}, app.AskWho).Lingering(),
		inbox.On("customers.customer.updated", inbox.Versions[app.News]{1: customerUpdatedV1}, app.AskWho).Lingering(),
		inbox.On("customers.customer.erased", inbox.Versions[account.CustomerID]{1: customerErasedV1}, app.Forget).Lingering(),
	}
}
