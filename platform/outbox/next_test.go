package outbox

import (
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/platform/postgres"
)

// holder is a session that has all partitions, and nothing in memory.
func holder() *session {
	s := newSession(NewRelay(RelayConfig{DB: &postgres.DB{}, Log: slog.New(slog.DiscardHandler)}), nil, nil)
	s.due = false
	for p := range int16(Partitions) {
		s.partitions = append(s.partitions, p)
	}
	return s
}

// has puts rows of an aggregate into memory.
func (s *session) has(a aggregate, positions ...int64) {
	for _, position := range positions {
		s.push(row{position: position, aggregate: a})
	}
}

func TestARowThatIsHandedOverIsReadUnlessItIsClearlyTheNext(t *testing.T) {
	t.Parallel()
	const queued, read, known = "queued", "to be read", "known"
	a := aggregate{"/ordering", "1"}
	for name, c := range map[string]struct {
		prepare func(*session)
		before  int64
		begun   time.Duration
		want    string
	}{
		"nothing is before it":                       {func(*session) {}, 0, 0, queued},
		"it comes behind the last in memory":         {func(s *session) { s.has(a, 3, 4) }, 4, 0, queued},
		"it comes behind one that has arrived":       {func(s *session) { s.done.arrived = []int64{4} }, 4, 0, queued},
		"it comes behind one that is removed":        {func(s *session) { s.removing = []int64{4} }, 4, 0, queued},
		"others of its aggregate have been read":     {func(s *session) { s.has(a, 4); s.highest = 9 }, 4, 0, queued},
		"the one before it is not in memory":         {func(*session) {}, 4, 0, read},
		"another than that before it is the last":    {func(s *session) { s.has(a, 3) }, 4, 0, read},
		"nothing is before it but is in memory":      {func(s *session) { s.has(a, 3) }, 0, 0, read},
		"as many are in memory as are read ahead":    {func(s *session) { s.has(a, make([]int64, depth-1)...); s.has(a, 4) }, 4, 0, read},
		"memory holds many":                          {func(s *session) { s.rows = maxHanded }, 0, 0, read},
		"its aggregate is to be read by name":        {func(s *session) { s.tail.wanted[a] = 0 }, 0, 0, read},
		"its partition is not held":                  {func(s *session) { s.partitions = nil }, 0, 0, read},
		"it was begun before the session":            {func(*session) {}, 0, -time.Hour, read},
		"it was begun before its partition was got":  {func(s *session) { s.since = time.Now().Add(time.Hour) }, 0, 0, read},
		"a turn has read beyond it":                  {func(s *session) { s.highest = 10 }, 0, 0, read},
		"a turn has read it":                         {func(s *session) { s.has(a, 10); s.highest = 10 }, 0, 0, known},
		"a turn has read it, and it has arrived":     {func(s *session) { s.done.arrived, s.highest = []int64{10}, 10 }, 0, 0, known},
		"a turn has read it, and another removes it": {func(s *session) { s.removing, s.highest = []int64{10}, 10 }, 0, 0, known},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := holder()
			c.prepare(s)
			rows := s.rows
			s.takeOver(handed{row{position: 10, aggregate: a}, c.before, time.Now().Add(c.begun)})
			got := known
			switch {
			case s.rows > rows:
				got = queued
			case s.due:
				got = read
			}
			if got != c.want {
				t.Errorf("it is %s, want %s", got, c.want)
			}
		})
	}
}

// Whoever had the partition before has published the row, and removed it.
func TestARowThatWasAppendedBeforeItsPartitionWasGotIsRead(t *testing.T) {
	t.Parallel()
	s := holder()
	next := handed{row: row{position: 10, aggregate: aggregate{"/ordering", "1"}}, begun: time.Now()}
	all := s.partitions
	s.partitions = []int16{(partitionOf(next.row.aggregate) + 1) % Partitions}
	if err := s.take(turn{partitions: all, asked: question{limit: maxRows}}); err != nil {
		t.Fatal(err)
	}
	if s.takeOver(next); s.rows != 0 || !s.due {
		t.Errorf("%d are queued, a turn is due: %t", s.rows, s.due)
	}
}

// A turn has begun before the rows were handed over, so it was not told to leave them out.
func TestWhatATurnHasReadThatWasHandedOverMeanwhileIsQueuedOnce(t *testing.T) {
	t.Parallel()
	a := aggregate{"/ordering", "1"}
	rows := []row{{position: 5, aggregate: a}, {position: 6, aggregate: a}}
	for name, c := range map[string]struct {
		read   reading
		asked  question
		landed int
		want   []int64
	}{
		"by position":                    {reading{rows: rows}, question{limit: maxRows}, 0, []int64{5, 6}},
		"by position, and it has landed": {reading{rows: rows}, question{limit: maxRows}, 1, []int64{6}},
		"by name":                        {reading{wanted: rows}, question{limit: maxRows, wanted: []want{{a, 0}}}, 0, []int64{5, 6}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := holder()
			s.busy = true
			s.takeOver(handed{row{position: 5, aggregate: a}, 0, time.Now()})
			for range c.landed {
				s.arrive(s.lanes[a][0])
			}
			if err := s.take(turn{partitions: s.partitions, asked: c.asked, reading: c.read}); err != nil {
				t.Fatal(err)
			}
			var got []int64
			for _, r := range s.lanes[a] {
				got = append(got, r.position)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			s.takeOver(handed{row{position: 6, aggregate: a}, 5, time.Now()})
			if len(s.lanes[a]) != len(got) || s.due {
				t.Errorf("%d are queued when the second is handed over, a turn is due: %t", len(s.lanes[a]), s.due)
			}
		})
	}
}

// A look has found that the aggregate has rested, and is seen when that is over; until it is read by name it is read by position.
func TestAnAggregateThatIsWantedInVainIsQueuedOnce(t *testing.T) {
	t.Parallel()
	a := aggregate{"/ordering", "1"}
	rows := []row{{position: 5, sequence: 2, aggregate: a}, {position: 6, sequence: 3, aggregate: a}}
	s := holder()
	s.busy = true
	s.seen(look{rested: []aggregate{a}})
	for _, next := range []turn{
		{asked: question{limit: maxRows}, reading: reading{rows: rows}},
		{asked: question{limit: maxRows, wanted: []want{{a, 0}}}, reading: reading{wanted: rows}},
	} {
		next.partitions = s.partitions
		if err := s.take(next); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.lanes[a]) != 2 || s.rows != 2 || len(s.tail.wanted) != 0 {
		t.Errorf("%d are queued, want 2; wanted are %v", len(s.lanes[a]), s.tail.wanted)
	}
}
