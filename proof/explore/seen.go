package explore

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"quadrille.dev/platform/testkit"
	"quadrille.dev/proof/explore/search"
)

// Seen is what was seen of the contexts while scenarios of one order, or of one return, were explored.
type Seen struct {
	// returns tells that it is about a return.
	returns bool
	// shapes are how what is no fact is drawn: commands, and answers to them.
	shapes map[string]string
	// Contexts are who took part.
	Contexts []string
	// Turns are how the order stands with each context before and after something has happened.
	Turns map[Turn]bool
	// Leads are facts, or whatever else happens, and the facts that they lead to.
	Leads map[Lead]bool
	// Hearers are those who react to each fact.
	Hearers map[string][]string
}

// Turn is something that changes how an order stands with a context, or has it say something.
type Turn struct{ Context, From, On, To, Says string }

// Lead is a fact that somebody tells because of another.
type Lead struct{ From, To string }

// See explores every bounded scenario of one order without returns, but for those with duplicates, which change nothing.
func See() (*Seen, error) { return see(false) }

// SeeReturns explores those with one return, and looks at what is told of it.
func SeeReturns() (*Seen, error) { return see(true) }

func see(returns bool) (*Seen, error) {
	seen := &Seen{
		returns: returns, shapes: map[string]string{}, Turns: map[Turn]bool{}, Leads: map[Lead]bool{}, Hearers: map[string][]string{},
	}
	for _, s := range Scenarios() {
		if !s.Bounded || len(s.Orders) > 1 || s.Duplicates > 0 || returns != (len(s.Returns) == 1) || !returns && len(s.Returns) > 0 {
			continue
		}
		st := newStage(s)
		found, err := search.Exhaust(st, nil)
		switch {
		case err != nil:
			return nil, fmt.Errorf("explore %s: %w", s.Name, err)
		case found.Breach != nil:
			return nil, fmt.Errorf("explore %s: %w", s.Name, found.Breach)
		}
		seen.look(st)
	}
	return seen, nil
}

func (seen *Seen) look(st *stage) {
	seen.Contexts = nil
	for _, r := range st.roles {
		seen.Contexts = append(seen.Contexts, r.Name())
		seen.turns(st, r)
		seen.leads(st, r)
	}
	for _, f := range st.facts {
		if strings.HasSuffix(f.Name(), ".stalled") || (f.ret >= 0) != seen.returns {
			continue // for people, or of something else
		}
		var hearers []string
		for i, wanted := range f.wanted {
			if wanted {
				hearers = append(hearers, st.roles[i].Name())
			}
		}
		seen.Hearers[f.label()] = hearers
		switch {
		case f.ReplyTo != "":
			seen.shapes[f.label()] = "[/%s/]"
		case f.To != "":
			seen.shapes[f.label()] = `[\%s\]`
		}
	}
}

// turns looks at every reaction of a role.
func (seen *Seen) turns(st *stage, r *role) {
	described := make([]string, len(r.states))
	for i, s := range r.states {
		r.Restore(s.snapshot)
		described[i] = r.Describe(orderID(0))
	}
	for now, reaction := range r.reactions {
		turn := Turn{Context: r.Name(), From: described[now.state], On: st.on(now), To: described[reaction.next]}
		for _, fact := range reaction.told {
			turn.Says = joined(turn.Says, short(st.facts[fact].Name()))
		}
		if reaction.err != nil {
			turn.To = "refused"
		}
		if !strings.Contains(turn.From+turn.To, "stalled") && (turn.From != turn.To || turn.Says != "") {
			seen.Turns[turn] = true
		}
	}
}

// label is a fact's name, and of an answer also its outcome.
func (f *fact) label() string {
	if f.outcome == "" {
		return f.Name()
	}
	return f.Name() + " " + f.outcome
}

func joined(words, word string) string {
	if words == "" {
		return word
	}
	return words + ", " + word
}

// on is what happens to a role, in the words of its table.
func (s *stage) on(now stimulus) string {
	switch now.deed {
	case isPlaced:
		return "PlaceOrder"
	case isCancelled, isCancelledByOperator:
		return "CancelOrder"
	case expires:
		return "deadline"
	case hears:
		return short(s.facts[now.what].Name())
	case handsOver, takesOver:
		return "a worker takes the call"
	case isAnswered:
		return s.calls[now.what].Operation + map[testkit.Outcome]string{
			testkit.Done: " done", testkit.Refused: " refused", testkit.Lost: " without answer",
		}[now.outcome]
	default:
		return "nothing"
	}
}

// causes who are no facts.
var people = map[deed]string{
	isPlaced: "customer", isCancelled: "customer", isCancelledByOperator: "operator", expires: "deadline",
	isRequested: "customer", isRetried: "operator", isResolved: "operator", isOverdue: "timer", losesPatience: "timer",
}

// leads looks for what each fact leads to: what a role says when it hears it, or later by itself, and would not have said by itself
// otherwise.
func (seen *Seen) leads(st *stage, r *role) {
	own := st.own(r, seen.returns)
	for now, reaction := range r.reactions {
		from := people[now.deed]
		if now.deed == hears {
			from = st.facts[now.what].label()
		}
		if from == "" {
			continue
		}
		for _, fact := range reaction.told {
			if f := &st.facts[fact]; seen.returns == (f.ret >= 0) {
				seen.Leads[Lead{from, f.label()}] = true
			}
		}
		before := own(now.state)
		for to, after := range own(reaction.next) {
			if before[to] != nil {
				continue
			}
			for last := range after {
				if last == "" || before[last] != nil {
					last = from
				}
				seen.Leads[Lead{last, to}] = true
			}
		}
	}
}

// own answers what a role says by itself from a state on: each fact with those that it said last before, "" for none.
func (s *stage) own(r *role, returns bool) func(state uint32) map[string]map[string]bool {
	type telling struct {
		next uint32
		told []uint32
	}
	alone := map[uint32][]telling{}
	for now, reaction := range r.reactions {
		if (now.deed == handsOver || now.deed == isAnswered) && !s.spends(now) && now.state != reaction.next {
			alone[now.state] = append(alone[now.state], telling{reaction.next, reaction.told})
		}
	}
	return func(state uint32) map[string]map[string]bool {
		says := map[string]map[string]bool{}
		var follow func(state uint32, last string)
		follow = func(state uint32, last string) {
			for _, t := range alone[state] {
				last := last
				for _, fact := range t.told {
					if returns != (s.facts[fact].ret >= 0) {
						continue
					}
					name := s.facts[fact].label()
					if says[name] == nil {
						says[name] = map[string]bool{}
					}
					says[name][last] = true
					last = name
				}
				follow(t.next, last)
			}
		}
		follow(state, "")
		return says
	}
}

// sorted is for sets of things that have an order.
func sorted[T comparable](set map[T]bool, compare func(T, T) int) []T {
	return slices.SortedFunc(maps.Keys(set), compare)
}
