package saga

import "time"

// StepState is how a step stands.
type StepState string

// The states of a step: waiting for others; under way; done; tried in vain; being undone; undone; no longer needed.
const (
	StepPending      StepState = "PENDING"
	StepRunning      StepState = "RUNNING"
	StepDone         StepState = "DONE"
	StepFailed       StepState = "FAILED"
	StepCompensating StepState = "COMPENSATING"
	StepCompensated  StepState = "COMPENSATED"
	StepSkipped      StepState = "SKIPPED"
)

// Step is one context's work in a saga.
type Step struct {
	Context, Name string
	State         StepState
	// StartedAt is when the step could begin, FinishedAt when it ended as the state says; zero when they did not, or it is not
	// known.
	StartedAt, FinishedAt time.Time
}

func (s Saga) steps() []Step {
	steps := make([]Step, 0, len(s.Process.steps))
	lost := map[string]bool{}
	for _, declared := range s.Process.steps {
		step := s.step(declared, lost)
		if step.State == StepSkipped || step.State == StepFailed || step.State == StepCompensated {
			lost[declared.Fact] = true
		}
		steps = append(steps, step)
	}
	return steps
}

// step derives one step. lost are the facts of earlier steps that will not come any more.
func (s Saga) step(declared Declaration, lost map[string]bool) Step {
	step := Step{Context: declared.Context, Name: declared.Step}
	begun, ready := s.ready(declared)
	step.State, step.FinishedAt = s.stands(declared, ready, lost)
	if done, _, _, _ := s.marks(declared.Step); begun.IsZero() && len(declared.After) == 0 {
		begun = done
	}
	if step.StartedAt = begun; !step.FinishedAt.IsZero() && step.FinishedAt.Before(begun) {
		step.StartedAt = step.FinishedAt
	}
	if step.State == StepSkipped && !ready {
		step.FinishedAt = time.Time{}
	}
	return step
}

// stands tells how a step stands and when it came to that, if that is an end.
func (s Saga) stands(declared Declaration, ready bool, lost map[string]bool) (StepState, time.Time) {
	done, failed, undone, calledOff := s.marks(declared.Step)
	state := s.turned()
	switch {
	case !undone.IsZero():
		return StepCompensated, undone
	case !done.IsZero() && (state == Compensating || state == Compensated) && s.Process.reversible(declared.Step):
		return StepCompensating, time.Time{}
	case !done.IsZero():
		return StepDone, done
	case !failed.IsZero():
		return StepFailed, failed
	case !calledOff.IsZero():
		return StepSkipped, calledOff
	case state == Compensated || s.hopeless(declared, lost):
		return StepSkipped, time.Time{}
	case ready:
		return StepRunning, time.Time{}
	default:
		return StepPending, time.Time{}
	}
}

// marks are when a step was done, failed, undone and called off; zero for what it was not. A fact that either undoes or calls
// off does the former when the step was done.
func (s Saga) marks(step string) (done, failed, undone, calledOff time.Time) {
	var either time.Time
	for _, fact := range s.Process.facts {
		at, heard := s.Heard[fact.Fact]
		if !heard {
			continue
		}
		for _, effect := range fact.Effects {
			if effect.Step != step {
				continue
			}
			switch {
			case effect.Completes:
				done = at
			case effect.Fails:
				failed = at
			case effect.Compensates && effect.CallsOff:
				either = at
			case effect.Compensates, effect.Retracts:
				undone = at
			case effect.CallsOff:
				calledOff = at
			}
		}
	}
	switch {
	case either.IsZero():
	case done.IsZero():
		calledOff = either
	default:
		undone = either
	}
	return done, failed, undone, calledOff
}

// hopeless tells whether something that the step waits for will not come any more.
func (s Saga) hopeless(declared Declaration, lost map[string]bool) bool {
	for _, group := range declared.After {
		left := len(group)
		for _, name := range group {
			if !s.heard(name) && (lost[name] || s.hopeless(s.Process.facts[s.Process.index[name]], lost)) {
				left--
			}
		}
		if left == 0 {
			return true
		}
	}
	return false
}

// reversible tells whether some fact undoes the step.
func (p *Process) reversible(step string) bool {
	for _, fact := range p.facts {
		for _, effect := range fact.Effects {
			if effect.Step == step && effect.Compensates {
				return true
			}
		}
	}
	return false
}
