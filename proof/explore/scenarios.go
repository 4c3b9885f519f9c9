package explore

// plain are the ways of the saga without anybody interfering.
var plain = []Scenario{
	{
		Name: "happy-path", Bounded: true,
		Reaches: []string{
			"inventory.stock.reserved", "billing.invoice.issued", "billing.payment.captured", "fulfillment.shipment.arranged",
			"inventory.stock.deducted", "ordering.order.fulfilled", "fulfillment.shipment.dispatched", "fulfillment.shipment.delivered",
		},
	},
	{
		Name: "out-of-stock", Bounded: true, Stock: map[string]int64{"CUP": 1, "JUG": 1},
		Reaches: []string{"inventory.stock.rejected", "OUT_OF_STOCK", "billing.payment.voided", "ordering.order.settled"},
	},
	{
		Name: "declined", Bounded: true, Provider: Refuses,
		Reaches: []string{"billing.payment.declined", "PAYMENT_DECLINED", "inventory.stock.released", "ordering.order.settled"},
	},
	{
		Name: "carrier-refuses", Bounded: true, Carrier: Refuses,
		Reaches: []string{"fulfillment.shipment.failed", "SHIPMENT_FAILED", "billing.payment.refunded", "ordering.order.settled"},
	},
}

// cancelled are those in which somebody, or time, interferes at any moment.
var cancelled = []Scenario{
	{
		Name: "cancelled-at-any-time", Bounded: true, Customer: true,
		Reaches: []string{
			"CUSTOMER_REQUEST", "ordering.order.fulfilled", "billing.payment.voided", "billing.payment.refunded",
			"inventory.stock.released", "inventory.stock.reinstated", "fulfillment.shipment.cancelled",
		},
	},
	{
		Name: "declined-with-cancel", Bounded: true, Customer: true, Provider: Refuses,
		Reaches: []string{"CUSTOMER_REQUEST", "PAYMENT_DECLINED", "billing.payment.voided", "billing.payment.declined"},
	},
	{
		Name: "carrier-refuses-with-cancel", Bounded: true, Customer: true, Carrier: Refuses,
		Reaches: []string{"CUSTOMER_REQUEST", "SHIPMENT_FAILED", "fulfillment.shipment.cancelled", "fulfillment.shipment.failed"},
	},
	{
		Name: "out-of-stock-with-cancel", Bounded: true, Customer: true, Stock: map[string]int64{"CUP": 1, "JUG": 1},
		Reaches: []string{"CUSTOMER_REQUEST", "OUT_OF_STOCK", "inventory.stock.rejected", "inventory.stock.released"},
	},
	{
		Name: "operator-cancels", Bounded: true, Operator: true,
		Reaches: []string{"OPERATOR_REQUEST", "ordering.order.fulfilled", "billing.payment.refunded", "inventory.stock.reinstated"},
	},
	{
		Name: "deadline", Bounded: true, Deadline: true,
		Reaches: []string{"TIMED_OUT", "ordering.order.fulfilled", "billing.payment.refunded", "inventory.stock.reinstated"},
	},
}

// unreliable are those in which messages come again and answers do not come.
var unreliable = []Scenario{
	{Name: "duplicates", Bounded: true, Duplicates: 2, Customer: true},
	{Name: "forgetful-inbox", Bounded: true, Forgets: 1, Customer: true, Provider: Either, Carrier: Either},
	{Name: "lost-answers", Bounded: true, Lost: 2, Provider: Either, Carrier: Either},
	{Name: "everything-at-once", Bounded: true, Customer: true, Operator: true, Deadline: true, Provider: Either, Carrier: Either, Lost: 1, Duplicates: 2},
	{Name: "everything-at-once-and-two-lost", Customer: true, Operator: true, Deadline: true, Provider: Either, Carrier: Either, Lost: 2},
	{
		Name: "free-of-charge", Bounded: true, Free: true, Customer: true, Deadline: true, Carrier: Either,
		Reaches: []string{"ordering.order.fulfilled", "billing.payment.refunded", "billing.payment.voided", "SHIPMENT_FAILED"},
	},
	{Name: "erased", Bounded: true, Erased: true, Provider: Either, Carrier: Either},
}

