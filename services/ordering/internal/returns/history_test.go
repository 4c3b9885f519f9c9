package returns_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/services/ordering/internal/returns"
)

// Whatever comes in whatever order: steps are done in order and undone in reverse, a return that has come about has all of them done, one
// that has not has none, and it ends once.
func TestEveryHistory(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	ends := map[returns.State]int{}
	for range 5_000 {
		w := &wanderer{T: t, r: returns.Return{ID: id}}
		events, err := w.r.Begin(bought(), nil, returns.Ask{Lines: []returns.Line{{SKU: "CUP", Quantity: 1}}}, pace)
		if err != nil {
			t.Fatal(err)
		}
		w.happens(events)
		for range random.IntN(40) {
			w.wander(random)
		}
		if diff := cmp.Diff(w.r, returns.Rebuild(id, w.history)); diff != "" {
			t.Fatal("rebuilt from its history (-return +rebuilt):\n" + diff)
		}
		ends[w.r.State]++
	}
	for _, state := range []returns.State{
		returns.StateRunning, returns.StateCompensating, returns.StateNeedsOperator, returns.StateCompleted, returns.StateCompensated,
	} {
		if ends[state] == 0 {
			t.Errorf("no return ended up %s", state)
		}
	}
}

// wanderer is a return to which anything happens.
type wanderer struct {
	*testing.T
	r       returns.Return
	history []returns.Recorded
	undone  []returns.Name
	ended   int
}

func (w *wanderer) wander(random *rand.Rand) {
	due, _ := w.r.Due()
	switch random.IntN(8) {
	case 0, 1:
		w.happens(w.r.TimeOut(due, pace))
	case 2:
		w.happens(mayFail(w.r.Retry(pace)))
	case 3:
		w.happens(mayFail(w.r.Resolve(pace)))
	default:
		step := returns.Steps[random.IntN(len(returns.Steps))]
		command := []returns.Command{step.Do, step.Undo, w.r.Asked.Command, w.r.Asked.Command}[random.IntN(4)]
		outcome := []returns.Outcome{returns.Done, returns.Refused, returns.Undone}[random.IntN(3)]
		w.happens(w.r.Answered(returns.Answer{Command: command, Outcome: outcome}, pace))
	}
}

func (w *wanderer) happens(events []returns.Event) {
	w.Helper()
	for _, e := range events {
		switch e := e.(type) {
		case returns.StepCompensated:
			w.undone = append(w.undone, e.Step)
		case returns.Completed, returns.Compensated:
			w.ended++
		default:
		}
	}
	due, _ := w.r.Due()
	w.history = append(w.history, w.r.Record(due, events...)...)
	w.r = w.r.After(due, events...)
	w.holds()
}

func (w *wanderer) holds() {
	w.Helper()
	var phases []returns.Phase
	for _, step := range w.r.Steps {
		phases = append(phases, step.Phase)
	}
	over := w.r.State == returns.StateCompleted || w.r.State == returns.StateCompensated
	done := !slices.ContainsFunc(phases, func(p returns.Phase) bool { return p != returns.PhaseDone })
	switch {
	case w.ended > 1 || over != (w.ended == 1):
		w.Fatalf("it has ended %d times, and is %s", w.ended, w.r.State)
	case done != (w.r.State == returns.StateCompleted):
		w.Fatalf("%s with steps %v", w.r.State, phases)
	case w.r.State == returns.StateCompensated && slices.Contains(phases, returns.PhaseDone):
		w.Fatalf("not undone: %v", phases)
	case !slices.IsSortedFunc(w.undone, func(x, y returns.Name) int { return place(y) - place(x) }):
		w.Fatalf("undone in the order %v", w.undone)
	}
	for i, phase := range phases[1:] {
		begun := phase != returns.PhasePending && phase != returns.PhaseSkipped
		if before := phases[i]; begun && (before == returns.PhasePending || before == returns.PhaseRunning || before == returns.PhaseFailed) {
			w.Fatalf("step %d is %s after one that is %s", i+1, phase, before)
		}
	}
}

func place(name returns.Name) int {
	return slices.IndexFunc(returns.Steps[:], func(step returns.Step) bool { return step.Name == name })
}
