package outbox

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

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

// A turn that reads behind a position reads no row whose aggregate has an unread row before it, wherever that is.
func TestBehindThePositionNoRowOvertakesAnUnreadOne(t *testing.T) {
	t.Parallel()
	db := openOutbox(t)
	own, err := claim(t.Context(), db, defaultOwnership)
	if err != nil {
		t.Fatal(err)
	}
	defer own.release()
	add := func(subject string, sequence int) (position int64) {
		t.Helper()
		err := db.QueryRow(t.Context(), `
			INSERT INTO outbox (id, partition, source, subject, sequence, routing_key, envelope)
			VALUES (gen_random_uuid(), 0, '/ordering', $1, $2, '', '') RETURNING position`, subject, sequence).Scan(&position)
		if err != nil {
			t.Fatal(err)
		}
		return position
	}
	known := add("known", 1)
	settled := add("passed over", 1)
	for _, subject := range []string{"known", "passed over"} {
		add(subject, 2)
		add(subject, 3)
	}
	add("new", 1)
	for _, c := range []struct {
		after int64
		want  []string
	}{
		{settled, []string{"known 3", "known 4", "new 7"}},
		{0, []string{"passed over 2", "known 3", "known 4", "passed over 5", "passed over 6", "new 7"}},
	} {
		rows, err := own.turn(t.Context(), outcome{}, []int64{known}, c.after, 100)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range rows {
			got = append(got, fmt.Sprint(r.aggregate.subject, " ", r.position))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("after %d (-want +got):\n%s", c.after, diff)
		}
	}
}

// A row that is committed when others have been read behind it for long is passed over by turns, and found by looking.
func TestARowThatWasPassedOverIsFound(t *testing.T) {
	t.Parallel()
	db := openOutbox(t)
	slow, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = slow.Rollback(context.Background()) }()
	const insert = `
		INSERT INTO outbox (id, partition, source, subject, sequence, routing_key, envelope)
		VALUES (gen_random_uuid(), 0, '/ordering', $1, 1, '', '') RETURNING position`
	position := func(row pgx.Row) (p int64) {
		t.Helper()
		if err := row.Scan(&p); err != nil {
			t.Fatal(err)
		}
		return p
	}
	position(slow.QueryRow(t.Context(), insert, "slow"))
	read := position(db.QueryRow(t.Context(), insert, "read"))

	s := &session{
		relay: NewRelay(RelayConfig{DB: db}), tail: newTail(), looks: make(chan look, 1), nextLook: time.NewTimer(time.Hour),
		partitions: []int16{0},
	}
	s.tail.after()
	s.tail.read(time.Now().Add(-2*lateness), []row{{position: read}})
	s.done.arrived = append(s.done.arrived, read) // and not yet removed
	looked := func() (after int64) {
		s.look(t.Context())
		s.seen(<-s.looks)
		return s.tail.after()
	}
	if after := looked(); after != read {
		t.Errorf("with nothing passed over, the next turn reads behind %d, want %d", after, read)
	}
	if err := slow.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := looked(); after != 0 {
		t.Errorf("with a row passed over, the next turn reads behind %d", after)
	}
}

// Of an aggregate with many rows all are read, a few at a time, without waiting for a look.
func TestOfADeepAggregateMoreIsReadUntilThereIsNone(t *testing.T) {
	t.Parallel()
	a := aggregate{"/ordering", "1"}
	s := &session{tail: newTail(), lanes: map[aggregate][]row{}, resting: map[aggregate]bool{}, relay: &Relay{window: 1}}
	s.tail.after()
	many := make([]row, depth)
	for i := range many {
		many[i] = row{aggregate: a, position: int64(i + 1)}
	}
	if err := s.take(turn{begun: time.Now().Add(-2 * lateness), rows: many}); err != nil {
		t.Fatal(err)
	}
	for range depth {
		if after := s.tail.after(); after != 0 {
			t.Fatalf("with %d in memory, the next turn reads behind %d", len(s.lanes[a]), after)
		}
		s.arrive(s.lanes[a][0])
	}
	if first, second := s.tail.after(), s.tail.after(); first != 0 || second != depth {
		t.Errorf("then turns read behind %d and %d, want 0 and %d", first, second, depth)
	}
}
