package edge

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"quadrille.dev/gateway/internal/graph/generated"
	"quadrille.dev/platform/testkit/allocate"
)

const shop = `
	directive @cost(weight: String!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
	directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION
	type Query {
		users(max: Int): [User] @listSize(slicingArguments: ["max"], assumedSize: 20)
		some(ids: [ID!]!): [User] @listSize(slicingArguments: ["ids"])
		page(first: Int!): Page @listSize(slicingArguments: ["first"], sizedFields: ["rows"])
		find(by: By, in: [By!], fast: Boolean @cost(weight: "-1")): User @cost(weight: "3")
		all: [User]
		word: Word
	}
	type User { name: String age: Int @cost(weight: "2.0") friends: [User!]! word: Word }
	type Page { rows: [User!]! others: [User!]! total: Int }
	type Word @cost(weight: "0.5") { text: String }
	input By { name: String @cost(weight: "4") deep: By }
`

func TestWhatOperationsCost(t *testing.T) {
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: shop})
	for name, test := range map[string]struct {
		document  string
		variables map[string]any
		want      Cost
	}{
		"the example of the specification": {`{ users(max: 5) { age } }`, nil, Cost{1 + 5*2, 1 + 5}},
		"a scalar":                         {`{ word { text } }`, nil, Cost{1, 1.5}},
		"an assumed size":                  {`{ users { name } }`, nil, Cost{1, 21}},
		"a size that is null":              {`query($m: Int) { users(max: $m) { name } }`, map[string]any{"m": nil}, Cost{1, 21}},
		"a size by a variable":             {`query($m: Int) { users(max: $m) { name } }`, map[string]any{"m": int64(7)}, Cost{1, 8}},
		"more than is given":               {`{ users(max: 100000) { name } }`, nil, Cost{1, 101}},
		"less than nothing":                {`{ users(max: -1) { age } }`, nil, Cost{1, 1}},
		"a list of ids":                    {`{ some(ids: ["a", "b", "c"]) { age } }`, nil, Cost{1 + 3*2, 4}},
		"a sized field":                    {`{ page(first: 4) { rows { age } } }`, nil, Cost{1 + 1 + 4*2, 1 + 1 + 4}},
		"a field that is not sized":        {`{ page(first: 4) { others { age } } }`, nil, Cost{1 + 1 + 10*2, 1 + 1 + 10}},
		"a sized field in fragments": {
			`{ page(first: 4) { ...a } } fragment a on Page { ... on Page { ...b } } fragment b on Page { rows { age } }`, nil, Cost{10, 6},
		},
		"one fragment, in pages of two sizes": {
			`{ a: page(first: 4) { ...a } b: page(first: 8) { ...a } } fragment a on Page { rows { age } }`, nil, Cost{10 + 18, 1 + 5 + 9},
		},
		"a list of unknown length, in another": {`{ all { friends { name } } }`, nil, Cost{1 + 10, 1 + 10 + 100}},
		"arguments":                            {`{ find(fast: true) { name } }`, nil, Cost{3 - 1, 2}},
		"inputs":                               {`{ find(by: {name: "a", deep: {name: "b"}}) { name } }`, nil, Cost{3 + (1 + 4) + (1 + 4), 2}},
		"lists of inputs":                      {`{ find(in: [{name: "a"}, {}]) { name } }`, nil, Cost{3 + 5 + 1, 2}},
		"inputs by a variable": {
			`query($b: By) { find(by: $b) { name } }`, map[string]any{"b": map[string]any{"name": "a"}}, Cost{3 + 5, 2},
		},
	} {
		t.Run(name, func(t *testing.T) {
			document, err := gqlparser.LoadQueryWithRules(schema, test.document, rules.NewDefaultRules())
			if err != nil {
				t.Fatal(err)
			}
			operation := document.Operations[0]
			variables, wrong := validator.VariableValues(schema, operation, test.variables)
			if wrong != nil {
				t.Fatal(wrong)
			}
			if diff := cmp.Diff(test.want, price(schema, operation, variables)); diff != "" {
				t.Errorf("cost (-want +got):\n%s", diff)
			}
		})
	}
}

