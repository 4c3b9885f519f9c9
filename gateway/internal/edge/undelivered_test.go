package edge

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"

	"quadrille.dev/gateway/internal/graph/generated"
)

// TestFieldsThatHaveResolversAreKnown holds what is taken for deferrable against the code that defers.
func TestFieldsThatHaveResolversAreKnown(t *testing.T) {
	files, err := filepath.Glob("../graph/generated/*.gen.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no generated code: %v", err)
	}
	marshal := regexp.MustCompile(`(?m)^func \(ec \*executionContext\) _(\w+)\(ctx context.Context, sel ast.SelectionSet`)
	deferred := regexp.MustCompile(`case "(\w+)":\s+(?:field := field\s+)?out\.ResolveConcurrently`)
	var want []string
	for _, file := range files {
		code, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		heads := marshal.FindAllSubmatchIndex(code, -1)
		for i, head := range heads {
			end := len(code)
			if i+1 < len(heads) {
				end = heads[i+1][0]
			}
			for _, field := range deferred.FindAllSubmatch(code[head[1]:end], -1) {
				want = append(want, string(code[head[2]:head[3]])+"."+string(field[1]))
			}
		}
	}
	var got []string
	for _, of := range generated.NewExecutableSchema(generated.Config{}).Schema().Types {
		for _, field := range of.Fields {
			if of.Kind == ast.Object && !strings.HasPrefix(of.Name, "__") && resolved(field) {
				got = append(got, of.Name+"."+field.Name)
			}
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fields with resolvers (-code +schema):\n%s", diff)
	}
}
