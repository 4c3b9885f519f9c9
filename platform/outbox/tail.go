package outbox

import (
	"context"
	"slices"
	"time"
)

// What a turn reads begins behind what was read before. Rows that it passes over that way, because their transaction took longer
// than lateness from drawing the position to its commit, or because their aggregate rested or was deep, are looked for
// every so often, and then a turn reads all.
const (
	lateness = 250 * time.Millisecond
	// lookEvery is how often, unless looking takes long.
	lookEvery = time.Second
	// lookShare is how many times as long as looking takes the next look is put off: many rows that are removed and not cleared away
	// make it slow.
	lookShare = 10
)

// tail is what was read of the outbox, by position.
type tail struct {
	// marks are what was the highest position read, and when, in order; the first is older than lateness.
	marks []mark
	// all is set when the next turn has to read all, deep has the aggregates of which there may be more than was read.
	all  bool
	deep map[aggregate]bool
}

type mark struct {
	at       time.Time
	position int64
}

func newTail() tail { return tail{marks: []mark{{}}, all: true, deep: map[aggregate]bool{}} }

// read notes what a turn that began at a time has read.
func (t *tail) read(begun time.Time, rows []row) {
	highest := t.marks[len(t.marks)-1].position
	for _, r := range rows {
		highest = max(highest, r.position)
	}
	t.marks = append(t.marks, mark{begun, highest})
}

// settled is the position up to which all has been read, but for what is looked for.
func (t *tail) settled() int64 {
	for len(t.marks) > 1 && time.Since(t.marks[1].at) > lateness {
		t.marks = t.marks[1:]
	}
	return t.marks[0].position
}

// after is the position behind which a turn reads that begins now.
func (t *tail) after() int64 {
	if t.all || len(t.deep) > 0 {
		t.all = false
		return 0
	}
	return t.settled()
}

// emptied has the next turn read what more there is of a deep aggregate, of which nothing is in memory any more.
func (t *tail) emptied(a aggregate) {
	t.all = t.all || t.deep[a]
	delete(t.deep, a)
}

// look is one look for rows that were passed over, on a connection of the pool: it may take long, and publishing goes on.
type look struct {
	found bool
	took  time.Duration
	err   error
}

func (s *session) look(ctx context.Context) {
	s.looking = true
	partitions, settled := s.partitions, s.tail.settled()
	known := slices.Concat(s.positions(), s.removing, s.done.arrived)
	go func() {
		begun, found := time.Now(), false
		err := s.relay.config.DB.QueryRow(ctx, `
			SELECT EXISTS (SELECT FROM outbox o WHERE partition = ANY ($1) AND position <= $3
			               AND position NOT IN (SELECT unnest($2::bigint[])) AND `+notResting+`)`,
			partitions, known, settled).Scan(&found)
		s.looks <- look{found, time.Since(begun), err}
	}()
}

func (s *session) seen(l look) {
	s.looking = false
	s.nextLook.Reset(max(lookEvery, lookShare*l.took))
	if l.err != nil {
		s.relay.log.Warn("cannot look for rows passed over", "error", l.err)
	}
	if l.found {
		s.tail.all, s.due = true, true
	}
}
