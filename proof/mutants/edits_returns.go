package mutants

// ofReturns break the return saga: its orchestrator, and those who are asked.
var ofReturns = []edit{
	{
		"early-withdrawal-forgotten", "services/inventory/internal/restock/restock.go",
		"\t\treturn append(r.record(ReturnCalledOff{orderID}), answer(Undone, \"\")...)",
		"\t\treturn answer(Undone, \"\")",
		"goods of a return that was called off before they were asked for never come in",
	},
	{
		"put-back-twice", "services/inventory/internal/restock/restock.go",
		"\tcase Back:\n\t\treturn answer(Done, \"\")\n\tcase Rejected:",
		"\tcase Back:\n\t\treturn append(r.record(GoodsReturned(goods)), answer(Done, \"\")...)\n\tcase Rejected:",
		"goods come back once, however often it is asked",
	},
	{
		"put-back-after-withdrawal", "services/inventory/internal/restock/restock.go",
		"\tcase Out, CalledOff:\n\t\treturn answer(NotDone, \"The return was called off.\")",
		"\tcase Out, CalledOff:\n\t\treturn append(r.record(GoodsReturned(goods)), answer(Done, \"\")...)",
		"goods that were taken out again do not come back",
	},
	{
		"promised-goods-taken-out", "services/inventory/internal/restock/restock.go",
		"line.Quantity > available {",
		"line.Quantity > available+1 {",
		"what is promised to others is not taken out",
	},
	{
		"asked-again-and-silent", "services/billing/internal/refund/command.go",
		"\tif r.Asks() != NoOperation {\n\t\treturn nil\n\t}\n\treturn []Event{r.answer(command, to)}",
		"\treturn nil",
		"a command that comes again is answered again",
	},
	{
		"more-given-than-was-paid", "services/billing/internal/refund/command.go",
		"\tcase amount.Minor > left:",
		"\tcase amount.Minor > c.Amount.Minor:",
		"returns get no more than was captured, less what others get",
	},
	{
		"given-back-again", "services/billing/internal/refund/command.go",
		"\tif r.Asks() != NoOperation {\n\t\treturn nil\n\t}\n\treturn []Event{r.answer(command, to)}",
		"\tif r.Asks() != NoOperation {\n\t\treturn nil\n\t}\n\tif r.Status == Refunded {\n\t\treturn []Event{CallIntended{}}\n\t}\n\treturn []Event{r.answer(command, to)}",
		"money goes back once for each return",
	},
	{
		"undone-while-the-provider-is-asked", "services/billing/internal/refund/command.go",
		"\t\t\treturn []Event{Cancelled{Command: c}}\n\t\t}\n\t\treturn nil",
		"\t\t\treturn []Event{Cancelled{Command: c}, Answered{Command: Cancelling, To: c.ReplyTo, Order: c.Order, Outcome: Undone}}\n\t\t}\n\t\treturn nil",
		"a refund is not said to be undone while the provider may make it",
	},
	{
		"called-off-and-still-booked", "services/fulfillment/internal/pickup/answer.go",
		"\t\tif p.CalledOff {\n\t\t\tevents = append(events, CallIntended",
		"\t\tif p.CalledOff && p.Canceller == \"\" {\n\t\t\tevents = append(events, CallIntended",
		"a pick-up that was called off while it was being booked is cancelled",
	},
	{
		"carrier-not-told-of-a-return", "services/fulfillment/internal/pickup/pickup.go",
		"\t\tevents = append(events, CallIntended{Operation: CancelPickup, At: at})\n\tcase Booking",
		"\t\tevents = append(events, CollectionCancelled{})\n\tcase Booking",
		"the carrier is told not to come",
	},
	{
		"completed-when-asked", "services/ordering/internal/returns/course.go",
		"\t\tc.happens(StepCompleted{Step: Steps[i].Name, Reference: a.Reference})\n\t\tc.advance()",
		"\t\tc.happens(StepCompleted{Step: Steps[i].Name, Reference: a.Reference})\n\t\tc.advance()\n\t\tif c.Asked.Command == Refund {\n\t\t\tc.happens(Completed{})\n\t\t}",
		"a return is complete when the refund is, and not before",
	},
	{
		"overdue-and-not-undone", "services/ordering/internal/returns/course.go",
		"p.Phase == PhaseDone || p.Phase == PhaseFailed && p.Uncertain {",
		"p.Phase == PhaseDone {",
		"a step that was not answered may be done, and is undone",
	},
	{
		"undone-forwards", "services/ordering/internal/returns/course.go",
		"\tfor i := len(Steps) - 1; i >= 0; i-- {",
		"\tfor i := range Steps {",
		"what is done is undone in reverse",
	},
	{
		"refused-and-undone", "services/ordering/internal/returns/course.go",
		"p.Phase == PhaseFailed && p.Uncertain",
		"p.Phase == PhaseFailed",
		"what was refused needs no undoing",
	},
	{
		"paid-back-and-taken-for-undone", "services/ordering/internal/returns/course.go",
		"\tcase i == pivot && a.Outcome == Done: //",
		"\tcase i == pivot && a.Outcome == Done && a.Command == Steps[i].Undo:\n\t\tc.happens(StepCompensated{Step: Steps[i].Name, By: ByContext})\n\t\tc.retreat()\n\tcase i == pivot && a.Outcome == Done: //",
		"a refund that is made stays made",
	},
	{
		"late-refusal-ends-undoing", "services/ordering/internal/returns/course.go",
		"\tcase a.Command != Steps[i].Undo: // the",
		"\tcase a.Command != Steps[i].Undo && a.Outcome == Refused:\n\t\tc.happens(StepCompensated{Step: Steps[i].Name, By: ByContext})\n\t\tc.retreat()\n\tcase a.Command != Steps[i].Undo: // the",
		"only the answer to an undoing command undoes",
	},
	{
		"never-asked-again", "services/ordering/internal/returns/return.go",
		"r.State == StateRunning || r.State == StateCompensating\n}",
		"r.State == StateRunning || r.State == StateCompensating && r.Asked.Said == \"\"\n}",
		"what cannot be undone now is tried again",
	},
	{
		"compensated-and-still-counted", "services/ordering/internal/returns/return.go",
		"return r.State != StateUnknown && r.State != StateCompensated }",
		"return r.State != StateUnknown }",
		"what did not come back can be sent back again",
	},
	{
		"running-not-counted", "services/ordering/internal/returns/return.go",
		"return r.State != StateUnknown && r.State != StateCompensated }",
		"return r.State == StateCompleted }",
		"returns that are under way count against what was bought",
	},
	{
		"more-than-was-bought", "services/ordering/internal/returns/request.go",
		"if left := bought[line.SKU] - gone[line.SKU]; line.Quantity > left {",
		"if left := bought[line.SKU] - gone[line.SKU]; line.Quantity > bought[line.SKU] {",
		"no more comes back than was bought",
	},
	{
		"share-regardless-of-others", "services/ordering/internal/returns/request.go",
		"share(o, with(gone, ask.Lines))-refunded",
		"share(o, with(map[string]int32{}, ask.Lines))-0*refunded",
		"all refunds of an order together are what was paid",
	},
	{
		"returned-before-it-was-fulfilled", "services/ordering/internal/returns/request.go",
		"\tif o.Status != order.StatusFulfilled {",
		"\tif o.Status == order.StatusCancelled {",
		"only fulfilled orders are returned",
	},
	{
		"tried-for-ever", "services/ordering/internal/returns/saga.go",
		"case r.State == StateRunning && r.Asked.Attempt >= pace.Tries:",
		"case r.State == StateRunning && r.Asked.Attempt >= pace.Tries+99:",
		"a step that is not answered fails in the end",
	},
}
