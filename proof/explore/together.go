package explore

import (
	"encoding/binary"
	"slices"

	"quadrille.dev/platform/event"
	"quadrille.dev/proof/explore/search"
)

// latestFirst is the outcome of hearsTogether in the order opposite to that in which facts were told.
const latestFirst = 1

// waiting are the facts that a role has not handled yet.
func (s *stage) waiting(w *world, role uint8) (facts []uint32) {
	for _, l := range w.post {
		if s.facts[l.fact].wanted[role] && l.copies[role] == 0 {
			facts = append(facts, l.fact)
		}
	}
	return facts
}

// deliveriesTogether has all that waits for a role be handled in one transaction.
func (s *stage) deliveriesTogether(role uint8, w *world, moves *search.Moves[Move]) {
	if !s.Together {
		return
	}
	facts := s.waiting(w, role)
	if len(facts) < 2 {
		return
	}
	for outcome := range uint8(latestFirst + 1) {
		moves.Free = append(moves.Free, Move{deed: hearsTogether, role: role, outcome: outcome})
	}
	if s.Fault == AckAllForOne && w.spent.crashed == 0 {
		for _, fact := range facts {
			moves.Free = append(moves.Free, Move{deed: acksAllForOne, role: role, what: fact})
		}
	}
}

// deliverTogether has a role hear all that waits for it in one transaction. Nobody can see what is between one fact and the next, so that
// it has to lead to the world that hearing one after the other leads to.
func (s *stage) deliverTogether(w *world, m Move) (*world, error) {
	facts := s.waiting(w, m.role)
	if m.outcome == latestFirst {
		slices.Reverse(facts)
	}
	apart := w
	for _, fact := range facts {
		var err error
		if apart, err = s.deliver(apart, Move{deed: hears, role: m.role, what: fact}); err != nil {
			return nil, err
		}
	}
	done, err := s.reactTogether(s.roles[m.role], stimulus{state: w.at[m.role], deed: hearsTogether, what: s.set(facts)})
	if err != nil {
		return nil, &search.Breach{Invariant: "together", Detail: s.roles[m.role].Name() + ": " + err.Error()}
	}
	next := w.clone()
	next.at[m.role] = done.next
	next.tell(done.told)
	for _, fact := range facts {
		next.handled(fact, int(m.role))
	}
	if s.Key(next) != s.Key(apart) {
		return nil, &search.Breach{
			Invariant: "together", Detail: s.roles[m.role].Name() + " does one thing with several facts in one transaction, and another with one after the other",
		}
	}
	return next, nil
}

func (s *stage) reactTogether(r *role, now stimulus) (reaction, error) {
	if known, ok := r.together[now]; ok {
		return known, known.err
	}
	done, err := s.run(r, now)
	if err != nil {
		return reaction{}, err
	}
	r.together[now] = done
	return done, done.err
}

// set is the number of facts that are delivered together.
func (s *stage) set(facts []uint32) uint32 {
	var name []byte
	for _, fact := range facts {
		name = binary.LittleEndian.AppendUint32(name, fact)
	}
	number, known := s.setNo[string(name)]
	if !known {
		number = uint32(len(s.sets))
		s.setNo[string(name)] = number
		s.sets = append(s.sets, facts)
	}
	return number
}

func (s *stage) envelopes(set uint32) []event.Envelope {
	envelopes := make([]event.Envelope, len(s.sets[set]))
	for i, fact := range s.sets[set] {
		envelopes[i] = s.facts[fact].Envelope
	}
	return envelopes
}

// ackAllForOne has a role handle one fact and acknowledge all that waits for it.
func (s *stage) ackAllForOne(w *world, m Move) (*world, error) {
	next, err := s.deliver(w, Move{deed: hears, role: m.role, what: m.what})
	if err != nil {
		return nil, err
	}
	next.spent.crashed++
	for _, fact := range s.waiting(next, m.role) {
		next.handled(fact, int(m.role))
	}
	return next, nil
}
