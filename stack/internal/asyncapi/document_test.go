package asyncapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"quadrille.dev/platform/event"
	"quadrille.dev/schema"
	"quadrille.dev/schema/eventtest"
	"quadrille.dev/stack/internal/asyncapi"
	"quadrille.dev/stack/local"
)

var system = asyncapi.System{Events: schema.Events(), Members: local.Members()}

// described is the part of an AsyncAPI document that the tests look at.
type described struct {
	Operations map[string]struct {
		Action   string
		Messages []struct {
			Ref string `json:"$ref"`
		}
	}
	Components struct {
		Schemas  map[string]json.RawMessage
		Messages map[string]struct {
			Payload  any
			Examples []struct{ Payload json.RawMessage }
		}
	}
}

func document(t *testing.T) (described, []byte) {
	t.Helper()
	text, err := asyncapi.Document(system)
	if err != nil {
		t.Fatal(err)
	}
	var read described
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	return read, text
}

func TestDocumentIsTheSameEachTime(t *testing.T) {
	_, first := document(t)
	for range 5 {
		if _, again := document(t); !bytes.Equal(first, again) {
			t.Fatal("written in another way")
		}
	}
}

// payloads compiles the payloads of the messages as the parser of AsyncAPI reads them.
func payloads(t *testing.T, text []byte) map[string]*jsonschema.Schema {
	t.Helper()
	whole, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft7)
	compiler.AssertFormat()
	if err := compiler.AddResource("asyncapi.json", whole); err != nil {
		t.Fatal(err)
	}
	schemas := map[string]*jsonschema.Schema{}
	for _, e := range schema.Events() {
		name := fmt.Sprintf("%s.v%d", e.Name, e.Version)
		if schemas[name], err = compiler.Compile("asyncapi.json#/components/messages/" + name + "/payload"); err != nil {
			t.Fatal(err)
		}
	}
	return schemas
}

func valid(t *testing.T, schema *jsonschema.Schema, payload any) bool {
	t.Helper()
	text, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(value) == nil
}

func TestExamplesAreWhatTravels(t *testing.T) {
	read, text := document(t)
	schemas := payloads(t, text)
	for name, message := range read.Components.Messages {
		if len(message.Examples) < 2 {
			t.Errorf("%s has %d examples", name, len(message.Examples))
		}
		for i, example := range message.Examples {
			envelope, err := event.Decode(example.Payload)
			if err != nil || fmt.Sprintf("%s.v%d", envelope.Name(), envelope.DataVersion) != name {
				t.Errorf("example %d of %s is %s, %v", i, name, envelope.Name(), err)
			}
			if !valid(t, schemas[name], envelope) {
				t.Errorf("example %d of %s is not valid by the document", i, name)
			}
			if envelope.Subject == "" || envelope.CorrelationID != "" && envelope.CorrelationID != envelope.Subject {
				t.Errorf("example %d of %s is about %q and belongs to %q", i, name, envelope.Subject, envelope.CorrelationID)
			}
		}
	}
}

// What the document says in its older words admits and refuses the same payloads as the schema: each example is spoilt everywhere, in
// several ways.
func TestTheDocumentSaysWhatTheSchemasSay(t *testing.T) {
	_, text := document(t)
	schemas := payloads(t, text)
	refused := 0
	for _, e := range schema.Events() {
		for _, example := range e.Examples {
			for _, spoilt := range spoil(t, example) {
				fact := event.New(t.Context(), event.Fact{Name: e.Name, Version: e.Version, Subject: "s", Sequence: 1, Data: spoilt})
				byDocument := valid(t, schemas[fmt.Sprintf("%s.v%d", e.Name, e.Version)], fact)
				bySchema := eventtest.Validate(e.Name, e.Version, fact.Data) == nil
				if byDocument != bySchema {
					t.Errorf("%s v%d by the document %t, by the schema %t: %s", e.Name, e.Version, byDocument, bySchema, fact.Data)
				}
				if !bySchema {
					refused++
				}
			}
		}
	}
	if refused < 100 {
		t.Errorf("only %d payloads were refused", refused)
	}
}

