package party_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/services/billing/internal/party"
)

var (
	noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ada  = party.Details{Name: "Ada", Email: "ada@quadrille.test"}
)

func TestEachNewsIsAskedForOnce(t *testing.T) {
	p := party.Party{}.Hear(3, noon)
	if !p.Call.Wanted || !p.Call.DueAt.Equal(noon) {
		t.Errorf("nobody is asked: %+v", p)
	}
	p = p.HandOver(noon).Learn(3, ada, noon)
	if p.Call.Wanted || p.Details != ada {
		t.Errorf("asked again, or not learnt: %+v", p)
	}
	for _, old := range []int64{1, 2, 3} {
		if diff := cmp.Diff(p, p.Hear(old, noon)); diff != "" {
			t.Errorf("old news %d: %s", old, diff)
		}
	}
}

func TestNewsDuringACallIsAskedForAfterIt(t *testing.T) {
	p := party.Party{}.Hear(1, noon).HandOver(noon).Hear(4, noon).Learn(1, ada, noon.Add(time.Second))
	if !p.Call.Wanted || p.Call.Attempts != 0 || !p.Call.DueAt.Equal(noon.Add(time.Second)) {
		t.Errorf("not asked again: %+v", p)
	}
}

func TestAnAnswerThatWasOvertakenIsNone(t *testing.T) {
	p := party.Party{}.Hear(1, noon).HandOver(noon).Hear(4, noon).HandOver(noon).Learn(4, ada, noon)
	if diff := cmp.Diff(p, p.Learn(1, party.Details{Name: "A."}, noon)); diff != "" {
		t.Error(diff)
	}
}

func TestWhoIsErasedStaysBlank(t *testing.T) {
	asked := party.Party{}.Hear(1, noon).HandOver(noon)
	for name, p := range map[string]party.Party{
		"while asked":    asked.Forget(),
		"late answer":    asked.Forget().Learn(1, ada, noon),
		"after":          asked.Learn(1, ada, noon).Forget(),
		"late news":      asked.Forget().Hear(9, noon),
		"lost answer":    asked.Forget().Miss(noon),
		"before all":     party.Party{}.Forget().Hear(1, noon),
		"more than once": asked.Forget().Forget(),
	} {
		if diff := cmp.Diff(party.Party{Erased: true}, p); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestWhatGoesWrongIsTriedLaterAndLater(t *testing.T) {
	p := party.Party{}.Hear(1, noon)
	var waits []time.Duration
	for range 8 {
		p = p.HandOver(noon).Miss(noon)
		waits = append(waits, p.Call.DueAt.Sub(noon))
	}
	want := []time.Duration{500e6, 1e9, 2e9, 4e9, 8e9, 16e9, 30e9, 30e9}
	if diff := cmp.Diff(want, waits); diff != "" {
		t.Error(diff)
	}
}

func TestNothingIsMissedThatIsNotAsked(t *testing.T) {
	wanted := party.Party{}.Hear(1, noon)
	answered := wanted.HandOver(noon).Learn(1, ada, noon)
	overtaken := wanted.HandOver(noon)
	overtaken.Call.Wanted = false
	for name, p := range map[string]party.Party{"nobody asked": wanted, "answered": answered, "not wanted any more": overtaken} {
		if diff := cmp.Diff(p, p.Miss(noon.Add(time.Hour))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
