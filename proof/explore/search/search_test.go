package search_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/proof/explore/search"
)

// jugs holds three and five litres, to be filled, emptied and poured from one into the other. It never rests, unless nothing is due.
type jugs struct {
	// forbidden is an amount that the big jug must never hold.
	forbidden int
	due       bool
}

type litres struct{ small, big int }

func (jugs) Begin() *litres { return start }

var (
	start = &litres{}
	pours = []string{"fill small", "fill big", "empty small", "empty big", "small into big", "big into small"}
)

func (j jugs) Moves(*litres) search.Moves[string] {
	if j.due {
		return search.Moves[string]{Due: slices.Clone(pours)}
	}
	return search.Moves[string]{Free: slices.Clone(pours)}
}

func (jugs) Do(w *litres, move string) (*litres, error) {
	next := *w
	switch move {
	case "fill small":
		next.small = 3
	case "fill big":
		next.big = 5
	case "empty small":
		next.small = 0
	case "empty big":
		next.big = 0
	case "small into big":
		poured := min(next.small, 5-next.big)
		next.small, next.big = next.small-poured, next.big+poured
	case "big into small":
		poured := min(next.big, 3-next.small)
		next.small, next.big = next.small+poured, next.big-poured
	}
	if next == *w {
		return w, nil
	}
	return &next, nil
}

func (jugs) Key(w *litres) search.Key { return search.Key{uint64(w.small), uint64(w.big)} }

func (j jugs) Always(w *litres) error {
	if j.forbidden > 0 && w.big == j.forbidden {
		return &search.Breach{Invariant: "forbidden"}
	}
	return nil
}

func (jugs) Rested(w *litres) error {
	if w.small == 0 && w.big == 5 {
		return &search.Breach{Invariant: "restless"}
	}
	return nil
}

// A jug is full or empty, or the other one is: sixteen ways.
func TestEveryWorldIsVisitedOnce(t *testing.T) {
	found, err := search.Exhaust(jugs{due: true}, nil)
	if err != nil || found.Breach != nil {
		t.Fatal(err, found.Breach)
	}
	if found.States != 16 || found.Rests != 0 {
		t.Errorf("%d states, %d rests", found.States, found.Rests)
	}
}

func TestBreachesAreFoundByTheShortestSchedule(t *testing.T) {
	found, err := search.Exhaust(jugs{forbidden: 4, due: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"fill big", "big into small", "empty small", "big into small", "fill big", "big into small"}
	if diff := cmp.Diff(want, found.Schedule); diff != "" {
		t.Error(diff)
	}
}

func TestWhereNothingIsDueIsRest(t *testing.T) {
	found, err := search.Exhaust(jugs{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if found.Breach == nil || found.Breach.Invariant != "restless" || !slices.Equal(found.Schedule, []string{"fill big"}) {
		t.Errorf("%v after %v", found.Breach, found.Schedule)
	}
}

func TestWalksGoTheSameWayAgain(t *testing.T) {
	walk := func(seed uint64) []string {
		found, err := search.Walk(jugs{forbidden: 4, due: true}, rand.New(rand.NewPCG(seed, 0)), 2)
		if err != nil {
			t.Fatal(err)
		}
		if found.Breach == nil {
			t.Error("a walk ends without breach")
		}
		return found.Schedule
	}
	if diff := cmp.Diff(walk(1), walk(1)); diff != "" {
		t.Error(diff)
	}
	if slices.Equal(walk(1), walk(2)) {
		t.Error("two seeds go the same way")
	}
}
