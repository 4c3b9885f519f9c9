package leak_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// Every package of the repository that starts goroutines has its tests look for those that are left.
func TestEveryPackageThatStartsGoroutinesLooksForThoseLeft(t *testing.T) {
	starts, looks := map[string]string{}, map[string]bool{}
	err := filepath.WalkDir("../../..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || strings.HasPrefix(entry.Name(), ".") && len(entry.Name()) > 2):
			return fs.SkipDir
		case !strings.HasSuffix(path, ".go"):
			return nil
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			return err
		}
		of := filepath.Dir(path)
		if strings.HasSuffix(path, "_test.go") {
			looks[of] = looks[of] || looksIn(file)
		} else if start := startIn(file); start != nil {
			starts[of] = files.Position(start.Pos()).String()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for of, start := range starts {
		if !looks[of] {
			t.Errorf("%s: a goroutine is started, and no TestMain of the package calls leak.Main", start)
		}
	}
	if len(starts) < 20 {
		t.Errorf("only %d packages were found that start goroutines", len(starts))
	}
}

func TestStartsOfGoroutinesAreFound(t *testing.T) {
	for body, want := range map[string]bool{
		`go f()`:                                true,
		`func() { go func() {}() }()`:           true,
		`var group sync.WaitGroup; group.Go(f)`: true,
		`s.running.Go(func() {})`:               true,
		`start(ctx, group.Go)`:                  true,
		`time.AfterFunc(time.Second, f)`:        true,
		`defer context.AfterFunc(ctx, f)()`:     true,
		`f(); <-time.After(time.Second)`:        false,
		`Go(f)`:                                 false,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nfunc g() { "+body+" }", 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := startIn(file) != nil; got != want {
			t.Errorf("%s: %t", body, got)
		}
	}
}

func TestOnlyATestMainThatLooksCounts(t *testing.T) {
	for source, want := range map[string]bool{
		`func TestMain(m *testing.M) { leak.Main(m) }`:                                     true,
		`func TestMain(m *testing.M) { if child { play() }; leak.Main(m, goleak.Some()) }`: true,
		`func TestMain(m *testing.M) { os.Exit(m.Run()) }`:                                 false,
		`func helper(m *testing.M) { leak.Main(m) }`:                                       false,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "x_test.go", "package x\n"+source, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := looksIn(file); got != want {
			t.Errorf("%s: %t", source, got)
		}
	}
}

// startIn is where a file starts a goroutine, or has one started when time has passed or a context has ended; nil if it does not.
func startIn(file *ast.File) (start ast.Node) {
	if ast.IsGenerated(file) {
		return nil
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			start = n
		case *ast.SelectorExpr:
			if n.Sel.Name == "Go" || n.Sel.Name == "AfterFunc" {
				start = n
			}
		}
		return start == nil
	})
	return start
}

// looksIn tells whether a file has a TestMain that calls leak.Main.
func looksIn(file *ast.File) (looks bool) {
	for _, declared := range file.Decls {
		main, ok := declared.(*ast.FuncDecl)
		if !ok || main.Recv != nil || main.Name.Name != "TestMain" {
			continue
		}
		ast.Inspect(main, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if selector, ok := call.Fun.(*ast.SelectorExpr); ok && selector.Sel.Name == "Main" {
					from, ok := selector.X.(*ast.Ident)
					looks = looks || ok && from.Name == "leak"
				}
			}
			return !looks
		})
	}
	return looks
}
