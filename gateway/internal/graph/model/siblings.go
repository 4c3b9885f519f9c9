package model

import (
	"context"
	"sync"
)

// Siblings are objects that were read in one call. What another context knows of them is read in one call for all of them,
// whichever is asked about first and however they are spread over the answer.
type Siblings[T any] struct {
	All []T

	// shared siblings outlive one answer, and so keep no errors.
	shared bool

	mu    sync.Mutex
	reads map[string]*reading
}

// reading is a read under way or done.
type reading struct {
	done  chan struct{}
	value any
	err   error
}

// Outcome is how a read ended.
type Outcome[V any] struct {
	Value V
	Err   error
}

// Once is what read answers, which is called once for the siblings and a name, however often and concurrently Once is. When
// a reader goes away in the middle, the next one reads. The error of a read of shared siblings is for those who wait for it; whoever
// asks later reads anew.
func Once[T, V any](ctx context.Context, siblings *Siblings[T], name string, read func(all []T) (V, error)) (V, error) {
	outcome := OnceEach(ctx, []*Siblings[T]{siblings}, name, read)[siblings]
	return outcome.Value, outcome.Err
}

// OnceEach is Once for several groups of siblings: those that nobody has read or reads yet are read in one call, so that what it answers is
// of all of them.
func OnceEach[T, V any](
	ctx context.Context, groups []*Siblings[T], name string, read func(all []T) (V, error),
) map[*Siblings[T]]Outcome[V] {
	outcomes := make(map[*Siblings[T]]Outcome[V], len(groups))
	for len(groups) > 0 {
		mine, others := take(groups, name)
		if len(mine) > 0 {
			value, err := finish(ctx, mine, name, read)
			for _, group := range mine {
				outcomes[group.siblings] = Outcome[V]{value, err}
			}
		}
		groups = nil // the next time, those whose readers have gone away
		for _, group := range others {
			if outcome, over := wait[V](ctx, group.reading); over {
				outcomes[group.siblings] = outcome
			} else {
				groups = append(groups, group.siblings)
			}
		}
	}
	return outcomes
}

// taken are siblings of which somebody has taken it upon them to read something.
type taken[T any] struct {
	siblings *Siblings[T]
	reading  *reading
}

// take tells which groups the caller has to read, and which are others'.
func take[T any](groups []*Siblings[T], name string) (mine, others []taken[T]) {
	for _, siblings := range groups {
		if reading, first := siblings.reading(name); first {
			mine = append(mine, taken[T]{siblings, reading})
		} else {
			others = append(others, taken[T]{siblings, reading})
		}
	}
	return mine, others
}

// wait is how somebody else's read ended; false if its reader has gone away.
func wait[V any](ctx context.Context, r *reading) (outcome Outcome[V], over bool) {
	select {
	case <-r.done:
	case <-ctx.Done():
		return Outcome[V]{Err: ctx.Err()}, true
	}
	value, there := r.value.(V)
	return Outcome[V]{value, r.err}, there || r.err != nil
}

func (s *Siblings[T]) reading(name string) (r *reading, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, known := s.reads[name]; known {
		return r, false
	}
	if s.reads == nil {
		s.reads = map[string]*reading{}
	}
	s.reads[name] = &reading{done: make(chan struct{})}
	return s.reads[name], true
}

// finish reads what was taken.
func finish[T, V any](ctx context.Context, mine []taken[T], name string, read func(all []T) (V, error)) (value V, err error) {
	over := false
	defer func() {
		for _, group := range mine {
			group.end(name, over && (err == nil || !group.siblings.shared))
		}
	}()
	all := mine[0].siblings.All
	if len(mine) > 1 {
		all = nil
		for _, group := range mine {
			all = append(all, group.siblings.All...)
		}
	}
	value, err = read(all)
	if over = err == nil || ctx.Err() == nil; over {
		for _, group := range mine {
			group.reading.value, group.reading.err = value, err
		}
	}
	return value, err
}

