package contracts

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// Documents makes a manifest of the operations in files, each with the fragments that it spreads: an object of documents by the
// hexadecimal SHA-256 of their text. The text is as it is written, because clients hash what they send. A file that ends in .json is such
// a manifest already, and goes into this one.
func Documents(files map[string][]byte) ([]byte, error) {
	manifest := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if path.Ext(name) == ".json" {
			if err := take(manifest, name, files[name]); err != nil {
				return nil, err
			}
			continue
		}
		source := &ast.Source{Name: name, Input: string(files[name])}
		parsed, err := parser.ParseQuery(source)
		if err != nil {
			return nil, fmt.Errorf("read documents: %w", err)
		}
		text := texts(source.Input, parsed)
		for _, operation := range parsed.Operations {
			parts := []string{text[operation.Position.Start]}
			for _, fragment := range spreads(parsed, operation.SelectionSet, nil) {
				parts = append(parts, text[fragment.Position.Start])
			}
			document := strings.Join(parts, "\n\n")
			manifest[sum([]byte(document))] = document
		}
	}
	encoded, err := json.MarshalIndent(manifest, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode manifest: %w", err)
	}
	return append(encoded, '\n'), nil
}

// take adds the documents of a manifest, if they are what it says.
func take(manifest map[string]string, name string, body []byte) error {
	var documents map[string]string
	if err := json.Unmarshal(body, &documents); err != nil {
		return fmt.Errorf("read manifest %s: %w", name, err)
	}
	for hash, document := range documents {
		if sum([]byte(document)) != hash {
			return fmt.Errorf("read manifest %s: %s is not the hash of its document", name, hash)
		}
		manifest[hash] = document
	}
	return nil
}

// texts are the definitions of a file as they are written, by where they begin. Each goes on until the next begins.
func texts(input string, parsed *ast.QueryDocument) map[int]string {
	var starts []int
	for _, operation := range parsed.Operations {
		starts = append(starts, operation.Position.Start)
	}
	for _, fragment := range parsed.Fragments {
		starts = append(starts, fragment.Position.Start)
	}
	slices.Sort(starts)
	runes := []rune(input) // in which positions are counted
	texts := map[int]string{}
	for i, start := range starts {
		end := len(runes)
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		texts[start] = strings.TrimSpace(string(runes[start:end]))
	}
	return texts
}

// spreads are the fragments that selections spread, and that these spread, each once.
func spreads(document *ast.QueryDocument, selections ast.SelectionSet, known []*ast.FragmentDefinition) []*ast.FragmentDefinition {
	for _, selection := range selections {
		switch selection := selection.(type) {
		case *ast.Field:
			known = spreads(document, selection.SelectionSet, known)
		case *ast.InlineFragment:
			known = spreads(document, selection.SelectionSet, known)
		case *ast.FragmentSpread:
			if fragment := document.Fragments.ForName(selection.Name); fragment != nil && !slices.Contains(known, fragment) {
				known = spreads(document, fragment.SelectionSet, append(known, fragment))
			}
		}
	}
	return known
}
