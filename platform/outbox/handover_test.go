package outbox

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"strconv"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"pgregory.net/rapid"

	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/rabbit"
)

// writing is a transaction that appends to a ledger. It has its aggregate for itself until it ends.
type writing struct {
	xid       uint64
	aggregate aggregate
	rows      []handed
}

// landing is a row that was published, and what the broker will say of it.
type landing struct {
	row     row
	done    chan struct{}
	refused bool
}

func (l *landing) Done() <-chan struct{} { return l.done }
func (l *landing) Acked() bool           { return !l.refused }

// ledger is an outbox in memory, with transactions that come and go as in a database, and a session of which it is all that it works with. What
// happens, happens one step at a time: also a turn is several.
type ledger struct {
	t *rapid.T
	*session

	// number and position were drawn last, and ended is the highest number of those that have ended.
	number, ended uint64
	position      int64
	writings      []*writing
	committed     []row
	// failed are positions of rows that were not taken, and whether they still rest.
	failed map[int64]bool
	last   map[aggregate]int64
	// late are rows that are committed and still to be handed over.
	late []handed
	// handedOver counts the rows that were taken without being read.
	handedOver int
	// others are the partitions that another relay has.
	others []int16

	// asked and answers are the two ends of the turn that is going on, and question and reading what it was asked and has read.
	asked    chan question
	answers  chan reading
	question *question
	reading  *reading
	numbered uint64
	// found is what was looked for and is not seen yet.
	found *look

	landings []*landing
	returned []rabbit.Return
	// published counts how often each row was published, excused for how often there was a reason, and first is how far each aggregate came.
	published, excused map[int64]int
	first              map[aggregate]int64
}

func newLedger(t *rapid.T) *ledger {
	l := &ledger{
		t: t, number: 100, ended: 100, asked: make(chan question), answers: make(chan reading), failed: map[int64]bool{},
		last: map[aggregate]int64{}, published: map[int64]int{}, excused: map[int64]int{}, first: map[aggregate]int64{},
	}
	for p := range int16(Partitions) {
		if p%2 == 1 {
			l.others = append(l.others, p)
		}
	}
	l.open()
	return l
}

func (l *ledger) open() {
	relay := NewRelay(RelayConfig{DB: &postgres.DB{}, Log: slog.New(slog.DiscardHandler)})
	l.session = newSession(relay, l, l)
	for _, next := range l.committed {
		l.excused[next.position] = l.published[next.position]
	}
}

// close ends the session in the middle of whatever it does.
func (l *ledger) close() {
	l.nextLook.Stop()
	l.patrol.timer.Stop()
	if l.question != nil {
		l.answers <- reading{}
	}
	if l.busy {
		<-l.turns
	}
	l.question, l.reading, l.found, l.landings, l.returned = nil, nil, nil, nil, nil
}

// The ledger as partitions that are held.

func (l *ledger) held() (partitions []int16) {
	for p := range int16(Partitions) {
		if !slices.Contains(l.others, p) {
			partitions = append(partitions, p)
		}
	}
	return partitions
}

func (l *ledger) turn(_ context.Context, q question) (reading, error) {
	l.asked <- q
	return <-l.answers, nil
}

// The ledger as a channel to the broker.

func (l *ledger) publish(r row) (confirmation, error) {
	l.sent(r)
	flight := &landing{row: r, done: make(chan struct{})}
	l.landings = append(l.landings, flight)
	return flight, nil
}

func (l *ledger) Together(f func() error) error { return f() }

func (l *ledger) Returned() []rabbit.Return {
	returned := l.returned
	l.returned = nil
	return returned
}

func (l *ledger) Blocked() bool              { return false }
func (l *ledger) Open() bool                 { return true }
func (l *ledger) Closed() <-chan *amqp.Error { return nil }
func (l *ledger) Leave()                     {}
func (l *ledger) Abort()                     {}

// sent holds that a row is committed, that none of its aggregate is left out before it, and that it is not published again without a reason.
func (l *ledger) sent(r row) {
	if r.sequence > l.last[r.aggregate] {
		l.t.Fatalf("%v %d is not committed", r.aggregate, r.sequence)
	}
	if next := l.first[r.aggregate] + 1; r.sequence > next {
		l.t.Fatalf("%v %d came before %d", r.aggregate, r.sequence, next)
	}
	l.first[r.aggregate] = max(l.first[r.aggregate], r.sequence)
	if l.published[r.position]++; l.published[r.position] > 1+l.excused[r.position] {
		l.t.Fatalf("%v %d was published %d times, with a reason for %d", r.aggregate, r.sequence, l.published[r.position], 1+l.excused[r.position])
	}
}

