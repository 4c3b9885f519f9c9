package mutants

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// madeMechanically makes all mutants that follow from the shape of the source, the same ones in the same order every time: each case of a switch is
// taken away, each condition is turned around, and each of its parts left out, each decision answers no events, or all but one, and each
// route is taken away. Some of them do not compile, and so are no mutants.
//
// "if err != nil" is left as it is: turned around, the handler does nothing at all, which is what its route taken away does too.
func madeMechanically(root string) ([]Mutant, error) {
	var all []Mutant
	for _, dir := range packages {
		files, err := os.ReadDir(filepath.Join(root, dir))
		if err != nil {
			return nil, fmt.Errorf("read what is to be mutated: %w", err)
		}
		for _, file := range files {
			name := path.Join(dir, file.Name())
			if path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") || leftOut(name) {
				continue
			}
			source, err := os.ReadFile(filepath.Join(root, name))
			if err != nil {
				return nil, fmt.Errorf("read what is to be mutated: %w", err)
			}
			made, err := mutate(name, source)
			if err != nil {
				return nil, err
			}
			all = append(all, made...)
		}
	}
	return all, nil
}

// mutate makes the mutants of one file.
func mutate(file string, source []byte) ([]Mutant, error) {
	m := &mutator{file: file, source: source, positions: token.NewFileSet(), times: map[string]int{}, whole: map[ast.Expr]bool{}}
	parsed, err := parser.ParseFile(m.positions, file, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("parse what is to be mutated: %w", err)
	}
	for _, declared := range parsed.Decls {
		function, is := declared.(*ast.FuncDecl)
		if !is || function.Body == nil {
			continue
		}
		m.function = nameOf(function)
		if !leftOut(file + " " + m.function) {
			m.mutate(function.Body, function.Type)
		}
	}
	return m.made, nil
}

func nameOf(function *ast.FuncDecl) string {
	if function.Recv == nil {
		return function.Name.Name
	}
	receiver := function.Recv.List[0].Type
	if pointer, is := receiver.(*ast.StarExpr); is {
		receiver = pointer.X
	}
	if generic, is := receiver.(*ast.IndexExpr); is {
		receiver = generic.X
	}
	return receiver.(*ast.Ident).Name + "." + function.Name.Name
}

// mutator goes through one file.
type mutator struct {
	file      string
	source    []byte
	positions *token.FileSet
	// function is the one that it is in.
	function string
	// times counts the mutants that would have the same name.
	times map[string]int
	// whole has the parts of conditions that were taken apart with a longer one.
	whole map[ast.Expr]bool
	made  []Mutant
}

func (m *mutator) mutate(body *ast.BlockStmt, signature *ast.FuncType) {
	decides := answersEvents(signature)
	ast.Inspect(body, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.FuncLit:
			m.mutate(node.Body, node.Type)
			return false
		case *ast.IfStmt:
			m.turn(node.Cond)
		case *ast.SwitchStmt:
			m.cases(node.Body, node.Tag == nil)
		case *ast.TypeSwitchStmt:
			m.cases(node.Body, false)
		case *ast.BinaryExpr:
			m.parts(node)
		case *ast.ReturnStmt:
			if decides {
				m.nothing(node, signature.Results.NumFields())
			}
		case *ast.CallExpr:
			if decides {
				m.appended(node)
			}
		case *ast.CompositeLit:
			m.listed(node)
		}
		return true
	})
}

// answersEvents tells functions whose first result is a list of events, or of the facts that they become.
func answersEvents(signature *ast.FuncType) bool {
	if signature.Results == nil {
		return false
	}
	list, is := signature.Results.List[0].Type.(*ast.ArrayType)
	if !is {
		return false
	}
	element := list.Elt
	if qualified, is := element.(*ast.SelectorExpr); is {
		element = qualified.Sel
	}
	name, is := element.(*ast.Ident)
	return is && (name.Name == "Event" || name.Name == "Fact")
}

// turn turns a condition around.
func (m *mutator) turn(condition ast.Expr) {
	if !isErrNotNil(condition) {
		m.cut("not "+m.text(condition), condition.Pos(), condition.End(), "!("+m.raw(condition)+")")
	}
}

func isErrNotNil(condition ast.Expr) bool {
	comparison, is := condition.(*ast.BinaryExpr)
	if !is || comparison.Op != token.NEQ {
		return false
	}
	left, is := comparison.X.(*ast.Ident)
	return is && left.Name == "err"
}

// parts leaves out each part of a condition: what it is joined with decides alone.
func (m *mutator) parts(condition *ast.BinaryExpr) {
	if m.whole[condition] || condition.Op != token.LAND && condition.Op != token.LOR {
		return
	}
	nothing := map[token.Token]string{token.LAND: "(true || (%s))", token.LOR: "false && (%s)"}[condition.Op]
	for _, part := range m.joined(condition, condition.Op) {
		if !isErrNotNil(part) {
			m.cut("without "+m.text(part)+" of "+m.brief(condition), part.Pos(), part.End(), fmt.Sprintf(nothing, m.raw(part)))
		}
	}
}

