package shop

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// Answer is the data that answers an operation. It validates nothing: what is not known is null, as is a field that no type has.
func (g *Graph) Answer(document string, variables map[string]any) ([]byte, error) {
	parsed, err := parser.ParseQuery(&ast.Source{Input: document})
	if err != nil {
		return nil, fmt.Errorf("parse document: %w", err)
	}
	if len(parsed.Operations) != 1 {
		return nil, errors.New("not one operation in the document")
	}
	a := answering{graph: g, fragments: parsed.Fragments, variables: variables}
	return a.root(parsed.Operations[0].SelectionSet)
}

// ServeHTTP answers by POST.
func (g *Graph) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Query     string
		Variables map[string]any
	}
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &request)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	data, err := g.Answer(request.Query, request.Variables)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"data":%s}`, data)
}

// answering is one operation on its way.
type answering struct {
	graph     *Graph
	fragments ast.FragmentDefinitionList
	variables map[string]any
}

// field is what is asked for by one name of the answer, from all places that ask for it.
type field struct {
	*ast.Field
	sets ast.SelectionSet
}

// fields are those that are asked for of an object of a type, each once, in order.
func (a answering) fields(set ast.SelectionSet, kind string) []*field {
	var fields []*field
	byName := map[string]*field{}
	var collect func(ast.SelectionSet)
	collect = func(set ast.SelectionSet) {
		for _, selection := range set {
			switch s := selection.(type) {
			case *ast.Field:
				name := s.Alias
				if byName[name] == nil {
					byName[name] = &field{Field: s}
					fields = append(fields, byName[name])
				}
				byName[name].sets = append(byName[name].sets, s.SelectionSet...)
			case *ast.InlineFragment:
				if s.TypeCondition == "" || s.TypeCondition == kind {
					collect(s.SelectionSet)
				}
			case *ast.FragmentSpread:
				if fragment := a.fragments.ForName(s.Name); fragment != nil && fragment.TypeCondition == kind {
					collect(fragment.SelectionSet)
				}
			}
		}
	}
	collect(set)
	return fields
}

func (a answering) root(set ast.SelectionSet) ([]byte, error) {
	b := []byte{'{'}
	for i, f := range a.fields(set, "Query") {
		value, err := a.resolve(f)
		if err != nil {
			return nil, fmt.Errorf("answer %s: %w", f.Name, err)
		}
		b = a.field(b, i, f, value)
	}
	return append(b, '}'), nil
}

// resolve is the value of a field of Query.
func (a answering) resolve(f *field) (any, error) {
	arguments := map[string]any{}
	for _, argument := range f.Arguments {
		value, err := argument.Value.Value(a.variables)
		if err != nil {
			return nil, fmt.Errorf("read argument: %w", err)
		}
		arguments[argument.Name] = value
	}
	switch f.Name {
	case "__typename":
		return "Query", nil
	case "products":
		first, err := number(arguments["first"])
		return object{"__typename": "ProductConnection", "nodes": a.graph.products[:min(first, len(a.graph.products))]}, err
	case "nodes":
		return a.graph.byKey("Order", arguments["ids"]), nil
	case "_entities":
		return a.graph.represented(arguments["representations"]), nil
	default:
		return nil, errors.New("there is no such field")
	}
}

func number(value any) (int, error) {
	switch v := value.(type) {
	case int64:
		return int(v), nil
	case float64:
		return int(v), nil
	default:
		return 0, fmt.Errorf("%v is no number", value)
	}
}

// byKey are the objects of a type with the keys given; null where there is none.
func (g *Graph) byKey(kind string, given any) []object {
	wanted, _ := given.([]any)
	found := make([]object, len(wanted))
	for i, key := range wanted {
		key, _ := key.(string)
		found[i] = g.entities[kind][key]
	}
	return found
}

// represented are the objects that are represented by their type and key; null where there is none.
func (g *Graph) represented(given any) []object {
	wanted, _ := given.([]any)
	found := make([]object, len(wanted))
	for i, one := range wanted {
		one, _ := one.(map[string]any)
		kind, _ := one["__typename"].(string)
		key, _ := one[keys[kind]].(string)
		found[i] = g.entities[kind][key]
	}
	return found
}

func (a answering) object(b []byte, set ast.SelectionSet, of object) []byte {
	if of == nil {
		return append(b, "null"...)
	}
	kind, _ := of["__typename"].(string)
	if whole := a.graph.entities[kind][keyIn(kind, of)]; whole != nil {
		of = whole
	}
	b = append(b, '{')
	for i, f := range a.fields(set, kind) {
		b = a.field(b, i, f, of[f.Name])
	}
	return append(b, '}')
}

// field appends a field of an object, the ith.
func (a answering) field(b []byte, i int, f *field, value any) []byte {
	if i > 0 {
		b = append(b, ',')
	}
	b = append(b, '"')
	b = append(b, f.Alias...)
	b = append(b, '"', ':')
	return a.value(b, f.sets, value)
}

func keyIn(kind string, of object) string {
	key, _ := of[keys[kind]].(string)
	return key
}

func (a answering) value(b []byte, set ast.SelectionSet, value any) []byte {
	switch v := value.(type) {
	case object:
		return a.object(b, set, v)
	case []object:
		b = append(b, '[')
		for i, one := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = a.object(b, set, one)
		}
		return append(b, ']')
	default:
		text, err := json.Marshal(v)
		if err != nil {
			return append(b, "null"...)
		}
		return append(b, text...)
	}
}