// What writers do.

func (l *ledger) begin(t *rapid.T) {
	a := aggregate{"/ordering", strconv.Itoa(rapid.IntRange(1, 4).Draw(t, "aggregate"))}
	if slices.ContainsFunc(l.writings, func(w *writing) bool { return w.aggregate == a }) {
		t.Skip("the aggregate is locked")
	}
	l.number++
	l.writings = append(l.writings, &writing{xid: l.number, aggregate: a})
}

func (l *ledger) writer(t *rapid.T) (int, *writing) {
	if len(l.writings) == 0 {
		t.Skip("nobody writes")
	}
	i := rapid.IntRange(0, len(l.writings)-1).Draw(t, "writer")
	return i, l.writings[i]
}

func (l *ledger) append(t *rapid.T) {
	_, w := l.writer(t)
	l.appendIn(t, w)
}

func (l *ledger) appendIn(t *rapid.T, w *writing) {
	for range rapid.IntRange(1, 7).Draw(t, "rows") {
		l.position++
		next := handed{begun: time.Now()}
		next.row = row{position: l.position, aggregate: w.aggregate, sequence: l.last[w.aggregate] + int64(len(w.rows)) + 1}
		for _, r := range l.committed {
			if r.aggregate == w.aggregate {
				next.before = max(next.before, r.position)
			}
		}
		if len(w.rows) > 0 {
			next.before = w.rows[len(w.rows)-1].row.position
		}
		w.rows = append(w.rows, next)
	}
}

func (l *ledger) commit(t *rapid.T) {
	i, _ := l.writer(t)
	l.commitOf(t, i)
}

// commitOf leaves it to chance which rows are handed over: those of another process are not.
func (l *ledger) commitOf(t *rapid.T, writer int) {
	w := l.writings[writer]
	l.end(writer)
	handed := rapid.IntRange(0, 3).Draw(t, "handed over") > 0
	for _, next := range w.rows {
		l.committed = append(l.committed, next.row)
		l.last[w.aggregate] = next.row.sequence
		if handed {
			l.late = append(l.late, next)
		}
	}
}

// write is a transaction that nobody else comes in between.
func (l *ledger) write(t *rapid.T) {
	l.begin(t)
	w := l.writings[len(l.writings)-1]
	l.appendIn(t, w)
	l.commitOf(t, len(l.writings)-1)
}

func (l *ledger) rollBack(t *rapid.T) {
	i, _ := l.writer(t)
	l.end(i)
}

func (l *ledger) end(writer int) {
	l.ended = max(l.ended, l.writings[writer].xid)
	l.writings = slices.Delete(l.writings, writer, writer+1)
}

// handOver hands over one row, mostly the one that has waited longest.
func (l *ledger) handOver(t *rapid.T) {
	if len(l.late) == 0 {
		t.Skip("nothing is to be handed over")
	}
	i := max(0, rapid.IntRange(-3, len(l.late)-1).Draw(t, "row"))
	next := l.late[i]
	l.late = slices.Delete(l.late, i, i+1)
	rows := l.rows
	l.takeOver(next)
	l.handedOver += l.rows - rows
}

// What the session does.

func (l *ledger) publishes(t *rapid.T) {
	if err := l.session.publish(); err != nil {
		t.Fatal(err)
	}
}

func (l *ledger) confirmed(t *rapid.T) { l.land(t, func(*landing) {}) }

// allLand has the broker take all that may be published.
func (l *ledger) allLand(t *rapid.T) {
	for l.publishes(t); len(l.landings) > 0; l.publishes(t) {
		l.confirmed(t)
	}
}

func (l *ledger) givenBack(t *rapid.T) {
	l.land(t, func(flight *landing) {
		flight.refused = rapid.Bool().Draw(t, "refused")
		if !flight.refused {
			flight.row.id[0] = byte(flight.row.position)
			l.returned = append(l.returned, rabbit.Return{MessageID: flight.row.id.String(), Reason: "no queue"})
		}
		l.excused[flight.row.position]++
	})
}

