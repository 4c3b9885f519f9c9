package explore

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// Choose answers the scenarios of a set, "bounded" or "full", or the one of a name.
func Choose(set, name string) ([]Scenario, error) {
	if set != "bounded" && set != "full" {
		return nil, fmt.Errorf("no set %q of scenarios: it is bounded or full", set)
	}
	chosen := slices.DeleteFunc(Scenarios(), func(s Scenario) bool {
		return name != "" && s.Name != name || name == "" && set == "bounded" && !s.Bounded
	})
	if len(chosen) == 0 {
		return nil, fmt.Errorf("no scenario %q", name)
	}
	return chosen, nil
}

// Table prints reports, each as soon as it is there.
type Table struct {
	to    io.Writer
	total Report
}

// NewTable begins a table.
func NewTable(to io.Writer) *Table {
	fmt.Fprintf(to, "%-34s %10s %10s %12s %6s %8s %8s %8s\n", "scenario", "states", "rests", "transitions", "depth", "local", "runs", "seconds")
	return &Table{to: to, total: Report{Scenario: "total"}}
}

// Row prints a report.
func (t *Table) Row(r Report) {
	fmt.Fprintf(t.to, "%-34s %10d %10d %12d %6d %8d %8d %8.2f\n",
		r.Scenario, r.States, r.Rests, r.Transitions, r.Depth, r.Local, r.Runs, r.Took.Round(10*time.Millisecond).Seconds())
	t.total.add(r)
}

// Total prints the sum of all rows.
func (t *Table) Total() { t.Row(t.total) }
