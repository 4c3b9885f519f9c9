package gateway

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"quadrille.dev/gateway/internal/graph/model"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"
)

// mustAgree fails for what is answered differently.
func (o *oracle) mustAgree(name string, asked askedOf) {
	o.t.Helper()
	if difference, _ := o.differ(asked); difference != "" {
		o.t.Error(o.explain(disagreement{name, difference, asked}))
	}
}

// mustAgreeForAll fails for what is answered differently to anybody.
func (o *oracle) mustAgreeForAll(name string, asked askedOf) {
	o.t.Helper()
	for _, principal := range principals {
		asked.who = principal.who
		o.mustAgree(name, asked)
	}
}

// TestOracleAgreesOnWhatClientsSend asks what existing clients and the web app send, with variables of all kinds, and while things go wrong.
func TestOracleAgreesOnWhatClientsSend(t *testing.T) {
	const times = 9 // every kind of fault once
	o := newOracle(t, planned)
	for _, document := range clientsDocuments(t) {
		parsed, err := gqlparser.LoadQueryWithRules(contract, document, rules.NewDefaultRules())
		if err != nil {
			t.Fatal(err)
		}
		for _, operation := range parsed.Operations {
			for seed := range uint64(times) {
				asked := askedOf{document: document, operation: operation.Name, variables: anyVariables(operation, seed)}
				*o.faults = faultsBy(seed)
				if operation.Operation == ast.Subscription {
					if asked.form, o.faults.calls, o.faults.missing = inEvents, 0, 0; asked.variables["filter"] != nil {
						continue // a saga that passes it may never come
					}
				}
				if o.mustAgreeForAll(fmt.Sprintf("%s, seed %d", operation.Name, seed), asked); t.Failed() {
					return
				}
			}
		}
	}
}

// clientsDocuments are what the clients of the repository send, and what others do.
func clientsDocuments(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("internal/edge/trusted.json")
	if err != nil {
		t.Fatal(err)
	}
	var trusted map[string]string
	if err := json.Unmarshal(text, &trusted); err != nil {
		t.Fatal(err)
	}
	documents := slices.Sorted(maps.Values(trusted))
	for _, file := range []string{"operations/shopper", "operations/operator"} {
		text, err := os.ReadFile("testdata/" + file + ".graphql")
		if err != nil {
			t.Fatal(err)
		}
		documents = append(documents, string(text))
	}
	return documents
}

// anyVariables are values for the variables of an operation, by where it uses them.
func anyVariables(operation *ast.OperationDefinition, seed uint64) map[string]any {
	r := newRandom(contract)
	r.Rand = rand.New(rand.NewPCG(seed, 7))
	places := map[string]string{}
	used(places, operation.SelectionSet)
	variables := map[string]any{}
	for _, variable := range operation.VariableDefinitions {
		switch {
		case !variable.Type.NonNull && r.one(3):
		case !variable.Type.NonNull && r.one(3):
			variables[variable.Variable] = nil
		default:
			variables[variable.Variable] = r.plain(r.value(places[variable.Variable], variable.Variable, variable.Type))
		}
	}
	return variables
}

// used are the arguments that variables are given for.
func used(places map[string]string, set ast.SelectionSet) {
	for _, selection := range set {
		switch selection := selection.(type) {
		case *ast.Field:
			for _, argument := range selection.Arguments {
				if argument.Value.Kind == ast.Variable {
					places[argument.Value.Raw] = fmt.Sprintf("%s.%s(%s)", selection.ObjectDefinition.Name, selection.Name, argument.Name)
				}
			}
			used(places, selection.SelectionSet)
		case *ast.InlineFragment:
			used(places, selection.SelectionSet)
		case *ast.FragmentSpread:
			used(places, selection.Definition.SelectionSet)
		}
	}
}

// TestOracleAgreesOnTheAuthorisationMatrix asks for every field of every type as everybody.
func TestOracleAgreesOnTheAuthorisationMatrix(t *testing.T) {
	o := newOracle(t, planned)
	o.ordering.refuse = []*problemv1.UserError{
		{Code: "REQUIRED"}, {Code: "UNKNOWN_PRODUCT"}, {Code: "OUT_OF_STOCK"}, {Code: "IDEMPOTENCY_CONFLICT"}, {Code: "RETURN_EXCEEDS_PURCHASE"},
	}
	everything := everything()
	ways, fields := everything.ways(), everything.fields()
	for _, of := range slices.Sorted(maps.Keys(fields)) {
		for _, field := range fields[of] {
			asked := askedOf{document: everything.ask(ways, of, field).document}
			if asked.document[:3] == "sub" {
				asked.form = inEvents
			}
			o.mustAgreeForAll(of+"."+field.Name, asked)
		}
	}
}