func (l *ledger) land(t *rapid.T, how func(*landing)) {
	if len(l.landings) == 0 {
		t.Skip("nothing is in flight")
	}
	how(l.landings[0])
	close(l.landings[0].done)
	l.landings = l.landings[1:]
	if err := l.settle(); err != nil {
		t.Fatal(err)
	}
}

func (l *ledger) beginsTurn(t *rapid.T) {
	if l.busy {
		t.Skip("a turn is going on")
	}
	l.due = l.due || rapid.Bool().Draw(t, "polled")
	if l.session.begin(context.Background()); l.busy {
		q := <-l.asked
		l.question, l.numbered = &q, 0
		if len(q.done.arrived) > 0 {
			l.number++
			l.numbered = l.number
		}
	}
}

// reads has the turn read by position. What it removes nobody else sees before it ends.
func (l *ledger) reads(t *rapid.T) {
	if l.question == nil || l.reading != nil {
		t.Skip("no turn is to read")
	}
	q := l.question
	for _, f := range q.done.failures {
		l.failed[f.row.position] = true
	}
	r := reading{after: q.after, snapshot: snapshot{next: l.ended + 1}}
	for _, w := range l.writings {
		if w.xid < r.snapshot.next {
			r.snapshot.running = append(r.snapshot.running, w.xid)
		}
	}
	if q.numbered && l.numbered == 0 {
		l.number++
		l.numbered = l.number
	}
	r.own = l.numbered
	for _, next := range l.committed {
		out := next.position <= q.after || slices.Contains(q.inMemory, next.position) || slices.Contains(q.keptBack, next.aggregate) ||
			slices.Contains(q.done.arrived, next.position) || slices.Contains(l.others, partitionOf(next.aggregate)) ||
			l.hasFailed(next, func(p int64) bool { return !slices.Contains(q.inMemory, p) })
		if !out {
			r.rows = append(r.rows, next)
		}
	}
	slices.SortFunc(r.rows, func(a, b row) int { return cmp.Compare(a.position, b.position) })
	r.rows = r.rows[:min(len(r.rows), q.limit)]
	r.full = len(r.rows) == q.limit
	l.reading = &r
}

// hasFailed tells whether a row or one before it in its aggregate has failed, of those that count.
func (l *ledger) hasFailed(r row, counts func(position int64) bool) bool {
	return slices.ContainsFunc(l.committed, func(b row) bool {
		_, failed := l.failed[b.position]
		return b.aggregate == r.aggregate && b.sequence <= r.sequence && failed && counts(b.position)
	})
}

// endsTurn has the turn read what is wanted, and commits it. It is not taken yet.
func (l *ledger) endsTurn(t *rapid.T) {
	if l.reading == nil {
		t.Skip("no turn has read")
	}
	q, r := l.question, l.reading
	l.committed = slices.DeleteFunc(l.committed, func(r row) bool { return slices.Contains(q.done.arrived, r.position) })
	for _, w := range q.wanted {
		var found []row
		for _, next := range l.committed {
			rests := l.hasFailed(next, func(p int64) bool { return l.failed[p] })
			if next.aggregate == w.aggregate && next.sequence > w.sequence && !rests && !slices.Contains(l.others, partitionOf(next.aggregate)) {
				found = append(found, next)
			}
		}
		slices.SortFunc(found, func(a, b row) int { return cmp.Compare(a.sequence, b.sequence) })
		r.wanted = append(r.wanted, found[:min(len(found), depth)]...)
	}
	l.ended = max(l.ended, l.numbered)
	l.answers <- *r
	l.question, l.reading = nil, nil
}

func (l *ledger) takes(t *rapid.T) {
	if !l.busy || l.question != nil {
		t.Skip("no turn has ended")
	}
	if err := l.take(<-l.turns); err != nil {
		t.Fatal(err)
	}
}

// wholeTurn has the turn that is going on, or another, be over.
func (l *ledger) wholeTurn(t *rapid.T) {
	if !l.busy {
		l.due = true
		l.beginsTurn(t)
	}
	if l.question != nil && l.reading == nil {
		l.reads(t)
	}
	if l.reading != nil {
		l.endsTurn(t)
	}
	l.takes(t)
}

// settles has everything be published, and removed.
func (l *ledger) settles(t *rapid.T) {
	l.wholeTurn(t)
	l.allLand(t)
	l.wholeTurn(t)
}

