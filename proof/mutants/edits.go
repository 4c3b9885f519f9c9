package mutants

import "slices"

// The files that most edits are of.
const (
	reservation = "services/inventory/internal/reservation/reservation.go"
	account     = "services/billing/internal/account/account.go"
	shipment    = "services/fulfillment/internal/shipment/shipment.go"
	carrierSaid = "services/fulfillment/internal/shipment/answer.go"
	orderHears  = "services/ordering/internal/order/hear.go"
	orderEnds   = "services/ordering/internal/order/cancel.go"
	boundary    = "platform/testkit/script.go"
	delivery    = "proof/explore/delivery.go"
)

var edits = slices.Concat(ofInventory, ofOrdering, ofBilling, ofFulfillment, ofReturns, ofDelivery)

var ofInventory = []edit{
	{
		"early-void-forgotten", reservation,
		"case Pending, Reserved:\n\t\treturn r.record(StockReleased{r.Lines})",
		"case Pending:\n\t\treturn nil\n\tcase Reserved:\n\t\treturn r.record(StockReleased{r.Lines})",
		"an order whose payment had come to nothing before it was heard of is never given goods",
	},
	{
		"released-twice", "services/inventory/internal/app/release.go",
		"events := r.Release()",
		"events := r.Release()\n\tevents = append(events, events...)",
		"a reservation ends once",
	},
	{
		"reserved-in-part", reservation,
		"if missing := short(lines, available); len(missing) > 0 {\n\t\t\treturn r.record(StockRejected{missing})\n\t\t}",
		"if missing := short(lines, available); len(missing) == len(lines) {\n\t\t\treturn r.record(StockRejected{missing})\n\t\t}\n" +
			"\t\tlines = append([]stock.Line(nil), lines...)\n" +
			"\t\tfor i := range lines {\n\t\t\tlines[i].Quantity = min(lines[i].Quantity, available[lines[i].SKU])\n\t\t}",
		"all lines of an order are held, or none",
	},
	{
		"promised-without-looking", reservation,
		"if line.Quantity > available[line.SKU] {",
		"if available[line.SKU] < 0 {",
		"nothing is promised that is not there",
	},
	{
		"put-back-though-it-never-left", reservation,
		"case Pending, Reserved:\n\t\treturn r.record(StockReleased{r.Lines})\n\tcase Deducted:",
		"case Pending:\n\t\treturn r.record(StockReleased{r.Lines})\n\tcase Reserved, Deducted:",
		"only goods that have left are put back",
	},
	{
		"set-free-though-it-has-left", reservation,
		"return r.record(StockReinstated{left})",
		"return r.record(StockReleased{left})",
		"goods that have left are put back",
	},
	{
		"leaves-after-release", reservation,
		"case Rejected, Deducted, Released, Reinstated:\n\t\treturn nil",
		"case Released:\n\t\treturn r.record(StockDeducted{r.Lines})\n\tcase Rejected, Deducted, Reinstated:\n\t\treturn nil",
		"goods that were set free do not leave",
	},
	{
		"release-moves-nothing", "services/inventory/internal/stock/movement.go",
		"return Effect{Reserved: -1}",
		"return Effect{}",
		"what is set free can be promised again",
	},
}

var ofOrdering = []edit{
	{
		"fulfilled-though-cancelled", orderHears,
		"case StatusPlaced:\n\t\t\treturn []Event{Fulfilled{}}\n\t\tcase StatusCancelled, StatusFulfilled, StatusUnknown:",
		"case StatusPlaced, StatusCancelled:\n\t\t\treturn []Event{Fulfilled{}}\n\t\tcase StatusFulfilled, StatusUnknown:",
		"a cancelled order is never fulfilled",
	},
	{
		"cancelled-though-fulfilled", orderEnds,
		"case StatusFulfilled:\n\t\treturn nil, ErrFulfilled",
		"case StatusFulfilled:\n\t\treturn o.cancel(requestOf(by), detail, by), nil",
		"a fulfilled order is never cancelled",
	},
	{
		"deadline-unnoticed", orderEnds,
		"if o.Status != StatusPlaced || at.Before(o.Deadline) {",
		"if true {",
		"an order that is not fulfilled in time is cancelled",
	},
	{
		"failure-unheard", orderHears,
		"case StatusPlaced:\n\t\treturn o.cancel(reason, detail, BySystem)",
		"case StatusPlaced:\n\t\treturn nil",
		"an order of which a step has failed is cancelled",
	},
	{
		"settled-without-the-stock", orderHears,
		"return money && parcel && goods",
		"_ = goods\n\treturn money && parcel",
		"an order is settled when the goods are where they were",
	},
	{
		"settled-without-the-money", orderHears,
		"return money && parcel && goods",
		"_ = money\n\treturn parcel && goods",
		"an order is settled when the money is where it was",
	},
	{
		"settled-without-the-parcel", orderHears,
		"return money && parcel && goods",
		"_ = parcel\n\treturn money && goods",
		"an order is settled when no parcel goes",
	},
	{
		"settled-while-goods-are-out", orderHears,
		"h.StockReinstated || !h.StockDeducted && (h.StockRejected || h.StockReleased)",
		"h.StockReinstated || h.StockDeducted || h.StockRejected || h.StockReleased",
		"goods that have left count as back when they were put back",
	},
	{
		"heard-before-the-cancellation-and-forgotten", orderEnds,
		"return append([]Event{cancelled}, o.with(cancelled).settle()...)",
		"return []Event{cancelled}",
		"an order is settled also if all was undone before it was cancelled",
	},
	{
		"cancelled-again", orderEnds,
		"case StatusCancelled:\n\t\treturn nil, nil",
		"case StatusCancelled:\n\t\treturn o.cancel(requestOf(by), detail, by), nil",
		"an order is cancelled once",
	},
	{
		"stock-unheard-after-cancellation", orderHears,
		"return o.hear(o.Heard.StockReinstated, StockReinstated{}, Order.settle)",
		"return o.hear(o.Heard.StockReinstated, StockReinstated{}, func(Order) []Event { return nil })",
		"an order is settled by whatever is heard last",
	},
}

