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
	Running       State = "RUNNING"
	Compensating  State = "COMPENSATING"
	Completed     State = "COMPLETED"
	Compensated   State = "COMPENSATED"
	NeedsOperator State = "NEEDS_OPERATOR"
)

// AtRest tells whether nothing more is to come that matters to the saga.
func (s State) AtRest() bool { return s == Completed || s == Compensated }

// UnderWay tells whether more is to come without an operator.
func (s State) UnderWay() bool { return s == Running || s == Compensating }

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
		if fact := name(fact.Fact); !slices.Contains(view.WaitingFor, fact) {
			view.WaitingFor = append(view.WaitingFor, fact)
		}
		if fact.Action != "" && !slices.Contains(actions, fact.Action) {
			actions = append(actions, fact.Action)
		}
	}
	for _, step := range s.stalledSteps(view.Steps) {
		actions = append(actions, "an operator retries or resolves the step "+step)
	}
	if view.State == NeedsOperator {
		actions = []string{"an operator retries or resolves the " + strings.ToLower(s.Process.Kind)}
	}
	view.NextAction = sentence(strings.Join(actions, "; "))
	return view
}

// stalledSteps are the steps that do not get on: of those that a fact stalls, what is under way or being undone.
func (s Saga) stalledSteps(steps []Step) (stalled []string) {
	for _, fact := range s.Process.facts {
		if fact.Turns == NeedsOperator || !s.holdsUp(fact) {
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

// State is the furthest that a fact has turned the saga, unless that is under way and a step needs an operator.
func (s Saga) State() State {
	turned := s.turned()
	needs := func(fact Declaration) bool { return fact.Turns == NeedsOperator && s.holdsUp(fact) }
	if !turned.AtRest() && slices.ContainsFunc(s.Process.facts, needs) {
		return NeedsOperator
	}
	return turned
}

func (s Saga) turned() State {
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
	case (effect.Begins || effect.Completes || effect.Fails || effect.CallsOff) && open:
		return true
	case effect.Compensates && !done.IsZero(), effect.Retracts && !failed.IsZero():
		return undone.IsZero()
	case effect.Settles:
		return !undone.IsZero() || !failed.IsZero() && done.IsZero() || open && !s.begun(effect.Step)
	default:
		return false
	}
}

// begun tells whether a step could begin.
func (s Saga) begun(step string) bool {
	return slices.ContainsFunc(s.Process.steps, func(declared Declaration) bool {
		_, ready := s.ready(declared)
		return declared.Step == step && ready
	})
}

func sentence(s string) string {
	if s == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:] + "."
}
