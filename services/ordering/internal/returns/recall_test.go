package returns_test

import (
	"testing"
	"time"

	"quadrille.dev/services/ordering/internal/returns"
)

// told is an event and when it was told.
type told struct {
	event returns.Event
	at    time.Time
}

// Whatever of a return was forgotten, and whatever of that was told before: it is recalled, also what had not been forgotten and is told
// again, and from there on it comes to rest.
func TestReturnsAreRecalledFromWhereverTheyWereForgotten(t *testing.T) {
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			s := begin(t)
			for _, step := range way.comes {
				s.play(step)
			}
			all := s.told()
			for kept := range len(all) + 1 {
				for known := kept; known <= len(all); known++ {
					recall(t, all, kept, known)
				}
			}
		})
	}
}

// told are all events of a return.
func (s *saga) told() (all []told) {
	for _, recorded := range s.recorded() {
		all = append(all, told{recorded.Event, recorded.At})
	}
	return all
}

// recall has a return forget all but the first events, and be told of more again from the very first.
func recall(t *testing.T, all []told, kept, known int) {
	t.Helper()
	before, after := returns.Return{ID: id}, returns.Return{ID: id}
	for i, told := range all[:known] {
		after = after.After(told.at, told.event)
		if i < kept {
			before = before.After(told.at, told.event)
		}
	}
	recalled := before
	for _, told := range all[:known] {
		if _, private := told.event.(returns.UndoRefused); !private {
			recalled = recalled.After(told.at, recalled.Recall(told.event, told.at)...)
		}
	}
	if recalled.State != after.State || recalled.Asked.Command != after.Asked.Command {
		t.Fatalf("%d of %d are kept: %s after %s, not %s after %s",
			kept, known, recalled.State, recalled.Asked.Command, after.State, after.Asked.Command)
	}
	for i := range recalled.Steps {
		if recalled.Steps[i].Phase != after.Steps[i].Phase {
			t.Fatalf("%d of %d are kept: step %d is %s, not %s", kept, known, i, recalled.Steps[i].Phase, after.Steps[i].Phase)
		}
	}
	rests(t, recalled)
}

// rests has everything that is asked from now on be answered well, and sees that the return comes to rest.
func rests(t *testing.T, r returns.Return) {
	t.Helper()
	for range 30 {
		switch r.State {
		case returns.StateUnknown, returns.StateCompleted, returns.StateCompensated:
			return
		case returns.StateNeedsOperator:
			events, err := r.Resolve(pace)
			if err != nil {
				t.Fatal(err)
			}
			r = r.After(r.Asked.At, events...)
			continue
		case returns.StateRunning, returns.StateCompensating:
		}
		due, waits := r.Due()
		if !waits {
			t.Fatalf("%s waits for nothing", r.State)
		}
		r = r.After(due, r.TimeOut(due, pace)...)
		outcome := returns.Done
		if r.State == returns.StateCompensating {
			outcome = returns.Undone
		}
		r = r.After(due, r.Answered(returns.Answer{Command: r.Asked.Command, Outcome: outcome}, pace)...)
	}
	t.Fatalf("it does not rest: %+v", r)
}
