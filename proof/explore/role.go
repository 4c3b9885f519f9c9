package explore

import (
	"fmt"
	"runtime/debug"
	"slices"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/proof/explore/search"
	"quadrille.dev/services/inventory"
)

// role is a participant and all that was seen of it. The shipped code is deterministic, so each of its reactions is run once and
// remembered; that is why a million worlds cost only a few thousand runs of it.
type role struct {
	participant
	// whole takes states for different that nothing can tell apart.
	whole bool
	// look answers what the invariants have to know of the state that the participant is in.
	look      func() view
	numbers   map[[32]byte]uint32
	states    []state
	reactions map[stimulus]reaction
	// together are its reactions to several facts in one transaction, which are no others than those to one after the other.
	together map[stimulus]reaction
}

// participant is what contexts make of themselves.
type participant interface {
	testkit.Participant
	Essence() [32]byte
}

// state is one that a participant was in.
type state struct {
	snapshot any
	view     view
	calls    []uint32
}

// view is what invariants have to know of a state, by order, by return and by SKU; each role fills in what it knows.
type view struct {
	status  []string
	settled []bool
	returns []string
	stock   []inventory.Count
}

// stimulus is what happens to a role in one of its states.
type stimulus struct {
	state   uint32
	deed    deed
	outcome testkit.Outcome
	what    uint32
}

// reaction is what follows: another state, facts told, and why it was refused.
type reaction struct {
	next uint32
	told []uint32
	err  error
}

func newRole(p participant, whole bool, look func() view) *role {
	return &role{participant: p, whole: whole, look: look, numbers: map[[32]byte]uint32{}, reactions: map[stimulus]reaction{}, together: map[stimulus]reaction{}}
}

// number is that of the state that the participant is in.
func (r *role) number(calls []uint32) uint32 {
	hash := r.Essence()
	if r.whole {
		hash = r.Hash()
	}
	number, known := r.numbers[hash]
	if !known {
		number = uint32(len(r.states))
		r.numbers[hash] = number
		r.states = append(r.states, state{snapshot: r.Snapshot(), view: r.look(), calls: calls})
	}
	return number
}

// sample is of how many reactions one is run twice, to see that it is the same again.
const sample = 16

// react answers a role's reaction. A reaction that does what must not be is a *search.Breach.
func (s *stage) react(who int, now stimulus) (reaction, error) {
	r := s.roles[who]
	if known, ok := r.reactions[now]; ok {
		return known, nil
	}
	first, err := s.run(r, now)
	if err != nil {
		return reaction{}, err
	}
	if len(r.reactions)%sample == 0 {
		again, err := s.run(r, now)
		if err != nil || again.next != first.next || !slices.Equal(again.told, first.told) {
			return reaction{}, &search.Breach{Invariant: "deterministic", Detail: r.Name() + " does one thing, and another when asked again"}
		}
	}
	r.reactions[now] = first
	return first, nil
}

func (s *stage) run(r *role, now stimulus) (done reaction, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &search.Breach{Invariant: "panic", Detail: fmt.Sprintf("%s: %v\n%s", r.Name(), p, debug.Stack())}
		}
	}()
	r.Restore(r.states[now.state].snapshot)
	told, refused := s.play(r, now)
	done = reaction{next: r.number(s.callsOf(r)), err: refused}
	for _, fact := range told {
		number, err := s.fact(fact)
		if err != nil {
			return done, err
		}
		done.told = append(done.told, number)
	}
	return done, nil
}

func (s *stage) callsOf(r *role) []uint32 {
	var calls []uint32
	for _, call := range r.Calls() {
		calls = append(calls, s.call(call))
	}
	return calls
}

// play has the shipped code do something.
func (s *stage) play(r *role, now stimulus) ([]event.Envelope, error) {
	switch now.deed {
	case hears:
		return r.Deliver(s.ctx, s.facts[now.what].Envelope, noon)
	case hearsAnew:
		return r.Deliver(s.ctx, anew(s.facts[now.what].Envelope), noon)
	case hearsTogether:
		return r.DeliverTogether(s.ctx, s.envelopes(now.what), noon)
	case handsOver:
		return r.Fire(s.ctx, firstRound)
	case takesOver:
		return r.Fire(s.ctx, round(now.what))
	case isAnswered, isAnsweredLate:
		call := s.calls[now.what]
		return r.Answer(s.ctx, call.Key, answer(call, now.outcome), noon)
	case isPlaced:
		return s.player.Place(s.ctx, orderID(now.what), s.placement(now.what), placedAt(now.what))
	case isCancelled, isCancelledByOperator:
		return s.player.Cancel(s.ctx, orderID(now.what), now.deed == isCancelledByOperator, "changed my mind", noon)
	case expires:
		return r.Fire(s.ctx, placedAt(now.what).Add(deadline))
	case looksTooEarly:
		return r.Fire(s.ctx, noon)
	case isRequested, isOverdue, losesPatience, isRetried, isResolved, comesIn:
		return s.playReturn(now)
	default:
		panic(fmt.Sprintf("nobody knows how to play %d", now.deed))
	}
}
