// Package contracts holds what the system promises now against what it promised when it was last released: the events' schemas, the
// client's API, and the files of the release themselves. The RPCs are held by buf.
package contracts

import "fmt"

// Breach is one promise that is not kept any more.
type Breach struct {
	// Contract is what the promise is part of: "ordering.order.placed v1", "GraphQL".
	Contract string
	// Path is where in the contract: "/lines/*/sku", "Query.order(id:)".
	Path string
	Rule Rule
	// Detail is what was and what is.
	Detail string
}

func (b Breach) String() string {
	return fmt.Sprintf("%s at %s: %s: %s", b.Contract, b.Path, b.Rule, b.Detail)
}

// Rule is what a breach is a breach of.
type Rule string
