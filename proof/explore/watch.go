package explore

import (
	"cmp"
	"encoding/binary"
	"fmt"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/proof/explore/search"
)

// Story is what was told of an order, or of a return, up to some moment, in no order, and how it stands then. What was only asked and answered
// is not told.
type Story struct {
	Subject uuid.UUID
	// Return tells whether it is of a return.
	Return  bool
	Facts   []event.Envelope
	Status  string
	Settled bool
	// Rest tells that nothing is left to happen.
	Rest bool
	// Next is what is told next, if that is what the story is about; empty if it is about the moment. Asked tells that a person or a
	// deadline has brought it about.
	Next  string
	Asked bool
}

// Watch explores a scenario and has every story that can be told judged, each once. What the judge finds wrong is a breach
// of the invariant "story".
func Watch(s Scenario, judge func(Story) error) (Report, error) {
	st := newStage(s)
	found, err := search.Exhaust(watched{st, map[moment]bool{}, judge}, nil)
	if err != nil {
		return Report{}, fmt.Errorf("watch %s: %w", s.Name, err)
	}
	return st.report(found), nil
}

// watched is a stage with a judge before it.
type watched struct {
	*stage
	judged map[moment]bool
	judge  func(Story) error
}

// moment tells stories apart.
type moment struct {
	// subject counts the orders, and then the returns.
	subject int
	told    string
	status  string
	settled bool
	rest    bool
	next    string
	asked   bool
}

// Do has everything judged that is told next.
func (g watched) Do(w *world, m Move) (*world, error) {
	next, err := g.stage.Do(w, m)
	if err != nil || next == w {
		return next, err
	}
	told := toldIn(w)
	for _, number := range g.fresh(w, next) {
		f := &g.facts[number]
		subject, tells := g.about(f)
		if !tells {
			continue
		}
		if err := g.hold(w, told, moment{subject: subject, next: f.Name(), asked: people[m.deed] != ""}); err != nil {
			return nil, err
		}
		told = append(told, number)
	}
	return next, nil
}

func (g watched) Always(w *world) error { return cmp.Or(g.stage.Always(w), g.now(w, false)) }

func (g watched) Rested(w *world) error { return cmp.Or(g.stage.Rested(w), g.now(w, true)) }

// now has the moment judged.
func (g watched) now(w *world, rest bool) error {
	told := toldIn(w)
	for i := range len(g.Orders) + len(g.Returns) {
		if err := g.hold(w, told, moment{subject: i, rest: rest}); err != nil {
			return err
		}
	}
	return nil
}

func toldIn(w *world) []uint32 {
	told := make([]uint32, 0, len(w.post)+2)
	for _, l := range w.post {
		told = append(told, l.fact)
	}
	return told
}

// about is the subject of a fact, if it tells anything of one.
func (g watched) about(f *fact) (subject int, tells bool) {
	if f.ret >= 0 {
		return len(g.Orders) + f.ret, f.To == ""
	}
	return f.order, f.order >= 0
}

// hold has a story judged, unless it was.
func (g watched) hold(w *world, told []uint32, m moment) error {
	story := Story{Rest: m.rest, Next: m.next, Asked: m.asked}
	v := g.view(w, roleOrdering)
	if m.subject < len(g.Orders) {
		story.Subject, story.Status, story.Settled = orderID(uint32(m.subject)), v.status[m.subject], v.settled[m.subject]
	} else {
		i := m.subject - len(g.Orders)
		story.Subject, story.Return, story.Status = returnID(uint32(i)), true, v.returns[i]
	}
	m.status, m.settled = story.Status, story.Settled
	var numbers []byte
	for _, number := range told {
		if subject, tells := g.about(&g.facts[number]); tells && subject == m.subject {
			numbers = binary.LittleEndian.AppendUint32(numbers, number)
		}
	}
	if m.told = string(numbers); g.judged[m] {
		return nil
	}
	g.judged[m] = true
	for _, number := range told {
		if subject, tells := g.about(&g.facts[number]); tells && subject == m.subject {
			story.Facts = append(story.Facts, g.facts[number].Envelope)
		}
	}
	if err := g.judge(story); err != nil {
		return &search.Breach{Invariant: "story", Detail: err.Error()}
	}
	return nil
}