// TestListSizesAreOfWhatThereIs holds what the client's schema says of lists against its fields. That an operation gives exactly one
// slicing argument needs no check where there is one, and it is required.
func TestListSizesAreOfWhatThereIs(t *testing.T) {
	schema := generated.NewExecutableSchema(generated.Config{}).Schema()
	for _, of := range schema.Types {
		for _, field := range of.Fields {
			size := field.Directives.ForName("listSize")
			if size == nil {
				continue
			}
			slicing := names(size, "slicingArguments")
			if len(slicing) > 1 || len(slicing) == 0 && size.Arguments.ForName("assumedSize") == nil {
				t.Errorf("%s.%s does not say how long its list is", of.Name, field.Name)
			}
			for _, name := range slicing {
				if argument := field.Arguments.ForName(name); argument == nil || !argument.Type.NonNull {
					t.Errorf("%s.%s has no required argument %s", of.Name, field.Name, name)
				}
			}
			for _, name := range names(size, "sizedFields") {
				if inner := schema.Types[field.Type.Name()].Fields.ForName(name); inner == nil || inner.Type.Elem == nil {
					t.Errorf("%s.%s answers no list %s", of.Name, field.Name, name)
				}
			}
			if len(names(size, "sizedFields")) == 0 && field.Type.Elem == nil {
				t.Errorf("%s.%s answers no list", of.Name, field.Name)
			}
		}
	}
}

// What is known of an operation's price is what would be found out, whatever its variables are.
func TestPricesThatAreKnownAreThoseThatWouldBeFoundOut(t *testing.T) {
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: shop})
	document := gqlparser.MustLoadQueryWithRules(schema, `query($m: Int, $i: [ID!]!, $b: By, $l: [By!], $f: Boolean) {
		users(max: $m) { name } some(ids: $i) { age } find(by: $b, in: $l, fast: $f) { name } }`, nil)
	operation, known := document.Operations[0], prices{}
	values := []any{
		nil, true, false, "", "a", "b", "5", "12", "1e2", "Infinity", json.Number("3"), json.Number("4"), int64(5), int64(50), 1.5,
		[]any{},
		[]any{"a"},
		[]any{"a", "b"},
		[]any{"a", "5"},
		[]any{map[string]any{"name": "a"}, map[string]any{"name": "b"}},
		[]any{map[string]any{"name": "a"}, map[string]any{}},
		map[string]any{},
		map[string]any{"name": "a"},
		map[string]any{"name": nil},
		map[string]any{"name": "a", "deep": map[string]any{"name": "b"}},
		map[string]any{"deep": map[string]any{"name": "b", "deep": map[string]any{}}},
		strings.Repeat("x", 1000),
		[]any{strings.Repeat("9", 1000)},
	}
	random := rand.New(rand.NewPCG(1, 2))
	hits := 0
	for range 20_000 {
		variables := map[string]any{}
		for _, name := range []string{"m", "i", "b", "l", "f"} {
			if value := random.IntN(len(values) + 1); value < len(values) {
				variables[name] = values[value]
			}
		}
		found, want := false, price(schema, operation, variables)
		got := known.of(operation, variables, func() Cost { found = true; return want })
		if got != want {
			t.Fatalf("%v costs %v, and is said to cost %v", variables, want, got)
		}
		if !found {
			hits++
		}
	}
	if hits == 0 || len(known.known) > mostPrices {
		t.Errorf("%d times a price was known; %d are kept", hits, len(known.known))
	}
}

func TestAPriceThatIsKnownIsToldWithFewAllocations(t *testing.T) {
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: shop})
	operation := gqlparser.MustLoadQueryWithRules(schema, `query($m: Int, $i: [ID!]!) { users(max: $m) { name } some(ids: $i) { age } }`, nil).Operations[0]
	known, variables := prices{}, map[string]any{"m": int64(5), "i": []any{"a", "b", "c"}}
	allocate.AtMost(t, 8, func() {
		known.of(operation, variables, func() Cost { return price(schema, operation, variables) })
	})
}
