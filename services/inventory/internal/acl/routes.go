// Package acl is the anti-corruption layer of inventory: the only place that knows the neighbours' words and ours.
package acl

import (
	"github.com/google/uuid"

	"quadrille.dev/platform/inbox"
	"quadrille.dev/services/inventory/internal/app"
)

// Routes are inventory's steps in the order saga and in the return saga, and what it forgets.
func Routes() inbox.Routes[app.Store] {
	return inbox.Routes[app.Store]{
		inbox.Foreseen("ordering.order.placed", inbox.Versions[app.Order]{1: orderPlacedV1}, app.Reserve, expectPlaced),
		inbox.Foreseen("fulfillment.shipment.arranged", inbox.Versions[uuid.UUID]{1: shipmentArrangedV1}, app.Deduct, expect),
		inbox.On("billing.payment.declined", inbox.Versions[uuid.UUID]{1: paymentEndedV1}, app.Release),
		inbox.On("billing.payment.refunded", inbox.Versions[uuid.UUID]{1: paymentEndedV1}, app.Release),
		inbox.On("billing.payment.voided", inbox.Versions[uuid.UUID]{1: paymentEndedV1}, app.Release),
		inbox.On("ordering.return.restock", inbox.Versions[app.Asked]{1: restockV1}, app.Restock),
		inbox.On("ordering.return.withdrawStock", inbox.Versions[app.Asked]{1: withdrawStockV1}, app.Withdraw),
		inbox.On("customers.customer.erased", inbox.Versions[uuid.UUID]{1: customerErasedV1}, app.Forget).Lingering(),
	}
}