// crowded are those with more orders than one.
var crowded = []Scenario{
	{
		Name: "last-item", Bounded: true, Orders: []Order{{"CUP": 1}, {"CUP": 1}}, Stock: map[string]int64{"CUP": 1},
		Reaches: []string{"inventory.stock.rejected", "ordering.order.fulfilled"},
	},
	{
		Name: "last-item-with-refusals", Orders: []Order{{"CUP": 1}, {"CUP": 1}}, Stock: map[string]int64{"CUP": 1},
		Provider: Either, Carrier: Either,
	},
	{
		Name: "last-item-with-cancel", Orders: []Order{{"CUP": 1}, {"CUP": 1}}, Stock: map[string]int64{"CUP": 1}, Customer: true,
	},
	{
		Name: "last-item-with-deadlines", Orders: []Order{{"CUP": 1}, {"CUP": 1}}, Stock: map[string]int64{"CUP": 1}, Deadline: true,
	},
	{
		Name: "last-item-of-two", Orders: []Order{{"CUP": 1, "JUG": 1}, {"CUP": 1}}, Stock: map[string]int64{"CUP": 1, "JUG": 1},
		Provider: Either, Lost: 1,
	},
	{
		Name: "last-item-for-three", Orders: []Order{{"CUP": 1}, {"CUP": 1}, {"CUP": 1}}, Stock: map[string]int64{"CUP": 1},
	},
	{
		Name: "enough-for-two-with-refusals", Orders: []Order{{"CUP": 1}, {"CUP": 1}}, Stock: map[string]int64{"CUP": 2},
		Provider: Either, Carrier: Either,
	},
}

// part is a return of some of the goods, and parts are two that together are all.
var (
	part  = []Return{{Lines: Order{"CUP": 1, "JUG": 1}}}
	parts = []Return{{Lines: Order{"JUG": 1}}, {Lines: Order{"CUP": 1, "JUG": 1}}}
)

// returned are those in which goods come back of an order that has arrived.
var returned = []Scenario{
	{
		Name: "return", Bounded: true, Begun: Delivered, Returns: part,
		Reaches: []string{"ordering.return.completed", "billing.creditnote.issued", "inventory.stock.returned"},
	},
	{
		Name: "return-not-collected", Bounded: true, Begun: Delivered, Returns: part, Collector: Refuses,
		Reaches: []string{"ordering.return.stepFailed pickup REFUSED", "ordering.return.compensated"},
	},
	{
		Name: "return-not-refunded", Bounded: true, Begun: Delivered, Returns: part, Refunder: Refuses,
		Reaches: []string{"ordering.return.stepFailed refund REFUSED", "inventory.stock.withdrawn", "ordering.return.compensated"},
	},
	{
		Name: "return-overdue", Bounded: true, Begun: Delivered, Returns: part, Timers: 1,
		Reaches: []string{
			"ordering.return.stepFailed pickup TIMED_OUT", "ordering.return.stepFailed restock TIMED_OUT",
			"ordering.return.stepFailed refund TIMED_OUT", "ordering.return.compensated", "ordering.return.completed",
		},
	},
	{
		Name: "return-asked-again", Bounded: true, Begun: Delivered, Returns: part, Timers: 3, Tries: 2, UndoTries: 2,
		Reaches: []string{"TIMED_OUT", "ordering.return.compensated", "ordering.return.completed"},
	},
	{
		Name: "return-lost-answers", Bounded: true, Begun: Delivered, Returns: part, Timers: 1, Lost: 2, Refunder: Either, Collector: Either,
	},
	{
		Name: "return-forgetful-inbox", Bounded: true, Begun: Delivered, Returns: part, Timers: 1, Forgets: 1, Refunder: Either, Collector: Either,
	},
	{
		Name: "return-with-everything", Bounded: true, Begun: Delivered, Returns: part, Timers: 2, Tries: 2, UndoTries: 2,
		Refunder: Either, Collector: Either, Lost: 1, Duplicates: 2,
		Reaches: []string{"TIMED_OUT", "REFUSED", "ordering.return.compensated", "ordering.return.completed"},
	},
	{
		Name: "return-with-everything-and-more", Begun: Delivered, Returns: part, Timers: 4, Tries: 2, UndoTries: 2,
		Refunder: Either, Collector: Either, Lost: 1,
	},
	{
		Name: "return-free-of-charge", Bounded: true, Begun: Delivered, Free: true, Returns: part, Timers: 1, Collector: Either,
		Reaches: []string{"ordering.return.completed", "ordering.return.compensated"},
	},
	{
		Name: "return-erased", Bounded: true, Begun: Delivered, Returns: part, Erased: true, Lost: 1,
		Reaches: []string{"ordering.return.completed", "ordering.return.stepFailed pickup REFUSED"},
	},
	{
		Name: "return-from-the-beginning", Bounded: true, Customer: true, Returns: part,
		Reaches: []string{"ordering.return.completed", "CUSTOMER_REQUEST"},
	},
	{
		Name: "return-during-dispatch", Bounded: true, Begun: Fulfilled, Returns: part, Refunder: Either, Collector: Either,
		Reaches: []string{"ordering.return.completed", "ordering.return.compensated", "fulfillment.shipment.delivered"},
	},
}

