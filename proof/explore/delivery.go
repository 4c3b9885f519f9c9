package explore

import (
	"encoding/json"

	"quadrille.dev/platform/event"
	"quadrille.dev/proof/explore/search"
)

// Fault is a promise of outbox or inbox that is broken. It is there to see that the explorer notices.
type Fault int

// The faults.
const (
	NoFault Fault = iota
	// AckBeforeCommit: a consumer that crashes has acknowledged a message that it has not handled.
	AckBeforeCommit
	// PublishBeforeCommit: what a transaction says is published, and then it is rolled back.
	PublishBeforeCommit
	// AckAllForOne: a consumer that was given several messages acknowledges all of them, and one has taken effect.
	AckAllForOne
)

// deliveries are what outbox and inbox can do with a fact that was told: the whole of their promise is here.
//
// Everybody who wants it gets it at last, in any order with everything else and after any delay, so delivering it is due, and nothing
// says when. A crash before the commit leaves everything as it was, so that there is no move for it. After a crash between commit
// and acknowledgement, or when two relays publish the same, it comes again, which the consumer's memory of what it has handled has to
// notice. That memory is pruned, so that what comes again after very long is handled anew.
//
// Several may be handled in one transaction, see deliverTogether. One that fails leaves everything as it was, too, and then each is
// handled by itself.
func (s *stage) deliveries(l letter, w *world, moves *search.Moves[Move]) {
	for i, wanted := range s.facts[l.fact].wanted {
		switch {
		case !wanted:
			continue
		case l.copies[i] == 0:
			moves.Due = append(moves.Due, Move{deed: hears, role: uint8(i), what: l.fact})
		case int(l.copies[i]) <= s.Duplicates:
			moves.Free = append(moves.Free, Move{deed: hearsAgain, role: uint8(i), what: l.fact})
		}
		if l.copies[i] > 0 && int(w.spent.forgot) < s.Forgets {
			moves.Free = append(moves.Free, Move{deed: hearsAnew, role: uint8(i), what: l.fact})
		}
		s.faults(i, l, w, moves)
	}
}

func (s *stage) faults(who int, l letter, w *world, moves *search.Moves[Move]) {
	switch {
	case w.spent.crashed > 0:
	case s.Fault == AckBeforeCommit && l.copies[who] == 0:
		moves.Free = append(moves.Free, Move{deed: acksTooEarly, role: uint8(who), what: l.fact})
	case s.Fault == PublishBeforeCommit && l.copies[who] == 0:
		moves.Free = append(moves.Free, Move{deed: publishesTooEarly, role: uint8(who), what: l.fact})
	}
}

// deliver has a role hear a fact.
func (s *stage) deliver(w *world, m Move) (*world, error) {
	next, err := s.act(w, int(m.role), stimulus{deed: hears, what: m.what}, nil)
	switch {
	case err != nil:
		return nil, err
	case next == w && m.deed == hearsAgain:
		return w, nil // as it should be, however often it comes
	case next == w:
		next = w.clone()
	}
	next.handled(m.what, int(m.role))
	return next, nil
}

// deliverAnew has a role hear a fact that it has handled and forgotten.
func (s *stage) deliverAnew(w *world, m Move) (*world, error) {
	return s.act(w, int(m.role), stimulus{deed: hearsAnew, what: m.what}, func(next *world) { next.spent.forgot++ })
}

// misdeliver has a fault show.
func (s *stage) misdeliver(w *world, m Move) (*world, error) {
	crash := func(next *world) { next.spent.crashed++ }
	if m.deed == acksAllForOne {
		return s.ackAllForOne(w, m)
	}
	if m.deed == acksTooEarly {
		next := w.clone()
		crash(next)
		next.handled(m.what, int(m.role))
		return next, nil
	}
	next, err := s.act(w, int(m.role), stimulus{deed: hears, what: m.what}, crash)
	if err == nil && next != w {
		next.at[m.role] = w.at[m.role]
	}
	return next, err
}

// erase has customers say that one of theirs is erased.
func (s *stage) erase(w *world, order uint32) (*world, error) {
	id := customerID(order).String()
	number, err := s.fact(event.New(s.ctx, event.Fact{
		Name: "customers.customer.erased", Version: 1, Subject: id, Sequence: 1, At: noon, Data: json.RawMessage(`{"customerId":"` + id + `"}`),
	}))
	if err != nil {
		return nil, err
	}
	next := w.clone()
	next.tell([]uint32{number})
	next.spent.erased |= 1 << order
	return next, nil
}
