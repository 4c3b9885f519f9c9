package explore

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/proof/explore/search"
	"quadrille.dev/schema/eventtest"
)

// fact is what one of the roles, or somebody outside, has told.
type fact struct {
	event.Envelope
	// order is the number of the order that it is about, and ret that of the return; -1 if it is about none.
	order, ret int
	said       said
	// reason is why an order was cancelled, or the step of a return failed; and who says that a step is undone.
	reason string
	// step is the one of a return that it is about, and amount what the customer gets back for it.
	step   string
	amount int64
	// outcome is that of an answer.
	outcome string
	// after is what it waits for by its schema: of each group, any one fact.
	after [][]string
	// wanted tells who reacts to it.
	wanted [roles]bool
}

// fact gives a fact its number. One that breaks its schema is a *search.Breach.
func (s *stage) fact(e event.Envelope) (uint32, error) {
	e.CausationID, e.TraceParent, e.OrderNumber = "", "", "" // nobody reacts to them
	encoded, err := json.Marshal(e)
	if err != nil {
		return 0, fmt.Errorf("encode %s: %w", e.Name(), err)
	}
	if number, known := s.factNo[string(encoded)]; known {
		return number, nil
	}
	if err := eventtest.Validate(e.Name(), e.DataVersion, e.Data); err != nil {
		return 0, &search.Breach{Invariant: "schema", Detail: err.Error()}
	}
	f := s.read(e)
	if err := cmp.Or(s.content(&f), s.contentOfReturn(&f), s.addressed(&f)); err != nil {
		return 0, err
	}
	number := uint32(len(s.facts))
	s.facts, s.factNo[string(encoded)] = append(s.facts, f), number
	return number, nil
}

// read takes from a fact what the explorer has to know of it.
func (s *stage) read(e event.Envelope) fact {
	data, _ := event.Data[struct{ Reason, Step, Cause, By, Command, Outcome string }](e) // it is as its schema says
	f := fact{Envelope: e, order: -1, ret: -1, after: declared()[e.Name()], step: data.Step, outcome: data.Outcome}
	f.said = names[strings.Join(strings.Fields(strings.Join([]string{e.Name(), data.Step, data.Cause, data.Command, data.Outcome}, " ")), " ")]
	if order, known := s.orders[e.Subject]; known {
		f.order = order
	}
	if i, known := s.returns[e.Subject]; known {
		f.ret = i
	}
	f.reason = cmp.Or(data.Cause, data.By)
	if f.said == returnRequested {
		f.amount = amountIn(e)
	}
	if f.said == orderCancelled {
		f.reason = data.Reason
	}
	for i, r := range s.roles {
		f.wanted[i] = slices.Contains(r.Facts(), e.Name())
	}
	return f
}

// addressed holds a command or an answer against who reacts to it: the one that it is sent to.
func (s *stage) addressed(f *fact) error {
	if f.To == "" {
		return nil
	}
	for i, r := range s.roles {
		if to := f.To == rabbit.CommandsExchange(r.Name()) || f.To == rabbit.RepliesExchange(r.Name()); to != f.wanted[i] {
			return &search.Breach{Invariant: "addressed", Detail: fmt.Sprintf("%s goes to %s, and %s reacts to it: %t", f.Name(), f.To, r.Name(), f.wanted[i])}
		}
	}
	return nil
}

// anew is a fact that says the same under another id.
func anew(e event.Envelope) event.Envelope {
	e.ID = uuid.NewSHA1(e.ID, []byte("again"))
	return e
}

func short(name string) string {
	_, rest, _ := strings.Cut(name, ".")
	return rest
}
