package acl

import (
	"quadrille.dev/platform/inbox"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/returns"
)

// Routes is all that ordering reacts to, at the pace of its returns.
func Routes(pace returns.Pace) inbox.Routes[app.Store] {
	return inbox.Routes[app.Store]{
		foreseen("inventory.stock.deducted", inbox.Versions[order.ID]{1: ofOrder}, app.HearStockDeducted, itself),
		foreseen("inventory.stock.rejected", inbox.Versions[app.StockRejection]{1: stockRejectedV1}, app.HearStockRejected, rejected),
		foreseen("inventory.stock.released", inbox.Versions[order.ID]{1: ofOrder}, app.HearStockReleased, itself),
		foreseen("inventory.stock.reinstated", inbox.Versions[order.ID]{1: ofOrder}, app.HearStockReinstated, itself),
		foreseen("billing.payment.declined", inbox.Versions[app.Refusal]{1: refusalOfOrder}, app.HearPaymentDeclined, refused),
		foreseen("billing.payment.voided", inbox.Versions[order.ID]{1: ofOrder}, app.HearPaymentVoided, itself),
		foreseen("billing.payment.refunded", inbox.Versions[order.ID]{1: ofOrder}, app.HearPaymentRefunded, itself),
		foreseen("fulfillment.shipment.failed", inbox.Versions[app.Refusal]{1: refusalOfOrder}, app.HearShipmentFailed, refused),
		foreseen("fulfillment.shipment.cancelled", inbox.Versions[order.ID]{1: ofOrder}, app.HearShipmentCancelled, itself),
		inbox.On("fulfillment.pickup.answered", inbox.Versions[app.ReturnAnswer]{1: answerOf("fulfillment")}, app.HearAnswer(pace)),
		inbox.On("inventory.restock.answered", inbox.Versions[app.ReturnAnswer]{1: answerOf("inventory")}, app.HearAnswer(pace)),
		inbox.On("billing.refund.answered", inbox.Versions[app.ReturnAnswer]{1: answerOf("billing")}, app.HearAnswer(pace)),
		inbox.On("catalog.product.listed", inbox.Versions[app.Product]{1: productV1}, app.RememberProduct).Projecting().Lingering(),
		inbox.On("catalog.product.updated", inbox.Versions[app.Product]{1: productV1}, app.RememberProduct).Projecting().Lingering(),
		inbox.On("catalog.product.retired", inbox.Versions[app.Product]{1: productRetiredV1}, app.RememberProduct).Projecting().Lingering(),
		inbox.On("pricing.price.changed", inbox.Versions[app.Announcement]{1: priceChangedV1}, app.RememberPrice).Projecting().Lingering(),
		inbox.On("customers.customer.profiled", inbox.Versions[app.CustomerTier]{1: profiledV1, 2: profiledV2}, app.RememberTier).Projecting().Lingering(),
		inbox.On("customers.customer.updated", inbox.Versions[app.CustomerTier]{1: customerUpdatedV1}, app.RememberTier).Projecting().Lingering(),
		inbox.On("customers.customer.erased", inbox.Versions[order.CustomerID]{1: ofCustomer}, app.Erase).Lingering().
			ProjectingAs(inbox.On("customers.customer.erased", inbox.Versions[order.CustomerID]{1: ofCustomer}, app.RememberErasure)),
	}
}
