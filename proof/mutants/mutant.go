// Package mutants breaks the shipped code on purpose, in one place at a time, and holds that the proof of the choreography notices.
//
// The idea is DeMillo, Lipton and Sayward's, "Hints on Test Data Selection: Help for the Practicing Programmer", Computer 11(4), 1978: a
// test is worth what it tells apart. What it cannot tell from the shipped code is either as good, for a reason that somebody has to give, or
// shows what the test is blind to.
package mutants

import (
	"context"
	"slices"
	"strings"
)

// Mutant is the shipped source with one change.
type Mutant struct {
	// Name stays the same for as long as what is changed does: there are no line numbers in it.
	Name string
	// Breaks is the promise that is taken away; empty for a mutant that was made mechanically.
	Breaks string
	// File is changed, from the root of the repository, and Source is its text with the change.
	File   string
	Source []byte
}

// All makes all mutants of the source at root, and answers how many more of the mechanical ones do not compile.
func All(ctx context.Context, root string) (all []Mutant, stillborn int, err error) {
	byHand, err := madeByHand(root)
	if err != nil {
		return nil, 0, err
	}
	mechanical, err := madeMechanically(root)
	if err != nil {
		return nil, 0, err
	}
	compiler, err := newCompiler(ctx, root)
	if err != nil {
		return nil, 0, err
	}
	alive := slices.DeleteFunc(slices.Clone(mechanical), func(m Mutant) bool { return compiler.check(m) != nil })
	return append(byHand, alive...), len(mechanical) - len(alive), nil
}

// Context is the context whose code is changed; none for the platform's.
func (m Mutant) Context() string {
	name, inside := strings.CutPrefix(m.File, "services/")
	if !inside {
		return ""
	}
	name, _, _ = strings.Cut(name, "/")
	return name
}

// ByHand tells mutants that somebody thought of from those that follow from the shape of the source.
func (m Mutant) ByHand() bool { return m.Breaks != "" }

// short is what people call a file or a package of a context's: "billing/account/call.go".
func short(path string) string {
	return strings.TrimPrefix(strings.Replace(path, "/internal/", "/", 1), "services/")
}
