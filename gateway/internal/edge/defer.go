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

// undeferring takes @defer out of operations whose answers come whole: when the client does not take parts, in mutations, of which gqlgen
// would answer only the first part, and where a field is deferred twice, for which gqlgen would wait for ever.
type undeferring struct{}

var _ graphql.OperationContextMutator = undeferring{}

// ExtensionName is for gqlgen.
func (undeferring) ExtensionName() string { return "Undeferring" }

// Validate is for gqlgen.
func (undeferring) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext is for gqlgen. Documents are shared between requests, so it works on a copy.
func (undeferring) MutateOperationContext(ctx context.Context, operation *graphql.OperationContext) *gqlerror.Error {
	inParts := ctx.Value(partsKey{}) != nil && operation.Operation.Operation == ast.Query
	if !mayDefer(operation) || inParts && !defersTwice(operation, operation.Operation.SelectionSet) {
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

// defersTwice tells whether a field is in more than one selection that is deferred, be it of one type or of several.
func defersTwice(operation *graphql.OperationContext, selections ast.SelectionSet) (twice bool) {
	defer func() {
		if recover() != nil {
			twice = true // @skip or @include is null, of which the executor says that it is wrong
		}
	}()
	return slices.ContainsFunc(graphql.CollectFields(operation, selections, nil), func(field graphql.CollectedField) bool {
		return len(field.Deferrables) > 1 || defersTwice(operation, field.Selections)
	})
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