// joined are the parts of a condition that are joined by one operator.
func (m *mutator) joined(condition ast.Expr, by token.Token) []ast.Expr {
	if join, is := condition.(*ast.BinaryExpr); is && join.Op == by {
		m.whole[join] = true
		return append(m.joined(join.X, by), m.joined(join.Y, by)...)
	}
	return []ast.Expr{condition}
}

// cases takes away each case, which leaves what it was for to the default, or to what comes after the switch. A case that does no more
// than that anyway stays. Where the cases are conditions, each is turned around as well.
func (m *mutator) cases(body *ast.BlockStmt, conditions bool) {
	hasDefault := slices.ContainsFunc(body.List, func(s ast.Stmt) bool { return s.(*ast.CaseClause).List == nil })
	for _, statement := range body.List {
		clause := statement.(*ast.CaseClause)
		switch {
		case len(clause.Body) == 0 && !hasDefault:
		case clause.List == nil:
			m.cut("without default", clause.Pos(), clause.End(), "")
		case conditions:
			for _, condition := range clause.List {
				if !isErrNotNil(condition) {
					m.cut("without case "+m.text(condition), condition.Pos(), condition.End(), "false && ("+m.raw(condition)+")")
				}
				m.turn(condition)
			}
		case len(clause.List) == 1:
			m.cut("without case "+m.text(clause.List[0]), clause.Pos(), clause.End(), "")
		default:
			m.without(clause.List, "without case ")
		}
	}
}

// nothing has a decision answer no events.
func (m *mutator) nothing(decision *ast.ReturnStmt, results int) {
	if len(decision.Results) == 0 || m.raw(decision.Results[0]) == "nil" {
		return
	}
	events := decision.Results[0]
	instead := "(" + m.raw(events) + ")[:0:0]" // of which every variable is used, so that it compiles
	if len(decision.Results) < results {
		instead = "nil, nil"
	}
	m.cut("nothing instead of "+m.text(events), events.Pos(), events.End(), instead)
}

// appended leaves out each event that is added to others.
func (m *mutator) appended(call *ast.CallExpr) {
	name, is := call.Fun.(*ast.Ident)
	if !is || name.Name != "append" {
		return
	}
	m.cut("without "+m.text(call.Args[1])+" added", call.Args[0].End(), call.Rparen, "")
	if first, is := call.Args[0].(*ast.CompositeLit); is && len(first.Elts) == 1 {
		m.cut("without "+m.text(first.Elts[0])+" before others", first.Elts[0].Pos(), first.Elts[0].End(), "")
	}
}

// listed leaves out each event of a list of several, and each route.
func (m *mutator) listed(list *ast.CompositeLit) {
	if list.Type == nil { // an element of another literal
		return
	}
	kind := m.raw(list.Type)
	switch {
	case strings.HasPrefix(kind, "inbox.Routes["):
		for i, route := range list.Elts {
			to := list.Rbrace
			if i+1 < len(list.Elts) {
				to = list.Elts[i+1].Pos()
			}
			m.cut("without route "+m.text(routed(route)), route.Pos(), to, "")
		}
	case strings.HasPrefix(kind, "[]") && strings.HasSuffix(kind, "Event") && len(list.Elts) > 1:
		m.without(list.Elts, "without ")
	}
}

// routed is the fact that a route is for.
func routed(route ast.Expr) ast.Expr {
	for {
		call, is := route.(*ast.CallExpr)
		if !is {
			return route
		}
		if method, is := call.Fun.(*ast.SelectorExpr); is {
			if _, chained := method.X.(*ast.CallExpr); chained {
				route = method.X
				continue
			}
		}
		return call.Args[0]
	}
}

// without leaves out each of a list of expressions.
func (m *mutator) without(list []ast.Expr, kind string) {
	for i, one := range list {
		var rest []string
		for j, other := range list {
			if j != i {
				rest = append(rest, m.raw(other))
			}
		}
		m.cut(kind+m.text(one), list[0].Pos(), list[len(list)-1].End(), strings.Join(rest, ", "))
	}
}

// cut makes a mutant that has other text between two positions.
func (m *mutator) cut(what string, from, to token.Pos, instead string) {
	name := fmt.Sprintf("%s %s: %s", short(m.file), m.function, what)
	m.times[name]++
	if times := m.times[name]; times > 1 {
		name = fmt.Sprintf("%s (%d)", name, times)
	}
	source := slices.Concat(m.source[:m.offset(from)], []byte(instead), m.source[m.offset(to):])
	m.made = append(m.made, Mutant{Name: name, File: m.file, Source: source})
}

func (m *mutator) offset(at token.Pos) int { return m.positions.Position(at).Offset }

func (m *mutator) raw(node ast.Node) string {
	return string(m.source[m.offset(node.Pos()):m.offset(node.End())])
}

// text is a piece of source on one line, for a name.
func (m *mutator) text(node ast.Node) string { return m.clip(node, 80) }

// brief is enough of it to tell what something is a part of.
func (m *mutator) brief(node ast.Node) string { return m.clip(node, 40) }

func (m *mutator) clip(node ast.Node, most int) string {
	text := []rune(strings.Join(strings.Fields(m.raw(node)), " "))
	if len(text) > most {
		text = append(text[:most-1], '…')
	}
	return string(text)
}
