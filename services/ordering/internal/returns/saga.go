package returns

import (
	"errors"
	"time"
)

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

// ErrNotStalled refuses what an operator does about a return that needs none.
var ErrNotStalled = errors.New("the return does not need an operator")

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

// Retry has an operator have it tried again what cannot be undone, with attempts counted anew.
func (r Return) Retry(pace Pace) ([]Event, error) {
	if r.State != StateNeedsOperator {
		return nil, ErrNotStalled
	}
	c := course{Return: r, pace: pace}
	c.ask(r.Asked.Command)
	return c.events, nil
}

// Resolve has an operator state that what could not be undone is undone.
func (r Return) Resolve(pace Pace) ([]Event, error) {
	i, waits := r.asking()
	if r.State != StateNeedsOperator || !waits {
		return nil, ErrNotStalled
	}
	c := course{Return: r, pace: pace}
	c.happens(StepCompensated{Step: Steps[i].Name, By: ByOperator})
	c.retreat()
	return c.events, nil
}

// course is a return as what is being decided makes it, and what was decided.
type course struct {
	Return
	pace   Pace
	events []Event
}

// happens decides that something happens.
func (c *course) happens(event Event) {
	c.events = append(c.events, event)
	c.Return = c.After(time.Time{}, event)
}

// ask decides to ask for something, or to ask again.
func (c *course) ask(command Command) {
	attempt := c.attempt(command)
	c.happens(Commanded{Command: command, Attempt: attempt, Patience: c.pace.patience(c.State == StateRunning, attempt)})
}

// did is what follows from an answer about the step that is to be done.
func (c *course) did(i int, a Answer) {
	if a.Command != Steps[i].Do {
		return
	}
	switch a.Outcome {
	case Done:
		c.happens(StepCompleted{Step: Steps[i].Name, Reference: a.Reference})
		c.advance()
	case Refused:
		c.happens(StepFailed{Step: Steps[i].Name, Cause: Refusal, Reason: a.Reason})
		c.retreat()
	case Undone: // which nobody has asked for
	}
}

// undid is what follows from an answer about the step that is to be undone.
func (c *course) undid(i int, a Answer) {
	switch {
	case i == pivot && a.Outcome == Done: // whichever way that is learnt, the return has come about
		c.happens(StepCompleted{Step: Steps[i].Name, Reference: a.Reference})
		c.happens(Completed{})
	case a.Command != Steps[i].Undo: // the undoing command is still to be answered
	case a.Outcome == Undone:
		c.happens(StepCompensated{Step: Steps[i].Name, By: ByContext})
		c.retreat()
	case c.State == StateCompensating && a.Reason != c.Asked.Said:
		c.happens(UndoRefused{Step: Steps[i].Name, Reason: a.Reason})
	}
}

// goOn goes on in the direction in which the return goes.
func (c *course) goOn() {
	if c.State == StateRunning {
		c.advance()
	} else {
		c.retreat()
	}
}

// advance asks for the next step, or completes the return when there is none.
func (c *course) advance() {
	for i, step := range Steps {
		switch c.Steps[i].Phase {
		case PhasePending:
			c.happens(StepStarted{Step: step.Name})
			c.ask(step.Do)
			return
		case PhaseRunning:
			c.ask(step.Do)
			return
		default:
		}
	}
	c.happens(Completed{})
}

// retreat asks to undo the last step that is done, or may be, or ends the return when there is none.
func (c *course) retreat() {
	for i := len(Steps) - 1; i >= 0; i-- {
		if p := c.Steps[i]; p.Phase == PhaseDone || p.Phase == PhaseFailed && p.Uncertain {
			c.ask(Steps[i].Undo)
			return
		}
	}
	c.happens(Compensated{})
}
