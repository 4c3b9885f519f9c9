package edge

import (
	"context"
	"fmt"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"quadrille.dev/gateway/internal/fault"
)

// shapes refuses documents that are too long, too deep, or ask for too much under other names, before anything else is done with
// them: to find out whether such a document is valid could be dear already.
type shapes struct {
	config Config
	// known are the documents that were found valid, and therefore looked at, before.
	known graphql.Cache[*ast.QueryDocument]
}

var _ graphql.OperationParameterMutator = shapes{}

// ExtensionName is for gqlgen.
func (shapes) ExtensionName() string { return "Shapes" }

// Validate is for gqlgen.
func (shapes) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters is for gqlgen. What is no document is left to others to complain about.
func (s shapes) MutateOperationParameters(ctx context.Context, request *graphql.RawParams) *gqlerror.Error {
	if _, known := s.known.Get(ctx, request.Query); known {
		return nil
	}
	if len(request.Query) > s.config.MaxDocument {
		return tooMuch("The document is larger than %d bytes.", s.config.MaxDocument)
	}
	document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: request.Query}, s.config.MaxTokens)
	if err != nil {
		if strings.Contains(err.Error(), "exceeded token limit") { // there is nothing else to tell it by
			return tooMuch("The document has more than %d tokens.", s.config.MaxTokens)
		}
		return nil
	}
	measure := measurer{document.Fragments, map[string]shape{}}
	for _, operation := range document.Operations {
		switch is := measure.of(operation.SelectionSet); {
		case is.depth > s.config.MaxDepth:
			return tooMuch("The operation is more than %d fields deep.", s.config.MaxDepth)
		case is.aliases > s.config.MaxAliases:
			return tooMuch("The operation has more than %d aliases.", s.config.MaxAliases)
		}
	}
	return nil
}

func tooMuch(format string, arguments ...any) *gqlerror.Error {
	return &gqlerror.Error{
		Message: fmt.Sprintf(format, arguments...), Extensions: map[string]any{"code": fault.ComplexityLimitExceeded},
	}
}

// shape is how large a selection is with all that it spreads.
type shape struct{ depth, aliases int }

// enough is more than any limit, so that sums of it stay numbers.
const enough = 1 << 30

func (s shape) with(other shape) shape {
	return shape{max(s.depth, other.depth), min(s.aliases+other.aliases, enough)}
}

// measurer looks at every fragment once, however often it is spread.
type measurer struct {
	fragments ast.FragmentDefinitionList
	known     map[string]shape
}

func (m measurer) of(selections ast.SelectionSet) shape {
	return m.among(selections, map[string]bool{})
}

// among are selections of one object, of which some names are there already. To ask for the same again counts as an alias: whether all who
// do so mean the same is dear to find out.
func (m measurer) among(selections ast.SelectionSet, names map[string]bool) shape {
	var sum shape
	for _, selection := range selections {
		switch selection := selection.(type) {
		case *ast.Field:
			inner := m.of(selection.SelectionSet)
			inner.depth = min(inner.depth+1, enough)
			if selection.Alias != selection.Name || names[selection.Alias] {
				inner.aliases++
			}
			names[selection.Alias] = true
			sum = sum.with(inner)
		case *ast.InlineFragment:
			sum = sum.with(m.among(selection.SelectionSet, names))
		case *ast.FragmentSpread:
			sum = sum.with(m.fragment(selection.Name))
		}
	}
	return sum
}

// fragment is nothing while it is looked at: one that spreads itself is not valid, and refused later.
func (m measurer) fragment(name string) shape {
	known, looked := m.known[name]
	if fragment := m.fragments.ForName(name); !looked && fragment != nil {
		m.known[name] = shape{}
		known = m.of(fragment.SelectionSet)
		m.known[name] = known
	}
	return known
}