// spoil answers an example with one value taken away or replaced, for every value.
func spoil(t *testing.T, example json.RawMessage) []any {
	t.Helper()
	var all []any
	var walk func(root any, at []any)
	walk = func(value any, at []any) {
		children := map[any]any{}
		switch value := value.(type) {
		case map[string]any:
			for name, child := range value {
				children[name] = child
			}
		case []any:
			for i, child := range value {
				children[i] = child
			}
		}
		for step, child := range children {
			path := append(slices.Clone(at), step)
			for _, instead := range []any{nil, false, -1, 1.5, "", "other", []any{}, map[string]any{}} {
				all = append(all, replaced(copied(t, example), path, instead))
			}
			all = append(all, replaced(copied(t, example), path, gone{}))
			walk(child, path)
		}
	}
	walk(copied(t, example), nil)
	return all
}

// gone in place of a value takes it away.
type gone struct{}

func replaced(value any, path []any, instead any) any {
	if len(path) == 0 {
		return instead
	}
	switch value := value.(type) {
	case map[string]any:
		name := path[0].(string)
		if value[name] = replaced(value[name], path[1:], instead); value[name] == (gone{}) {
			delete(value, name)
		}
		return value
	case []any:
		i := path[0].(int)
		if value[i] = replaced(value[i], path[1:], instead); value[i] == (gone{}) {
			return slices.Delete(value, i, i+1)
		}
		return value
	}
	return value
}

func copied(t *testing.T, example json.RawMessage) any {
	t.Helper()
	var value any
	if err := json.Unmarshal(example, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestTheEnvelopeIsDescribedWhole(t *testing.T) {
	read, _ := document(t)
	var envelope struct {
		Required   []string
		Properties map[string]any
	}
	if err := json.Unmarshal(read.Components.Schemas["cloudevent"], &envelope); err != nil {
		t.Fatal(err)
	}
	var names, required []string
	for field := range reflect.TypeFor[event.Envelope]().Fields() {
		name, optional, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "-" {
			continue // It does not travel.
		}
		names = append(names, name)
		if optional == "" {
			required = append(required, name)
		}
	}
	slices.Sort(names)
	if diff := cmp.Diff(names, slices.Sorted(maps.Keys(envelope.Properties))); diff != "" {
		t.Errorf("properties:\n%s", diff)
	}
	if diff := cmp.Diff(required, envelope.Required); diff != "" {
		t.Errorf("required:\n%s", diff)
	}
}

func TestEveryVersionHasItsSenderAndItsReceivers(t *testing.T) {
	read, _ := document(t)
	received := map[string][]string{}
	for name, operation := range read.Operations {
		program, _, _ := strings.Cut(name, ".")
		if operation.Action == "receive" && program != "chronicle" {
			for _, message := range operation.Messages {
				version := message.Ref[strings.LastIndex(message.Ref, "/")+1:]
				received[version] = append(received[version], program)
			}
		}
	}
	for _, e := range schema.Events() {
		version := fmt.Sprintf("%s.v%d", e.Name, e.Version)
		_, key, _ := strings.Cut(version, ".")
		if sent, found := read.Operations[e.Owner+".send."+key]; !found || sent.Action != "send" {
			t.Errorf("nobody sends %s", version)
		}
		// A context that reacts to a fact is sent every version of it.
		if diff := cmp.Diff(schema.Consumers()[e.Name], slices.Sorted(slices.Values(received[version]))); diff != "" &&
			len(schema.Consumers()[e.Name])+len(received[version]) > 0 {
			t.Errorf("consumers of %s:\n%s", version, diff)
		}
	}
	told := slices.DeleteFunc(slices.Clone(schema.Events()), schema.Event.Addressed)
	if recorded := read.Operations["chronicle.receive.chronicle.inbox"].Messages; len(recorded) != len(told) {
		t.Errorf("chronicle hears %d versions", len(recorded))
	}
}

func TestDefinitionsThatCannotBeWrittenOutAreErrors(t *testing.T) {
	for name, text := range map[string]string{
		"itself":  `{"required": ["a"], "properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"properties": {"a": {"$ref": "#/$defs/a"}}}}}`,
		"nothing": `{"required": ["a"], "properties": {"a": {"$ref": "#/$defs/a"}}}`,
	} {
		e := schema.Event{Name: "shop.thing.sold", Version: 1, Owner: "shop", Schema: []byte(text), Examples: []json.RawMessage{[]byte(`{"a": 1}`)}}
		if _, err := asyncapi.Document(asyncapi.System{Events: []schema.Event{e}}); err == nil {
			t.Errorf("a definition that refers to %s was described", name)
		}
	}
}
