package mutants

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/stack/local/localtest"
)

// TestMutantsMadeByHandAreCaughtByTheExplorer goes through those that somebody thought of; `make mutants` goes through all.
func TestMutantsMadeByHandAreCaughtByTheExplorer(t *testing.T) {
	root := localtest.Root(t)
	made, err := madeByHand(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(made) < 25 {
		t.Errorf("only %d mutants are made by hand", len(made))
	}
	survivors, err := Survivors()
	if err != nil {
		t.Fatal(err)
	}
	trial, err := NewTrial(t.Context(), root, made)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = trial.Close() })
	for i, m := range made {
		verdict, err := trial.explore(t.Context(), i+1)
		verdict.Mutant = m
		switch {
		case err != nil:
			t.Error(err)
		case verdict.Caught == "" && survivors[m.Name] == "":
			t.Errorf("nobody notices %s, and so that %s", m.Name, m.Breaks)
		default:
			t.Log(verdict)
		}
	}
}

func TestMutantsMadeByHandCompile(t *testing.T) {
	root := localtest.Root(t)
	compiler, err := newCompiler(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	made, err := madeByHand(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range made {
		if err := compiler.check(m); err != nil {
			t.Errorf("%s: %v", m.Name, err)
		}
	}
}

func TestNamesTellMutantsApart(t *testing.T) {
	all, _, err := All(t.Context(), localtest.Root(t))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, m := range all {
		if names[m.Name] {
			t.Errorf("two mutants are named %s", m.Name)
		}
		names[m.Name] = true
	}
}

func TestAMutantOfChangedSourceIsRefused(t *testing.T) {
	e := edits[0]
	e.says = "what the source never said"
	if _, err := e.mutant(localtest.Root(t)); err == nil {
		t.Error("a mutant was made from source that says something else")
	}
}

func TestMechanicalMutantsAreTheSameEveryTime(t *testing.T) {
	root := localtest.Root(t)
	made, err := madeMechanically(root)
	if err != nil {
		t.Fatal(err)
	}
	again, err := madeMechanically(root)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(made, again) {
		t.Error("the second time, other mutants are made")
	}
}

// source has one of everything that is mutated.
const source = `package model

func (o *Order) Decide(at int) ([]Event, error) {
	if o.Known && !o.Done {
		return append([]Event{Opened{}}, Paid{}), nil
	}
	switch o.Status {
	case Placed, Paid:
		return []Event{Sent{}, Told{}}, nil
	case Gone:
	default:
		panic("impossible")
	}
	if err != nil {
		return nil, err
	}
	return o.other()
}

func Routes() inbox.Routes[Store] {
	return inbox.Routes[Store]{
		inbox.On("a.b.c", Read, Do),
		inbox.On("a.b.d", Read, Do).Projecting(),
	}
}

func words() string {
	switch {
	case one:
		return "one"
	}
	return "two"
}
`

func TestWhatIsMadeOfTheShapeOfTheSource(t *testing.T) {
	made, err := mutate("services/shop/internal/model/model.go", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	changes := map[string]string{}
	for _, m := range made {
		name := strings.TrimPrefix(m.Name, "shop/model/model.go ")
		changes[name] = newLine(source, string(m.Source))
	}
	want := map[string]string{
		"Order.Decide: not o.Known && !o.Done":                               "if !(o.Known && !o.Done) {",
		"Order.Decide: without o.Known of o.Known && !o.Done":                "if (true || (o.Known)) && !o.Done {",
		"Order.Decide: without !o.Done of o.Known && !o.Done":                "if o.Known && (true || (!o.Done)) {",
		"Order.Decide: nothing instead of append([]Event{Opened{}}, Paid{})": "return (append([]Event{Opened{}}, Paid{}))[:0:0], nil",
		"Order.Decide: without Paid{} added":                                 "return append([]Event{Opened{}}), nil",
		"Order.Decide: without Opened{} before others":                       "return append([]Event{}, Paid{}), nil",
		"Order.Decide: without case Placed":                                  "case Paid:",
		"Order.Decide: without case Paid":                                    "case Placed:",
		"Order.Decide: nothing instead of []Event{Sent{}, Told{}}":           "return ([]Event{Sent{}, Told{}})[:0:0], nil",
		"Order.Decide: without Sent{}":                                       "return []Event{Told{}}, nil",
		"Order.Decide: without Told{}":                                       "return []Event{Sent{}}, nil",
		"Order.Decide: without case Gone":                                    "",
		"Order.Decide: without default":                                      "}",
		"Order.Decide: nothing instead of o.other()":                         "return nil, nil",
		`Routes: without route "a.b.c"`:                                      `inbox.On("a.b.d", Read, Do).Projecting(),`,
		`Routes: without route "a.b.d"`:                                      "}",
		"words: without case one":                                            "case false && (one):",
		"words: not one":                                                     "case !(one):",
	}
	if diff := cmp.Diff(want, changes); diff != "" {
		t.Error(diff)
	}
}

// newLine is the first line of now that before does not have there; empty if lines are only taken away.
func newLine(before, now string) string {
	lines := strings.Split(before, "\n")
	for i, line := range strings.Split(now, "\n") {
		if line = strings.TrimSpace(line); line != "" && line != strings.TrimSpace(lines[i]) {
			return line
		}
	}
	return ""
}

func TestAFunctionHasTheBodiesOfItsMutants(t *testing.T) {
	shipped := "package p\n\nfunc A() int { return 1 }\n\nfunc B() { do() }\n"
	mutant := func(from, to string) Mutant {
		return Mutant{Name: to, Source: []byte(strings.Replace(shipped, from, to, 1))}
	}
	all := []Mutant{mutant("1", "2"), mutant("do()", "undo()"), mutant("1", "3")}
	woven, name, err := weaveFile([]byte(shipped), all, []int{1, 2, 3})
	want := `package p

func A() int {
switch mutantNumber {
case 1:
{ return 2 }

case 3:
{ return 3 }
}
 return 1 }

func B() {
switch mutantNumber {
case 2:
{ undo() }
return
}
 do() }
`
	if diff := cmp.Diff(want, woven); diff != "" || name != "p" || err != nil {
		t.Error(name, err, diff)
	}
	if _, _, err := weaveFile([]byte(shipped), []Mutant{mutant("package p", "package q")}, []int{1}); err == nil {
		t.Error("a mutant that changes no function is woven")
	}
}