// TestOracleAgreesOnHostileQueries sends what is made to hurt, to gateways that refuse it before it is executed and to such as do not. What
// takes long even so is for the former alone.
func TestOracleAgreesOnHostileQueries(t *testing.T) {
	guarded := newOracle(t, planned, "MAX_COST=10000", "MAX_ALIASES=50")
	unguarded := newOracle(t, planned, "MAX_TOKENS=100000", "MAX_DEPTH=1000", "MAX_ALIASES=100000")
	dear := []string{"a page of pages of pages", "fragments that double", "fragments of large pages", "many aliases", "many ids"}
	for name, body := range hostileBodies() {
		guarded.mustAgree(name, askedOf{who: olga, raw: body})
		if !slices.Contains(dear, name) && len(body) < 1<<17 {
			unguarded.mustAgree(name+", unguarded", askedOf{who: olga, raw: body})
		}
	}
}

// TestOracleAgreesOnIntrospection asks for the whole schema, as tools do.
func TestOracleAgreesOnIntrospection(t *testing.T) {
	text, err := os.ReadFile("testdata/introspection.graphql")
	if err != nil {
		t.Fatal(err)
	}
	newOracle(t, planned).mustAgree("introspection", askedOf{who: olga, document: string(text)})
}

// TestOracleAgreesInCorners asks what is easily got wrong.
func TestOracleAgreesInCorners(t *testing.T) {
	o := newOracle(t, planned)
	order, other, product := model.GlobalID("Order", id(3, 1)), model.GlobalID("Order", id(3, 2)), model.GlobalID("Product", id(1, 1))
	saga, goods := model.GlobalID("Saga", id(3, 1)), model.GlobalID("Return", back(1))
	ids := map[string]any{"ids": []any{order, product, other, saga, goods, product, order, "rubbish", graces, id(4, 1)}}
	for document, variables := range map[string]map[string]any{
		`{ __typename }`: nil,
		`query a { __typename } query b { viewer`: nil,
		`mutation { a: __typename __typename }`:   nil,
		`{ viewer @skip(if: true) { id } }`:       nil,
		`{ viewer { id @skip(if: true) } }`:       nil,
		`{ ... on Query @include(if: false) { __typename } viewer { ...F @skip(if: true) ...F } } fragment F on Viewer { email }`: nil,
		`{ viewer { ...F ...F @skip(if: true) ... { ...F id } } } fragment F on Viewer { email }`:                                 nil,
		`query($a: Boolean = true) { viewer { id @skip(if: $a) email } __typename }`:                                              {"a": nil},
		`query($a: Boolean = true) { viewer @include(if: $a) { id email } __typename }`:                                           {"a": nil},
		`query($a: Int = 2) { products(first: $a) { totalCount } }`:                                                               {"a": nil},
		`query($a: Int = 2) { a: products(first: $a) { totalCount } categories { name } }`:                                        nil,
		`query($a: Int!) { products(first: $a) { totalCount } }`:                                                                  {"a": "2"},
		`query($b: Int!) { products(first: $b) { totalCount } }`:                                                                  {"b": 2.0},
		`query($c: Int!) { products(first: $c) { totalCount } }`:                                                                  {"c": 3000000000},
		`query($a: Int) { saga(id: "` + id(3, 1) + `", waitSeconds: $a) { id } }`:                                                 {"a": nil},
		`{ products(first: 2147483648) { totalCount } }`:                                                                          nil,
		`{ nodes(ids: []) { id } }`:                         nil,
		`{ nodes(ids: "` + order + `") { id __typename } }`: nil,
		`query($ids: [ID!]!) { nodes(ids: $ids) { id } }`:   ids,
		`query($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on Order { payment { status } } ... on Product { price { amount } } ... on Saga { subject { ... on Order { number payment { attempts } } ... on Return { order { number } } } } ... on Return { saga { state } } ... on Fact { payload deliveries { state } } } }`: ids,
		`query($ids: [ID!]!) { nodes(ids: $ids) { ... on Order { a: payment { status } payment { attempts status } ... on Node { ... on Order { payment { amount { amount } } } } } } }`:                                                                                                                                            ids,
		`{ products(first: 3) { edges { cursor node { price { amount } availability { available } } } nodes { price { amount } a: price { stale } } } }`:                                                                                                                                                                            nil,
		`{ order(id: "` + order + `") { lines { product { price { amount } availability { status } } } total { amount } ... on Order { total { currencyCode } } ... on Node { id ... on Order { total { amount } } } } }`:                                                                                                           nil,
		`{ order(id: "` + order + `") { saga { subject { ... on Order { saga { subject { __typename ... on Order { customer { orders(first: 2) { nodes { payment { status } saga { timeline(first: 2) { nodes { payload } } } } } } } } } } } } } }`:                                                                                nil,
		`{ sagas(first: 3) { nodes { timeline(first: 2) { nodes { traceId traceUrl payload effect { state } deliveries { state } } edges { node { payload } } } subject { __typename } } } }`:                                                                                                                                       nil,
		`{ choreography { type lastMinute } }`:  nil,
		`{ contexts { name breakers { to } } }`: nil,
		`{ a: product(by: {sku: "SKU-001"}) { id } b: product(by: {id: "` + product + `"}) { id } product(by: {id: "x"}) { id } }`: nil,
		`query($by: ProductBy!) { product(by: $by) { id } }`:                                                                       {"by": map[string]any{"sku": "SKU-001", "id": product}},
		`query($by: ProductBy!) { p: product(by: $by) { id } }`:                                                                    {"by": map[string]any{"sku": nil}},
		`query($by: ProductBy!) { q: product(by: $by) { id } }`:                                                                    {"by": map[string]any{}},
		`query($sku: String!) { product(by: {sku: $sku}) { id } }`:                                                                 {"sku": "sku-001"},
		`mutation($p: JSON) { a: retryParkedMessages(input: {ids: ["` + model.ParkedID("pricing", id(8, 1)) + `"], payload: $p}) { retried userErrors { code path } } b: retryParkedMessages(input: {messages: {ids: []}, payload: {a: [1, true, null]}}) { retried failed { id } userErrors { __typename message } } }`:                                                                                                   {"p": map[string]any{"x": []any{1, nil}}},
		`mutation { a: cancelOrder(input: {orderId: "` + order + `", reason: "", idempotencyKey: "k"}) { order { status saga { state } payment { status } } } b: cancelOrder(input: {orderId: "x", reason: "", idempotencyKey: "k"}) { order { id } userErrors { code path } } c: signIn(input: {email: "ada@quadrille.test", password: "quadrille"}) { viewer { customer { orders(first: 1) { nodes { number } } } } } }`: nil,
		`mutation { retryStep(input: {orderId: "` + order + `", step: "charge"}) { order { number payment { status } } userErrors { code } } resolveStep(input: {orderId: "` + order + `", step: "x", outcome: DONE, reason: "r"}) { order { number } userErrors { code message } } }`:                                                                                                                                     nil,
		`{ __schema { queryType { name } } viewer { id } __type(name: "Order") { fields { name } } }`:                                                                                                       nil,
		`{ order(id: "` + order + `") { number ... @defer(label: "a") { payment { status } ... @defer(label: "b") { shipment { status } } } lines { ... @defer { product { name price { amount } } } } } }`: nil,
		conditional(40):              conditions(40),
		`{ nothing }`:                nil,
		`query q($a: Nothing) { a }`: nil,
		``:                           nil,
	} {
		for _, form := range []string{"", "application/graphql-response+json", inParts} {
			o.mustAgreeForAll("a corner", askedOf{document: document, variables: variables, form: form})
		}
	}
}

// conditional is a document with many variables by which something is skipped, and conditions are values for them.
func conditional(variables int) string {
	var declared, selected strings.Builder
	for i := range variables {
		fmt.Fprintf(&declared, "$v%d: Boolean! ", i)
		fmt.Fprintf(&selected, "a%d: email @skip(if: $v%d) ", i, i)
	}
	return "query(" + declared.String() + ") { viewer { " + selected.String() + "} }"
}

func conditions(variables int) map[string]any {
	values := map[string]any{}
	for i := range variables {
		values[fmt.Sprintf("v%d", i)] = i%3 == 0
	}
	return values
}

// TestOracleAgreesOnBatches asks several things in one request.
func TestOracleAgreesOnBatches(t *testing.T) {
	o := newOracle(t, planned, "BATCH_LIMIT=3")
	one := askedOf{document: `{ viewer { id customer { orders(first: 2) { nodes { payment { status } } } } } }`}
	two := askedOf{document: `mutation { addAddress(input: {address: {name: "", street: "", city: "", postalCode: "", countryCode: ""}}) { customer { name } } }`}
	o.mustAgreeForAll("a batch", askedOf{raw: "[" + one.body() + "," + two.body() + "," + one.body() + "]"})
}
