package conformance

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const lines = 42

// TestEveryWayToFailHasATest holds docs/reliability.md to the code: every line is there once, and every test it names exists. A line
// without a test has to say why it cannot occur.
func TestEveryWayToFailHasATest(t *testing.T) {
	t.Parallel()
	table := waysToFail(t)
	for line := 1; line <= lines; line++ {
		if _, there := table[line]; !there {
			t.Errorf("line %d is not in docs/reliability.md", line)
		}
	}
	for _, line := range slices.Sorted(maps.Keys(table)) {
		named := regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(table[line].shownBy, -1)
		if len(named) == 0 && !strings.Contains(table[line].does, "cannot occur") {
			t.Errorf("line %d names no test, and does not say why it cannot occur", line)
		}
		for _, name := range named {
			pkg, test, _ := strings.Cut(name[1], ".")
			if !tests(t, pkg).have(test) {
				t.Errorf("line %d names %s, and %s has no such test", line, test, pkg)
			}
		}
	}
}

type wayToFail struct{ does, shownBy string }

// waysToFail reads the tables' rows by number.
func waysToFail(t *testing.T) map[int]wayToFail {
	t.Helper()
	doc, err := os.ReadFile("../../docs/reliability.md")
	if err != nil {
		t.Fatal(err)
	}
	table := map[int]wayToFail{}
	for row := range strings.Lines(string(doc)) {
		cells := strings.Split(row, "|")
		if len(cells) < 2 {
			continue
		}
		line, err := strconv.Atoi(strings.TrimSpace(cells[1]))
		if err != nil {
			continue // a heading
		}
		if _, twice := table[line]; twice || len(cells) != 6 {
			t.Errorf("line %d is there twice, or has %d cells", line, len(cells)-2)
			continue
		}
		table[line] = wayToFail{cells[3], cells[4]}
	}
	return table
}

// source is the test files of a package: the functions they declare, and the names they give to subtests.
type source struct{ functions, literals map[string]bool }

func tests(t *testing.T, pkg string) source {
	t.Helper()
	s := source{map[string]bool{}, map[string]bool{}}
	files, err := filepath.Glob(filepath.Join("../..", pkg, "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Errorf("%s has no tests: %v", pkg, err)
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, s.note)
	}
	return s
}

func (s source) note(node ast.Node) bool {
	switch node := node.(type) {
	case *ast.FuncDecl:
		if node.Recv == nil && (strings.HasPrefix(node.Name.Name, "Test") || strings.HasPrefix(node.Name.Name, "Fuzz")) {
			s.functions[node.Name.Name] = true
		}
	case *ast.BasicLit:
		if value, err := strconv.Unquote(node.Value); err == nil && node.Kind == token.STRING {
			s.literals[value] = true
		}
	}
	return true
}

// have tells whether there is a test, and whether each of its subtests is named somewhere: TestSystem/Promises/AnOrderIsFulfilled.
func (s source) have(test string) bool {
	steps := strings.Split(test, "/")
	return s.functions[steps[0]] && !slices.ContainsFunc(steps[1:], func(step string) bool { return !s.literals[step] })
}
