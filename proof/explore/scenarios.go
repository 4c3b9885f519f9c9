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
