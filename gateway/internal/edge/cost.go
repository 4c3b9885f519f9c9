package edge

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"quadrille.dev/gateway/internal/viewer"
)

const (
	// undeclared is how long lists are taken to be of which the schema does not say how long they are.
	undeclared = 10
	// longest is what lists are cut to: a longer page is refused before anything is asked for it.
	longest = 100
	// introspection costs the same whatever of the schema is asked for; how deep is for a rule of validation.
	introspection = 4000
)

// Cost is what an operation costs at most, by the directives @cost and @listSize of
// https://ibm.github.io/graphql-specs/cost-spec.html, before anything is executed. Where these leave it open, more is taken
// rather than less: fragments on several types are summed.
type Cost struct {
	// Fields is the weight of all fields, arguments and input values, as often as they are resolved.
	Fields float64 `json:"fieldCost"`
	// Types is the weight of all objects that are answered.
	Types float64 `json:"typeCost"`
}

func (c Cost) plus(other Cost) Cost { return Cost{c.Fields + other.Fields, c.Types + other.Types} }

// costs refuses operations that cost too much, and tells operators what theirs cost.
type costs struct {
	limit  float64
	schema *ast.Schema
	prices prices
}

var _ interface {
	graphql.OperationContextMutator
	graphql.ResponseInterceptor
} = &costs{}

// ExtensionName is for gqlgen.
func (*costs) ExtensionName() string { return costExtension }

const costExtension = "Cost"

// Validate is for gqlgen.
func (c *costs) Validate(schema graphql.ExecutableSchema) error {
	c.schema = schema.Schema()
	return nil
}

// MutateOperationContext is for gqlgen.
func (c *costs) MutateOperationContext(_ context.Context, operation *graphql.OperationContext) *gqlerror.Error {
	cost := c.prices.of(operation.Operation, operation.Variables, func() Cost {
		return price(c.schema, operation.Operation, operation.Variables)
	})
	operation.Stats.SetExtension(costExtension, cost)
	if cost.Fields > c.limit || cost.Types > c.limit {
		return tooMuch("The operation costs up to %.0f in fields and %.0f in types, and may cost %.0f in each.", cost.Fields, cost.Types, c.limit)
	}
	return nil
}

// InterceptResponse is for gqlgen.
func (c *costs) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	if v, known := viewer.From(ctx); known && v.IsOperator() && graphql.HasOperationContext(ctx) {
		if cost, priced := graphql.GetOperationContext(ctx).Stats.GetExtension(costExtension).(Cost); priced {
			graphql.RegisterExtension(ctx, "cost", cost)
		}
	}
	return next(ctx)
}

// price is what an operation costs that is valid.
func price(schema *ast.Schema, operation *ast.OperationDefinition, variables map[string]any) Cost {
	p := pricer{schema: schema, variables: variables, known: map[spread]Cost{}}
	return Cost{Types: 1}.plus(p.selections(operation.SelectionSet, sized{}))
}

// sized are the fields of an object whose lists are as long as the field has said that the object is of.
type sized struct {
	by   *ast.FieldDefinition
	size float64
}

type spread struct {
	fragment string
	within   sized
}

type pricer struct {
	schema    *ast.Schema
	variables map[string]any
	// known keeps it linear: a fragment costs the same wherever it is spread.
	known map[spread]Cost
}

// selections is what is selected of one object.
func (p pricer) selections(selections ast.SelectionSet, within sized) (sum Cost) {
	for _, selection := range selections {
		switch selection := selection.(type) {
		case *ast.Field:
			sum = sum.plus(p.field(selection, within))
		case *ast.InlineFragment:
			sum = sum.plus(p.selections(selection.SelectionSet, within))
		case *ast.FragmentSpread:
			at := spread{selection.Name, within}
			cost, known := p.known[at]
			if !known {
				cost = p.selections(selection.Definition.SelectionSet, within)
				p.known[at] = cost
			}
			sum = sum.plus(cost)
		}
	}
	return sum
}

