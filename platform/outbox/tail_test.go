package outbox

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/postgres"
)

func openOutbox(t *testing.T) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), Postgres(t), "ordering")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if err := db.Migrate(t.Context(), "outbox", Migrations()); err != nil {
		t.Fatal(err)
	}
	return db
}

// reader is a session that reads, and publishes nothing.
type reader struct {
	*session
	own *ownership
	t   *testing.T
	db  *postgres.DB
}

func newReader(t *testing.T) *reader {
	t.Helper()
	db := openOutbox(t)
	own, err := claim(t.Context(), db, defaultOwnership)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(own.release)
	return &reader{newSession(NewRelay(RelayConfig{DB: db}), own, nil), own, t, db}
}

func (r *reader) begin() pgx.Tx {
	r.t.Helper()
	tx, err := r.db.Begin(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = tx.Rollback(context.Background()) })
	return tx
}

func (r *reader) commit(tx pgx.Tx) {
	r.t.Helper()
	if err := tx.Commit(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

func (r *reader) appendIn(tx pgx.Tx, subject string, sequences ...int64) {
	r.t.Helper()
	for _, sequence := range sequences {
		fact := event.New(r.t.Context(), event.Fact{Name: "ordering.order.placed", Version: 1, Subject: subject, Sequence: sequence})
		if err := Append(r.t.Context(), tx, fact); err != nil {
			r.t.Fatal(err)
		}
	}
}

func (r *reader) append(subject string, sequences ...int64) {
	r.t.Helper()
	tx := r.begin()
	r.appendIn(tx, subject, sequences...)
	r.commit(tx)
}

func (r *reader) exec(statement string, args ...any) {
	r.t.Helper()
	if _, err := r.db.Exec(r.t.Context(), statement, args...); err != nil {
		r.t.Fatal(err)
	}
}

// turns takes a turn, and more for as long as one is due.
func (r *reader) turns() {
	r.t.Helper()
	for r.due = true; r.due || !r.done.empty(); {
		r.session.begin(r.t.Context())
		if err := r.take(<-r.session.turns); err != nil {
			r.t.Fatal(err)
		}
	}
}

// linger takes turns until those that run now count as slow.
func (r *reader) linger() {
	r.t.Helper()
	for range 4 {
		for i := range r.tail.marks {
			r.tail.marks[i].at = time.Now().Add(-2 * lateness)
		}
		r.turns()
	}
}

func (r *reader) looks() {
	r.t.Helper()
	r.look(r.t.Context())
	r.seen(<-r.session.looks)
}

// lane is what is in memory of an aggregate.
func (r *reader) lane(subject string) (sequences []int64) {
	for _, next := range r.lanes[aggregate{"/ordering", subject}] {
		sequences = append(sequences, next.sequence)
	}
	return sequences
}

// leave takes rows of an aggregate as arrived.
func (r *reader) leave(subject string, rows int) {
	for range rows {
		r.arrive(r.lanes[aggregate{"/ordering", subject}][0])
	}
}

func (r *reader) check(when, subject string, want ...int64) {
	r.t.Helper()
	if diff := cmp.Diff(want, r.lane(subject)); diff != "" {
		r.t.Errorf("%s of %s (-want +got):\n%s", when, subject, diff)
	}
}

// Tests that run at the same time have transactions on the same server. One that ends meanwhile has the floor lowered, as it must, until what
// was read is published: then another try is made.
func TestReadingGoesOnBehindWhatWasRead(t *testing.T) {
	t.Parallel()
	var first, then int64
	for range 20 {
		r := newReader(t)
		r.append("1", 1, 2)
		r.linger()
		first = r.tail.floor
		r.append("2", 1)
		r.linger()
		r.check("read", "1", 1, 2)
		r.check("read", "2", 1)
		if then = r.tail.floor; first > 0 && then > first && len(r.tail.marks) == 0 {
			return
		}
	}
	t.Errorf("the floor is %d and then %d", first, then)
}

// A transaction draws the first position and commits last. Reading goes on without it; and when it has ended, what comes after its fact in
// the same aggregate does not overtake it, although it alone is behind the floor.
func TestAFactThatIsCommittedLateIsReadAndNotOvertaken(t *testing.T) {
	t.Parallel()
	for name, wait := range map[string]func(*reader){
		"soon":                   (*reader).turns,
		"late":                   (*reader).linger,
		"late, and looked after": func(r *reader) { r.linger(); r.looks() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReader(t)
			late := r.begin()
			r.appendIn(late, "late", 1)
			r.append("other", 1)
			wait(r)
			r.check("before the commit", "other", 1)
			r.check("before the commit", "late")
			r.commit(late)
			r.append("late", 2)
			r.append("other", 2)
			r.turns()
			r.check("after the commit", "late", 1, 2)
			r.check("after the commit", "other", 1, 2)
		})
	}
}

// A transaction is there for long, and appends when reading has gone on without it.
func TestAFactOfALongTransactionIsReadAndNotOvertaken(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	long := r.begin()
	if _, err := long.Exec(t.Context(), `SELECT pg_current_xact_id()`); err != nil {
		t.Fatal(err)
	}
	r.append("other", 1)
	r.linger()
	r.looks()
	r.appendIn(long, "long", 1)
	r.append("other", 2)
	r.linger()
	r.looks()
	r.append("other", 3)
	r.turns()
	r.commit(long)
	r.append("long", 2)
	r.turns()
	r.check("read", "long", 1, 2)
	r.check("read", "other", 1, 2, 3)
}

// The end of a transaction that has appended nothing has nobody pass over all that was removed in the meantime.
func TestATransactionThatAppendsNothingLowersTheFloorByLittle(t *testing.T) {
	t.Parallel()
	for name, database := range map[string]func(*reader) *postgres.DB{
		"in the same database": func(r *reader) *postgres.DB { return r.db },
		"in another":           func(r *reader) *postgres.DB { return openOutbox(r.t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReader(t)
			long, err := database(r).Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = long.Rollback(context.Background()) }()
			if _, err := long.Exec(t.Context(), `SELECT pg_current_xact_id()`); err != nil {
				t.Fatal(err)
			}
			r.append("1", 1)
			r.linger()
			r.append("1", 2)
			r.linger()
			read := r.tail.floor
			r.looks()
			r.append("1", 3)
			r.linger()
			if err := long.Rollback(t.Context()); err != nil {
				t.Fatal(err)
			}
			r.due = true
			r.session.begin(t.Context())
			if err := r.take(<-r.session.turns); err != nil {
				t.Fatal(err)
			}
			if r.tail.floor != read || !r.due {
				t.Errorf("the floor is %d, want %d; a turn is due: %t", r.tail.floor, read, r.due)
			}
			r.turns()
			r.check("read", "1", 1, 2, 3)
		})
	}
}

