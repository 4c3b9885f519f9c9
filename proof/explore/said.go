package explore

// said is a set of what is told in the sagas.
type said uint64

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

// What is told in the return saga. Of what there is for each of the three steps, that of the first is here, and those of the others follow.
const (
	returnRequested said = 1 << (20 + iota)
	returnCompleted
	returnCompensated
	stockReturned
	stockWithdrawn
	creditNoteIssued
	stepStarted
	_
	_
	stepCompleted
	_
	_
	// stepRefused and stepTimedOut are failures.
	stepRefused
	_
	_
	stepTimedOut
	_
	_
	stepCompensated
	_
	_
	// toDo and toUndo are commands.
	toDo
	_
	_
	toUndo
	_
	_
	// wasDone, wasRefused and wasUndone are the answers by which a step ends.
	wasDone
	_
	_
	wasRefused
	_
	_
	wasUndone
	_
	_
)

// allSteps are those facts of all the steps, of which the first is given.
func allSteps(first said) said { return first | first<<1 | first<<2 }

// stepFailed is either failure.
const stepFailed = stepRefused | stepTimedOut

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

	"ordering.return.requested": returnRequested, "ordering.return.completed": returnCompleted, "ordering.return.compensated": returnCompensated,
	"inventory.stock.returned": stockReturned, "inventory.stock.withdrawn": stockWithdrawn, "billing.creditnote.issued": creditNoteIssued,
}

// steps are those of a return, in their order.
var steps = []struct{ name, do, undo, answer string }{
	{"pickup", "arrangePickup", "cancelPickup", "fulfillment.pickup.answered"},
	{"restock", "restock", "withdrawStock", "inventory.restock.answered"},
	{"refund", "refund", "cancelRefund", "billing.refund.answered"},
}

func init() {
	for i, step := range steps {
		for name, first := range map[string]said{
			"ordering.return.stepStarted " + step.name:               stepStarted,
			"ordering.return.stepCompleted " + step.name:             stepCompleted,
			"ordering.return.stepFailed " + step.name + " REFUSED":   stepRefused,
			"ordering.return.stepFailed " + step.name + " TIMED_OUT": stepTimedOut,
			"ordering.return.stepCompensated " + step.name:           stepCompensated,
			"ordering.return." + step.do:                             toDo,
			"ordering.return." + step.undo:                           toUndo,
			step.answer + " " + step.do + " DONE":                    wasDone,
			step.answer + " " + step.undo + " DONE":                  wasDone,
			step.answer + " " + step.do + " REFUSED":                 wasRefused,
			step.answer + " " + step.undo + " UNDONE":                wasUndone,
		} {
			names[name] = first << i
		}
	}
}

// has tells whether one of some facts is among them.
func (s said) has(any said) bool { return s&any != 0 }

// many tells whether there is more than one of some facts among them.
func (s said) many(of said) bool { return s&of&(s&of-1) != 0 }
