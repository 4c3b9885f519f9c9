package personal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// ErrBlotted refuses an edited payload that has blots where the original has nothing to put there.
var ErrBlotted = errors.New("what is blotted cannot be put back")

// Restore puts the original's personal data back where a payload that was edited from a blotted one still has it blotted.
func Restore(fact string, original, edited json.RawMessage) (json.RawMessage, error) {
	var before any
	if err := unmarshal(original, &before); err != nil {
		return nil, fmt.Errorf("read original payload: %w", err)
	}
	var after any
	if err := unmarshal(edited, &after); err != nil {
		return nil, fmt.Errorf("read edited payload: %w", err)
	}
	for _, path := range paths()[fact] {
		var err error
		if after, err = restoreAt(after, before, path); err != nil {
			return nil, err
		}
	}
	return json.Marshal(after)
}

// restoreAt goes along a path in both payloads at once.
func restoreAt(edited, original any, path []string) (any, error) {
	if edited == Blotted {
		if original == nil {
			return nil, ErrBlotted
		}
		return original, nil
	}
	if len(path) == 0 {
		return edited, nil
	}
	switch edited := edited.(type) {
	case map[string]any:
		inner, present := edited[path[0]]
		if !present {
			return edited, nil
		}
		before, _ := original.(map[string]any)
		restored, err := restoreAt(inner, before[path[0]], path[1:])
		edited[path[0]] = restored
		return edited, err
	case []any:
		return restoreList(edited, original, path)
	}
	return edited, nil
}

// restoreList knows what belongs to which element only while there are as many as before.
func restoreList(edited []any, original any, path []string) (any, error) {
	if path[0] == "*" {
		path = path[1:]
	}
	before, _ := original.([]any)
	if len(before) != len(edited) {
		before = make([]any, len(edited))
	}
	for i := range edited {
		restored, err := restoreAt(edited[i], before[i], path)
		if err != nil {
			return nil, err
		}
		edited[i] = restored
	}
	return edited, nil
}

// unmarshal keeps numbers as they are written.
func unmarshal(data json.RawMessage, into *any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	return decoder.Decode(into)
}
