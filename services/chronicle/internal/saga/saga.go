package saga

import (
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Saga is what has been heard of one saga.
type Saga struct {
	ID      string
	Process *Process
	// Sequence is the number of the last fact; facts are numbered from 1 without a gap.
	Sequence int64
	// Heard tells when each fact happened, by its name, and the step that it is of if it can be of several: first, but for those that
	// stall a step, which come again, last.
	Heard map[string]time.Time
	// Order is what the saga is about, or the return that it is for; zero until that is heard.
	Order Order
	// StartedAt and LastFactAt are when the first and the last fact were recorded.
	StartedAt, LastFactAt time.Time
}

// Order is what chronicle knows of an order.
type Order struct {
	ID       string
	Number   string
	Customer uuid.UUID
	// Deadline is when the order is cancelled if it is not fulfilled by then; zero for a return.
	Deadline time.Time
}

// Fact is a fact of the saga's process, or a remark on the saga.
type Fact struct {
	Name string
	// Step is the one that the fact is of, if it can be of several.
	Step string
	// Remark is set when the fact is no part of the process: the saga counts it, and is what it was.
	Remark bool
	// At is when it happened.
	At time.Time
	// Order is set when the fact tells what the saga is about.
	Order *Order
}

// Hear answers the saga with its next fact, recorded at a time.
func (s Saga) Hear(fact Fact, recorded time.Time) Saga {
	s.Sequence++
	if s.Sequence == 1 {
		s.StartedAt, s.LastFactAt = recorded, recorded
	}
	if fact.Remark {
		return s
	}
	s.Heard = maps.Clone(s.Heard)
	if s.Heard == nil {
		s.Heard = map[string]time.Time{}
	}
	if _, declared := s.Process.index[fact.key()]; declared {
		if known, heard := s.Heard[fact.key()]; !heard || s.Process.supersedes(fact, known) {
			s.Heard[fact.key()] = fact.At
		}
	}
	if fact.Order != nil {
		s.Order = *fact.Order
	}
	s.LastFactAt = recorded
	return s
}

func (f Fact) key() string { return key(f.Name, f.Step) }

// supersedes tells whether a fact counts rather than one of the same name that happened at a known time.
func (p *Process) supersedes(fact Fact, known time.Time) bool {
	if p.facts[p.index[fact.key()]].stalls() {
		return fact.At.After(known)
	}
	return fact.At.Before(known)
}

// EndedBy tells whether a fact that was heard has brought the saga to rest.
func (s Saga) EndedBy(fact Fact) bool {
	if !s.State().AtRest() {
		return false
	}
	s.Heard = maps.Clone(s.Heard)
	delete(s.Heard, fact.key())
	return !s.State().AtRest()
}

// Stuck tells whether a saga that is under way has heard nothing since a moment, or of a step that has stalled.
func (s Saga) Stuck(since time.Time) bool {
	return s.State().UnderWay() && (s.LastFactAt.Before(since) || s.Stalled())
}

// Stalled tells whether a saga that is under way has heard that a step does not get on, and nothing of that step since.
func (s Saga) Stalled() bool {
	return s.State().UnderWay() && slices.ContainsFunc(s.Process.facts, s.holdsUp)
}

// holdsUp tells whether a fact that stalls steps was heard, and nothing else of the steps after it.
func (s Saga) holdsUp(fact Declaration) bool {
	at, heard := s.Heard[fact.Fact]
	if !heard || !fact.stalls() {
		return false
	}
	for _, other := range s.Process.facts {
		for _, effect := range fact.Effects {
			if other.moves(effect.Step) && s.Heard[other.Fact].After(at) {
				return false
			}
		}
	}
	return true
}
