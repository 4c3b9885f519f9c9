package returns_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/services/ordering/internal/returns"
)

// requested is a return of which that is known, and whatever else happened to it.
func requested(t *testing.T, happened ...returns.Event) returns.Return {
	t.Helper()
	r := returns.Return{ID: id}
	return r.After(at, append([]returns.Event{returns.Requested{}}, happened...)...)
}

// A return whose last command was forgotten goes on in the direction in which it went.
func TestAReturnThatWaitsForNothingGoesOn(t *testing.T) {
	for name, test := range map[string]struct {
		happened []returns.Event
		want     returns.Event
	}{
		"begun": {
			[]returns.Event{returns.StepStarted{Step: "pickup"}},
			returns.Commanded{Command: returns.ArrangePickup, Attempt: 1, Patience: time.Minute},
		},
		"half done": {
			[]returns.Event{
				returns.StepStarted{Step: "pickup"}, returns.StepCompleted{Step: "pickup"}, returns.StepStarted{Step: "restock"},
			},
			returns.Commanded{Command: returns.Restock, Attempt: 1, Patience: time.Minute},
		},
		"failed": {
			[]returns.Event{
				returns.StepStarted{Step: "pickup"},
				returns.StepCompleted{Step: "pickup"},
				returns.StepStarted{Step: "restock"},
				returns.StepFailed{Step: "restock", Cause: returns.Refusal},
			},
			returns.Commanded{Command: returns.CancelPickup, Attempt: 1, Patience: time.Minute},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := requested(t, test.happened...)
			got := r.TimeOut(at.Add(time.Hour), returns.Pace{Patience: time.Minute, Tries: 3, UndoTries: 10})
			if diff := cmp.Diff([]returns.Event{test.want}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// How often something is asked for has nothing to do with how often it is asked to be undone.
func TestDoingAndUndoingHaveTriesOfTheirOwn(t *testing.T) {
	pace := returns.Pace{Patience: time.Minute, Tries: 3, UndoTries: 2}
	r := requested(t, returns.StepStarted{Step: "pickup"}, returns.Commanded{Command: returns.ArrangePickup, Attempt: 2, Patience: time.Minute})
	want := []returns.Event{returns.Commanded{Command: returns.ArrangePickup, Attempt: 3, Patience: time.Minute}}
	if diff := cmp.Diff(want, r.TimeOut(at.Add(time.Hour), pace)); diff != "" {
		t.Errorf("after two tries of three: %s", diff)
	}
}
