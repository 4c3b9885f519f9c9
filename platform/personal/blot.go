// Package personal knows which parts of a fact are personal data, as the schemas declare it, and blots them.
package personal

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/schema"
)

// Blotted stands where personal data was.
const Blotted = "***"

// Without is a text that somebody else wrote, with what it repeats of a person blotted.
func Without(text string, told ...string) string {
	for _, own := range told {
		if own != "" {
			text = strings.ReplaceAll(text, own, Blotted)
		}
	}
	return text
}

// paths are where personal data is in each fact, in any of its versions: a version that is not known yet is likely to have it
// where the known ones do.
var paths = sync.OnceValue(func() map[string][][]string {
	paths := map[string][][]string{}
	for _, declared := range schema.Events() {
		paths[declared.Name] = append(paths[declared.Name], declared.Personal...)
	}
	return paths
})

// Blot replaces the personal data in a fact's payload. What is not JSON, and a fact that no schema describes, stay as they are.
func Blot(fact string, data json.RawMessage) json.RawMessage {
	personal := paths()[fact]
	if len(personal) == 0 {
		return data
	}
	return rewrite(data, func(payload any) any {
		for _, path := range personal {
			payload = blotAt(payload, path)
		}
		return payload
	})
}

// Erase blots a fact that is kept although the person is erased. Of what no schema describes nobody can tell what in it is personal,
// and so nothing is left but numbers and ids.
func Erase(e event.Envelope) event.Envelope {
	if described(e) {
		e.Data = Blot(e.Name(), e.Data)
	} else {
		e.Data = rewrite(e.Data, blotTexts)
	}
	return e
}

func described(e event.Envelope) bool {
	return slices.ContainsFunc(schema.Events(), func(declared schema.Event) bool {
		return declared.Name == e.Name() && declared.Version == e.DataVersion
	})
}

// rewrite changes a payload, and keeps its numbers as they are written.
func rewrite(data json.RawMessage, change func(any) any) json.RawMessage {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var payload any
	if decoder.Decode(&payload) != nil {
		return data
	}
	clean, err := json.Marshal(change(payload))
	if err != nil {
		return data
	}
	return clean
}

// blotAt blots what is at a path, or what is in its way: where the payload has another shape than the schema's, the personal data is
// likely to be there.
func blotAt(value any, path []string) any {
	if value == nil {
		return nil
	}
	if len(path) == 0 {
		return Blotted
	}
	switch value := value.(type) {
	case map[string]any:
		if inner, present := value[path[0]]; present {
			value[path[0]] = blotAt(inner, path[1:])
		}
		return value
	case []any:
		if path[0] == "*" {
			path = path[1:]
		}
		for i := range value {
			value[i] = blotAt(value[i], path)
		}
		return value
	default:
		return Blotted
	}
}

// blotTexts blots every text that is no id.
func blotTexts(value any) any {
	switch value := value.(type) {
	case string:
		if _, err := uuid.Parse(value); err == nil {
			return value
		}
		return Blotted
	case map[string]any:
		for name := range value {
			value[name] = blotTexts(value[name])
		}
	case []any:
		for i := range value {
			value[i] = blotTexts(value[i])
		}
	}
	return value
}
