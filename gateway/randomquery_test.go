package gateway

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"quadrille.dev/gateway/internal/graph/model"
)

// How large random documents become.
const (
	deepest     = 7
	mostFields  = 40
	mostAtOnce  = 6
	mostOnces   = 3
	mostAliases = 900
)

// random writes documents that are valid, and what goes with them. What it writes is up to the seed.
type random struct {
	*rand.Rand
	schema *ast.Schema
	// possible are the types that can be spread in each.
	possible map[string][]*ast.Definition

	fields    int
	keys      map[string]string
	taken     map[string]bool
	variables map[string]*variable
	fragments []*fragment
	// in is the definition that is being written.
	in *definition
}

// definition is an operation or a fragment, and what it uses.
type definition struct {
	text      string
	variables map[string]bool
	fragments map[string]bool
}

type fragment struct {
	definition
	name string
	on   *ast.Definition
}

type variable struct {
	declared string
	// given is what the request has of it, unless it is left out.
	given any
	out   bool
}

// newRandom prepares for documents of a schema.
func newRandom(schema *ast.Schema) *random {
	r := &random{schema: schema, possible: map[string][]*ast.Definition{}}
	for _, name := range slices.Sorted(maps.Keys(schema.Types)) {
		of := schema.Types[name]
		if !of.IsCompositeType() {
			continue
		}
		for _, other := range slices.Sorted(maps.Keys(schema.Types)) {
			if on := schema.Types[other]; on.IsCompositeType() && overlap(schema, of, on) {
				r.possible[name] = append(r.possible[name], on)
			}
		}
	}
	return r
}

func overlap(schema *ast.Schema, a, b *ast.Definition) bool {
	return slices.ContainsFunc(schema.GetPossibleTypes(a), func(one *ast.Definition) bool {
		return slices.Contains(schema.GetPossibleTypes(b), one)
	})
}

// ask writes what a seed stands for.
func (r *random) ask(seed uint64) askedOf {
	r.Rand = rand.New(rand.NewPCG(seed, 7))
	r.keys, r.taken, r.variables, r.fragments = map[string]string{}, map[string]bool{}, map[string]*variable{}, nil
	operations := make([]definition, 1)
	if r.one(8) {
		operations = make([]definition, 2+r.IntN(2))
	}
	streamed := len(operations) == 1 && r.one(12)
	named := len(operations) > 1 || r.one(2)
	var heads []string
	for i := range operations {
		root, kind := r.schema.Query, "query"
		if r.one(6) {
			root, kind = r.schema.Mutation, "mutation"
		}
		r.fields = mostFields / len(operations)
		if streamed {
			kind = "subscription"
			r.within(&operations[i], func() string { return "{ " + r.streamed() + " }" })
		} else {
			r.within(&operations[i], func() string { return r.selections(root, 0) })
		}
		if named {
			kind += fmt.Sprintf(" q%d", i)
		}
		heads = append(heads, kind)
	}
	asked := askedOf{who: pick(r, principals).who, variables: map[string]any{}}
	switch {
	case streamed:
		asked.form = inEvents
		if head := operations[0].text; strings.Contains(head, "sagaChanged") || strings.Contains(head, "since: 0") {
			asked.events = 2
		}
	case r.one(8):
		asked.form = inParts
	}
	chosen := r.IntN(len(operations))
	if len(operations) > 1 {
		asked.operation = fmt.Sprintf("q%d", chosen)
	}
	var document strings.Builder
	spread := map[string]bool{}
	for i, operation := range operations {
		used, fragments := r.uses(operation)
		maps.Copy(spread, fragments)
		document.WriteString(heads[i] + r.declarations(used) + " " + operation.text + "\n")
		if i != chosen {
			continue
		}
		for name := range used {
			if !r.variables[name].out {
				asked.variables[name] = r.variables[name].given
			}
		}
	}
	for _, fragment := range r.fragments {
		if spread[fragment.name] {
			document.WriteString("fragment " + fragment.name + " on " + fragment.on.Name + " " + fragment.text + "\n")
		}
	}
	asked.document = document.String()
	return asked
}

