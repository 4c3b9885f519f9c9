package explore

import (
	"fmt"

	"quadrille.dev/proof/explore/search"
)

// deed is a kind of move.
type deed uint8

// The deeds.
const (
	// isPlaced: the customer places an order, once or again.
	isPlaced deed = iota
	// isCancelled, isCancelledByOperator, expires: somebody, or its deadline, wants an order to be cancelled.
	isCancelled
	isCancelledByOperator
	expires
	// looksTooEarly: the clock of deadlines looks for what has expired before anything has.
	looksTooEarly
	// isErased: a customer wants to be forgotten.
	isErased
	// hears and hearsAgain: a fact is delivered. hearsAnew: it is, to an inbox that has forgotten that it was.
	hears
	hearsAgain
	hearsAnew
	// hearsTogether: all that waits for a role is delivered in one transaction; the outcome is whether the latest comes first.
	hearsTogether
	// handsOver: workers take the calls that are due. takesOver: a worker has died, and another takes its calls.
	handsOver
	takesOver
	// isAnswered: the outside decides, and is heard. losesAnswer: it decides, and is not heard. isPutOff: it decides nothing, and either
	// says so or is not heard.
	isAnswered
	losesAnswer
	isPutOff
	// isAnsweredLate: a worker that was thought dead says how its call has ended, which others have said already.
	isAnsweredLate
	// isRequested: the customer wants to send goods back, once or again.
	isRequested
	// isOverdue: nobody is about to answer what a return has asked for. losesPatience: somebody is, too late.
	isOverdue
	losesPatience
	// isRetried, isResolved: an operator sees to a return.
	isRetried
	isResolved
	// comesIn: there are more goods.
	comesIn
	// What a fault of the delivery can bring about.
	acksTooEarly
	publishesTooEarly
	acksAllForOne
)

// Move is one thing that happens. What is an order, a return, a fact or a call, as the deed has it.
type Move struct {
	deed    deed
	role    uint8
	outcome uint8
	what    uint32
}

// Moves lists what can happen.
func (s *stage) Moves(w *world) (moves search.Moves[Move]) {
	s.commands(w, &moves)
	for _, l := range w.post {
		s.deliveries(l, w, &moves)
	}
	for i, r := range s.roles {
		s.deliveriesTogether(uint8(i), w, &moves)
		if i != roleOrdering {
			moves.Due = append(moves.Due, Move{deed: handsOver, role: uint8(i)})
		}
		for _, call := range r.states[w.at[i]].calls {
			s.answers(uint8(i), call, w, &moves)
		}
	}
	s.lateAnswers(w, &moves)
	s.timers(w, &moves)
	return moves
}

// commands are what people and time can do.
func (s *stage) commands(w *world, moves *search.Moves[Move]) {
	if s.Deadline {
		moves.Free = append(moves.Free, Move{deed: looksTooEarly})
	}
	for i := range s.Orders {
		order := uint32(i)
		if s.status(w, i) == "" {
			moves.Due = append(moves.Due, Move{deed: isPlaced, what: order})
		} else {
			moves.Free = append(moves.Free, Move{deed: isPlaced, what: order})
			for _, deed := range s.interferes {
				moves.Free = append(moves.Free, Move{deed: deed, what: order})
			}
		}
		if s.Erased && w.spent.erased&(1<<i) == 0 {
			moves.Free = append(moves.Free, Move{deed: isErased, what: order})
		}
	}
	s.requests(w, moves)
}

// view is what invariants know of the state that a role is in.
func (s *stage) view(w *world, role int) *view { return &s.roles[role].states[w.at[role]].view }

func (s *stage) status(w *world, order int) string { return s.view(w, roleOrdering).status[order] }

// Do makes a move.
func (s *stage) Do(w *world, m Move) (*world, error) {
	switch m.deed {
	case isPlaced, isCancelled, isCancelledByOperator, expires:
		return s.act(w, int(m.role), stimulus{deed: m.deed, what: m.what}, nil)
	case looksTooEarly:
		next, err := s.act(w, roleOrdering, stimulus{deed: looksTooEarly}, nil)
		if err == nil && next != w {
			return nil, &search.Breach{Invariant: "early", Detail: "something expires before its deadline"}
		}
		return w, err
	case isErased:
		return s.erase(w, m.what)
	case hears, hearsAgain:
		return s.deliver(w, m)
	case hearsAnew:
		return s.deliverAnew(w, m)
	case hearsTogether:
		return s.deliverTogether(w, m)
	case acksTooEarly, publishesTooEarly, acksAllForOne:
		return s.misdeliver(w, m)
	case handsOver:
		return s.act(w, int(m.role), stimulus{deed: handsOver}, nil)
	case takesOver:
		return s.act(w, int(m.role), stimulus{deed: takesOver, what: m.what}, func(next *world) { next.spent.died++; next.spent.lost++ })
	case isAnswered, losesAnswer, isPutOff:
		return s.answered(w, m)
	case isAnsweredLate:
		return s.answeredLate(w, m)
	case isRequested, isOverdue, losesPatience, isRetried, isResolved, comesIn:
		return s.act(w, int(m.role), stimulus{deed: m.deed, what: m.what}, spending[m.deed])
	}
	panic(fmt.Sprintf("no deed %d", m.deed))
}

// act has a role react, in one transaction, and puts in the post what it tells. Only when something has changed, something else that
// belongs to it is changed too.
func (s *stage) act(w *world, who int, now stimulus, also func(*world)) (*world, error) {
	now.state = w.at[who]
	done, err := s.react(who, now)
	switch {
	case err != nil:
		return nil, err
	case done.err != nil && refuses(now.deed, done.err):
		return w, nil
	case done.err != nil:
		return nil, &search.Breach{Invariant: "error", Detail: s.roles[who].Name() + ": " + done.err.Error()}
	case done.next == w.at[who] && len(done.told) == 0:
		return w, nil
	}
	next := w.clone()
	next.at[who] = done.next
	if err := s.inSequence(w, done.told); err != nil {
		return nil, err
	}
	if err := s.because(w, now, done.told); err != nil {
		return nil, err
	}
	next.tell(done.told)
	if also != nil {
		also(next)
	}
	return next, nil
}

// inSequence holds facts against all that were told of their aggregates before: sequences rise, so that no two facts have one id.
func (s *stage) inSequence(w *world, told []uint32) error {
	for _, number := range told {
		f := &s.facts[number]
		for _, l := range w.post {
			if before := &s.facts[l.fact]; before.Source == f.Source && before.Subject == f.Subject && before.Sequence >= f.Sequence &&
				(l.fact != number || s.Fault != PublishBeforeCommit) {
				return &search.Breach{Invariant: "sequence", Detail: fmt.Sprintf("%s has %d after %s with %d",
					f.Name(), f.Sequence, before.Name(), before.Sequence)}
			}
		}
	}
	return nil
}