var ofBilling = []edit{
	{
		"charged-though-cancelled", account,
		"case !a.Opened || !a.Reserved || a.GivenUp || a.Payment.Status != Pending:",
		"case !a.Opened || !a.Reserved:",
		"an order that was cancelled before it was paid is never charged",
	},
	{
		"charged-without-stock", account,
		"case !a.Opened || !a.Reserved || a.GivenUp || a.Payment.Status != Pending:",
		"case !a.Opened || a.GivenUp || a.Payment.Status != Pending:",
		"only goods that are set aside are charged for",
	},
	{
		"early-cancellation-forgotten-by-billing", account,
		"if a.GivenUp {\n\t\treturn nil\n\t}\n\tevents := []Event{GivenUp{}}",
		"if a.GivenUp || !a.Opened {\n\t\treturn nil\n\t}\n\tevents := []Event{GivenUp{}}",
		"a cancellation that overtakes its order is remembered",
	},
	{
		"voided-while-charging", account,
		"switch a.Payment.Status {",
		"if a.Payment.Status == Charging {\n\t\treturn append(events, PaymentVoided{})\n\t}\n\tswitch a.Payment.Status {",
		"what the provider was asked for is undone when it has answered, not before",
	},
	{
		"late-capture-kept", "services/billing/internal/account/call.go",
		"if a.GivenUp {\n\t\t\tevents = append(events, a.refund(at)...)\n\t\t}",
		"",
		"what is captured after the cancellation is paid back",
	},
	{
		"refund-forgotten", account,
		"case Captured:\n\t\treturn append(events, a.refund(at)...)",
		"case Captured:\n\t\treturn events",
		"what was captured before the cancellation is paid back",
	},
	{
		"void-after-decline", account,
		"switch a.Payment.Status {",
		"if a.Payment.Status == Declined {\n\t\treturn append(events, PaymentVoided{})\n\t}\n\tswitch a.Payment.Status {",
		"a payment has one end",
	},
	{
		"voided-and-charged", "services/billing/internal/account/event.go",
		"a.Payment.Status, a.Call = Voided, Call{}",
		"a.Payment.Status = Voided",
		"an intention that was voided is not carried out",
	},
	{
		"invoice-stands", account,
		"events = append(events, InvoiceVoided{Number: a.Invoice.Number})",
		"events = append(events[:1], events[1:]...)",
		"the invoice of a cancelled order asks for nothing",
	},
	{
		"charged-under-a-new-key", "services/billing/internal/app/handover.go",
		`return string(c.Operation) + "-" + c.Order.String()`,
		`return string(c.Operation) + "-" + c.Order.String() + string(rune('0'+c.Attempt))`,
		"however often it is asked for, a charge is made once",
	},
	{
		"lost-is-declined", "services/billing/internal/app/hear.go",
		"case operation == account.Charge && answer.Outcome == Refused:",
		"case operation == account.Charge:",
		"of a lost answer nobody knows whether the provider has charged",
	},
	{
		"lost-is-captured", "services/billing/internal/app/hear.go",
		"case operation == account.Charge && answer.Outcome == Done:",
		"case operation == account.Charge && answer.Outcome != Refused:",
		"of a lost answer nobody knows whether the provider has charged",
	},
	{
		"lost-and-left", "services/billing/internal/account/event.go",
		"a.Call.DueAt = e.DueAt",
		"a.Call = Call{}",
		"what is lost is asked for again, for ever",
	},
	{
		"refund-told-as-void", "services/billing/internal/acl/published.go",
		`return "payment.refunded", paymentRefunded{order, e.Amount, e.RefundID}`,
		`return "payment.voided", paymentVoided{order}`,
		"voided is what was never charged",
	},
}