// again is the same document, asked by whomever with other parts of it skipped: a plan that is kept must be for no other parts than these.
func (r *random) again(asked askedOf) askedOf {
	asked.who = pick(r, principals).who
	asked.variables = maps.Clone(asked.variables)
	for name, variable := range r.variables {
		if strings.HasPrefix(variable.declared, "Boolean") && (asked.variables[name] != nil || variable.out && r.one(2)) {
			asked.variables[name] = r.one(2)
		}
	}
	return asked
}

// one is true in one of so many cases.
func (r *random) one(of int) bool { return r.IntN(of) == 0 }

func pick[T any](r *random, from []T) T { return from[r.IntN(len(from))] }

// within writes a definition.
func (r *random) within(d *definition, write func() string) {
	d.variables, d.fragments = map[string]bool{}, map[string]bool{}
	before := r.in
	r.in = d
	d.text = write()
	r.in = before
}

// uses are the variables that a definition uses, and the fragments, directly or by others.
func (r *random) uses(d definition) (variables, fragments map[string]bool) {
	variables, fragments = maps.Clone(d.variables), maps.Clone(d.fragments)
	for i := len(r.fragments) - 1; i >= 0; i-- { // a fragment spreads only such as were begun later, or written before
		for _, fragment := range r.fragments {
			if fragments[fragment.name] {
				maps.Copy(variables, fragment.variables)
				maps.Copy(fragments, fragment.fragments)
			}
		}
	}
	return variables, fragments
}

func (r *random) declarations(used map[string]bool) string {
	var declared []string
	for _, name := range slices.Sorted(maps.Keys(used)) {
		declared = append(declared, "$"+name+": "+r.variables[name].declared)
	}
	if len(declared) == 0 {
		return ""
	}
	return "(" + strings.Join(declared, ", ") + ")"
}

// selections are some of what can be asked of a type.
func (r *random) selections(of *ast.Definition, depth int) string {
	count := 1 + r.IntN(mostAtOnce)
	if depth == 0 {
		count = 1 + r.IntN(mostOnces)
	}
	written := make([]string, 0, count)
	for range count {
		written = append(written, r.selection(of, depth))
	}
	return "{ " + strings.Join(written, " ") + " }"
}

func (r *random) selection(of *ast.Definition, depth int) string {
	r.fields--
	switch dice := r.IntN(100); {
	case dice < 6 || of.Kind == ast.Union && dice < 20:
		return r.alias("__typename", "", "String!", 4) + r.conditions()
	case depth >= deepest || r.fields <= 0:
		return r.field(of, depth)
	case dice < 17 || of.Kind == ast.Union && dice < 70 || of.Kind == ast.Interface && dice < 60:
		on, condition := of, ""
		if !r.one(5) {
			on = pick(r, r.possible[of.Name])
			condition = " on " + on.Name
		}
		return "..." + condition + r.conditions() + r.deferred(depth) + " " + r.selections(on, depth+1)
	case dice < 26 || of.Kind == ast.Union:
		return "..." + r.fragment(of, depth) + r.conditions() + r.deferred(depth)
	default:
		return r.field(of, depth)
	}
}

// fragment is the name of one that can be spread in a type.
func (r *random) fragment(in *ast.Definition, depth int) string {
	var fitting []*fragment
	for _, known := range r.fragments {
		if known.text != "" && slices.Contains(r.possible[in.Name], known.on) {
			fitting = append(fitting, known)
		}
	}
	if len(fitting) > 0 && r.one(2) {
		name := pick(r, fitting).name
		r.in.fragments[name] = true
		return name
	}
	made := &fragment{name: fmt.Sprintf("f%d", len(r.fragments)), on: pick(r, r.possible[in.Name])}
	r.fragments = append(r.fragments, made)
	r.in.fragments[made.name] = true
	// It may be spread anywhere, also deeper than here.
	r.within(&made.definition, func() string { return r.selections(made.on, max(depth+1, 4)) })
	return made.name
}

