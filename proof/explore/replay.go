package explore

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"quadrille.dev/proof/explore/search"
)

// Replay plays a schedule, a step being a move in words, and fails the test with what it violates. A step that cannot be made, because
// what was wrong is mended, ends the schedule.
func Replay(t testing.TB, s Scenario, steps ...string) {
	t.Helper()
	violation, played := Play(s, steps...)
	if violation != nil {
		t.Fatal(Report{Scenario: s.Name, Violation: violation}.Describe())
	}
	if played < len(steps) {
		t.Logf("%q cannot happen any more", steps[played])
	}
}

// Play makes moves as long as they can be made, and answers what they violate, and how many could be made.
func Play(s Scenario, steps ...string) (violated *Violation, played int) {
	st := newStage(s)
	w, moves := st.Begin(), []Move(nil)
	for _, step := range steps {
		move, possible := st.find(w, step)
		if !possible {
			return nil, len(moves)
		}
		next, err := st.Do(w, move)
		moves = append(moves, move)
		if err == nil {
			w, err = next, st.Always(next)
		}
		if violated := st.violation(err, moves); violated != nil {
			return violated, len(moves)
		}
	}
	if !st.resting(w) {
		return nil, len(moves)
	}
	return st.violation(st.Rested(w), moves), len(moves)
}

func (s *stage) violation(err error, moves []Move) *Violation {
	var breach *search.Breach
	if !errors.As(err, &breach) || breach == nil {
		return nil
	}
	v := &Violation{Breach: *breach}
	v.tell(s, moves)
	v.Source = v.test(s.Scenario)
	return v
}

func (s *stage) find(w *world, step string) (Move, bool) {
	for move, label := range s.labels(w) {
		if label == step {
			return move, true
		}
	}
	return Move{}, false
}

// resting tells whether nothing is due.
func (s *stage) resting(w *world) bool {
	for _, move := range s.Moves(w).Due {
		if next, err := s.Do(w, move); err != nil || next != w {
			return false
		}
	}
	return true
}

// test is the source of a Go test that replays the violation.
func (v *Violation) test(s Scenario) string {
	var steps strings.Builder
	for _, step := range v.Steps {
		fmt.Fprintf(&steps, "\t\t%q,\n", step)
	}
	s.Reaches = nil
	return fmt.Sprintf(`package explore_test

import (
	"testing"

	"quadrille.dev/proof/explore"
)

// %s: %s
func TestReplay(t *testing.T) {
	explore.Replay(t, %#v,
%s	)
}
`, v.Invariant, strings.ReplaceAll(v.Detail, "\n", "\n// "), s, steps.String())
}
