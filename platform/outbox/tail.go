package outbox

import (
	"math"
	"slices"
	"time"
)

// lateness is how long a transaction may take from drawing a position to its commit before reading goes on without it.
const lateness = 250 * time.Millisecond

// tail is what was read of the outbox, by position. A turn reads behind the floor, so as not to pass again over rows that are removed
// and, for the sake of a snapshot somewhere, not cleared away.
//
// Whoever appends has a transaction's number before he draws a position, see Append. So what is missing below the highest position that
// a turn has seen, or that was handed over before it began, is of transactions with lower numbers than that of a later turn; once a snapshot
// shows that these have ended, and what they left has been read, the floor is raised to there. (The turn's own snapshot does not do: it lists
// no transaction whose number is above those of all that have ended.) Transactions that take long are remembered instead: while one runs
// nothing of it can be seen, nor anything of the same aggregate after it; in the turn that sees its end, what was read may have overtaken it,
// and is forgotten.
type tail struct {
	floor int64
	// marks are highest positions that were read or handed over, in order, to which the floor is to be raised.
	marks []mark
	// handed is the highest position that was handed over since the last turn began, 0 if none was. It was drawn before the next one's number.
	handed int64
	// slow are transactions that still run, and what they may have left is behind these positions.
	slow map[uint64]int64
	// deep are aggregates of which there is more than was read; none of it is read by position.
	deep map[aggregate]bool
	// wanted are aggregates to be read by name, with the sequence behind which.
	wanted map[aggregate]int64
}

type mark struct {
	at       time.Time
	position int64
	// below is the number of a later turn, 0 before there is one: all who have drawn a position up to this one have lower numbers.
	below uint64
}

func newTail() tail {
	return tail{slow: map[uint64]int64{}, deep: map[aggregate]bool{}, wanted: map[aggregate]int64{}}
}

// hand notes that a row was handed over.
func (t *tail) hand(position int64) { t.handed = max(t.handed, position) }

// mark has the floor be raised to what was handed over, as to what was read. A turn begins now; one that was going on when the row was handed
// over may have a lower number than others that have drawn lower positions.
func (t *tail) mark(now time.Time) {
	t.aim(now, t.handed)
	t.handed = 0
}

// aim has the floor be raised to a position once that may be.
func (t *tail) aim(now time.Time, position int64) {
	if position > t.floor && (len(t.marks) == 0 || position > t.marks[len(t.marks)-1].position) {
		t.marks = append(t.marks, mark{at: now, position: position})
	}
}

// restart has everything read that is not in memory.
func (t *tail) restart() {
	t.floor, t.marks = 0, nil
	clear(t.slow)
}

// read notes what a turn has read behind the floor. It tells false when the rows may have overtaken others: then the floor is lowered, and
// they are to be read again together with those.
func (t *tail) read(now time.Time, r reading) bool {
	floor := t.floor
	for xid, behind := range t.slow {
		if r.snapshot.saw(xid) {
			delete(t.slow, xid)
			floor = min(floor, behind)
		}
	}
	if floor < t.floor {
		t.floor, t.marks = floor, nil
	}
	if r.after > t.floor {
		return false
	}
	for i := range t.marks {
		if t.marks[i].below == 0 {
			t.marks[i].below = r.own
		}
	}
	covered, highest := int64(math.MaxInt64), t.floor
	if len(r.rows) > 0 {
		highest = r.rows[len(r.rows)-1].position
	}
	if r.full {
		covered = highest
	}
	for len(t.marks) > 0 && t.marks[0].position <= covered && t.passes(now, t.marks[0], r.snapshot) {
		t.floor = t.marks[0].position
		t.marks = t.marks[1:]
	}
	t.aim(now, highest)
	return true
}

// passes tells whether the floor may be raised to a mark, after remembering the transactions that are too slow to wait for.
func (t *tail) passes(now time.Time, m mark, at snapshot) bool {
	if m.below == 0 || at.next <= m.below {
		return false
	}
	var running []uint64
	for _, xid := range at.running {
		if _, slow := t.slow[xid]; !slow && xid < m.below {
			running = append(running, xid)
		}
	}
	if len(running) > 0 && now.Sub(m.at) < lateness {
		return false
	}
	for _, xid := range running {
		t.slow[xid] = t.floor
	}
	return true
}

// idle notes that transactions, by the last 32 bits of their number, run and had drawn no position when the floor was at one.
func (t *tail) idle(xids []uint32, floor int64) {
	for xid, behind := range t.slow {
		if slices.Contains(xids, uint32(xid)) {
			t.slow[xid] = max(behind, floor)
		}
	}
}

// emptied has a deep aggregate read on, of which nothing is in memory any more.
func (t *tail) emptied(a aggregate, sequence int64) {
	if t.deep[a] {
		t.wanted[a] = sequence
	}
}

// forget leaves an aggregate that has failed to the look that finds it when it has rested.
func (t *tail) forget(a aggregate) {
	delete(t.deep, a)
	delete(t.wanted, a)
}
