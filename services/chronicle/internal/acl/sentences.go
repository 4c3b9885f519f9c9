package acl

import "time"

// sentences tell each version of each fact.
var sentences = map[version]teller{
	{"ordering.order.placed", 1}: say(func(d placed) string {
		return "Placed " + d.Number + ": " + count(len(d.Lines), "line") + ", " + d.Total.String()
	}),
	{"ordering.order.cancelled", 1}: say(func(d cancelled) string { return "Cancelled: " + d.Reason + " by " + d.CancelledBy }),
	{"ordering.order.fulfilled", 1}: plainly("Fulfilled the order"),
	{"ordering.order.settled", 1}:   plainly("Settled: everything is undone"),

	{"inventory.stock.reserved", 1}: say(func(d lines) string { return "Reserved " + count(len(d.Lines), "line") }),
	{"inventory.stock.rejected", 1}: say(func(d rejected) string {
		skus := make([]string, len(d.Missing))
		for i, missing := range d.Missing {
			skus[i] = missing.SKU
		}
		return "Reserved nothing: short of " + list(skus)
	}),
	{"inventory.stock.deducted", 1}: say(func(d lines) string { return "Deducted " + count(len(d.Lines), "line") }),
	{"inventory.stock.released", 1}: say(func(d lines) string {
		if len(d.Lines) == 0 {
			return "Released nothing: nothing was reserved"
		}
		return "Released " + count(len(d.Lines), "line")
	}),
	{"inventory.stock.reinstated", 1}: say(func(d lines) string { return "Put " + count(len(d.Lines), "line") + " back" }),
	{"inventory.stock.received", 1}:   say(func(d received) string { return "Received " + count(int(d.Quantity), "unit") + " of " + d.SKU }),
	{"inventory.stock.returned", 1}:   say(func(d lines) string { return "Took " + count(len(d.Lines), "line") + " of a return back" }),
	{"inventory.stock.withdrawn", 1}:  say(func(d lines) string { return "Took " + count(len(d.Lines), "line") + " of a return out again" }),

	{"billing.invoice.issued", 1}: say(func(d invoice) string { return "Issued invoice " + d.Number + " for " + d.Total.String() }),
	{"billing.invoice.voided", 1}: say(func(d invoice) string { return "Voided invoice " + d.Number }),

	{"billing.payment.captured", 1}: say(func(d amount) string { return "Charged " + d.Amount.String() }),
	{"billing.payment.declined", 1}: say(func(d amount) string { return "Declined to charge " + d.Amount.String() + ": " + d.Reason }),
	{"billing.payment.voided", 1}:   plainly("Voided the payment: nothing was charged"),
	{"billing.payment.refunded", 1}: say(func(d amount) string { return "Refunded " + d.Amount.String() }),

	{"fulfillment.shipment.arranged", 1}:  say(func(d parcel) string { return "Booked " + d.Carrier + ", tracking number " + d.TrackingNumber }),
	{"fulfillment.shipment.failed", 1}:    say(func(d parcel) string { return "The carrier refused: " + d.Reason }),
	{"fulfillment.shipment.cancelled", 1}: plainly("Cancelled the shipment"),
	{"fulfillment.shipment.dispatched", 1}: say(func(d parcel) string {
		return "Handed over to " + d.Carrier + ", tracking number " + d.TrackingNumber
	}),
	{"fulfillment.shipment.delivered", 1}: say(func(d parcel) string { return "Delivered, tracking number " + d.TrackingNumber }),

	{"catalog.product.listed", 1}:  say(func(d product) string { return "Listed " + d.SKU }),
	{"catalog.product.updated", 1}: say(func(d product) string { return "Updated " + d.SKU + ": " + fields(d.Changes) }),
	{"catalog.product.retired", 1}: say(func(d product) string { return "Retired " + d.SKU }),

	{"customers.customer.registered", 1}: plainly("Registered a customer"),
	{"customers.customer.profiled", 1}:   plainly("Profiled a customer"),
	{"customers.customer.profiled", 2}:   plainly("Profiled a customer"),
	{"customers.customer.updated", 1}:    say(func(d product) string { return "Updated a customer: " + fields(d.Changes) }),
	{"customers.customer.erased", 1}:     plainly("Erased a customer"),

	{"billing.payment.stalled", 1}: say(func(d stalled) string {
		return "No answer from the payment provider to " + d.Operation + " after " + tries(d.Tries)
	}),
	{"fulfillment.shipment.stalled", 1}: say(func(d stalled) string {
		return "No answer from the carrier to " + d.Operation + " after " + tries(d.Tries)
	}),
	{sagaStuck, 1}: say(func(d stuck) string {
		return "Stuck since " + d.SilentSince.UTC().Format(time.RFC3339) + ": nothing was heard"
	}),

	{"ordering.return.requested", 1}: say(func(d returned) string {
		return "Requested a return of " + d.OrderNumber + ": " + count(len(d.Lines), "line") + ", " + d.Refund.String()
	}),
	{"ordering.return.stepStarted", 1}:   say(func(d stepOfReturn) string { return "Asked " + d.Context + " for the step " + d.Step }),
	{"ordering.return.stepCompleted", 1}: say(func(d stepOfReturn) string { return d.named("did the step", d.Reference) }),
	{"ordering.return.stepFailed", 1}: say(func(d stepOfReturn) string {
		if d.Cause == "TIMED_OUT" {
			return d.named("did not answer whether it does the step", "")
		}
		return d.named("refused the step", d.Reason)
	}),
	{"ordering.return.stepCompensated", 1}: say(func(d stepOfReturn) string {
		if d.By == "OPERATOR" {
			return "An operator resolved the step " + d.Step + " as undone"
		}
		return d.named("undid the step", "")
	}),
	{"ordering.return.needsOperator", 1}: say(func(d stepOfReturn) string {
		return d.named("did not undo the step", d.Reason) + ", after " + tries(d.Attempts)
	}),
	{"ordering.return.completed", 1}:   say(func(d returned) string { return "Completed the return: " + d.Refund.String() + " given back" }),
	{"ordering.return.compensated", 1}: plainly("Gave the return up: everything is undone"),
	{"billing.creditnote.issued", 1}:   say(func(d invoice) string { return "Issued credit note " + d.Number + " for " + d.Amount.String() }),

	{"pricing.price.changed", 1}: say(func(d price) string { return "Priced " + d.SKU + " at " + d.ListPrice.String() }),
}