// stalled are those in which something cannot be undone, or not soon, and an operator sees to it.
var stalled = []Scenario{
	{
		Name: "return-needs-operator", Bounded: true, Begun: Delivered, Returns: part, Timers: 3, Retries: 1, Resolves: 1,
		Reaches: []string{"ordering.return.needsOperator", "OPERATOR", "ordering.return.compensated", "ordering.return.completed"},
	},
	{
		Name: "return-of-what-is-promised", Bounded: true, Begun: Delivered, Returns: part, Refunder: Refuses, UndoTries: 2,
		Orders: []Order{{"CUP": 1, "JUG": 1}, {"CUP": 1}}, Stock: map[string]int64{"CUP": 1, "JUG": 1}, Retries: 1, Resolves: 1,
		Reaches: []string{"ordering.return.needsOperator", "inventory.stock.withdrawn", "OPERATOR"},
	},
	{
		Name: "return-and-more-goods-come", Begun: Delivered, Returns: part, Refunder: Either, UndoTries: 2, Timers: 1,
		Orders: []Order{{"CUP": 1, "JUG": 1}, {"CUP": 1}}, Stock: map[string]int64{"CUP": 1, "JUG": 1}, Retries: 2, Resolves: 1,
		Delivery: map[string]int64{"CUP": 1},
		Reaches:  []string{"ordering.return.needsOperator", "inventory.stock.withdrawn", "OPERATOR"},
	},
	{
		Name: "return-of-what-is-free-again", Begun: Delivered, Returns: part, Refunder: Refuses, UndoTries: 2, Timers: 1, Retries: 2, Customer: true,
		Orders: []Order{{"CUP": 1, "JUG": 1}, {"CUP": 1}}, Stock: map[string]int64{"CUP": 1, "JUG": 1},
		Reaches: []string{"ordering.return.needsOperator", "inventory.stock.withdrawn", "CUSTOMER_REQUEST"},
	},
	{
		Name: "return-of-what-was-resolved", Bounded: true, Begun: Delivered, Refunder: Either, Resolves: 1,
		Returns: []Return{{Lines: Order{"CUP": 1}}, {Lines: Order{"CUP": 1}}},
		Orders:  []Order{{"CUP": 1}, {"CUP": 1}}, Stock: map[string]int64{"CUP": 1},
		Reaches: []string{"ordering.return.stepFailed restock REFUSED", "ordering.return.compensated"},
	},
	{
		Name: "return-refunded-though-resolved", Bounded: true, Begun: Delivered, Returns: []Return{part[0], part[0]}, Timers: 2, Resolves: 1,
		Orders:  []Order{{"CUP": 1, "JUG": 1}},
		Reaches: []string{"OPERATOR", "ordering.return.stepFailed refund REFUSED", "ordering.return.completed"},
	},
}

// returnedAtOnce are those in which more than one return is requested of an order.
var returnedAtOnce = []Scenario{
	{
		Name: "two-returns", Bounded: true, Begun: Delivered, Discount: 100, Returns: parts,
		Reaches: []string{"ordering.return.completed"},
	},
	{
		Name: "two-returns-with-refusals", Bounded: true, Begun: Delivered, Discount: 100, Refunder: Either, Collector: Either, Returns: parts,
		Reaches: []string{"ordering.return.completed", "ordering.return.compensated"},
	},
	{
		Name: "two-returns-overdue", Begun: Delivered, Discount: 100, Timers: 2, Refunder: Either, Returns: parts,
		Reaches: []string{"ordering.return.completed", "ordering.return.compensated"},
	},
	{
		Name: "two-returns-with-everything", Begun: Delivered, Discount: 100, Timers: 1, Lost: 1, Refunder: Either, Collector: Either, Returns: parts,
		Reaches: []string{"TIMED_OUT", "ordering.return.completed", "ordering.return.compensated"},
	},
	{
		Name: "return-of-too-much", Bounded: true, Begun: Delivered, Refunder: Either, Collector: Either,
		Returns: []Return{{Lines: Order{"JUG": 2}}, {Lines: Order{"CUP": 1, "JUG": 1}}},
		Reaches: []string{"ordering.return.completed", "ordering.return.compensated"},
	},
	{
		Name: "three-returns", Begun: Delivered, Discount: 100, Refunder: Either,
		Returns: []Return{{Lines: Order{"JUG": 1}}, {Lines: Order{"CUP": 1}}, {Lines: Order{"JUG": 1}}},
		Reaches: []string{"ordering.return.completed", "ordering.return.compensated"},
	},
}
