package explore

import "quadrille.dev/platform/testkit"

// turnsBack tells whether a role can come back to a state that it has left, by moves of which there is no bounded number.
//
// If none can, no run is endless, and every run leads to rest: between two moves that spend what is bounded (an answer lost or overdue, a
// copy of a message), every move either brings a role further in a finite graph without a way back, or handles one of then finitely many messages.
// So it is enough that every world in which nothing is due is a proper rest.
func (s *stage) turnsBack(r *role) bool {
	ways := make([][]uint32, len(r.states))
	for now, reaction := range r.reactions {
		if reaction.next != now.state && !s.spends(now) {
			ways[now.state] = append(ways[now.state], reaction.next)
		}
	}
	const unknown, entered, left = 0, 1, 2
	marks := make([]int, len(r.states))
	var enter func(uint32) bool
	enter = func(state uint32) bool {
		marks[state] = entered
		for _, next := range ways[state] {
			if marks[next] == entered || marks[next] == unknown && enter(next) {
				return true
			}
		}
		marks[state] = left
		return false
	}
	for state := range ways {
		if marks[state] == unknown && enter(uint32(state)) {
			return true
		}
	}
	return false
}

// spends tells whether what happens to a role is bounded.
func (s *stage) spends(now stimulus) bool {
	switch now.deed {
	case takesOver, hearsAnew, isAnsweredLate, losesPatience, isRetried, isResolved, comesIn:
		return true
	case isAnswered:
		return now.outcome == testkit.Lost || now.outcome == testkit.Refused && !s.final(s.calls[now.what])
	default:
		return false
	}
}