func (r *random) field(of *ast.Definition, depth int) string {
	var fields ast.FieldList
	for _, field := range of.Fields {
		leaf := !r.schema.Types[field.Type.Name()].IsCompositeType()
		if !strings.HasPrefix(field.Name, "__") && (leaf || depth < deepest && r.fields > 0) {
			fields = append(fields, field)
		}
	}
	if of == r.schema.Query && r.one(40) {
		return pick(r, introspections)
	}
	if len(fields) == 0 {
		return "__typename"
	}
	field := pick(r, fields)
	text := r.alias(field.Name, r.arguments(of, field), field.Type.String(), 5) + r.conditions()
	if answered := r.schema.Types[field.Type.Name()]; answered.IsCompositeType() {
		text += " " + r.selections(answered, depth+1)
	}
	return text
}

// streamed is a field of Subscription of which something is told at once, to whomever.
func (r *random) streamed() string {
	field := pick(r, r.schema.Subscription.Fields)
	arguments := ""
	if field.Name != "sagaChanged" { // a saga that passes a filter may never come
		arguments = r.arguments(r.schema.Subscription, field)
	}
	return field.Name + arguments + " " + r.selections(r.schema.Types[field.Type.Name()], 1)
}

// introspections are answered by gqlgen, whoever executes the rest.
var introspections = []string{
	`__type(name: "Order") { name kind fields { name type { name ofType { name } } } }`, `__schema { queryType { name } directives { name } }`,
	`i: __type(name: "Nothing") { name }`,
}

// alias is a field with its arguments under a key that no other field has anywhere in the document, so that all those under one key can be
// merged. Every so many-th field has an alias although it need not.
func (r *random) alias(name, arguments, answers string, often int) string {
	is := name + arguments + answers
	key := r.keys[is]
	if key == "" || r.one(often) && len(r.taken) < mostAliases {
		key = name
		if r.taken[key] || r.one(often) {
			key = fmt.Sprintf("a%d", len(r.taken))
		}
		r.taken[key] = true
		r.keys[is] = key
	}
	if key == name {
		return name + arguments
	}
	return key + ": " + name + arguments
}

// conditions are @skip and @include, sometimes.
func (r *random) conditions() string {
	var text strings.Builder
	for _, name := range []string{"skip", "include"} {
		if !r.one(14) {
			continue
		}
		text.WriteString(" @" + name + "(if: " + r.condition(name == "include" != r.one(3)) + ")")
	}
	return text.String()
}

func (r *random) condition(value bool) string {
	switch r.IntN(3) {
	case 0:
		return r.declare("Boolean!", value, false)
	case 1:
		return r.declare(fmt.Sprintf("Boolean = %t", value), nil, true)
	default:
		return fmt.Sprint(value)
	}
}

// deferred is @defer, sometimes, which counts only for clients who take answers in parts.
func (r *random) deferred(depth int) string {
	if depth == 0 || !r.one(12) {
		return ""
	}
	if r.one(2) {
		return " @defer"
	}
	return fmt.Sprintf(" @defer(if: %s)", r.condition(true))
}

// declare makes a variable.
func (r *random) declare(declared string, given any, out bool) string {
	name := fmt.Sprintf("v%d", len(r.variables))
	r.variables[name] = &variable{declared, given, out}
	r.in.variables[name] = true
	return "$" + name
}

func (r *random) arguments(of *ast.Definition, field *ast.FieldDefinition) string {
	var given []string
	for _, argument := range field.Arguments {
		place := fmt.Sprintf("%s.%s(%s)", of.Name, field.Name, argument.Name)
		if text, there := r.given(place, argument.Name, argument.Type, argument.DefaultValue); there {
			given = append(given, argument.Name+": "+text)
		}
	}
	if len(given) == 0 {
		return ""
	}
	return "(" + strings.Join(given, ", ") + ")"
}

