package mutants

import (
	"cmp"
	"fmt"
	"strings"
)

// String is a line of the table: mutant, caught by, length of the schedule.
func (v Verdict) String() string {
	steps := "-"
	if v.Steps > 0 {
		steps = fmt.Sprint(v.Steps)
	}
	return fmt.Sprintf("%-110s  %-70s %5s", v.Mutant.Name, cmp.Or(v.Caught, "nobody"), steps)
}

// Count says in words what became of mutants.
func Count(verdicts []Verdict) string {
	var words strings.Builder
	for _, byHand := range []bool{true, false} {
		all, explorer, tests := 0, 0, 0
		for _, v := range verdicts {
			switch {
			case v.Mutant.ByHand() != byHand:
				continue
			case v.ByTests:
				tests++
			case v.Caught != "":
				explorer++
			}
			all++
		}
		kind := map[bool]string{true: "by hand", false: "mechanically"}[byHand]
		fmt.Fprintf(&words, "%d made %s: the explorer caught %d, tests of contexts %d more, nobody %d\n",
			all, kind, explorer, tests, all-explorer-tests)
	}
	return words.String()
}
