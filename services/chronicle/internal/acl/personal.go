package acl

import (
	"bytes"
	"encoding/json"
	"sync"

	"quadrille.dev/schema"
)

// blotted stands where personal data was.
const blotted = "***"

// personal are the paths of personal data in each fact, in any of its versions: a version that is not known yet is likely to have
// them where the known ones do.
var personal = sync.OnceValue(func() map[string][][]string {
	paths := map[string][][]string{}
	for _, declared := range schema.Events() {
		paths[declared.Name] = append(paths[declared.Name], declared.Personal...)
	}
	return paths
})

// blot replaces personal data, so that chronicle never holds what it would have to erase. What is not JSON, or of another shape than
// the schema's, stays as it is.
func blot(fact string, data json.RawMessage) json.RawMessage {
	paths := personal()[fact]
	if len(paths) == 0 {
		return data
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var payload any
	if decoder.Decode(&payload) != nil {
		return data
	}
	for _, path := range paths {
		payload = blotAt(payload, path)
	}
	clean, err := json.Marshal(payload)
	if err != nil {
		return data
	}
	return clean
}

func blotAt(value any, path []string) any {
	if len(path) == 0 {
		if value == nil {
			return nil
		}
		return blotted
	}
	switch value := value.(type) {
	case map[string]any:
		if inner, present := value[path[0]]; present {
			value[path[0]] = blotAt(inner, path[1:])
		}
	case []any:
		if path[0] == "*" {
			for i := range value {
				value[i] = blotAt(value[i], path[1:])
			}
		}
	}
	return value
}
