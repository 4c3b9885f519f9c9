package saga

import (
	"maps"
	"time"

	"github.com/google/uuid"
)

// Saga is what has been heard of one saga.
type Saga struct {
	ID      string
	Process *Process
	// Sequence is the number of the last fact; facts are numbered from 1 without a gap.
	Sequence int64
	// Heard tells when each fact happened.
	Heard map[string]time.Time
	// Order is what the saga is about; zero until that is heard.
	Order Order
	// StartedAt and LastFactAt are when the first and the last fact were recorded.
	StartedAt, LastFactAt time.Time
}

// Order is what chronicle knows of an order.
type Order struct {
	Number   string
	Customer uuid.UUID
	// Deadline is when the order is cancelled if it is not fulfilled by then.
	Deadline time.Time
}

// Fact is a fact of the saga's process.
type Fact struct {
	Name string
	// At is when it happened.
	At time.Time
	// Order is set when the fact tells what the saga is about.
	Order *Order
}

// Hear answers the saga with its next fact, recorded at a time.
func (s Saga) Hear(fact Fact, recorded time.Time) Saga {
	s.Sequence++
	s.Heard = maps.Clone(s.Heard)
	if s.Heard == nil {
		s.Heard = map[string]time.Time{}
	}
	if earlier, heard := s.Heard[fact.Name]; !heard || fact.At.Before(earlier) {
		s.Heard[fact.Name] = fact.At
	}
	if fact.Order != nil {
		s.Order = *fact.Order
	}
	if s.Sequence == 1 {
		s.StartedAt = recorded
	}
	s.LastFactAt = recorded
	return s
}

// Stuck tells whether a saga that is not at rest has heard nothing since a moment.
func (s Saga) Stuck(since time.Time) bool {
	return !s.State().AtRest() && s.LastFactAt.Before(since)
}
