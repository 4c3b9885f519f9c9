package graph

import (
	"quadrille.dev/gateway/internal/graph/generated"
	"quadrille.dev/gateway/internal/graph/model"
)

// Complexity tells what fields cost that answer many objects; every other field costs one and what it contains.
func Complexity() generated.ComplexityRoot {
	var root generated.ComplexityRoot
	root.Query.Products = func(child int, first int32, _, _, _ *string) int { return rows(child, first) }
	root.Query.Sagas = func(child int, _ *model.SagaFilter, first int32, _ *string) int { return rows(child, first) }
	root.Query.AuditLog = func(child int, first int32, _ *string) int { return rows(child, first) }
	root.Query.ParkedMessages = func(child int, _ *string, _ *model.ParkedMessageFilter, first int32, _ *string) int {
		return rows(child, first)
	}
	root.Query.Nodes = func(child int, ids []string) int { return rows(child, int32(min(len(ids), most))) }
	root.Customer.Orders = func(child int, first int32, _ *string) int { return rows(child, first) }
	root.Order.Timeline = func(child int, first int32, _ *string) int { return rows(child, first) }
	return root
}

// rows is the cost of a list. A length that will be refused costs nothing more.
func rows(child int, count int32) int { return 1 + child*int(min(max(count, 0), most)) }
