package explore

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"quadrille.dev/proof/explore/search"
)

// Report is what became of exploring a scenario.
type Report struct {
	Scenario                          string
	States, Rests, Transitions, Depth int
	// Local is how many states the participants were in, Runs how often their code was run for it.
	Local, Runs int
	Took        time.Duration
	// Violation is nil if every invariant holds.
	Violation *Violation
}

// add sums reports up, but for their names and violations.
func (r *Report) add(other Report) {
	r.States += other.States
	r.Rests += other.Rests
	r.Transitions += other.Transitions
	r.Depth = max(r.Depth, other.Depth)
	r.Local += other.Local
	r.Runs += other.Runs
	r.Took += other.Took
}

// Violation is an invariant that does not hold, and the shortest schedule to it.
type Violation struct {
	search.Breach
	// Steps are moves in words, as Replay understands them, Told the facts that each brought about.
	Steps []string
	Told  [][]string
	// Source is a Go test that replays it.
	Source string
}

// Explore visits every world of a scenario. An error means that the explorer itself has failed.
func Explore(s Scenario) (Report, error) {
	began := time.Now()
	st := newStage(s)
	found, err := search.Exhaust(st, nil)
	if err != nil {
		return Report{}, fmt.Errorf("explore %s: %w", s.Name, err)
	}
	if found.Breach == nil {
		found.Breach = st.afterwards()
	}
	report := st.report(found)
	report.Took = time.Since(began)
	return report, nil
}

// Ends are the ways in which a scenario can end, in words and each once: what became of every order, for everybody.
func Ends(s Scenario) ([]string, *Violation, error) {
	st, ends := newStage(s), map[string]bool{}
	found, err := search.Exhaust(st, func(w *world) { ends[fmt.Sprintf("%+v %+v", st.count(w), st.audit(w))] = true })
	if err != nil {
		return nil, nil, fmt.Errorf("explore %s: %w", s.Name, err)
	}
	return slices.Sorted(maps.Keys(ends)), st.report(found).Violation, nil
}

func (s *stage) report(found search.Found[*world, Move]) Report {
	report := Report{
		Scenario: s.Name, States: found.States, Rests: found.Rests, Transitions: found.Transitions, Depth: found.Depth,
	}
	for _, r := range s.roles {
		report.Local += len(r.states)
		report.Runs += len(r.reactions)
	}
	if found.Breach == nil {
		return report
	}
	report.Violation = s.violation(found.Breach, found.Schedule)
	return report
}

// afterwards holds what was seen in all worlds together against what the scenario is there for.
func (s *stage) afterwards() *search.Breach {
	for _, what := range s.Reaches {
		if !s.reached(what) {
			return &search.Breach{Invariant: "unreached", Detail: "there is no way to " + what}
		}
	}
	for _, r := range s.roles {
		if s.turnsBack(r) {
			return &search.Breach{Invariant: "endless", Detail: r.Name() + " can come back to a state that it has left"}
		}
	}
	return nil
}

// reached tells whether a fact was told, or something has happened for a reason.
func (s *stage) reached(what string) bool {
	for i := range s.facts {
		if f := &s.facts[i]; f.Name() == what || f.reason == what || f.said != 0 && f.said == names[what] {
			return true
		}
	}
	return false
}
