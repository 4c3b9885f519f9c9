package explore

// said is a set of facts of the order saga.
type said uint32

// The facts of the order saga.
const (
	orderPlaced said = 1 << iota
	orderCancelled
	orderFulfilled
	orderSettled
	stockReserved
	stockRejected
	stockDeducted
	stockReleased
	stockReinstated
	invoiceIssued
	invoiceVoided
	paymentCaptured
	paymentDeclined
	paymentVoided
	paymentRefunded
	shipmentArranged
	shipmentFailed
	shipmentCancelled
	shipmentDispatched
	shipmentDelivered
)

// The facts by which each of the three ends a cancelled order: exactly one of each set.
const (
	paymentEnds  = paymentVoided | paymentRefunded | paymentDeclined
	shipmentEnds = shipmentCancelled | shipmentFailed
	stockEnds    = stockRejected | stockReleased | stockReinstated
)

var names = map[string]said{
	"ordering.order.placed": orderPlaced, "ordering.order.cancelled": orderCancelled,
	"ordering.order.fulfilled": orderFulfilled, "ordering.order.settled": orderSettled,
	"inventory.stock.reserved": stockReserved, "inventory.stock.rejected": stockRejected, "inventory.stock.deducted": stockDeducted,
	"inventory.stock.released": stockReleased, "inventory.stock.reinstated": stockReinstated,
	"billing.invoice.issued": invoiceIssued, "billing.invoice.voided": invoiceVoided,
	"billing.payment.captured": paymentCaptured, "billing.payment.declined": paymentDeclined,
	"billing.payment.voided": paymentVoided, "billing.payment.refunded": paymentRefunded,
	"fulfillment.shipment.arranged": shipmentArranged, "fulfillment.shipment.failed": shipmentFailed,
	"fulfillment.shipment.cancelled": shipmentCancelled, "fulfillment.shipment.dispatched": shipmentDispatched,
	"fulfillment.shipment.delivered": shipmentDelivered,
}

// has tells whether one of some facts is among them.
func (s said) has(any said) bool { return s&any != 0 }

// many tells whether there is more than one of some facts among them.
func (s said) many(of said) bool { return s&of&(s&of-1) != 0 }
