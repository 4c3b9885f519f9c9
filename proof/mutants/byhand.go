package mutants

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// edit is a mutant that somebody thought of.
type edit struct {
	name, file string
	// says is what the file says once, and becomes what it says instead.
	says, becomes string
	// breaks is the promise that is taken away.
	breaks string
}

// madeByHand makes the mutants that somebody thought of: mistakes that are easily made in a choreography. It fails when the shipped source
// says something else than one of them was made from.
func madeByHand(root string) ([]Mutant, error) {
	var all []Mutant
	for _, e := range edits {
		m, err := e.mutant(root)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

func (e edit) mutant(root string) (Mutant, error) {
	shipped, err := os.ReadFile(filepath.Join(root, e.file))
	if err != nil {
		return Mutant{}, fmt.Errorf("read what %s changes: %w", e.name, err)
	}
	if times := strings.Count(string(shipped), e.says); times != 1 {
		return Mutant{}, fmt.Errorf("%s says %d times what %s replaces: the mutant is to be made anew from\n%s", e.file, times, e.name, e.says)
	}
	return Mutant{Name: e.name, Breaks: e.breaks, File: e.file, Source: []byte(strings.Replace(string(shipped), e.says, e.becomes, 1))}, nil
}