// Of an aggregate with many rows all are read, a few at a time, and what is appended meanwhile comes last.
func TestOfADeepAggregateMoreIsReadUntilThereIsNone(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	const rows = 2*depth + 5
	var want []int64
	for sequence := range int64(rows) {
		want = append(want, sequence+1)
	}
	r.append("deep", want...)
	r.append("other", 1)
	r.turns()
	r.check("read", "other", 1)
	if len(r.lane("deep")) != depth {
		t.Fatalf("%d rows in memory", len(r.lane("deep")))
	}
	r.append("deep", rows+1)
	r.linger()
	want = append(want, rows+1)
	var got []int64
	for len(r.lane("deep")) > 0 {
		got = append(got, r.lane("deep")...)
		r.leave("deep", len(r.lane("deep")))
		r.turns()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	r.append("deep", rows+2)
	r.turns()
	r.check("then", "deep", rows+2)
	if len(r.tail.deep)+len(r.tail.wanted) != 0 {
		t.Errorf("%d are still deep, %d wanted", len(r.tail.deep), len(r.tail.wanted))
	}
}

// What follows a fact that has failed is not read before it, though it has rested, nor when it is appended later.
func TestWhatHasRestedIsReadFromTheFactThatFailed(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	r.append("1", 1, 2)
	r.turns()
	r.fail(r.lanes[aggregate{"/ordering", "1"}][0], "refused")
	r.turns()
	r.append("1", 3)
	r.turns()
	r.looks()
	r.turns()
	r.check("while it rests", "1")
	r.exec(`UPDATE outbox SET not_before = now() WHERE attempts > 0`)
	r.append("1", 4)
	r.turns()
	r.check("before it is looked for", "1")
	r.looks()
	r.turns()
	r.check("then", "1", 1, 2, 3, 4)
	r.append("1", 5)
	r.looks()
	r.turns()
	r.check("at last", "1", 1, 2, 3, 4, 5)
}

// A fact fails while a turn goes on, which knows nothing of it and reads the next.
func TestWhatIsReadWhileAFactFailsIsNotQueued(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	r.append("1", 1)
	r.turns()
	r.append("1", 2)
	r.due = true
	r.session.begin(t.Context())
	r.fail(r.lanes[aggregate{"/ordering", "1"}][0], "refused")
	if err := r.take(<-r.session.turns); err != nil {
		t.Fatal(err)
	}
	r.check("read", "1")
}

// Someone has removed the fact that failed; nobody would look for those that waited behind it.
func TestARowThatNobodyWouldReadIsSearched(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	r.append("1", 1, 2)
	r.append("2", 1)
	r.linger()
	r.leave("2", 1) // and not yet removed
	r.nextSearch = time.Now()
	r.looks()
	if r.due || r.tail.floor == 0 {
		t.Errorf("with nothing lost, a turn is due: %t, behind %d", r.due, r.tail.floor)
	}
	r.fail(r.lanes[aggregate{"/ordering", "1"}][0], "refused")
	r.turns()
	r.exec(`DELETE FROM outbox WHERE attempts > 0`)
	r.nextSearch = time.Now()
	r.looks()
	r.turns()
	r.check("found", "1", 2)
}

// A relay gets partitions when it has read far in those that it had, and there is more in them than memory holds.
func TestOfPartitionsThatAreGotLaterAllIsRead(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	r.own.partitions, r.own.claimed = []int16{0}, time.Now().Add(time.Hour)
	const insert = `
		INSERT INTO outbox (id, partition, source, subject, sequence, routing_key, envelope)
		SELECT gen_random_uuid(), $1::int, '/ordering', $1::int || ' ' || n, 1, '', '' FROM generate_series(1, $2::int) AS n`
	r.exec(insert, 1, maxRows+5)
	r.exec(insert, 0, 1)
	r.linger()
	r.check("before", "0 1", 1)
	r.own.claimed = time.Time{}
	arrived := 0
	for r.turns(); r.rows > 0; r.linger() {
		for a, lane := range r.lanes {
			arrived += len(lane)
			r.arrive(lane[0])
			delete(r.lanes, a)
		}
	}
	if arrived != maxRows+6 {
		t.Errorf("read %d of %d", arrived, maxRows+6)
	}
}

// With no room in memory a turn reads nothing, which says nothing of what there is.
func TestATurnThatReadsNothingRaisesNoFloor(t *testing.T) {
	t.Parallel()
	now, tail := time.Now(), newTail()
	tail.read(now, reading{rows: []row{{position: 5}}, snapshot: snapshot{next: 10}})
	tail.read(now, reading{own: 12, snapshot: snapshot{next: 12}})
	if ended := (snapshot{next: 14}); !tail.read(now, reading{full: true, snapshot: ended}) || tail.floor != 0 {
		t.Errorf("the floor is %d", tail.floor)
	}
	if ended := (snapshot{next: 14}); !tail.read(now, reading{snapshot: ended}) || tail.floor != 5 {
		t.Errorf("then it is %d", tail.floor)
	}
}

// The transaction 11 has drawn position 4 before 9 drew 5, and nobody above has ended: no snapshot lists it before 12 has.
func TestATransactionAboveAllThatHaveEndedIsWaitedFor(t *testing.T) {
	t.Parallel()
	now, tail := time.Now(), newTail()
	for _, turn := range []reading{
		{rows: []row{{position: 5}}, snapshot: snapshot{next: 11}},
		{snapshot: snapshot{next: 11}},
		{own: 12, snapshot: snapshot{next: 11}},
		{own: 13, snapshot: snapshot{next: 13, running: []uint64{11}}},
	} {
		if tail.read(now, turn); tail.floor != 0 {
			t.Fatalf("the floor is %d when the snapshot is %v", tail.floor, turn.snapshot)
		}
	}
	if tail.read(now, reading{rows: []row{{position: 4}}, snapshot: snapshot{next: 14}}); tail.floor != 5 {
		t.Errorf("when all have ended, it is %d", tail.floor)
	}
}

// What is handed over need not be read for the floor to rise to it. The transaction 13 has drawn position 4 before 14 drew 5, after the turn 12
// has got its number: 12 says nothing of those who had drawn before 5, and the next turn does.
func TestTheFloorRisesToWhatWasHandedOverWhenALaterTurnHasANumber(t *testing.T) {
	t.Parallel()
	now, tail := time.Now(), newTail()
	tail.aim(now, 3)
	tail.mark(now)
	tail.hand(5)
	tail.read(now, reading{own: 12, snapshot: snapshot{next: 15, running: []uint64{13}}})
	if tail.floor != 3 {
		t.Fatalf("the floor is %d after a turn that began before", tail.floor)
	}
	for _, step := range []struct {
		turn reading
		want int64
	}{
		{reading{own: 16, snapshot: snapshot{next: 15, running: []uint64{13}}}, 3},
		{reading{own: 17, snapshot: snapshot{next: 17, running: []uint64{13}}}, 3},
		{reading{own: 18, rows: []row{{position: 4}}, snapshot: snapshot{next: 18}}, 5},
	} {
		tail.mark(now)
		step.turn.after = tail.floor
		if tail.read(now, step.turn); tail.floor != step.want {
			t.Errorf("the floor is %d when the snapshot is %v, want %d", tail.floor, step.turn.snapshot, step.want)
		}
	}
	if len(tail.marks) != 0 {
		t.Errorf("it is still to rise to %v", tail.marks)
	}
}

func TestSnapshots(t *testing.T) {
	t.Parallel()
	for text, saw := range map[string][]uint64{
		"10:13:10,12": {9, 11},
		"13:13:":      {9, 10, 11, 12},
	} {
		s, err := parseSnapshot(text)
		if err != nil {
			t.Fatal(err)
		}
		var got []uint64
		for xid := uint64(9); xid < 15; xid++ {
			if s.saw(xid) {
				got = append(got, xid)
			}
		}
		if diff := cmp.Diff(saw, got); diff != "" {
			t.Errorf("%s saw (-want +got):\n%s", text, diff)
		}
	}
	for _, text := range []string{"", "1:2", "a:b:", "1:2:c"} {
		if s, err := parseSnapshot(text); err == nil {
			t.Errorf("%q is %s", text, fmt.Sprint(s))
		}
	}
}