func (p pricer) field(field *ast.Field, within sized) Cost {
	if field.Name == "__schema" || field.Name == "__type" {
		return Cost{Fields: introspection}
	}
	declared := field.Definition
	arguments := field.ArgumentMap(p.variables)
	own := weight(declared.Directives, p.defaultWeight(declared.Type))
	for _, argument := range declared.Arguments {
		if value, given := arguments[argument.Name]; given {
			own += p.input(argument.Type, argument.Directives, value)
		}
	}
	of := p.schema.Types[declared.Type.Name()]
	if of == nil || !of.IsCompositeType() {
		return Cost{Fields: own}
	}
	count, inner := p.count(declared, arguments, within)
	each := Cost{Types: weight(of.Directives, 1)}.plus(p.selections(field.SelectionSet, inner))
	return Cost{own + count*each.Fields, count * each.Types}
}

// count is how many objects a field answers, and how many its objects do in the fields that it sizes.
func (p pricer) count(declared *ast.FieldDefinition, arguments map[string]any, within sized) (count float64, inner sized) {
	count = 1
	if declared.Type.Elem != nil {
		count = undeclared
		if within.by != nil && slices.Contains(names(within.by.Directives.ForName("listSize"), "sizedFields"), declared.Name) {
			count = within.size
		}
	}
	size := declared.Directives.ForName("listSize")
	if size == nil {
		return count, sized{}
	}
	length := float64(undeclared)
	if assumed := size.Arguments.ForName("assumedSize"); assumed != nil {
		length, _ = strconv.ParseFloat(assumed.Value.Raw, 64)
	}
	given := -1.0
	for _, argument := range names(size, "slicingArguments") {
		given = max(given, slice(arguments[argument]))
	}
	if given >= 0 {
		length = min(given, longest)
	}
	if len(names(size, "sizedFields")) > 0 {
		return count, sized{declared, length}
	}
	return length, sized{}
}

// slice is how many rows an argument asks for: by a number, or by a list of what they are; -1 if it does not say.
func slice(value any) float64 {
	switch value := value.(type) {
	case []any:
		return float64(len(value))
	case []string:
		return float64(len(value))
	case nil:
		return -1
	}
	number, err := strconv.ParseFloat(fmt.Sprint(value), 64)
	if err != nil || math.IsNaN(number) {
		return -1
	}
	return max(number, 0)
}

// input is the weight of a value that a client gives, with all that is in it.
func (p pricer) input(of *ast.Type, directives ast.DirectiveList, value any) float64 {
	switch value := value.(type) {
	case []any:
		sum := 0.0
		for _, element := range value {
			sum += p.input(elementOf(of), directives, element)
		}
		return sum
	case map[string]any:
		sum := weight(directives, p.defaultWeight(of))
		if declared := p.schema.Types[of.Name()]; declared != nil {
			for _, field := range declared.Fields {
				if inner, given := value[field.Name]; given {
					sum += p.input(field.Type, field.Directives, inner)
				}
			}
		}
		return sum
	}
	return weight(directives, 0)
}

func elementOf(list *ast.Type) *ast.Type {
	if list.Elem != nil {
		return list.Elem
	}
	return list
}

// defaultWeight is 1 for what has fields, and nothing for scalars and enums.
func (p pricer) defaultWeight(of *ast.Type) float64 {
	declared := p.schema.Types[of.Name()]
	if declared == nil {
		return 0
	}
	if declared.IsCompositeType() || declared.Kind == ast.InputObject {
		return 1
	}
	return weight(declared.Directives, 0)
}

func weight(directives ast.DirectiveList, otherwise float64) float64 {
	directive := directives.ForName("cost")
	if directive == nil {
		return otherwise
	}
	value, err := strconv.ParseFloat(directive.Arguments.ForName("weight").Value.Raw, 64)
	if err != nil {
		return otherwise
	}
	return value
}

// names are the strings of a directive's argument.
func names(directive *ast.Directive, argument string) (names []string) {
	if given := directive.Arguments.ForName(argument); given != nil {
		for _, child := range given.Value.Children {
			names = append(names, child.Value.Raw)
		}
	}
	return names
}
