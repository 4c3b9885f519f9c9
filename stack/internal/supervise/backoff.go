package supervise

import "time"

// Backoff is how long a program that died waits before it is started again: First, doubled with each death in a row up to Max. A
// program that ran for Calm begins a new row.
type Backoff struct{ First, Max, Calm time.Duration }

// DefaultBackoff suits people who watch.
var DefaultBackoff = Backoff{First: 500 * time.Millisecond, Max: 10 * time.Second, Calm: 20 * time.Second}

// after is the wait after a number of deaths in a row.
func (b Backoff) after(deaths int) time.Duration {
	wait := b.First
	for range deaths - 1 {
		if wait *= 2; wait >= b.Max {
			return b.Max
		}
	}
	return wait
}
