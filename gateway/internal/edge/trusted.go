package edge

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"
)

// What is done about documents of which nobody has said that a known client sends them.
const (
	trustOff    = "off"
	trustPrefer = "prefer"
	trustOnly   = "only"
)

// manifest are the documents of testdata/operations, which are also the playground's. `make generate` writes it.
//
//go:embed trusted.json
var manifest []byte

// trusted are the documents of known clients.
type trusted struct {
	byID map[string]string
	// forms are the documents as they look when they are formatted, without comments.
	forms map[string]bool
}

// loadTrusted reads a manifest, a JSON object of documents by their ids; without a path, the one that is built in.
func loadTrusted(path string) (trusted, error) {
	content := manifest
	if path != "" {
		var err error
		if content, err = os.ReadFile(path); err != nil {
			return trusted{}, fmt.Errorf("read trusted documents: %w", err)
		}
	}
	known := trusted{forms: map[string]bool{}}
	if err := json.Unmarshal(content, &known.byID); err != nil {
		return trusted{}, fmt.Errorf("read trusted documents of %q: %w", path, err)
	}
	for id, document := range known.byID {
		form, err := formatted(document, 0)
		if err != nil {
			return trusted{}, fmt.Errorf("read trusted document %q: %w", id, err)
		}
		known.forms[form] = true
	}
	return known, nil
}

// trustedTokens bounds the documents that are compared with trusted ones.
const trustedTokens = 10_000

func (t trusted) trusts(document string) bool {
	form, err := formatted(document, trustedTokens)
	return err == nil && t.forms[form]
}

// formatted is a document by its meaning alone: however it is written, it comes out the same.
func formatted(document string, tokens int) (string, error) {
	parsed, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: document}, tokens)
	if err != nil {
		return "", err
	}
	var form strings.Builder
	formatter.NewFormatter(&form).FormatQueryDocument(parsed)
	return form.String(), nil
}
