// Package eventtest holds payloads against the events' schemas, for the tests of those who publish and of those who consume.
package eventtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"quadrille.dev/schema"
)

// Validate answers what is wrong with a payload, by the schema of the fact's version; nil when nothing is.
func Validate(name string, version int, data []byte) error {
	known, err := compiled()
	if err != nil {
		return err
	}
	schema, found := known[key{name, version}]
	if !found {
		return fmt.Errorf("no schema for %s v%d", name, version)
	}
	payload, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("read payload of %s v%d: %w", name, version, err)
	}
	if err := schema.Validate(payload); err != nil {
		return fmt.Errorf("validate %s v%d: %w", name, version, err)
	}
	return nil
}

// Examples are the payloads that a fact's schema gives as examples; none when there is no such fact.
func Examples(name string, version int) []json.RawMessage {
	for _, event := range schema.Events() {
		if event.Name == name && event.Version == version {
			return event.Examples
		}
	}
	return nil
}

type key struct {
	name    string
	version int
}

var compiled = sync.OnceValues(func() (map[key]*jsonschema.Schema, error) {
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	schemas := map[key]*jsonschema.Schema{}
	for _, event := range schema.Events() {
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(event.Schema))
		if err != nil {
			return nil, fmt.Errorf("read schema of %s v%d: %w", event.Name, event.Version, err)
		}
		if err := compiler.AddResource(event.ID, document); err != nil {
			return nil, fmt.Errorf("add schema of %s v%d: %w", event.Name, event.Version, err)
		}
		if schemas[key{event.Name, event.Version}], err = compiler.Compile(event.ID); err != nil {
			return nil, fmt.Errorf("compile schema of %s v%d: %w", event.Name, event.Version, err)
		}
	}
	return schemas, nil
})
