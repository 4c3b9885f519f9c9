package returns

import "time"

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