var ofFulfillment = []edit{
	{
		"booked-though-cancelled", shipment,
		"case !s.Opened || !s.Paid || s.CalledOff || s.Status != Pending:",
		"case !s.Opened || !s.Paid:",
		"for an order that was cancelled before, the carrier is never booked",
	},
	{
		"booked-unpaid", shipment,
		"case !s.Opened || !s.Paid || s.CalledOff || s.Status != Pending:",
		"case !s.Opened || s.CalledOff || s.Status != Pending:",
		"the carrier is booked for what is paid",
	},
	{
		"early-cancellation-forgotten-by-fulfillment", shipment,
		"if s.CalledOff {\n\t\treturn nil, nil\n\t}",
		"if s.CalledOff || !s.Opened {\n\t\treturn nil, nil\n\t}",
		"a cancellation that overtakes its order is remembered",
	},
	{
		"dispatched-on-booking", carrierSaid,
		"events := []Event{ParcelArranged{carrier, trackingNumber}}\n\t\tif s.Fulfilled {",
		"events := []Event{ParcelArranged{carrier, trackingNumber}}\n\t\tif !s.CalledOff {",
		"a parcel goes when its order is fulfilled",
	},
	{
		"cancelled-while-booking", shipment,
		"events := []Event{OrderCancelled{}}\n",
		"events := []Event{OrderCancelled{}}\n\tif s.Status == Booking {\n\t\treturn append(events, ParcelCancelled{}), nil\n\t}\n",
		"what the carrier was asked for is undone when it has answered, not before",
	},
	{
		"late-booking-kept", carrierSaid,
		"if s.CalledOff {\n\t\t\treturn []Event{BookedInVain{carrier, trackingNumber}, CallIntended{Operation: Cancel, At: at}}, nil\n\t\t}\n\t\tevents",
		"events",
		"a booking that is answered after the cancellation is cancelled",
	},
	{
		"carrier-not-told", shipment,
		"case Arranged:\n\t\treturn append(events, CallIntended{Operation: Cancel, At: at}), nil",
		"case Arranged:\n\t\treturn append(events, ParcelCancelled{}), nil",
		"a shipment counts as cancelled when the carrier has agreed",
	},
	{
		"cancelled-after-refusal", shipment,
		"events := []Event{OrderCancelled{}}\n",
		"events := []Event{OrderCancelled{}}\n\tif s.Status == Failed {\n\t\treturn append(events, ParcelCancelled{}), nil\n\t}\n",
		"a shipment has one end",
	},
	{
		"booked-under-a-new-key", "services/fulfillment/internal/app/take.go",
		`return string(c.Operation) + "-" + c.Order.String()`,
		`return string(c.Operation) + "-" + c.Order.String() + string(rune('0'+c.Attempt))`,
		"however often it is asked for, one parcel is fetched",
	},
	{
		"lost-is-refused", "services/fulfillment/internal/app/hear.go",
		"case operation == shipment.Book && answer.Outcome == Refused:",
		"case operation == shipment.Book:",
		"of a lost answer nobody knows whether the carrier comes",
	},
	{
		"handover-forgotten", shipment,
		"if s.Status == Arranged {\n\t\tevents = append(events, CallIntended{Operation: HandOver, At: at})\n\t}",
		"",
		"the parcel of a fulfilled order goes",
	},
}

var ofDelivery = []edit{
	{
		"handled-again", boundary,
		"if a.state.seen[fact.ID] {",
		"if false && a.state.seen[fact.ID] {",
		"a fact is handled once",
	},
	{
		"told-and-not-kept", boundary,
		"\ta.state = next\n",
		"",
		"facts leave with the change that they tell of, or not at all",
	},
	{
		"kept-and-not-told", boundary,
		"return next.memory.Published(), nil",
		"_ = next.memory.Published()\n\treturn nil, nil",
		"a change and its facts are one",
	},
	{
		"acknowledged-before-commit", delivery,
		"case s.Fault == AckBeforeCommit && l.copies[who] == 0:",
		"case l.copies[who] == 0:",
		"what a crash keeps from being handled comes again",
	},
	{
		"published-before-commit", delivery,
		"case s.Fault == PublishBeforeCommit && l.copies[who] == 0:",
		"case s.Fault == NoFault && l.copies[who] == 0:",
		"what is rolled back was never told",
	},
}
