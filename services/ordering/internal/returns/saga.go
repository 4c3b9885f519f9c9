package returns

import "time"

// Answer is what a context says to a command.
type Answer struct {
	Command Command
	Outcome Outcome
	// Reference is what the context calls what it has done.
	Reference string
	// Reason is why it refuses.
	Reason string
}

// Outcome is what has become of what was asked.
type Outcome string

// The outcomes.
const (
	// Done tells that the step is done, and to an undoing command that it stays so.
	Done Outcome = "DONE"
	// Refused tells that it is not done and will not be, and to an undoing command that it cannot be undone now.
	Refused Outcome = "REFUSED"
	// Undone tells that it is undone, or was never done and never will be.
	Undone Outcome = "UNDONE"
)

// Answered is what follows from an answer. One that comes again, or too late, changes nothing.
func (r Return) Answered(a Answer, pace Pace) []Event {
	i, known := of(a.Command)
	if asked, waits := r.asking(); !known || !waits || i != asked {
		return nil
	}
	c := course{Return: r, pace: pace}
	switch r.State {
	case StateRunning:
		c.did(i, a)
	case StateCompensating, StateNeedsOperator:
		c.undid(i, a)
	case StateCompleted, StateCompensated, StateUnknown:
	}
	return c.events
}

// TimeOut is what follows when an answer is overdue: the same is asked again, until it was asked often enough. A step that was not
// answered may be done, so it is undone with those before it.
func (r Return) TimeOut(at time.Time, pace Pace) []Event {
	if due, waits := r.Due(); !waits || at.Before(due) {
		return nil
	}
	c := course{Return: r, pace: pace}
	switch i, waits := r.asking(); {
	case !waits: // what was to be asked then was forgotten
		c.goOn()
	case r.State == StateRunning && r.Asked.Attempt >= pace.Tries:
		c.happens(StepFailed{Step: Steps[i].Name, Cause: TimedOut, Reason: "No answer from " + Steps[i].Context + "."})
		c.retreat()
	case r.State == StateCompensating && r.Asked.Attempt >= pace.UndoTries:
		c.happens(NeedsOperator{Step: Steps[i].Name, Attempts: r.Asked.Attempt, Reason: r.Asked.Said})
	default:
		c.ask(r.Asked.Command)
	}
	return c.events
}
