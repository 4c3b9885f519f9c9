package explore

import (
	"fmt"
	"maps"
	"slices"

	"quadrille.dev/platform/event"
	"quadrille.dev/proof/explore/search"
	"quadrille.dev/services/ordering"
)

// requests are what people can do about returns.
func (s *stage) requests(w *world, moves *search.Moves[Move]) {
	for i, r := range s.Returns {
		if s.status(w, r.Order) != "" {
			moves.Due = append(moves.Due, Move{deed: isRequested, what: uint32(i)})
		}
		if s.state(w, i) != "NEEDS_OPERATOR" {
			continue
		}
		if int(w.spent.retried) < s.Retries {
			moves.Free = append(moves.Free, Move{deed: isRetried, what: uint32(i)})
		}
		if int(w.spent.resolved) < s.Resolves {
			moves.Free = append(moves.Free, Move{deed: isResolved, what: uint32(i)})
		}
	}
	if len(s.Delivery) > 0 && w.spent.delivered == 0 {
		moves.Free = append(moves.Free, Move{deed: comesIn, role: roleInventory})
	}
}

// timers are the answers to what returns have asked for that are overdue. As time goes by all are: those for which nobody does anything any
// more when nothing else is due, the others as often as a scenario has it.
func (s *stage) timers(w *world, moves *search.Moves[Move]) {
	waiting := slices.DeleteFunc(slices.Collect(maps.Values(s.returns)), func(i int) bool {
		state := s.state(w, i)
		return state != "RUNNING" && state != "COMPENSATING"
	})
	if len(waiting) == 0 {
		return
	}
	slices.Sort(waiting)
	idle := !slices.ContainsFunc(moves.Due, func(m Move) bool {
		next, err := s.Do(w, m)
		return err != nil || next != w
	})
	for _, i := range waiting {
		switch {
		case idle:
			moves.Due = append(moves.Due, Move{deed: isOverdue, what: uint32(i)})
		case int(w.spent.timers) < s.Timers:
			moves.Free = append(moves.Free, Move{deed: losesPatience, what: uint32(i)})
		}
	}
}

// spending notes what of returns is bounded.
var spending = map[deed]func(*world){
	losesPatience: func(next *world) { next.spent.timers++ },
	isRetried:     func(next *world) { next.spent.retried++ },
	isResolved:    func(next *world) { next.spent.resolved++ },
	comesIn:       func(next *world) { next.spent.delivered++ },
}

// state is how a return stands with ordering.
func (s *stage) state(w *world, i int) string { return s.view(w, roleOrdering).returns[i] }

// playReturn has the shipped code do something about a return.
func (s *stage) playReturn(now stimulus) ([]event.Envelope, error) {
	id := returnID(now.what)
	switch now.deed {
	case isRequested:
		r := s.Returns[now.what]
		var lines []ordering.ReturnLine
		for _, line := range s.lines(r.Lines) {
			lines = append(lines, ordering.ReturnLine{SKU: line.SKU, Quantity: int32(line.Quantity)})
		}
		return s.player.RequestReturn(s.ctx, id, orderID(uint32(r.Order)), lines, noon)
	case isOverdue, losesPatience:
		return s.player.TimeOutReturn(s.ctx, id, noon)
	case isRetried:
		return s.player.RetryReturn(s.ctx, id, noon)
	case isResolved:
		return s.player.ResolveReturn(s.ctx, id, noon)
	case comesIn:
		return s.comeIn()
	default:
		panic(fmt.Sprintf("no return knows how to play %d", now.deed))
	}
}

func (s *stage) comeIn() (told []event.Envelope, err error) {
	for _, sku := range slices.Sorted(maps.Keys(s.Delivery)) {
		received, err := s.receive(sku, s.Delivery[sku])
		if err != nil {
			return nil, err
		}
		told = append(told, received...)
	}
	return told, nil
}
