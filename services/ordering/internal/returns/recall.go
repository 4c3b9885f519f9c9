package returns

import (
	"slices"
	"time"
)

// Recall is what has to follow for the return to be as ordering said at a moment that it is, before it forgot; nothing where it was so
// already. The answer to what was asked last may be lost, so that it is asked again at once.
func (r Return) Recall(told Event, at time.Time) []Event {
	if r.ended() || !r.lacks(told, at) {
		return nil
	}
	if command, is := told.(Commanded); is {
		command.Attempt = r.attempt(command.Command)
		return []Event{command}
	}
	return []Event{told}
}

func (r Return) ended() bool { return r.State == StateCompleted || r.State == StateCompensated }

func (r Return) lacks(told Event, at time.Time) bool {
	switch e := told.(type) {
	case Requested:
		return r.State == StateUnknown
	case StepStarted:
		return r.in(e.Step, PhasePending)
	case Commanded:
		return r.lacksCommand(e, at)
	case StepCompleted:
		return r.in(e.Step, PhaseRunning) || e.Step == Steps[pivot].Name && r.in(e.Step, PhaseFailed, PhaseCompensating)
	case StepFailed:
		return r.in(e.Step, PhaseRunning)
	case StepCompensated:
		return r.State != StateRunning && r.in(e.Step, PhaseDone, PhaseFailed, PhaseCompensating)
	case Completed:
		return r.in(Steps[pivot].Name, PhaseDone)
	case Compensated:
		return r.State == StateCompensating
	case NeedsOperator:
		return r.State == StateCompensating && r.in(e.Step, PhaseCompensating) && at.After(r.Asked.At)
	}
	return false
}

// lacksCommand leaves out commands of steps that are over, and the very one that was given last.
func (r Return) lacksCommand(e Commanded, at time.Time) bool {
	i, known := of(e.Command)
	switch {
	case !known || e.Command == r.Asked.Command && at.Equal(r.Asked.At):
		return false
	case e.Command == Steps[i].Do:
		return r.in(Steps[i].Name, PhaseRunning)
	default:
		return r.State != StateRunning && r.in(Steps[i].Name, PhaseDone, PhaseFailed, PhaseCompensating)
	}
}

func (r Return) in(step Name, phases ...Phase) bool {
	i, known := place(step)
	return known && slices.Contains(phases, r.Steps[i].Phase)
}
