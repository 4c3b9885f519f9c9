package mutants

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"testing"

	"quadrille.dev/stack/local/localtest"
)

func TestWhatIsLeftOutIsThere(t *testing.T) {
	root := localtest.Root(t)
	var names []string
	for _, dir := range packages {
		files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			name := path.Join(dir, filepath.Base(file))
			names = append(names, name)
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, declared := range parsed.Decls {
				if function, is := declared.(*ast.FuncDecl); is {
					names = append(names, name+" "+nameOf(function))
				}
			}
		}
	}
	for _, l := range left {
		found := false
		for _, name := range names {
			matches, err := path.Match(l.file, name)
			if err != nil {
				t.Fatal(err)
			}
			found = found || matches
		}
		if !found {
			t.Errorf("%s is left out, and is not there", l.file)
		}
	}
}
