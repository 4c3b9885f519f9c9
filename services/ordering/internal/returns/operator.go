package returns

import "errors"

// ErrNotStalled refuses what an operator does about a return that needs none.
var ErrNotStalled = errors.New("the return does not need an operator")

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
