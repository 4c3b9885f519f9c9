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
	asked      question
	reading    reading
	err        error
}

// many is how many rows that have arrived are removed at once, though nothing else is to be done.
const many = 50

// begin starts a turn when one is due and none is going on. That rows have arrived can be told with what is due next: nobody waits for it.
func (s *session) begin(ctx context.Context) {
	if s.busy || !s.due && len(s.done.failures) == 0 && len(s.done.arrived) < many && (len(s.tail.wanted) == 0 || s.done.empty()) {
		return
	}
	s.tail.mark(time.Now())
	q := s.question()
	q.done = s.done
	s.busy, s.due, s.done = true, false, outcome{}
	s.removing, s.noting = q.done.arrived, q.done.failures
	go func() {
		begun := time.Now()
		r, err := s.own.turn(ctx, q)
		s.turns <- turn{begun, s.own.held(), q, r, err}
	}()
}

// question is what to read next.
func (s *session) question() question {
	q := question{after: s.tail.floor, limit: max(maxRows-s.rows, 0), inMemory: make([]int64, 0, s.rows), numbered: len(s.tail.marks) > 0}
	for _, lane := range s.lanes {
		for _, r := range lane {
			q.inMemory = append(q.inMemory, r.position)
		}
	}
	for a := range s.tail.deep {
		q.keptBack = append(q.keptBack, a)
	}
	for a, sequence := range s.tail.wanted {
		if len(q.wanted) == q.limit/depth {
			break
		}
		q.wanted = append(q.wanted, want{a, sequence})
	}
	return q
}

// take puts what a turn has read into lanes.
func (s *session) take(t turn) error {
	s.busy = false
	if t.err != nil {
		return t.err
	}
	if len(t.partitions) != len(s.partitions) {
		s.since = time.Now()
		s.tail.restart()
		s.lookSoon()
	}
	s.see(t.reading)
	s.proven, s.partitions = t.begun, t.partitions
	in := s.tail.read(time.Now(), t.reading)
	if in {
		s.queue(t.reading.rows)
	}
	s.queueWanted(t.asked.wanted, t.reading.wanted)
	s.removing, s.taken = nil, nil
	for _, f := range s.noting {
		delete(s.resting, f.row.aggregate)
	}
	s.due = s.due || !in || t.reading.full && t.asked.limit > 0 || len(t.asked.wanted) > 0 && len(s.tail.wanted) > 0
	s.poll = min(2*s.poll, maxPoll)
	if len(t.reading.rows)+len(t.reading.wanted) > 0 {
		s.poll = minPoll
	}
	return nil
}

// see notes what a turn has read.
func (s *session) see(r reading) {
	for _, rows := range [][]row{r.rows, r.wanted} {
		for _, next := range rows {
			s.highest = max(s.highest, next.position)
		}
	}
}

// queue puts rows that were read by position behind those of their aggregates, up to depth.
func (s *session) queue(rows []row) {
	for _, r := range rows {
		switch {
		case s.resting[r.aggregate] || slices.Contains(s.taken, r.position):
		case len(s.lanes[r.aggregate]) == depth:
			s.tail.deep[r.aggregate] = true
		default:
			s.push(r)
		}
	}
}

// queueWanted puts rows that were read by aggregate into lanes that are empty, or not quite: one may be wanted by a look from before it was
// read, and be read by position before it is read by name.
func (s *session) queueWanted(asked []want, rows []row) {
	read := map[aggregate]int{}
	for _, r := range rows {
		if read[r.aggregate]++; !s.resting[r.aggregate] && !s.knows(r) {
			s.push(r)
		}
	}
	for _, w := range asked {
		delete(s.tail.wanted, w.aggregate)
		delete(s.tail.deep, w.aggregate)
		if read[w.aggregate] == depth {
			s.tail.deep[w.aggregate] = true
		}
	}
}

func (s *session) push(r row) {
	if len(s.lanes[r.aggregate]) == 0 {
		s.ready = append(s.ready, r.aggregate)
	}
	s.lanes[r.aggregate] = append(s.lanes[r.aggregate], r)
	s.rows++
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
