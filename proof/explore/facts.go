package explore

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/proof/explore/search"
	"quadrille.dev/schema/eventtest"
)

// fact is what one of the roles, or somebody outside, has told.
type fact struct {
	event.Envelope
	// order is the number of the order that it is about, -1 if it is about none.
	order int
	said  said
	// reason is why an order was cancelled.
	reason string
	// after is what it waits for by its schema: of each group, any one fact.
	after [][]string
	// wanted tells who reacts to it.
	wanted [roles]bool
}

// fact gives a fact its number. One that breaks its schema is a *search.Breach.
func (s *stage) fact(e event.Envelope) (uint32, error) {
	e.CausationID, e.TraceParent = "", "" // nobody reacts to them
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
	f := fact{Envelope: e, order: -1, said: names[e.Name()], after: declared()[e.Name()]}
	if order, known := s.orders[e.Subject]; known {
		f.order = order
	}
	if f.said == orderCancelled {
		f.reason = reasonOf(e)
	}
	if err := s.content(&f); err != nil {
		return 0, err
	}
	for i, r := range s.roles {
		f.wanted[i] = slices.Contains(r.Facts(), e.Name())
	}
	number := uint32(len(s.facts))
	s.facts, s.factNo[string(encoded)] = append(s.facts, f), number
	return number, nil
}

func reasonOf(cancelled event.Envelope) string {
	data, _ := event.Data[struct{ Reason string }](cancelled) // it is as its schema says
	return data.Reason
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
