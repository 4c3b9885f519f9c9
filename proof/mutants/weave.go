package mutants

import (
	"bytes"
	"encoding/json"
	"errors"
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

// Building a mutant takes longer than trying it. So all are built at once: a function that mutants change has the bodies of them all, and
// each time that it is called runs that of the mutant whose number is in the environment, or else the shipped one. Untch, Offutt and
// Harrold call this a schema: "Mutation Analysis Using Mutant Schemata", ISSTA 1993.

// variable is that of the environment.
const variable = "QUADRILLE_MUTANT"

// chooser is added to each package that is mutated.
const chooser = `package %s

import (
	"os"
	"strconv"
)

var mutantNumber, _ = strconv.Atoi(os.Getenv("` + variable + `"))
`

// weave writes the schema of mutants, which are numbered from 1, into dir, and answers what go build has to be told to build it. The
// source at root stays as it is.
func weave(root, dir string, all []Mutant) ([]string, error) {
	numbers := map[string][]int{}
	for i, m := range all {
		numbers[m.File] = append(numbers[m.File], i+1)
	}
	replaced := map[string]string{}
	write := func(file, text string) error {
		source := filepath.Join(dir, strings.ReplaceAll(file, "/", "_"))
		replaced[filepath.Join(root, file)] = source
		return os.WriteFile(source, []byte(text), 0o644)
	}
	for file, these := range numbers {
		shipped, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			return nil, fmt.Errorf("read what is mutated: %w", err)
		}
		woven, name, err := weaveFile(shipped, all, these)
		if err != nil {
			return nil, fmt.Errorf("weave %s: %w", file, err)
		}
		if err := errors.Join(write(file, woven), write(path.Join(path.Dir(file), "mutant_number.go"), fmt.Sprintf(chooser, name))); err != nil {
			return nil, fmt.Errorf("write mutants: %w", err)
		}
	}
	overlay := filepath.Join(dir, "overlay.json")
	described, err := json.Marshal(map[string]map[string]string{"Replace": replaced})
	if err == nil {
		err = os.WriteFile(overlay, described, 0o644)
	}
	if err != nil {
		return nil, fmt.Errorf("describe mutants: %w", err)
	}
	return []string{"-overlay", overlay}, nil
}

// weaveFile answers the source of one file with its mutants, by their numbers, and the name of its package.
func weaveFile(shipped []byte, all []Mutant, numbers []int) (woven, name string, err error) {
	functions, name, err := readFunctions(shipped)
	if err != nil {
		return "", "", err
	}
	cases := make([]strings.Builder, len(functions))
	for _, number := range numbers {
		which, body, err := changed(shipped, functions, all[number-1])
		if err != nil {
			return "", "", err
		}
		fmt.Fprintf(&cases[which], "\ncase %d:\n%s\n", number, body)
		if !functions[which].answers {
			cases[which].WriteString("return\n")
		}
	}
	var text strings.Builder
	at := 0
	for i, f := range functions {
		if cases[i].Len() > 0 {
			text.Write(shipped[at : f.from+1])
			fmt.Fprintf(&text, "\nswitch mutantNumber {%s}\n", cases[i].String())
			at = f.from + 1
		}
	}
	text.Write(shipped[at:])
	return text.String(), name, nil
}

// function is where the body of one is, in bytes from its first brace to behind its last, and whether it answers anything.
type function struct {
	from, to int
	answers  bool
}

func readFunctions(source []byte) (functions []function, name string, err error) {
	positions := token.NewFileSet()
	file, err := parser.ParseFile(positions, "", source, parser.SkipObjectResolution)
	if err != nil {
		return nil, "", err
	}
	for _, declared := range file.Decls {
		if f, is := declared.(*ast.FuncDecl); is && f.Body != nil {
			functions = append(functions, function{
				positions.Position(f.Body.Lbrace).Offset, positions.Position(f.Body.Rbrace).Offset + 1, f.Type.Results != nil,
			})
		}
	}
	return functions, file.Name.Name, nil
}

// changed answers which function a mutant changes, and its body then. It fails if the mutant changes anything else.
func changed(shipped []byte, functions []function, m Mutant) (which int, body []byte, err error) {
	theirs, _, err := readFunctions(m.Source)
	if err != nil {
		return 0, nil, fmt.Errorf("%s: %w", m.Name, err)
	}
	for i, f := range functions {
		if i >= len(theirs) {
			break
		}
		body := m.Source[theirs[i].from:theirs[i].to]
		if !bytes.Equal(body, shipped[f.from:f.to]) && bytes.Equal(m.Source, slices.Concat(shipped[:f.from], body, shipped[f.to:])) {
			return i, body, nil
		}
	}
	return 0, nil, fmt.Errorf("%s changes something else than one function", m.Name)
}
