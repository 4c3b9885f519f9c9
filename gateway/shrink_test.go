package gateway

import (
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"
)

// mostTries bounds how long it is looked for something smaller.
const mostTries = 2000

// shrunk is the least of what is asked, and of what goes wrong meanwhile, that is still answered differently.
func (o *oracle) shrunk(asked askedOf) askedOf {
	o.shrinkFaults(asked)
	for tries := 0; tries < mostTries; {
		smaller, found := askedOf{}, false
		for candidate := range asked.smaller {
			if tries++; o.disagreeOn(candidate) {
				smaller, found = candidate, true
				break
			}
		}
		if !found {
			return asked
		}
		asked = smaller
	}
	return asked
}

func (o *oracle) disagreeOn(asked askedOf) bool {
	difference, _ := o.differ(asked)
	return difference != ""
}

// shrinkFaults leaves out those kinds of faults that have nothing to do with it.
func (o *oracle) shrinkFaults(asked askedOf) {
	for _, kind := range []*uint64{&o.faults.calls, &o.faults.missing, &o.faults.fields, &o.faults.nulls, &o.faults.odd} {
		before := *kind
		if *kind = 0; !o.disagreeOn(asked) {
			*kind = before
		}
	}
}

// smaller are all that ask for one thing less. Some are not valid, which is answered in the same way by all.
func (a askedOf) smaller(yield func(askedOf) bool) {
	for n := 0; ; n++ {
		document, err := parser.ParseQuery(&ast.Source{Input: a.document})
		if err != nil {
			return
		}
		cut := cutter{n, document.Fragments}
		cut.document(document, a.operation)
		if cut.left >= 0 {
			return // there is no n-th thing
		}
		if !yield(a.asking(document)) {
			return
		}
	}
}

// asking is the same with another document, without what that does not use.
func (a askedOf) asking(document *ast.QueryDocument) askedOf {
	for _, operation := range document.Operations {
		used := uses{document, map[string]bool{}, map[string]bool{}}
		used.in(operation.SelectionSet)
		operation.VariableDefinitions = slices.DeleteFunc(operation.VariableDefinitions, func(v *ast.VariableDefinition) bool {
			return !used.variables[v.Variable]
		})
		if operation.Name == a.operation || len(document.Operations) == 1 {
			a.variables = maps.Clone(a.variables)
			maps.DeleteFunc(a.variables, func(name string, _ any) bool { return !used.variables[name] })
			document.Fragments = slices.DeleteFunc(document.Fragments, func(f *ast.FragmentDefinition) bool {
				return len(document.Operations) == 1 && !used.fragments[f.Name]
			})
		}
	}
	var text strings.Builder
	formatter.NewFormatter(&text, formatter.WithIndent("  ")).FormatQueryDocument(document)
	a.document = text.String()
	return a
}

// cutter takes one thing out of a document: the one before which there are so many.
type cutter struct {
	left      int
	fragments ast.FragmentDefinitionList
}

// here tells whether it is this one.
func (c *cutter) here() bool {
	c.left--
	return c.left == -1
}

func (c *cutter) document(document *ast.QueryDocument, operation string) {
	document.Operations = slices.DeleteFunc(document.Operations, func(o *ast.OperationDefinition) bool {
		return len(document.Operations) > 1 && o.Name != operation && c.here()
	})
	for _, operation := range document.Operations {
		operation.SelectionSet = c.selections(operation.SelectionSet)
	}
	for _, fragment := range document.Fragments {
		fragment.SelectionSet = c.selections(fragment.SelectionSet)
	}
}

func (c *cutter) selections(set ast.SelectionSet) ast.SelectionSet {
	var left ast.SelectionSet
	for _, selection := range set {
		if len(set) > 1 && c.here() {
			continue
		}
		switch selection := selection.(type) {
		case *ast.Field:
			selection.Arguments = slices.DeleteFunc(selection.Arguments, func(*ast.Argument) bool { return c.here() })
			selection.Directives = c.directives(selection.Directives)
			selection.SelectionSet = c.selections(selection.SelectionSet)
		case *ast.InlineFragment:
			if c.here() { // its selections are tried in its place
				left = append(left, selection.SelectionSet...)
				continue
			}
			selection.Directives = c.directives(selection.Directives)
			selection.SelectionSet = c.selections(selection.SelectionSet)
		case *ast.FragmentSpread:
			if c.here() { // and so are a fragment's
				fragment := c.fragments.ForName(selection.Name)
				left = append(left, &ast.InlineFragment{TypeCondition: fragment.TypeCondition, SelectionSet: fragment.SelectionSet})
				continue
			}
			selection.Directives = c.directives(selection.Directives)
		}
		left = append(left, selection)
	}
	return left
}

func (c *cutter) directives(list ast.DirectiveList) ast.DirectiveList {
	return slices.DeleteFunc(list, func(*ast.Directive) bool { return c.here() })
}

// uses are the variables and fragments that selections use, directly or by fragments.
type uses struct {
	document             *ast.QueryDocument
	variables, fragments map[string]bool
}

func (u uses) in(set ast.SelectionSet) {
	for _, selection := range set {
		switch selection := selection.(type) {
		case *ast.Field:
			for _, argument := range selection.Arguments {
				u.value(argument.Value)
			}
			u.directives(selection.Directives)
			u.in(selection.SelectionSet)
		case *ast.InlineFragment:
			u.directives(selection.Directives)
			u.in(selection.SelectionSet)
		case *ast.FragmentSpread:
			u.directives(selection.Directives)
			if fragment := u.document.Fragments.ForName(selection.Name); fragment != nil && !u.fragments[selection.Name] {
				u.fragments[selection.Name] = true
				u.in(fragment.SelectionSet)
			}
		}
	}
}

func (u uses) directives(list ast.DirectiveList) {
	for _, directive := range list {
		for _, argument := range directive.Arguments {
			u.value(argument.Value)
		}
	}
}

func (u uses) value(value *ast.Value) {
	if value.Kind == ast.Variable {
		u.variables[value.Raw] = true
	}
	for _, child := range value.Children {
		u.value(child.Value)
	}
}
