package mutants

import (
	_ "embed" // of the list
	"fmt"
	"slices"
	"strings"
)

// survivors.txt lists mutants that nobody catches. A reason stands above those that it is for, in lines that begin with #.
//
//go:embed survivors.txt
var listed string

// Survivors are the mutants that are known to be caught by nobody, and why that is as it should be.
func Survivors() (map[string]string, error) { return readSurvivors(listed) }

func readSurvivors(list string) (map[string]string, error) {
	known := map[string]string{}
	for paragraph := range strings.SplitSeq(list, "\n\n") {
		var reason, names []string
		for line := range strings.Lines(paragraph) {
			line = strings.TrimSpace(line)
			if because, is := strings.CutPrefix(line, "#"); is {
				reason = append(reason, strings.TrimSpace(because))
			} else if line != "" {
				names = append(names, line)
			}
		}
		for _, name := range names {
			if len(reason) == 0 || known[name] != "" {
				return nil, fmt.Errorf("survivors: %s has no reason, or two", name)
			}
			known[name] = strings.Join(reason, " ")
		}
	}
	return known, nil
}

// Judge tells what is wrong with verdicts: survivors that nobody has given a reason for, and known ones that were caught.
func Judge(verdicts []Verdict, survivors map[string]string) []string {
	var wrong []string
	for _, v := range verdicts {
		_, known := survivors[v.Mutant.Name]
		switch {
		case v.Caught == "" && !known:
			wrong = append(wrong, "survives, and no reason is given: "+v.Mutant.Name)
		case v.Caught != "" && known:
			wrong = append(wrong, "is listed as a survivor, and was caught by "+v.Caught+": "+v.Mutant.Name)
		}
	}
	return wrong
}

// Gone are the listed survivors that are no mutants any more.
func Gone(all []Mutant, survivors map[string]string) []string {
	var gone []string
	for name := range survivors {
		if !slices.ContainsFunc(all, func(m Mutant) bool { return m.Name == name }) {
			gone = append(gone, name)
		}
	}
	slices.Sort(gone)
	return gone
}
