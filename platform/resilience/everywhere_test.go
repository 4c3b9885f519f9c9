package resilience_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every client of a context in the repository is made of a serve.Client's HTTP client and options, which carry the policies.
func TestEveryClientHasThePolicies(t *testing.T) {
	made := 0
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || strings.HasPrefix(entry.Name(), ".") && len(entry.Name()) > 2):
			return fs.SkipDir
		case !strings.HasSuffix(path, ".go"), strings.HasSuffix(path, "_test.go"), strings.HasSuffix(path, ".connect.go"):
			return nil
		}
		clients, bare, err := clientsIn(path, nil)
		made += clients
		for _, client := range bare {
			t.Errorf("a client without the policies: %s", client)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	// The gateway alone has three for each context.
	if made < 15 {
		t.Errorf("only %d clients were found", made)
	}
}

func TestClientsWithoutThePoliciesAreFound(t *testing.T) {
	cases := map[string]struct {
		body string
		bare []string
	}{
		"made by the host":     {`c := host.Client("pricing", 0); p.NewPricingServiceClient(c.HTTP, url, c.Options...)`, nil},
		"made alone":           {`c := serve.NewClient(x, y); p.NewPricingServiceClient(c.HTTP, url, c.Inquiring...)`, nil},
		"made by a function":   {`to := func() serve.Client { return x }; c := to(); p.NewPricingServiceClient(c.HTTP, url, c.Options...)`, nil},
		"one that is given":    {`g := func(c serve.Client) { p.NewPricingServiceClient(c.HTTP, url, c.Options...) }`, nil},
		"one that asks nobody": {`c := host.Client("a", 0); p.NewPricingServiceClient(c.Odd, url, c.OddOptions...)`, nil},
		"not the other's":      {`c := host.Client("a", 0); p.NewPricingServiceClient(c.HTTP, url, c.OddOptions...)`, []string{"x.go:5"}},
		"bare":                 {`p.NewPricingServiceClient(http.DefaultClient, url)`, []string{"x.go:5"}},
		"another's options":    {`c, d := host.Client("a", 0), 1; p.NewPricingServiceClient(c.HTTP, url, d.Options...)`, []string{"x.go:5"}},
		"options of its own":   {`c := host.Client("a", 0); p.NewPricingServiceClient(c.HTTP, url, connect.WithGRPC())`, []string{"x.go:5"}},
		"something like it":    {`c := mine{}; p.NewPricingServiceClient(c.HTTP, url, c.Options...)`, []string{"x.go:5"}},
		"below what generates": {`connect.NewClient[int, int](http.DefaultClient, url)`, []string{"x.go:5"}},
		"no client":            {`p.NewPricingServiceHandler(x)`, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			source := "package x\n" + `import p "quadrille.dev/schema/rpc/pricing/v1/pricingv1connect"` + "\n" +
				`import "connectrpc.com/connect"` + "\nfunc f() {\n" + c.body + "\n}\n"
			_, bare, err := clientsIn("x.go", source)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.bare, bare); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// clientsIn counts the clients of contexts that a file makes, and tells where it makes one without the policies.
func clientsIn(path string, source any) (made int, bare []string, err error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, source, parser.SkipObjectResolution)
	if err != nil {
		return 0, nil, err
	}
	stubs := stubsOf(file)
	if len(stubs) == 0 {
		return 0, nil, nil
	}
	policed := policedIn(file)
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || !makesClient(call, stubs) {
			return true
		}
		made++
		if !fromOne(call, policed) {
			at := files.Position(call.Pos())
			bare = append(bare, fmt.Sprintf("%s:%d", at.Filename, at.Line))
		}
		return true
	})
	return made, bare, nil
}

// stubsOf are the names under which a file imports what makes clients.
func stubsOf(file *ast.File) map[string]bool {
	stubs := map[string]bool{}
	for _, spec := range file.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		if path != "connectrpc.com/connect" && (!strings.HasPrefix(path, "quadrille.dev/schema/rpc/") || !strings.HasSuffix(path, "connect")) {
			continue
		}
		name := path[strings.LastIndex(path, "/")+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		stubs[name] = true
	}
	return stubs
}

func makesClient(call *ast.CallExpr, stubs map[string]bool) bool {
	of := call.Fun
	switch generic := of.(type) {
	case *ast.IndexExpr:
		of = generic.X
	case *ast.IndexListExpr:
		of = generic.X
	}
	from, name := selected(of)
	return stubs[from] && strings.HasPrefix(name, "New") && strings.HasSuffix(name, "Client")
}

// policedIn are the variables of a file that hold a serve.Client.
func policedIn(file *ast.File) map[string]bool {
	policed, makers := map[string]bool{}, map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if given, ok := n.(*ast.Field); ok && isClient(given.Type) {
			for _, name := range given.Names {
				policed[name.Name] = true
			}
		}
		assign, ok := n.(*ast.AssignStmt)
		if !ok || len(assign.Lhs) != len(assign.Rhs) {
			return true
		}
		for i, value := range assign.Rhs {
			name, ok := assign.Lhs[i].(*ast.Ident)
			if !ok {
				continue
			}
			switch value := value.(type) {
			case *ast.FuncLit:
				makers[name.Name] = makers[name.Name] || answersClient(value.Type)
			case *ast.CallExpr:
				from, called := selected(value.Fun)
				maker, local := value.Fun.(*ast.Ident)
				if called == "Client" || from == "serve" && called == "NewClient" || local && makers[maker.Name] {
					policed[name.Name] = true
				}
			}
		}
		return true
	})
	return policed
}

func answersClient(f *ast.FuncType) bool {
	if f.Results == nil || len(f.Results.List) != 1 {
		return false
	}
	return isClient(f.Results.List[0].Type)
}

func isClient(of ast.Expr) bool {
	from, name := selected(of)
	return from == "serve" && name == "Client"
}

// fromOne tells that a client is made of HTTP client and options of one serve.Client, or asks nobody.
func fromOne(call *ast.CallExpr, policed map[string]bool) bool {
	if len(call.Args) != 3 || !call.Ellipsis.IsValid() {
		return false
	}
	client, transport := selected(call.Args[0])
	same, options := selected(call.Args[2])
	together := transport == "HTTP" && (options == "Options" || options == "Inquiring") || transport == "Odd" && options == "OddOptions"
	return policed[client] && client == same && together
}

// selected splits x.Name.
func selected(e ast.Expr) (x, name string) {
	selector, ok := e.(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	from, ok := selector.X.(*ast.Ident)
	if !ok {
		return "", ""
	}
	return from.Name, selector.Sel.Name
}
