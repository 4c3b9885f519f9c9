package returns

import "time"

// Pace is how long answers are waited for, and how often is asked.
type Pace struct {
	// Patience is how long the context of a step may take to answer.
	Patience time.Duration
	// Tries is how often it is asked before the step has failed.
	Tries int
	// UndoTries is how often it is asked to undo the step before an operator has to see to it.
	UndoTries int
}

// longest bounds the pauses between attempts to undo something, which double.
const longest = 5 * time.Minute

// patience is how long the answer to an attempt is waited for.
func (p Pace) patience(doing bool, attempt int) time.Duration {
	pause := p.Patience
	if doing {
		return pause
	}
	for range attempt - 1 {
		if pause *= 2; pause >= longest {
			return max(p.Patience, longest)
		}
	}
	return pause
}
