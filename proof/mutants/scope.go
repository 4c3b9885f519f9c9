package mutants

import (
	"fmt"
	"path"
)

// packages are mutated mechanically: all that decides in the sagas, and all that carries decisions from one context to another.
var packages = []string{
	"services/inventory/internal/reservation",
	"services/inventory/internal/restock",
	"services/inventory/internal/stock",
	"services/inventory/internal/app",
	"services/inventory/internal/acl",
	"services/ordering/internal/order",
	"services/ordering/internal/returns",
	"services/ordering/internal/app",
	"services/ordering/internal/acl",
	"services/billing/internal/account",
	"services/billing/internal/refund",
	"services/billing/internal/party",
	"services/billing/internal/app",
	"services/billing/internal/acl",
	"services/fulfillment/internal/shipment",
	"services/fulfillment/internal/pickup",
	"services/fulfillment/internal/app",
	"services/fulfillment/internal/acl",
}

// left is what is not mutated of these packages, and why.
var left = []struct {
	// file is a pattern of path.Match, of files or of functions: "services/*/internal/acl/published.go clip".
	file, because string
}{
	{"services/*/internal/*/recall.go", "a restore from a backup is explored by each context's restore_test.go, over its own states"},
	{"services/*/internal/acl/recalled.go", "as recall.go"},
	{"services/ordering/internal/acl/recalled_returns.go", "as recall.go"},
	{"services/ordering/internal/app/recall_return.go", "as recall.go"},
	{"services/*/internal/*/describe.go", "names states for the tables in READMEs"},
	{"services/*/internal/*/operator.go", "operators act by RPC, on calls that have stalled for long; table_test.go goes through every state"},
	{"services/*/internal/acl/published.go clip", "cuts words that are for people"},
	{"services/inventory/internal/stock/sku.go", "reads what clients write, at the RPC"},
	{"services/ordering/internal/acl/catalog.go", "feeds the replica that quotes are made from; no part of a saga"},
	{"services/ordering/internal/acl/chronicle.go", "reads old facts for replays"},
	{"services/ordering/internal/acl/customers.go", "feeds the replica that quotes are made from"},
	{"services/ordering/internal/acl/inventory.go", "asks for availability, which is advice"},
	{"services/ordering/internal/acl/pricing.go", "feeds the replica that quotes are made from, and asks for quotes"},
	{"services/ordering/internal/app/availability.go", "availability is advice"},
	{"services/ordering/internal/app/customer.go", "is asked before an order is placed"},
	{"services/ordering/internal/app/place.go Again", "answers a request that was answered before, before anything is priced"},
	{"services/ordering/internal/app/quote.go", "prices an order before it is placed"},
	{"services/ordering/internal/app/remember.go", "feeds the replica that quotes are made from"},
	{"services/ordering/internal/order/events.go Blank", "blanks what is personal in orders of the erased"},
	{"services/ordering/internal/order/cancel.go inWords", "words for people"},
	{"services/billing/internal/acl/customers.go", "tells who is billed; no part of a saga"},
	{"services/billing/internal/acl/provider.go", "speaks the provider's language over HTTP, which provider_test.go holds"},
	{"services/billing/internal/acl/refunds.go", "as provider.go, which refunds_test.go holds"},
	{"services/billing/internal/refund/command.go Refund.doubt", "as recall.go"},
	{"services/billing/internal/refund/answer.go Refund.Miss", "as recall.go"},
	{"services/billing/internal/app/who.go", "asks who is billed"},
	{"services/fulfillment/internal/pickup/doubt.go", "as recall.go"},
	{"services/fulfillment/internal/acl/returns.go Carrier.collect", "as carrier.go"},
	{"services/fulfillment/internal/acl/carrier.go", "speaks the carrier's language over HTTP, which carrier_test.go holds"},
}

// leftOut tells whether a file is not mutated, or a function in it.
func leftOut(name string) bool {
	for _, l := range left {
		matches, err := path.Match(l.file, name)
		if err != nil {
			panic(fmt.Sprintf("%s: %v", l.file, err))
		}
		if matches {
			return true
		}
	}
	return false
}
