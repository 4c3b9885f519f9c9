package explore

import (
	"fmt"
	"slices"
	"strings"

	"quadrille.dev/platform/testkit"
	"quadrille.dev/proof/explore/search"
)

// entry is in the books of the provider or the carrier: what they were asked for, and what came of it.
type entry struct {
	call    uint32
	outcome testkit.Outcome
}

// call gives a call its number.
func (s *stage) call(c testkit.Call) uint32 {
	if i, ofReturn := s.returns[c.Subject]; ofReturn && s.Erased && c.Operation == "collect" {
		// The worker has taken the address along, which is forgotten now. Another would not ask the carrier to come.
		c.Argument = strings.ReplaceAll(c.Argument, nowhere, s.address(uint32(s.Returns[i].Order)))
	}
	number, known := s.callNo[c]
	if !known {
		number = uint32(len(s.calls))
		s.calls, s.callNo[c] = append(s.calls, c), number
		s.fits = append(s.fits, s.asksRightly(c))
	}
	return number
}

// answers are how a call can end that was handed over: out there, and to whoever waits for the answer. The same key always gets the
// same answer, which may get lost on its way, or the question on its own.
func (s *stage) answers(who uint8, number uint32, w *world, moves *search.Moves[Move]) {
	call := s.calls[number]
	outcomes := s.outcomes(w, call)
	if decided, known := s.books(w, call.Key); known {
		outcomes = []testkit.Outcome{decided.outcome}
	}
	for _, outcome := range outcomes {
		moves.Due = append(moves.Due, Move{deed: isAnswered, role: who, outcome: uint8(outcome), what: number})
	}
	if int(w.spent.lost) >= s.Lost {
		return
	}
	for _, outcome := range outcomes {
		moves.Free = append(moves.Free, Move{deed: losesAnswer, role: who, outcome: uint8(outcome), what: number})
	}
	moves.Free = append(moves.Free,
		Move{deed: isPutOff, role: who, outcome: uint8(testkit.Lost), what: number},
		Move{deed: takesOver, role: who, what: uint32(w.spent.died) + 1})
	if !s.final(call) {
		moves.Free = append(moves.Free, Move{deed: isPutOff, role: who, outcome: uint8(testkit.Refused), what: number})
	}
}

// lateAnswers are what workers can say of calls that others have made again and heard of meanwhile: the same, or nothing.
func (s *stage) lateAnswers(w *world, moves *search.Moves[Move]) {
	if s.Lost == 0 || int(w.spent.late) > s.Lost {
		return
	}
	for _, e := range w.books {
		who := uint8(roleFulfillment)
		if s.calls[e.call].To == "provider" {
			who = roleBilling
		}
		if slices.Contains(s.roles[who].states[w.at[who]].calls, e.call) {
			continue // somebody waits for it
		}
		moves.Free = append(moves.Free,
			Move{deed: isAnsweredLate, role: who, outcome: uint8(e.outcome), what: e.call},
			Move{deed: isAnsweredLate, role: who, outcome: uint8(testkit.Lost), what: e.call})
	}
}

// answeredLate has a role hear what it has heard already.
func (s *stage) answeredLate(w *world, m Move) (*world, error) {
	return s.act(w, int(m.role), stimulus{deed: isAnsweredLate, outcome: testkit.Outcome(m.outcome), what: m.what}, func(next *world) { next.spent.late++ })
}

// outcomes are what the outside may decide.
func (s *stage) outcomes(w *world, call testkit.Call) []testkit.Outcome {
	_, calledOff := s.books(w, "cancel-pickup-"+call.Subject)
	switch {
	case call.Operation == "charge":
		return decided[s.Provider]
	case call.Operation == "book":
		return decided[s.Carrier]
	case call.Operation == "collect" && calledOff:
		return decided[Refuses]
	case call.Operation == "collect":
		return decided[s.Collector]
	case s.final(call):
		return decided[s.Refunder]
	default:
		return decided[Accepts]
	}
}

var decided = map[Verdict][]testkit.Outcome{
	Accepts: {testkit.Done}, Refuses: {testkit.Refused}, Either: {testkit.Done, testkit.Refused},
}

// books tells what was decided under a key.
func (s *stage) books(w *world, key string) (entry, bool) {
	at := slices.IndexFunc(w.books, func(e entry) bool { return s.calls[e.call].Key == key })
	if at < 0 {
		return entry{}, false
	}
	return w.books[at], true
}

// final tells whether a refusal is one for ever. What is refused of the rest is asked for again.
func (s *stage) final(call testkit.Call) bool {
	_, ofReturn := s.returns[call.Subject]
	return call.Operation == "charge" || call.Operation == "book" || call.Operation == "collect" || ofReturn && call.Operation == "refund"
}

// answered has the outside write its books, and the role hear of it or not.
func (s *stage) answered(w *world, m Move) (*world, error) {
	call, told := s.calls[m.what], testkit.Outcome(m.outcome)
	if before, known := s.books(w, call.Key); known && before.call != m.what {
		return nil, &search.Breach{Invariant: "key", Detail: fmt.Sprintf("%s is asked for as %q, and before as %q",
			call.Key, call.Argument, s.calls[before.call].Argument)}
	}
	if m.deed == losesAnswer {
		told = testkit.Lost
	}
	return s.act(w, int(m.role), stimulus{deed: isAnswered, outcome: told, what: m.what}, func(next *world) {
		if m.deed != isAnswered {
			next.spent.lost++
		}
		if m.deed != isPutOff {
			next.enter(entry{m.what, testkit.Outcome(m.outcome)})
		}
	})
}

func (w *world) enter(e entry) {
	at, known := slices.BinarySearchFunc(w.books, e, func(x, y entry) int { return int(x.call) - int(y.call) })
	if !known {
		w.books = slices.Insert(w.books, at, e)
	}
}

// answer is what the outside says. It names what it did after the key, under which it would do nothing twice.
func answer(call testkit.Call, outcome testkit.Outcome) testkit.Answer {
	said := testkit.Answer{Outcome: outcome}
	switch outcome {
	case testkit.Done:
		said.Reference = reference(call.Operation, call.Subject)
	case testkit.Refused:
		said.Reason = "No."
	case testkit.Lost:
		said.Reason = "No answer."
	}
	return said
}