// end hands a reading over to those who wait for it, and to those who come later if it is to be kept.
func (t taken[T]) end(name string, keep bool) {
	if !keep {
		t.siblings.mu.Lock()
		delete(t.siblings.reads, name)
		t.siblings.mu.Unlock()
	}
	close(t.reading.done)
}

// ProductSiblings are products that were read in one call.
type ProductSiblings = Siblings[*Product]

// OrderSiblings are orders that were read in one call.
type OrderSiblings = Siblings[*Order]

// OrderLineSiblings are the lines of orders that were read in one call.
type OrderLineSiblings = Siblings[*OrderLine]

// ReturnSiblings are returns that were read in one call.
type ReturnSiblings = Siblings[*Return]

// ReturnLineSiblings are the lines of returns that were read in one call.
type ReturnLineSiblings = Siblings[*ReturnLine]

// CreditNoteSiblings are credit notes that were read in one call.
type CreditNoteSiblings = Siblings[*CreditNote]

// SagaSiblings are sagas that were read in one call.
type SagaSiblings = Siblings[*Saga]

// FactSiblings are facts that were read in one call.
type FactSiblings = Siblings[*Fact]

// ChoreographySiblings are all types of messages.
type ChoreographySiblings = Siblings[*ChoreographyFact]

// GatherProducts makes siblings of products.
func GatherProducts(products []*Product) []*Product {
	siblings := &ProductSiblings{All: products}
	for _, product := range products {
		product.Siblings = siblings
	}
	return products
}

// GatherOrders makes siblings of orders, and of all their lines.
func GatherOrders(orders []*Order) []*Order {
	siblings, lines := &OrderSiblings{All: orders}, &OrderLineSiblings{}
	for _, order := range orders {
		order.Siblings = siblings
		for _, line := range order.Lines {
			line.Siblings = lines
		}
		lines.All = append(lines.All, order.Lines...)
	}
	return orders
}

// GatherReturns makes siblings of returns, and of all their lines.
func GatherReturns(returns []*Return) []*Return {
	siblings, lines := &ReturnSiblings{All: returns}, &ReturnLineSiblings{}
	for _, one := range returns {
		one.Siblings = siblings
		for _, line := range one.Lines {
			line.Siblings = lines
		}
		lines.All = append(lines.All, one.Lines...)
	}
	return returns
}

// GatherCreditNotes makes siblings of credit notes.
func GatherCreditNotes(notes []*CreditNote) []*CreditNote {
	siblings := &CreditNoteSiblings{All: notes}
	for _, note := range notes {
		note.Siblings = siblings
	}
	return notes
}

// Share prepares an order for several answers, such as those of a subscription: what failed for one is read again for the next.
func Share(order *Order) {
	if order.Siblings != nil {
		order.Siblings.shared = true
	}
	for _, line := range order.Lines {
		if line.Siblings != nil {
			line.Siblings.shared = true
		}
	}
}

// ShareReturn does the same with a return.
func ShareReturn(one *Return) {
	if one.Siblings != nil {
		one.Siblings.shared = true
	}
	for _, line := range one.Lines {
		if line.Siblings != nil {
			line.Siblings.shared = true
		}
	}
}

// ShareSaga does the same with a saga.
func ShareSaga(saga *Saga) {
	if saga.Siblings != nil {
		saga.Siblings.shared = true
	}
}

// GatherSagas makes siblings of sagas.
func GatherSagas(sagas []*Saga) []*Saga {
	siblings := &SagaSiblings{All: sagas}
	for _, saga := range sagas {
		saga.Siblings = siblings
	}
	return sagas
}

// GatherFacts makes siblings of facts.
func GatherFacts(facts []*Fact) []*Fact {
	siblings := &FactSiblings{All: facts}
	for _, fact := range facts {
		fact.Siblings = siblings
	}
	return facts
}

// GatherChoreography makes siblings of types of messages.
func GatherChoreography(facts []*ChoreographyFact) []*ChoreographyFact {
	siblings := &ChoreographySiblings{All: facts}
	for _, fact := range facts {
		fact.Siblings = siblings
	}
	return facts
}
