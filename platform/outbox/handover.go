package outbox

import (
	"slices"
	"sync/atomic"
	"time"
)

const (
	// maxHanded is how many rows may be in memory for more to be handed over. With more of them the relay has fallen behind, and reading many
	// at once costs less.
	maxHanded = 100
	// mostHanded is how many may be handed over within pace. More of them are better read, and published, many at once.
	mostHanded = 50
	pace       = 50 * time.Millisecond
	// unasked is how long none are handed over then: where so much is appended, whoever appends is not to ask the database for more, again
	// and again.
	unasked = 10 * time.Second
)

// handed is a row as the transaction that appended it knows it.
type handed struct {
	row row
	// before is the position of the aggregate's last row before it that was in the outbox, 0 if there was none. The aggregate is locked, so
	// all that were there before were committed, and those that were not there had arrived.
	before int64
	// begun is some time before the commit.
	begun time.Time
}

// handover is how rows come from transactions of this process to the session of its relay, without being read. What is told of a transaction
// is committed; otherwise nothing is promised: rows may come in another order than they were committed in, after a turn has read them, or
// after the session has ended that would have taken them. They are in the database in any case.
type handover struct {
	open atomic.Bool
	rows chan handed
	wake func()
}

func newHandover(wake func()) *handover {
	return &handover{rows: make(chan handed, maxHanded), wake: wake}
}

// Asks tells whether there is a session that takes rows.
func (h *handover) Asks() bool { return h.open.Load() }

// Told takes a row of a transaction that is committed, or nothing, which has it read.
func (h *handover) Told(what any) {
	if next, is := what.(*handed); is {
		select {
		case h.rows <- *next:
			return
		default:
		}
	}
	h.wake()
}

// keepsUp tells whether rows are to be handed over from now on.
func (s *session) keepsUp() bool {
	if s.rows >= maxHanded || s.counted > mostHanded {
		s.fellBehind, s.counted = time.Now(), 0
	}
	return time.Since(s.fellBehind) > unasked
}

// takeAll takes a row that was handed over, and those that wait behind it.
func (s *session) takeAll(next handed) {
	s.takeOver(next)
	waiting := len(s.relay.handover.rows)
	for range waiting {
		s.takeOver(<-s.relay.handover.rows)
	}
	s.count(1 + waiting)
}

// count notes that so many rows were handed over.
func (s *session) count(rows int) {
	if now := time.Now(); now.Sub(s.countedSince) > pace {
		s.countedSince, s.counted = now, 0
	}
	s.counted += rows
}

// takeOver queues a row that was handed over if it is clear that it is the next of its aggregate. If it is not it has the row read, unless a
// turn has done so before it came.
func (s *session) takeOver(next handed) {
	switch {
	case s.isNew(next) && s.isNext(next):
		s.push(next.row)
		s.tail.hand(next.row.position)
		if s.busy {
			s.taken = append(s.taken, next.row.position)
		}
	case !s.knows(next.row):
		s.due = true
	}
}

// isNew tells whether no turn can have read a row, of this session or of another before it.
func (s *session) isNew(next handed) bool {
	return next.begun.After(s.since) && next.row.position > s.highest && slices.Contains(s.partitions, partitionOf(next.row.aggregate))
}

// isNext tells whether all that came before a row in its aggregate is in memory in front of it, or has arrived: then none of the aggregate
// rests or is left to be read, but it may be wanted in vain, by a look from before.
func (s *session) isNext(next handed) bool {
	a := next.row.aggregate
	lane := s.lanes[a]
	_, wanted := s.tail.wanted[a]
	switch {
	case s.rows >= maxHanded || len(lane) >= depth || wanted:
		return false
	case len(lane) > 0:
		return lane[len(lane)-1].position == next.before
	default:
		return next.before == 0 || s.arrived(next.before)
	}
}

// knows tells whether a row is in memory.
func (s *session) knows(r row) bool {
	return s.arrived(r.position) || slices.ContainsFunc(s.lanes[r.aggregate], func(has row) bool { return has.position == r.position })
}

// arrived tells whether a row is in memory only to be removed.
func (s *session) arrived(position int64) bool {
	return slices.Contains(s.done.arrived, position) || slices.Contains(s.removing, position)
}