// given is the text of what is given at a place, as a literal or by a variable; sometimes nothing is where nothing need be.
func (r *random) given(place, name string, of *ast.Type, byDefault *ast.Value) (text string, there bool) {
	needed := of.NonNull && byDefault == nil
	switch {
	case !needed && r.one(2):
		return "", false
	case r.one(3):
		return r.variable(place, name, of, byDefault), true
	case !of.NonNull && r.one(6):
		return "null", true
	default:
		return r.literal(r.value(place, name, of), of), true
	}
}

// variable declares one that may stand at a place.
func (r *random) variable(place, name string, of *ast.Type, byDefault *ast.Value) string {
	value := r.value(place, name, of)
	strict, loose := *of, *of
	strict.NonNull, loose.NonNull = true, false
	switch dice := r.IntN(8); {
	case dice == 0 && isScalar(value):
		// With a default a variable may stand also where null may not; then null is found out when the field is resolved.
		declared := loose.String() + " = " + r.literal(value, of)
		if r.one(3) {
			return r.declare(declared, nil, !r.one(4))
		}
		return r.declare(declared, r.plain(r.value(place, name, of)), false)
	case dice < 3 && (!of.NonNull || byDefault != nil):
		return r.declare(loose.String(), nil, r.one(2) || of.NonNull && !r.one(5))
	case dice < 5 && (!of.NonNull || byDefault != nil):
		return r.declare(loose.String(), r.plain(value), false)
	default:
		return r.declare(strict.String(), r.plain(value), false)
	}
}

// enumerated is a value of an enum, which is written without quotes.
type enumerated string

// entry is a field of an input object.
type entry struct {
	name  string
	of    *ast.Type
	value any
}

// value is one for a type: nil, a scalar, an enumerated, a list or entries.
func (r *random) value(place, name string, of *ast.Type) any {
	definition := r.schema.Types[of.Name()]
	switch {
	case of.Elem != nil && r.one(10) && !strings.HasPrefix(place, "Query.nodes"):
		return r.value(place, name, of.Elem) // which stands for a list of it
	case of.Elem != nil:
		list := make([]any, r.IntN(4))
		for i := range list {
			list[i] = r.value(place, name, of.Elem)
		}
		return list
	case definition.Kind == ast.Enum:
		return enumerated(pick(r, definition.EnumValues).Name)
	case definition.Kind == ast.InputObject:
		return r.input(definition)
	default:
		for _, known := range [][]any{pools[place], pools[name], pools[definition.Name]} {
			if len(known) > 0 {
				return pick(r, known)
			}
		}
		return "?"
	}
}

func (r *random) input(definition *ast.Definition) []entry {
	var entries []entry
	if definition.Directives.ForName("oneOf") != nil {
		field := pick(r, definition.Fields)
		strict := *field.Type
		strict.NonNull = true
		return []entry{{name: field.Name, of: &strict, value: r.value(definition.Name+"."+field.Name, field.Name, &strict)}}
	}
	for _, field := range definition.Fields {
		if needed := field.Type.NonNull && field.DefaultValue == nil; !needed && !r.one(3) {
			continue
		}
		place := definition.Name + "." + field.Name
		one := entry{name: field.Name, of: field.Type}
		if field.Type.NonNull || !r.one(6) {
			one.value = r.value(place, field.Name, field.Type)
		}
		entries = append(entries, one)
	}
	return entries
}

// literal writes a value into the document, with variables for some of the fields in it.
func (r *random) literal(value any, of *ast.Type) string {
	switch value := value.(type) {
	case enumerated:
		return string(value)
	case []any:
		elements := make([]string, len(value))
		for i, element := range value {
			elements[i] = r.literal(element, of.Elem)
		}
		return "[" + strings.Join(elements, ", ") + "]"
	case []entry:
		fields := make([]string, len(value))
		for i, field := range value {
			var text string
			if field.value != nil && r.one(8) {
				text = r.declare(strictly(field.of), r.plain(field.value), false)
			} else {
				text = r.literal(field.value, field.of)
			}
			fields[i] = field.name + ": " + text
		}
		return "{" + strings.Join(fields, ", ") + "}"
	default:
		text, _ := json.Marshal(value) // scalars are written as in JSON
		return string(text)
	}
}

