package saga

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// State is how a saga stands.
type State string

// The states that facts lead to.
const (
	Running      State = "RUNNING"
	Compensating State = "COMPENSATING"
	Completed    State = "COMPLETED"
	Compensated  State = "COMPENSATED"
)

// AtRest tells whether nothing more is to come that matters to the saga.
func (s State) AtRest() bool { return s == Completed || s == Compensated }

// View is how a saga stands, derived from what was heard of it and from nothing else.
type View struct {
	State State
	// Steps are in the order of the process.
	Steps []Step
	// WaitingFor are the facts one of which comes next, beside what a person or the deadline brings about; empty at rest.
	WaitingFor []string
	// NextAction says what is being done, and what there is to do for an operator; empty at rest.
	NextAction string
	// Deadline is zero at rest, and as long as it was not heard of.
	Deadline time.Time
}

// View derives how the saga stands. The same facts give the same view, in whatever order they came.
func (s Saga) View() View {
	view := View{State: s.State(), Steps: s.steps()}
	if view.State.AtRest() {
		return view
	}
	view.Deadline = s.Order.Deadline
	var actions []string
	for _, fact := range s.Process.facts {
		if !s.awaits(fact) {
			continue
		}
		view.WaitingFor = append(view.WaitingFor, fact.Fact)
		if fact.Action != "" && !slices.Contains(actions, fact.Action) {
			actions = append(actions, fact.Action)
		}
	}
	for _, step := range s.stalledSteps(view.Steps) {
		actions = append(actions, "an operator retries or resolves the step "+step)
	}
	view.NextAction = sentence(strings.Join(actions, "; "))
	return view
}

// stalledSteps are the steps that do not get on: of those that a fact stalls, what is under way or being undone.
func (s Saga) stalledSteps(steps []Step) (stalled []string) {
	for _, fact := range s.Process.facts {
		if !s.holdsUp(fact) {
			continue
		}
		for _, step := range steps {
			underWay := step.State == StepRunning || step.State == StepCompensating
			if underWay && slices.Contains(fact.Effects, Effect{Step: step.Name, Stalls: true}) {
				stalled = append(stalled, step.Name)
			}
		}
	}
	return stalled
}

// State is the furthest that a fact has turned the saga.
func (s Saga) State() State {
	state := Running
	for _, fact := range s.Process.facts {
		if s.heard(fact.Fact) && rank(fact.Turns) > rank(state) {
			state = fact.Turns
		}
	}
	return state
}

// rank orders states by how far a saga has come.
func rank(s State) int {
	return slices.Index([]State{Running, Compensating, Completed, Compensated}, s)
}

func (s Saga) heard(fact string) bool {
	_, heard := s.Heard[fact]
	return heard
}

// awaits tells whether a fact can come next: what it waits for was heard, and every step that it touches is as it needs it.
func (s Saga) awaits(fact Declaration) bool {
	if s.heard(fact.Fact) {
		return false
	}
	if _, ready := s.ready(fact); !ready {
		return false
	}
	for _, effect := range fact.Effects {
		if !s.fits(effect) {
			return false
		}
	}
	return true
}

// ready tells whether all that a fact waits for was heard, and when that was so first.
func (s Saga) ready(fact Declaration) (time.Time, bool) {
	var last time.Time
	for _, group := range fact.After {
		var first time.Time
		for _, name := range group {
			if at, heard := s.Heard[name]; heard && (first.IsZero() || at.Before(first)) {
				first = at
			}
		}
		if first.IsZero() {
			return time.Time{}, false
		}
		if first.After(last) {
			last = first
		}
	}
	return last, true
}

func (s Saga) fits(effect Effect) bool {
	done, failed, undone, calledOff := s.marks(effect.Step)
	open := done.IsZero() && failed.IsZero() && undone.IsZero() && calledOff.IsZero()
	switch {
	case (effect.Completes || effect.Fails || effect.CallsOff) && open:
		return true
	case effect.Compensates:
		return !done.IsZero() && undone.IsZero()
	default:
		return false
	}
}

func sentence(s string) string {
	if s == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:] + "."
}
