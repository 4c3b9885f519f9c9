package contracts

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// Rules of the client's API. What it answers may become more certain, what it asks for less demanding, and never the other way round.
// Anything may be added that no existing document can meet.
const (
	TypeRemoved           Rule = "TYPE_REMOVED"
	KindChanged           Rule = "KIND_CHANGED"
	OutputFieldRemoved    Rule = "OUTPUT_FIELD_REMOVED"
	OutputTypeChanged     Rule = "OUTPUT_TYPE_CHANGED"
	OutputNullable        Rule = "OUTPUT_NULLABLE"
	ArgumentRemoved       Rule = "ARGUMENT_REMOVED"
	InputFieldRemoved     Rule = "INPUT_FIELD_REMOVED"
	InputTypeChanged      Rule = "INPUT_TYPE_CHANGED"
	InputRequired         Rule = "INPUT_REQUIRED"
	DefaultChanged        Rule = "DEFAULT_CHANGED"
	EnumValueRemoved      Rule = "ENUM_VALUE_REMOVED"
	MemberRemoved         Rule = "MEMBER_REMOVED"
	ImplementationRemoved Rule = "IMPLEMENTATION_REMOVED"
)

// CompareGraphQL answers what the present schema breaks of the one that was released. Both are by file name; names do not matter.
func CompareGraphQL(released, present map[string][]byte) ([]Breach, error) {
	if len(released) == 0 {
		return nil, nil
	}
	old, err := loadGraphQL(released)
	if err != nil {
		return nil, fmt.Errorf("read released GraphQL schema: %w", err)
	}
	now, err := loadGraphQL(present)
	if err != nil {
		return nil, fmt.Errorf("read GraphQL schema: %w", err)
	}
	var api api
	for _, name := range slices.Sorted(maps.Keys(old.Types)) {
		if !strings.HasPrefix(name, "__") {
			api.definition(old.Types[name], now.Types[name])
		}
	}
	return api.breaches, nil
}

func loadGraphQL(files map[string][]byte) (*ast.Schema, error) {
	var sources []*ast.Source
	for _, name := range slices.Sorted(maps.Keys(files)) {
		sources = append(sources, &ast.Source{Name: name, Input: string(files[name])})
	}
	return gqlparser.LoadSchema(sources...)
}

// api goes through an old and a new schema side by side.
type api struct{ breaches []Breach }

func (a *api) breach(path string, rule Rule, format string, arguments ...any) {
	a.breaches = append(a.breaches, Breach{"GraphQL", path, rule, fmt.Sprintf(format, arguments...)})
}

func (a *api) definition(old, now *ast.Definition) {
	switch {
	case now == nil:
		a.breach(old.Name, TypeRemoved, "the type is gone")
		return
	case old.Kind != now.Kind:
		a.breach(old.Name, KindChanged, "was of kind %s and is of kind %s", old.Kind, now.Kind)
		return
	}
	for _, value := range old.EnumValues {
		if now.EnumValues.ForName(value.Name) == nil {
			a.breach(old.Name+"."+value.Name, EnumValueRemoved, "the value is gone")
		}
	}
	for _, member := range old.Types {
		if !slices.Contains(now.Types, member) {
			a.breach(old.Name, MemberRemoved, "%s is not part of the union any more", member)
		}
	}
	for _, implemented := range old.Interfaces {
		if !slices.Contains(now.Interfaces, implemented) {
			a.breach(old.Name, ImplementationRemoved, "does not implement %s any more", implemented)
		}
	}
	if old.Kind == ast.InputObject {
		a.inputs(old, now)
	} else {
		a.outputs(old, now)
	}
}

func (a *api) outputs(old, now *ast.Definition) {
	for _, field := range old.Fields {
		path := old.Name + "." + field.Name
		is := now.Fields.ForName(field.Name)
		if is == nil {
			a.breach(path, OutputFieldRemoved, "the field, of type %s, is gone", field.Type)
			continue
		}
		a.output(path, field.Type, is.Type)
		a.arguments(path, field.Arguments, is.Arguments)
	}
}

// output holds that whoever can read the old type can read the new.
func (a *api) output(path string, old, now *ast.Type) {
	switch {
	case !sameShape(old, now):
		a.breach(path, OutputTypeChanged, "was %s and is %s", old, now)
	case !asCertain(old, now):
		a.breach(path, OutputNullable, "was %s and is %s", old, now)
	}
}

func (a *api) arguments(path string, old, now ast.ArgumentDefinitionList) {
	for _, argument := range old {
		at := fmt.Sprintf("%s(%s:)", path, argument.Name)
		is := now.ForName(argument.Name)
		if is == nil {
			a.breach(at, ArgumentRemoved, "the argument is gone")
			continue
		}
		a.input(at, argument.Type, is.Type, argument.DefaultValue, is.DefaultValue)
	}
	for _, argument := range now {
		if old.ForName(argument.Name) == nil && argument.Type.NonNull && argument.DefaultValue == nil {
			a.breach(fmt.Sprintf("%s(%s:)", path, argument.Name), InputRequired, "is added, and required: %s", argument.Type)
		}
	}
}

func (a *api) inputs(old, now *ast.Definition) {
	for _, field := range old.Fields {
		path := old.Name + "." + field.Name
		is := now.Fields.ForName(field.Name)
		if is == nil {
			a.breach(path, InputFieldRemoved, "the field is gone")
			continue
		}
		a.input(path, field.Type, is.Type, field.DefaultValue, is.DefaultValue)
	}
	for _, field := range now.Fields {
		if old.Fields.ForName(field.Name) == nil && field.Type.NonNull && field.DefaultValue == nil {
			a.breach(old.Name+"."+field.Name, InputRequired, "is added, and required: %s", field.Type)
		}
	}
}

// input holds that what was given for the old type can be given for the new, and means the same when it is left out.
func (a *api) input(path string, old, now *ast.Type, oldDefault, newDefault *ast.Value) {
	switch {
	case !sameShape(old, now):
		a.breach(path, InputTypeChanged, "was %s and is %s", old, now)
	case !asCertain(now, old):
		a.breach(path, InputRequired, "was %s and is %s", old, now)
	}
	if was, is := written(oldDefault), written(newDefault); was != is {
		a.breach(path, DefaultChanged, "was %s and is %s", was, is)
	}
}

// sameShape tells whether two types are the same but for what may be null.
func sameShape(a, b *ast.Type) bool {
	if a.Elem == nil || b.Elem == nil {
		return a.Elem == nil && b.Elem == nil && a.NamedType == b.NamedType
	}
	return sameShape(a.Elem, b.Elem)
}

// asCertain tells whether what is not null in one type of a shape is not null in the other.
func asCertain(old, now *ast.Type) bool {
	if old == nil || now == nil {
		return true
	}
	return (!old.NonNull || now.NonNull) && asCertain(old.Elem, now.Elem)
}

func written(value *ast.Value) string {
	if value == nil {
		return "absent"
	}
	return value.String()
}