// isScalar tells that there can be no variable in a value.
func isScalar(value any) bool {
	switch value.(type) {
	case []any, []entry:
		return false
	default:
		return true
	}
}

func strictly(of *ast.Type) string {
	strict := *of
	strict.NonNull = true
	return strict.String()
}

// plain is a value as JSON has it.
func (r *random) plain(value any) any {
	switch value := value.(type) {
	case enumerated:
		return string(value)
	case []any:
		elements := make([]any, len(value))
		for i, element := range value {
			elements[i] = r.plain(element)
		}
		return elements
	case []entry:
		fields := map[string]any{}
		for _, field := range value {
			fields[field.name] = r.plain(field.value)
		}
		if len(fields) == 1 && r.one(20) { // which @oneOf forbids, as does what is declared of most others
			fields[value[0].name] = nil
		}
		return fields
	default:
		return value
	}
}

// pools are the values of scalars by place, by the name of the argument or input field, and else by type. Most are of something that is
// there, and some are wrong.
var pools = map[string][]any{
	"Query.order(id)":  {id(3, 1), id(3, 2), model.GlobalID("Order", id(3, 1)), model.GlobalID("Order", graces), id(3, 50), "rubbish", 5},
	"Query.return(id)": {back(1), model.GlobalID("Return", back(2)), back(11), back(9), "rubbish"},
	"Query.saga(id)":   {id(3, 1), model.GlobalID("Saga", id(3, 2)), model.GlobalID("Order", graces), model.GlobalID("Return", back(1)), "rubbish"},
	"Query.node(id)":   nodes, "Query.nodes(ids)": nodes,
	"Subscription.orderChanged(id)":   {id(3, 1), model.GlobalID("Order", id(3, 2)), graces, "rubbish"},
	"Subscription.returnChanged(id)":  {back(1), model.GlobalID("Return", back(2)), back(11), "rubbish"},
	"Subscription.stockChanged(skus)": {sku(1), sku(2), "sku-003", sku(11)}, "since": {0, 1, -1},
	"orderId":    {id(3, 1), model.GlobalID("Order", id(3, 2)), graces, "rubbish"},
	"returnId":   {back(1), model.GlobalID("Return", back(2)), "rubbish"},
	"customerId": {ada.String(), model.GlobalID("Customer", grace.String()), "rubbish"},
	"onBehalfOf": {ada.String(), model.GlobalID("Customer", grace.String()), "rubbish"},
	"id":         {id(1, 1), model.GlobalID("Product", id(1, 2)), id(1, 99), "rubbish"},
	"ids": {
		model.ParkedID("pricing", id(8, 1)), model.ParkedID("billing", id(8, 1)), model.ParkedID("catalog", id(8, 0)), model.ParkedID("pricing", id(8, 99)),
		"rubbish",
	},
	"sku": {sku(1), sku(2), sku(11), "sku-003", "nothing"}, "context": {"pricing", "billing", "nowhere"},
	"first": {1, 2, 2, 3, 3, 4, 5, 9, 0, 101, -1}, "after": {"1", "2", "", "rubbish", "ZmFjdDox"}, "quantity": {1, 2, 3, 0},
	"waitSeconds": {0, 1, 25, -1, 26}, "email": {"ada@quadrille.test", "nobody@quadrille.test"}, "password": {"quadrille", "wrong"},
	"token": {"elsewhere", "pm_card_visa"}, "search": {"Product", "Q-00000001", "ada@quadrille.test", ""}, "step": {"charge", "book", "nothing"},
	"amount": {"4.25", "0", "abc", 4}, "currencyCode": {"GBP", "EUR", "??"}, "payload": {"{}", "{", 1, true},
	"orderNumber": {"q-00000001", ""}, "customerEmail": {"ada@quadrille.test"}, "idempotencyKey": {"again", uuid.Nil.String()},
	"String": {"text", "", "quoted \" \\ \n", "ünïcode 🎉"}, "ID": {id(3, 1), "rubbish", 7}, "Int": {0, 1, 2, -5}, "Float": {1, 0.5},
	"Boolean": {true, false}, "DateTime": {"2026-03-01T12:00:00Z", "2026-03-01T13:00:00+01:00", "yesterday", 5}, "Decimal": {"12.5", "x", 1.5},
	"CountryCode": {"GB", "XX"}, "CurrencyCode": {"GBP"}, "JSON": {"{}", 1},
}

