package edge

import (
	"context"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

type partsKey struct{}

// inParts returns a context whose queries may be answered in parts.
func inParts(ctx context.Context) context.Context { return context.WithValue(ctx, partsKey{}, true) }

// undeferring takes @defer out of operations whose answers come whole: when the client does not take parts, and in mutations, of which
// gqlgen would answer only the first part.
type undeferring struct{}

var _ graphql.OperationContextMutator = undeferring{}

// ExtensionName is for gqlgen.
func (undeferring) ExtensionName() string { return "Undeferring" }

// Validate is for gqlgen.
func (undeferring) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext is for gqlgen. Documents are shared between requests, so it works on a copy.
func (undeferring) MutateOperationContext(ctx context.Context, operation *graphql.OperationContext) *gqlerror.Error {
	if ctx.Value(partsKey{}) != nil && operation.Operation.Operation == ast.Query || !mayDefer(operation) {
		return nil
	}
	document := *operation.Doc
	document.Fragments = slices.Clone(document.Fragments)
	for i, fragment := range document.Fragments {
		copied := *fragment
		copied.SelectionSet = undeferred(fragment.SelectionSet)
		document.Fragments[i] = &copied
	}
	copied := *operation.Operation
	copied.SelectionSet = undeferred(copied.SelectionSet)
	document.Operations = ast.OperationList{&copied}
	operation.Doc, operation.Operation = &document, &copied
	return nil
}

// mayDefer is false for most operations that defer nothing, and for none that does.
func mayDefer(operation *graphql.OperationContext) bool {
	return strings.Contains(operation.RawQuery, "defer")
}

func undeferred(selections ast.SelectionSet) ast.SelectionSet {
	whole := make(ast.SelectionSet, len(selections))
	for i, selection := range selections {
		switch selection := selection.(type) {
		case *ast.Field:
			copied := *selection
			copied.SelectionSet = undeferred(selection.SelectionSet)
			whole[i] = &copied
		case *ast.InlineFragment:
			copied := *selection
			copied.Directives, copied.SelectionSet = withoutDefer(selection.Directives), undeferred(selection.SelectionSet)
			whole[i] = &copied
		case *ast.FragmentSpread:
			copied := *selection
			copied.Directives = withoutDefer(selection.Directives)
			whole[i] = &copied
		}
	}
	return whole
}

func withoutDefer(directives ast.DirectiveList) ast.DirectiveList {
	return slices.DeleteFunc(slices.Clone(directives), func(directive *ast.Directive) bool { return directive.Name == "defer" })
}
