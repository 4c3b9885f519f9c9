package explore

import (
	"fmt"

	"quadrille.dev/platform/testkit"
)

// words say what a move is.
func (s *stage) words(m Move) string {
	role := s.roles[m.role].Name()
	switch m.deed {
	case isPlaced:
		return "customer places " + letters(int(m.what))
	case isCancelled:
		return "customer cancels " + letters(int(m.what))
	case isCancelledByOperator:
		return "operator cancels " + letters(int(m.what))
	case expires:
		return "the deadline of " + letters(int(m.what)) + " passes"
	case looksTooEarly:
		return "the clock looks for deadlines before any has passed"
	case isErased:
		return "the customer of " + letters(int(m.what)) + " is erased"
	case isAnswered, losesAnswer, isPutOff, isAnsweredLate:
		return s.answerInWords(m)
	case hears:
		return role + " hears " + s.telling(m.what)
	case hearsAgain:
		return role + " hears " + s.telling(m.what) + " again"
	case hearsAnew:
		return role + " has forgotten " + s.telling(m.what) + " and hears it again"
	case hearsTogether:
		if m.outcome == latestFirst {
			return role + " hears all that waits for it in one transaction, the latest first"
		}
		return role + " hears all that waits for it in one transaction"
	case acksAllForOne:
		return role + " acknowledges all that waits for it and has handled " + s.telling(m.what) + " alone"
	case isRequested, isOverdue, losesPatience, isRetried, isResolved, comesIn:
		return s.returnInWords(m)
	case acksTooEarly:
		return role + " acknowledges " + s.telling(m.what) + " and crashes before it has handled it"
	case publishesTooEarly:
		return role + " publishes what follows from " + s.telling(m.what) + " and crashes before it has committed"
	case handsOver:
		return role + " makes its calls"
	case takesOver:
		return role + "'s worker dies, and another makes its calls"
	}
	panic(fmt.Sprintf("no words for %d", m.deed))
}

// nth names returns, by order.
func (s *stage) nth(i int) string {
	n := 1
	for _, before := range s.Returns[:i] {
		if before.Order == s.Returns[i].Order {
			n++
		}
	}
	return fmt.Sprintf("%s's return %d", letters(s.Returns[i].Order), n)
}

func (s *stage) returnInWords(m Move) string {
	if m.deed == comesIn {
		return "more goods come in"
	}
	which := s.nth(int(m.what))
	switch m.deed {
	case isRequested:
		return "customer requests " + which
	case isOverdue:
		return "nobody answers " + which
	case losesPatience:
		return "an answer to " + which + " is overdue"
	case isRetried:
		return "operator retries " + which
	default:
		return "operator resolves " + which
	}
}

func (s *stage) answerInWords(m Move) string {
	call := s.calls[m.what]
	asked := call.Operation + " of " + s.subject(call.Subject)
	switch {
	case m.deed == isPutOff && testkit.Outcome(m.outcome) == testkit.Refused:
		return call.To + " does not yet do " + asked
	case m.deed == isPutOff:
		return call.To + " is not reached for " + asked
	}
	if m.deed == isAnsweredLate && testkit.Outcome(m.outcome) == testkit.Lost {
		return "a late worker has not heard of " + asked
	}
	did := call.To + " does " + asked
	if testkit.Outcome(m.outcome) == testkit.Refused {
		did = call.To + " refuses " + asked
	}
	if m.deed == losesAnswer {
		return did + ", and the answer is lost"
	}
	if m.deed == isAnsweredLate {
		return "a late worker has heard that " + did
	}
	return did
}

func (s *stage) telling(fact uint32) string {
	return short(s.facts[fact].Name()) + " of " + s.subject(s.facts[fact].Subject)
}

func (s *stage) subject(subject string) string {
	if order, known := s.orders[subject]; known {
		return letters(order)
	}
	if i, known := s.returns[subject]; known {
		return s.nth(i)
	}
	for i := range s.Orders {
		if subject == customerID(uint32(i)).String() {
			return letters(i) + "'s customer"
		}
	}
	return subject
}