// lingers has those that run count as slow.
func (l *ledger) lingers(*rapid.T) {
	for i := range l.tail.marks {
		l.tail.marks[i].at = time.Now().Add(-2 * lateness)
	}
}

// looks finds what has rested by then. It is not seen yet.
func (l *ledger) looks(t *rapid.T) {
	if l.found != nil {
		return
	}
	for position := range l.failed {
		l.failed[position] = l.failed[position] && rapid.Bool().Draw(t, "rests")
	}
	found := &look{floor: l.tail.floor}
	for _, w := range l.writings {
		if len(w.rows) == 0 {
			found.idle = append(found.idle, uint32(w.xid))
		}
	}
	q := l.session.question()
	known := slices.Concat(q.inMemory, l.removing, l.done.arrived)
	for _, next := range l.committed {
		rests, failed := l.failed[next.position]
		if failed && !rests && !slices.Contains(known, next.position) && !slices.Contains(l.others, partitionOf(next.aggregate)) {
			found.rested = append(found.rested, next.aggregate)
		}
	}
	l.found = found
}

func (l *ledger) sees(t *rapid.T) {
	if l.found == nil {
		t.Skip("nobody has looked")
	}
	l.seen(*l.found)
	l.found = nil
}

// What befalls it.

// isLost ends the session, and begins another. What its last turn was told may have been done or not.
func (l *ledger) isLost(*rapid.T) {
	l.close()
	l.open()
}

// othersPublish has the other relay publish and remove a row.
func (l *ledger) othersPublish(t *rapid.T) {
	for i, next := range l.committed {
		if slices.Contains(l.others, partitionOf(next.aggregate)) {
			l.sent(next)
			l.committed = slices.Delete(l.committed, i, i+1)
			return
		}
	}
	t.Skip("the other relay has nothing to do")
}

// othersEnd leaves all partitions to the session.
func (l *ledger) othersEnd(t *rapid.T) {
	if l.busy || len(l.others) == 0 {
		t.Skip("partitions are got at the beginning of a turn")
	}
	l.others = nil
}

// rest has everything be published that is committed, by the session as it is, though nothing is handed over any more.
func (l *ledger) rest(t *rapid.T) {
	for len(l.writings) > 0 {
		l.end(0)
	}
	for range 300 {
		if len(l.committed) == 0 && !l.busy {
			return
		}
		l.round(t)
	}
	t.Fatalf("%d rows are left: %+v", len(l.committed), l.committed)
}

// round has a turn be over, and everything land that was published after it.
func (l *ledger) round(t *rapid.T) {
	l.wholeTurn(t)
	l.allLand(t)
	for position := range l.failed {
		l.failed[position] = false
	}
	l.looks(t)
	l.sees(t)
}

// Whoever appends, commits or rolls back, in whatever order rows are handed over, or are not, before, while and after turns read them, and
// whoever fails, loses the session or gets partitions: the session publishes what is committed and nothing else, in the order of its
// aggregate, and again only with a reason.
func TestWhatIsHandedOverIsPublishedAsIfItWereRead(t *testing.T) {
	t.Parallel()
	handedOver := 0
	for range 300 { // each is as few as suits tests with servers
		rapid.Check(t, func(t *rapid.T) {
			l := newLedger(t)
			defer func() { l.close() }()
			for range 4 {
				t.Repeat(map[string]func(*rapid.T){
					"begin":                   l.begin,
					"append":                  l.append,
					"commit":                  l.commit,
					"roll back":               l.rollBack,
					"write":                   l.write,
					"write more":              l.write,
					"hand over":               l.handOver,
					"hand over more":          l.handOver,
					"publish":                 l.publishes,
					"confirm":                 l.confirmed,
					"give back":               l.givenBack,
					"have all land":           l.allLand,
					"begin a turn":            l.beginsTurn,
					"read":                    l.reads,
					"end a turn":              l.endsTurn,
					"take a turn":             l.takes,
					"turn":                    l.wholeTurn,
					"settle":                  l.settles,
					"linger":                  l.lingers,
					"look":                    l.looks,
					"see what was looked for": l.sees,
					"lose the session":        l.isLost,
					"let the other publish":   l.othersPublish,
					"let the other end":       l.othersEnd,
				})
			}
			handedOver += l.handedOver
			l.wholeTurn(t)
			l.others = nil
			l.rest(t)
		})
	}
	if handedOver == 0 {
		t.Error("nothing was ever handed over without being read")
	}
}
