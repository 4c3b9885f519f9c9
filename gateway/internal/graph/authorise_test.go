package graph

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"quadrille.dev/gateway/internal/graph/model"
	"quadrille.dev/gateway/internal/viewer"
	"quadrille.dev/platform/serve"
	"quadrille.dev/platform/testkit/allocate"
)

// asking is a context in which a customer asks for a field.
func asking(t *testing.T, who uuid.UUID) context.Context {
	t.Helper()
	ctx := viewer.With(t.Context(), viewer.Viewer{Caller: serve.Caller{ID: who}}, "token")
	return graphql.WithResponseContext(ctx, graphql.DefaultErrorPresenter, graphql.DefaultRecover)
}

func TestOfAListOnlyWhatBelongsToOthersIsHidden(t *testing.T) {
	ctx := asking(t, uuid.Max)
	mine, others := &model.Order{CustomerKey: uuid.Max.String()}, &model.Order{CustomerKey: uuid.NewString()}
	given := []*model.Order{mine, others, nil, mine}
	left, err := visible(ctx, given)
	if orders := left.([]*model.Order); err != nil || !slices.Equal(orders, []*model.Order{mine, nil, nil, mine}) || given[1] != others {
		t.Errorf("%v, %v", left, err)
	}
	if len(graphql.GetErrors(ctx)) != 1 {
		t.Errorf("errors: %v", graphql.GetErrors(ctx))
	}
	nodes, err := visible(ctx, []model.Node{mine, &model.Product{}, nil, (*model.Order)(nil), others})
	if nodes := nodes.([]model.Node); err != nil || nodes[0] != mine || nodes[1] == nil || nodes[4] != nil {
		t.Errorf("%v, %v", nodes, err)
	}
	if one, err := visible(ctx, others); one != nil || err == nil {
		t.Errorf("%v, %v", one, err)
	}
	if _, err := visible(ctx, []model.Money{}); err == nil {
		t.Error("nobody can tell to whom money belongs")
	}
}

func TestNothingIsAllocatedForWhatMayBeSeen(t *testing.T) {
	ctx := asking(t, uuid.Max)
	orders := make([]*model.Order, 20)
	for i := range orders {
		orders[i] = &model.Order{CustomerKey: uuid.Max.String()}
	}
	var found any = orders
	allocate.AtMost(t, 1, func() { _, _ = visible(ctx, found) })
}

// Lists of whatever can be owned are looked into: a list that visible did not know would be refused whole.
func TestEveryTypeThatIsOwnedMayBeInAList(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "authorise.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var known []string
	ast.Inspect(file, func(node ast.Node) bool {
		if list, is := node.(*ast.ArrayType); is {
			of := list.Elt
			if pointer, is := of.(*ast.StarExpr); is {
				of = pointer.X
			}
			if of, is := of.(*ast.SelectorExpr); is {
				known = append(known, of.Sel.Name)
			}
		}
		return true
	})
	for name := range schema.Types {
		if isOwned(name) && !slices.Contains(known, name) {
			t.Errorf("%s", name)
		}
	}
}
