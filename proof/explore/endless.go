package explore

// turnsBack tells whether a role can come back to a state that it has left.
//
// If none can, no run is endless, and every run leads to rest: every move that changes a role brings it further in a finite graph
// without a way back; every other move either delivers a message, of which there are then finitely many, or spends what is bounded.
// So it is enough that every world in which nothing is due is a proper rest.
func (r *role) turnsBack() bool {
	ways := make([][]uint32, len(r.states))
	for s, reaction := range r.reactions {
		if reaction.next != s.state {
			ways[s.state] = append(ways[s.state], reaction.next)
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