// nodes are objects of every type that has global ids.
var nodes = []any{
	model.GlobalID("Product", id(1, 1)), model.GlobalID("Product", id(1, 2)), model.GlobalID("Order", id(3, 1)), model.GlobalID("Order", graces),
	model.GlobalID("Order", id(3, 50)), model.GlobalID("Customer", ada.String()), model.GlobalID("Customer", grace.String()),
	model.GlobalID("Return", back(1)), model.GlobalID("Saga", id(3, 1)), model.GlobalID("Saga", back(1)), model.GlobalID("AuditEntry", id(9, 0)),
	model.ParkedID("catalog", id(8, 0)), id(4, 1), id(5, 1), "rubbish",
}

// TestRandomDocumentsAskForEverything holds that they are valid, and that some of a few thousand ask for each field, with each argument, and each
// field of an input.
func TestRandomDocumentsAskForEverything(t *testing.T) {
	const documents = 3000
	unasked := map[string]bool{}
	for _, of := range contract.Types {
		if of.BuiltIn || of.Kind == ast.Interface && of.Name == "Node" {
			continue
		}
		for _, field := range of.Fields {
			if of.Kind == ast.Object || of.Kind == ast.Interface || of.Kind == ast.InputObject {
				unasked[of.Name+"."+field.Name] = !strings.HasPrefix(field.Name, "__")
			}
			for _, argument := range field.Arguments {
				unasked[of.Name+"."+field.Name+"("+argument.Name+")"] = !strings.HasPrefix(field.Name, "__")
			}
		}
	}
	queries := newRandom(contract)
	for seed := range uint64(documents) {
		asked := queries.ask(seed)
		document, err := gqlparser.LoadQueryWithRules(contract, asked.document, rules.NewDefaultRules())
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, asked)
		}
		for _, operation := range document.Operations {
			forget(unasked, operation.SelectionSet)
		}
		for _, fragment := range document.Fragments {
			forget(unasked, fragment.SelectionSet)
		}
	}
	maps.DeleteFunc(unasked, func(_ string, is bool) bool { return !is })
	delete(unasked, "Subscription.sagaChanged(filter)")
	if len(unasked) > 0 {
		t.Errorf("nobody asks for %v", slices.Sorted(maps.Keys(unasked)))
	}
}

func forget(unasked map[string]bool, set ast.SelectionSet) {
	for _, selection := range set {
		switch selection := selection.(type) {
		case *ast.Field:
			place := selection.ObjectDefinition.Name + "." + selection.Name
			unasked[place] = false
			for _, argument := range selection.Arguments {
				unasked[place+"("+argument.Name+")"] = false
				forgetInput(unasked, argument.Value)
			}
			forget(unasked, selection.SelectionSet)
		case *ast.InlineFragment:
			forget(unasked, selection.SelectionSet)
		}
	}
}

func forgetInput(unasked map[string]bool, value *ast.Value) {
	for _, child := range value.Children {
		if value.Kind == ast.ObjectValue {
			unasked[value.Definition.Name+"."+child.Name] = false
		}
		forgetInput(unasked, child.Value)
	}
}
