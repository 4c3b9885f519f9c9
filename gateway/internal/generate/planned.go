package main

import (
	_ "embed"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/config"
	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/99designs/gqlgen/plugin"
	"github.com/vektah/gqlparser/v2/ast"
)

//go:embed planned.gotpl
var text string

// planned generates the code by which the planned executor reads, resolves and writes each type of the schema.
type planned struct{}

var _ plugin.CodeGenerator = planned{}

// Name is for gqlgen.
func (planned) Name() string { return "planned" }

// GenerateCode is for gqlgen.
func (planned) GenerateCode(data *codegen.Data) error {
	s := &schema{Data: data}
	for _, object := range data.Objects {
		if !strings.HasPrefix(object.Name, "__") {
			s.Planned = append(s.Planned, object)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(data.Interfaces)) {
		s.Abstract = append(s.Abstract, data.Interfaces[name])
	}
	return templates.Render(templates.Options{
		PackageName:     data.Config.Exec.Package,
		Filename:        filepath.Join(data.Config.Exec.DirName, "planned.gen.go"),
		Template:        text,
		GeneratedHeader: true,
		Data:            s,
		Packages:        data.Config.Packages,
		PruneOptions:    data.Config.GetPruneOptions(),
		Funcs: map[string]any{
			"guarded": func(f *codegen.Field) bool { return len(f.ImplDirectives()) > 0 },
		},
	})
}

// schema is what the template writes of.
type schema struct {
	*codegen.Data
	Planned  codegen.Objects
	Abstract []*codegen.Interface
}

// Fields are those of an object that are planned: all but introspection's.
func (s *schema) Fields(object *codegen.Object) []*codegen.Field {
	return slices.DeleteFunc(slices.Clone(object.Fields), (*codegen.Field).IsReserved)
}

// Code is a field's number in its object.
func (s *schema) Code(field *codegen.Field) int { return slices.Index(field.Object.Fields, field) + 1 }

// Kind is where a field's value comes from.
func (s *schema) Kind(field *codegen.Field) string {
	switch {
	case field.IsResolver:
		return "Resolved"
	case len(field.ImplDirectives()) > 0:
		return "Guarded"
	}
	return "Plain"
}

// Together is what a field is asked for together with; empty if it is asked for alone.
func (s *schema) Together(field *codegen.Field) string {
	if directive := field.FieldDefinition.Directives.ForName("together"); directive != nil {
		return directive.Arguments.ForName("name").Value.Raw
	}
	return ""
}

// Types are the object types that a field's value can be of, in the order of their numbers.
func (s *schema) Types(field *codegen.Field) (of []*codegen.Object) {
	definition := field.TypeReference.Definition
	for _, object := range s.Planned {
		if object.Name == definition.Name || slices.ContainsFunc(object.Implements, func(d *ast.Definition) bool { return d == definition }) {
			of = append(of, object)
		}
	}
	return of
}

// IsAbstract tells whether a field answers an interface or a union.
func (s *schema) IsAbstract(field *codegen.Field) bool {
	return field.TypeReference.Definition.IsAbstractType()
}

// Write is code that appends value, which is of a type that ref describes, to b. When it is null, and must not be, it sets valid to false.
func (s *schema) Write(ref *config.TypeReference, value string) string {
	return s.write(ref, value, "valid")
}

func (s *schema) write(ref *config.TypeReference, value, valid string) string {
	invalid := ""
	missing := ""
	if ref.GQL.NonNull {
		invalid = valid + " = false"
		missing = fmt.Sprintf("x.Missing(%q)\n%s", ref.GQL.String(), invalid)
		if ref.Definition.IsLeafType() && ref.GQL.Elem == nil {
			missing = fmt.Sprintf("x.Enter(s, f)\nx.Missing(%q)\nx.Leave()\n%s", ref.GQL.String(), invalid)
		}
	}
	null := "b = execute.AppendNull(b)"
	switch {
	case ref.IsSlice():
		return s.list(ref, value, null, invalid)
	case ref.Definition.IsLeafType():
		if !ref.IsPtr() {
			return s.leaf(ref, value)
		}
		return fmt.Sprintf("if v := %s; v != nil {\n%s\n} else {\n%s\n%s\n}", value, s.leaf(ref, "*v"), null, missing)
	}
	call := fmt.Sprintf("x.write%s(b, f.One, v)", ref.Definition.Name)
	if ref.Definition.IsAbstractType() {
		call = fmt.Sprintf("x.write%s(b, f.Each, v)", ref.Definition.Name)
	} else if !ref.IsNilable() {
		call = fmt.Sprintf("x.write%s(b, f.One, &v)", ref.Definition.Name)
	}
	then := ""
	if invalid != "" {
		then = fmt.Sprintf("if !ok {\n%s\n}\n", invalid)
	}
	written := fmt.Sprintf("var ok bool\nb, ok = %s\n%s", call, then)
	if then == "" {
		written = fmt.Sprintf("b, _ = %s\n", call)
	}
	if !ref.IsNilable() {
		return fmt.Sprintf("{\nv := %s\n%s}", value, written)
	}
	return fmt.Sprintf("if v := %s; v != nil {\n%s} else {\n%s\n%s\n}", value, written, null, missing)
}

// list writes the elements of a list. One that must not be null and is makes the list null.
func (s *schema) list(ref *config.TypeReference, value, null, invalid string) string {
	elem := ref.Elem()
	var code strings.Builder
	fmt.Fprintf(&code, "{\nlist := %s\n", value)
	if !ref.GQL.NonNull {
		fmt.Fprintf(&code, "if list == nil {\n%s\n} else ", null)
	}
	code.WriteString("{\n")
	if elem.GQL.NonNull {
		code.WriteString("begin, whole := len(b), true\n")
	}
	code.WriteString("b = append(b, '[')\nfor i := range list {\nif i > 0 {\nb = append(b, ',')\n}\n")
	if !elem.Definition.IsLeafType() {
		code.WriteString("x.Index(i)\n")
	}
	fmt.Fprintf(&code, "%s\n}\nb = append(b, ']')\n", s.write(elem, "list[i]", "whole"))
	if elem.GQL.NonNull {
		fmt.Fprintf(&code, "if !whole {\nb = execute.AppendNull(b[:begin])\n%s\n}\n", invalid)
	}
	code.WriteString("}\n}")
	return code.String()
}

// leaf appends a scalar or an enum.
func (s *schema) leaf(ref *config.TypeReference, value string) string {
	if ref.Definition.Kind == ast.Enum {
		return fmt.Sprintf("b = execute.AppendString(b, %s)", value)
	}
	if ref.Marshaler == nil {
		panic(fmt.Sprintf("nothing is known that writes a %s", ref.Definition.Name))
	}
	if ref.CastType != nil {
		value = fmt.Sprintf("%s(%s)", templates.CurrentImports.LookupType(ref.CastType), value)
	}
	writer, known := writers[ref.Marshaler.Name()]
	if !known {
		panic(fmt.Sprintf("nothing is known that writes what %s does", ref.Marshaler.FullName()))
	}
	return fmt.Sprintf("b = execute.%s(b, %s)", writer, value)
}

// writers are the functions that append what gqlgen's functions of these names marshal.
var writers = map[string]string{
	"MarshalString": "AppendString", "MarshalID": "AppendString", "MarshalText": "AppendString", "MarshalJSON": "AppendString",
	"MarshalInt32": "AppendInt", "MarshalBoolean": "AppendBool", "MarshalFloatContext": "AppendFloat", "MarshalDateTime": "AppendDateTime",
}

// Walk is code that walks the objects in value, which is answered for a row. It is none for leaves.
func (s *schema) Walk(ref *config.TypeReference, value, row string) string {
	return s.walk(ref, value, row, "-1")
}

func (s *schema) walk(ref *config.TypeReference, value, row, index string) string {
	switch {
	case ref.IsSlice():
		return fmt.Sprintf("for i, v := range %s {\n%s\n}", value, s.walk(ref.Elem(), "v", row, "i"))
	case ref.Definition.IsLeafType():
		return ""
	}
	call := "x.walk" + ref.Definition.Name
	if ref.Definition.IsAbstractType() {
		return fmt.Sprintf("%s(f.Each, %s, execute.Place{Row: %s, Index: %s})", call, value, row, index)
	}
	if !ref.IsNilable() {
		return fmt.Sprintf("%s(f.One, &%s, execute.Place{Row: %s, Index: %s})", call, value, row, index)
	}
	return fmt.Sprintf("if v := %s; v != nil {\n%s(f.One, v, execute.Place{Row: %s, Index: %s})\n}", value, call, row, index)
}

// Arguments are what a resolver is called with after context and object.
func (s *schema) Arguments(field *codegen.Field) string {
	var code strings.Builder
	for _, argument := range field.Args {
		fmt.Fprintf(&code, ", args[%q].(%s)", argument.Name, templates.CurrentImports.LookupType(argument.TypeReference.GO))
	}
	return code.String()
}

// Read is the value of a field that is read from its object.
func (s *schema) Read(field *codegen.Field) string {
	switch {
	case field.IsVariable():
		return "obj." + field.GoFieldName
	case field.IsMethod() && field.NoErr && !field.MethodHasContext && len(field.Args) == 0:
		return "obj." + field.GoFieldName + "()"
	}
	panic(fmt.Sprintf("%s.%s is read in a way that is not known", field.Object.Name, field.Name))
}

// Below are the fields that are not resolved and lead to objects, or are guarded.
func (s *schema) Below(object *codegen.Object) (below []*codegen.Field) {
	for _, field := range s.Fields(object) {
		if s.Kind(field) == "Guarded" || s.Kind(field) == "Plain" && len(s.Types(field)) > 0 {
			below = append(below, field)
		}
	}
	return below
}

// Descended are the fields that are resolved and lead to objects.
func (s *schema) Descended(object *codegen.Object) (descended []*codegen.Field) {
	for _, field := range s.Fields(object) {
		if field.IsResolver && len(s.Types(field)) > 0 {
			descended = append(descended, field)
		}
	}
	return descended
}

// Answered tells whether any field of an object is resolved or guarded.
func (s *schema) Answered(object *codegen.Object) bool {
	return slices.ContainsFunc(s.Fields(object), func(field *codegen.Field) bool { return s.Kind(field) != "Plain" })
}
