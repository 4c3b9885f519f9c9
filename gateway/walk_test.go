package gateway

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// step is a field on the way from a root to an object, and the type that it leads to.
type step struct {
	field, to string
	// text is the field with what it is given, and in a fragment if it answers more types than one.
	text string
}

// walk knows how to ask for any field of a schema.
type walk struct {
	schema *ast.Schema
	// given are the values of arguments and input fields that cannot be just any.
	given map[string]string
	// entrances are the ways to types, and to what these lead to, that are not to be reached on the shortest way.
	entrances map[string][]step
}

// fields are all fields that can be asked for, by type; interfaces have theirs too.
func (w walk) fields() map[string]ast.FieldList {
	fields := map[string]ast.FieldList{}
	for name, definition := range w.schema.Types {
		if definition.Kind != ast.Object && definition.Kind != ast.Interface || definition.BuiltIn {
			continue
		}
		for _, field := range definition.Fields {
			if !strings.HasPrefix(field.Name, "__") {
				fields[name] = append(fields[name], field)
			}
		}
	}
	return fields
}

// question is a document that asks for one field, and where in the answer it stands.
type question struct {
	document string
	path     []string
}

// ask makes the question for a field of a type.
func (w walk) ask(ways map[string][]step, of string, field *ast.FieldDefinition) question {
	root, way := of, ways[of]
	if len(way) > 0 {
		root = way[0].to
	}
	text := map[string]string{"Query": "query ", "Mutation": "mutation ", "Subscription": "subscription "}[root]
	end := ""
	var path []string
	at := root
	for _, step := range way[min(1, len(way)):] {
		text, end, path = text+"{ "+refusal(w.schema.Types[at])+step.text+" ", end+strings.Repeat(" }", 1+strings.Count(step.text, "{ ...")), append(path, step.field)
		at = step.to
	}
	text += "{ " + refusal(w.schema.Types[at]) + field.Name + w.arguments(of, field)
	if answer := w.schema.Types[field.Type.Name()]; answer.IsCompositeType() {
		text += " { " + refusal(answer) + "__typename }"
	}
	return question{text + " }" + end, append(path, field.Name)}
}

// ways are how to get to every type from a root: those that only ask before those that change something, and short ones first.
func (w walk) ways() map[string][]step {
	ways := maps.Clone(w.entrances)
	for _, root := range []string{"Query", "Subscription", "Mutation"} {
		if w.schema.Types[root] == nil {
			continue
		}
		ways[root] = []step{{to: root}}
		queue := []string{root}
		for _, of := range slices.Sorted(maps.Keys(w.entrances)) {
			if w.entrances[of][0].to == root {
				queue = append(queue, of)
			}
		}
		for len(queue) > 0 {
			of := queue[0]
			queue = queue[1:]
			for _, next := range w.onward(of) {
				if ways[next.to] == nil {
					ways[next.to] = append(slices.Clone(ways[of]), next)
					queue = append(queue, next.to)
				}
			}
		}
	}
	return ways
}

// onward are the steps from a type: to what its fields answer, and to the types that this can be.
func (w walk) onward(of string) []step {
	var steps, fragments []step
	for _, field := range w.schema.Types[of].Fields {
		to := w.schema.Types[field.Type.Name()]
		if strings.HasPrefix(field.Name, "__") || !to.IsCompositeType() {
			continue
		}
		text := field.Name + w.arguments(of, field)
		steps = append(steps, step{field.Name, to.Name, text})
		for _, possible := range w.schema.GetPossibleTypes(to) {
			if possible != to && to.Name != "Node" {
				fragments = append(fragments, step{field.Name, possible.Name, text + " { ... on " + possible.Name})
			}
		}
	}
	return append(steps, fragments...)
}

// arguments are the least that a field must be given, and what it is given here.
func (w walk) arguments(of string, field *ast.FieldDefinition) string {
	var given []string
	for _, argument := range field.Arguments {
		if value := w.value(fmt.Sprintf("%s.%s(%s)", of, field.Name, argument.Name), argument.Name, argument.Type, argument.DefaultValue); value != "" {
			given = append(given, argument.Name+": "+value)
		}
	}
	if len(given) == 0 {
		return ""
	}
	return "(" + strings.Join(given, ", ") + ")"
}

// value is what is given at a place for a type; empty when nothing need be.
func (w walk) value(place, name string, of *ast.Type, byDefault *ast.Value) string {
	if given := cmp.Or(w.given[place], w.given[name]); given != "" {
		return given
	}
	switch definition := w.schema.Types[of.Name()]; {
	case !of.NonNull || byDefault != nil:
		return ""
	case of.Elem != nil:
		return "[" + w.value(place, name, of.Elem, nil) + "]"
	case definition.Kind == ast.Enum:
		return definition.EnumValues[0].Name
	case definition.Kind == ast.InputObject:
		return w.input(definition)
	case definition.Name == "Int", definition.Name == "Float":
		return "1"
	case definition.Name == "Boolean":
		return "true"
	default:
		return `"1"`
	}
}

// input is an object with the least that it must have.
func (w walk) input(definition *ast.Definition) string {
	var given []string
	fields := definition.Fields
	if definition.Directives.ForName("oneOf") != nil {
		first, needed := *fields[0], *fields[0].Type
		needed.NonNull, first.Type = true, &needed
		fields = ast.FieldList{&first}
	}
	for _, field := range fields {
		if value := w.value(definition.Name+"."+field.Name, field.Name, field.Type, field.DefaultValue); value != "" {
			given = append(given, field.Name+": "+value)
		}
	}
	return "{" + strings.Join(given, ", ") + "}"
}

// refusal asks why a mutation was refused, of what mutations answer.
func refusal(of *ast.Definition) string {
	if of.Fields.ForName("userErrors") == nil {
		return ""
	}
	return "userErrors { code } "
}
