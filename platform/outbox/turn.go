package outbox

import (
	"context"
	"slices"
	"time"
)

// turn is what came of one round trip to the database.
type turn struct {
	begun      time.Time
	partitions []int16
	rows       []row
	full       bool
	err        error
}

// begin starts a turn when one is due and none is going on.
func (s *session) begin(ctx context.Context) {
	if s.busy || (!s.due && s.done.empty()) {
		return
	}
	done, inMemory, limit, after := s.done, s.positions(), max(maxRows-s.rows, 0), int64(0)
	if limit > 0 {
		after = s.tail.after()
	}
	s.busy, s.due, s.done = true, false, outcome{}
	s.removing, s.noting = done.arrived, done.failures
	go func() {
		begun := time.Now()
		rows, err := s.own.turn(ctx, done, inMemory, after, limit)
		s.turns <- turn{begun, slices.Clone(s.own.partitions), rows, limit > 0 && len(rows) == limit, err}
	}()
}

// positions are those of the rows in memory.
func (s *session) positions() []int64 {
	positions := make([]int64, 0, s.rows)
	for _, lane := range s.lanes {
		for _, r := range lane {
			positions = append(positions, r.position)
		}
	}
	return positions
}

// take puts what a turn has read into lanes.
func (s *session) take(t turn) error {
	s.busy = false
	if t.err != nil {
		return t.err
	}
	s.proven, s.partitions = t.begun, t.partitions
	s.tail.read(t.begun, t.rows)
	for _, r := range t.rows {
		if s.resting[r.aggregate] {
			continue
		}
		if len(s.lanes[r.aggregate]) == 0 {
			s.ready = append(s.ready, r.aggregate)
		}
		s.lanes[r.aggregate] = append(s.lanes[r.aggregate], r)
		s.rows++
		if len(s.lanes[r.aggregate]) >= depth {
			s.tail.deep[r.aggregate] = true
		}
	}
	s.removing = nil
	for _, f := range s.noting {
		delete(s.resting, f.row.aggregate)
	}
	s.due = s.due || t.full
	s.poll = min(2*s.poll, maxPoll)
	if len(t.rows) > 0 {
		s.poll = minPoll
	}
	return nil
}

// finish waits for the turn that is going on: the ownership's connection is for one at a time.
func (s *session) finish(stop context.CancelFunc) {
	stop()
	s.nextLook.Stop()
	if s.looking {
		<-s.looks
	}
	if s.busy {
		<-s.turns
	}
}
