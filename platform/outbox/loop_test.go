package outbox

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/rabbit"
)

// stage is a session in a bubble of its own time, between a table and a channel that answer at once. It is both.
type stage struct {
	t     *testing.T
	relay *Relay
	ended chan error
	stop  context.CancelFunc

	mu   sync.Mutex
	rows []row
	// resting are when aggregates have rested enough, and rests what was noted of them.
	resting map[aggregate]time.Time
	// turns are when the outbox was read, asks when it was asked for bindings.
	turns, asks []time.Time
	number      uint64
	// unbound is what is missing, unless nobody answers.
	unbound    []rabbit.Binding
	unanswered error
	// published are the rows that were published, and when; silent and returns are what the broker does with them.
	published []publication
	silent    bool
	returns   bool
	returned  []rabbit.Return
	aborted   time.Time
}

type publication struct {
	row  row
	at   time.Time
	done chan struct{}
}

func (p publication) Done() <-chan struct{} { return p.done }
func (p publication) Acked() bool           { return isClosed(p.done) }

// staged has a relay's session run in a bubble of its own time, after what prepare does.
func staged(t *testing.T, config RelayConfig, prepare func(*stage), test func(*stage)) {
	synctest.Test(t, func(t *testing.T) {
		config.DB, config.Log = &postgres.DB{}, slog.New(slog.DiscardHandler)
		s := &stage{t: t, relay: NewRelay(config), ended: make(chan error, 1), resting: map[aggregate]time.Time{}, number: 100}
		prepare(s)
		session := newSession(s.relay, s, s)
		session.from = s
		session.watch.missing = s.missing
		ctx, stop := context.WithCancel(t.Context())
		s.stop = stop
		go func() { s.ended <- session.run(ctx) }()
		synctest.Wait()
		test(s)
		stop()
		synctest.Wait()
	})
}

func plain(*stage) {}

// append commits a row of an aggregate of its own, unless there is one of the subject.
func (s *stage) append(subject string, sequence int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.number++
	s.rows = append(s.rows, row{position: int64(s.number), aggregate: aggregate{"/ordering", subject}, sequence: sequence})
}

// handOver appends rows of an aggregate and has them handed over, as of a transaction of this process.
func (s *stage) handOver(subject string, sequences ...int64) {
	begun, before := time.Now(), int64(0)
	time.Sleep(time.Nanosecond)
	for _, sequence := range sequences {
		s.append(subject, sequence)
		next := s.rows[len(s.rows)-1]
		for _, r := range s.rows {
			if r.aggregate == next.aggregate && r.position < next.position {
				before = r.position
			}
		}
		s.relay.handover.Told(&handed{row: next, before: before, begun: begun})
	}
	synctest.Wait()
}

// turned is how many turns there were.
func (s *stage) turned() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.turns)
}

func (s *stage) held() []int16 { return []int16{0, 1, 2, 3, 4, 5, 6, 7} }

func (s *stage) turn(_ context.Context, q question) (reading, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turns = append(s.turns, time.Now())
	for _, f := range q.done.failures {
		s.resting[f.row.aggregate] = time.Now().Add(rest.Delay(f.row.attempts + 1))
		for i := range s.rows {
			if s.rows[i].position == f.row.position {
				s.rows[i].attempts++
			}
		}
	}
	s.rows = slices.DeleteFunc(s.rows, func(r row) bool { return slices.Contains(q.done.arrived, r.position) })
	s.number++
	r := reading{after: q.after, own: s.number, snapshot: snapshot{next: s.number + 1}}
	for _, next := range s.rows {
		_, rests := s.resting[next.aggregate]
		if !rests && next.position > q.after && !slices.Contains(q.inMemory, next.position) && len(r.rows) < q.limit {
			r.rows = append(r.rows, next)
		}
		if slices.Contains(q.wanted, want{next.aggregate, 0}) && time.Now().After(s.resting[next.aggregate]) {
			delete(s.resting, next.aggregate)
			r.wanted = append(r.wanted, next)
		}
	}
	slices.SortFunc(r.rows, func(a, b row) int { return cmp.Compare(a.position, b.position) })
	return r, nil
}

func (s *stage) look(_ context.Context, l *look, _ []int16, _ question) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for a, until := range s.resting {
		if time.Now().After(until) {
			l.rested = append(l.rested, a)
		}
	}
	return nil
}

func (s *stage) search(context.Context, *look, []int16, question) error { return nil }

func (s *stage) missing(context.Context) ([]rabbit.Binding, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asks = append(s.asks, time.Now())
	return s.unbound, s.unanswered
}

// set changes what the servers do.
func (s *stage) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *stage) Together(f func() error) error { return f() }

func (s *stage) publish(r row) (confirmation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := publication{r, time.Now(), make(chan struct{})}
	if s.returns {
		s.returned = append(s.returned, rabbit.Return{MessageID: r.id.String(), Reason: "no queue"})
	}
	if !s.silent {
		close(p.done)
	}
	s.published = append(s.published, p)
	return p, nil
}

func (s *stage) Returned() []rabbit.Return {
	s.mu.Lock()
	defer s.mu.Unlock()
	returned := s.returned
	s.returned = nil
	return returned
}

func (s *stage) Blocked() bool              { return false }
func (s *stage) Open() bool                 { return true }
func (s *stage) Closed() <-chan *amqp.Error { return nil }
func (s *stage) Leave()                     {}
func (s *stage) Abort()                     { s.set(func() { s.aborted = time.Now() }) }

// confirm confirms all that is in flight.
func (s *stage) confirm() {
	s.set(func() {
		for _, p := range s.published {
			if !isClosed(p.done) {
				close(p.done)
			}
		}
	})
}

// arrivals are when rows of a subject were published.
func (s *stage) arrivals(subject string) (at []time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.published {
		if p.row.aggregate.subject == subject {
			at = append(at, p.at)
		}
	}
	return at
}

func (s *stage) mustHavePublished(subject string, since time.Time, within time.Duration) {
	s.t.Helper()
	switch at := s.arrivals(subject); {
	case len(at) == 0:
		s.t.Errorf("%s was not published", subject)
	case at[0].Sub(since) > within:
		s.t.Errorf("%s was published after %s", subject, at[0].Sub(since))
	}
}

func TestARelayThatIsWokenAfterACommitPublishesAtOnce(t *testing.T) {
	staged(t, RelayConfig{}, plain, func(s *stage) {
		time.Sleep(time.Minute + 123*time.Millisecond)
		committed := time.Now()
		s.append("1", 1)
		s.append("1", 2)
		s.append("2", 1)
		s.relay.Wake()
		synctest.Wait()
		for _, subject := range []string{"1", "2"} {
			s.mustHavePublished(subject, committed, 0)
		}
		if at := s.arrivals("1"); len(at) != 2 || at[1] != committed {
			t.Errorf("published at %v", at)
		}
	})
}

func TestWhatIsHandedOverIsPublishedAtOnceAndInNoTurn(t *testing.T) {
	staged(t, RelayConfig{}, plain, func(s *stage) {
		time.Sleep(time.Minute + 123*time.Millisecond)
		synctest.Wait()
		before, committed := s.turned(), time.Now()
		s.handOver("1", 1, 2)
		s.handOver("2", 1)
		s.handOver("1", 3)
		if turns := s.turned() - before; turns != 0 {
			t.Errorf("%d turns for what was handed over", turns)
		}
		for subject, want := range map[string]int{"1": 3, "2": 1} {
			s.mustHavePublished(subject, committed, time.Microsecond)
			if at := s.arrivals(subject); len(at) != want {
				t.Errorf("%s was published %d times, want %d", subject, len(at), want)
			}
		}
		time.Sleep(minPoll)
		synctest.Wait()
		if turns := s.turned() - before; len(s.rows) != 0 || turns != 1 {
			t.Errorf("%d rows are left after %d turns", len(s.rows), turns)
		}
	})
}

// Told of a row that it cannot place, or of none, the relay reads.
func TestWhatCannotBeTakenAsItIsHandedOverIsReadAtOnce(t *testing.T) {
	staged(t, RelayConfig{}, plain, func(s *stage) {
		time.Sleep(time.Minute + 123*time.Millisecond)
		committed := time.Now()
		s.append("1", 1)
		s.handOver("1", 2)
		s.append("2", 1)
		s.relay.handover.Told(nil)
		synctest.Wait()
		s.mustHavePublished("1", committed, time.Microsecond)
		s.mustHavePublished("2", committed, time.Microsecond)
		if at := s.arrivals("1"); len(at) != 2 {
			t.Errorf("1 was published %d times, want 2", len(at))
		}
	})
}

// With much in memory reading costs less; and whoever has ended takes nothing.
func TestRowsAreAskedForWhileFewAreInMemory(t *testing.T) {
	var ended *stage
	staged(t, RelayConfig{}, func(s *stage) { s.silent = true }, func(s *stage) {
		for i := range maxHanded {
			if !s.relay.handover.Asks() {
				t.Fatalf("not asked for with %d in memory", i)
			}
			s.handOver(strconv.Itoa(i), 1)
			time.Sleep(2 * pace / mostHanded)
		}
		if s.relay.handover.Asks() {
			t.Errorf("asked for with %d in memory", maxHanded)
		}
		s.handOver("read", 1)
		if len(s.published) != maxHanded+1 {
			t.Errorf("%d are published", len(s.published))
		}
		s.confirm()
		synctest.Wait()
		if s.relay.handover.Asks() {
			t.Error("asked for again as soon as all have landed")
		}
		time.Sleep(unasked + maxPoll)
		synctest.Wait()
		if !s.relay.handover.Asks() {
			t.Error("not asked for when it has kept up for a while")
		}
		ended = s
	})
	if ended.relay.handover.Asks() {
		t.Error("asked for by a session that has ended")
	}
}

// Where much is appended it costs less to read and to publish many rows at once.
func TestRowsAreNotAskedForWhileThereAreManyInAMoment(t *testing.T) {
	staged(t, RelayConfig{}, plain, func(s *stage) {
		for i := range mostHanded + 1 {
			if !s.relay.handover.Asks() {
				t.Fatalf("not asked for after %d", i)
			}
			s.handOver(strconv.Itoa(i), 1)
		}
		if s.relay.handover.Asks() {
			t.Errorf("asked for after %d", mostHanded+1)
		}
		time.Sleep(unasked + maxPoll)
		synctest.Wait()
		if !s.relay.handover.Asks() {
			t.Error("not asked for after a while with few")
		}
	})
}

// What was confirmed is removed with what is read next, which is soon, also if nobody wakes the relay, or when it ends.
func TestRowsThatHaveArrivedAreRemovedSoonAndInNoTurnOfTheirOwn(t *testing.T) {
	staged(t, RelayConfig{}, plain, func(s *stage) {
		time.Sleep(time.Minute + 123*time.Millisecond)
		synctest.Wait()
		before := s.turned()
		for i := range int64(10) {
			s.append("1", i+1)
			s.relay.Wake()
			synctest.Wait()
		}
		if turns := s.turned() - before; turns > 10 {
			t.Errorf("%d turns for 10 facts", turns)
		}
		time.Sleep(minPoll)
		synctest.Wait()
		if len(s.rows) != 0 {
			t.Errorf("%d rows are left though they were confirmed at once", len(s.rows))
		}
	})
	var ended *stage
	staged(t, RelayConfig{}, plain, func(s *stage) {
		s.append("1", 1)
		s.relay.Wake()
		synctest.Wait()
		ended = s
	})
	if len(ended.rows) != 0 {
		t.Errorf("%d rows are left by a relay that has ended", len(ended.rows))
	}
}

// The longer nothing was there, the less often it is looked; at the least once a second.
func TestARelayThatNobodyWakesLooksLessAndLessOftenAndOnceASecondAtLeast(t *testing.T) {
	staged(t, RelayConfig{}, plain, func(s *stage) {
		time.Sleep(10 * time.Second)
		synctest.Wait()
		var pauses []time.Duration
		for i := range s.turns[1:] {
			pauses = append(pauses, s.turns[i+1].Sub(s.turns[i]))
		}
		want := []time.Duration{2 * minPoll, 4 * minPoll, 8 * minPoll, 16 * minPoll, time.Second, time.Second, time.Second}
		if len(pauses) < len(want) || !slices.Equal(pauses[:len(want)], want) {
			t.Fatalf("looked after %v", pauses)
		}
		if longest := slices.Max(pauses); longest > time.Second {
			t.Errorf("did not look for %s", longest)
		}
		time.Sleep(234 * time.Millisecond)
		committed := time.Now()
		s.append("1", 1)
		time.Sleep(time.Second)
		synctest.Wait()
		s.mustHavePublished("1", committed, time.Second)
		found := s.arrivals("1")[0]
		i := slices.IndexFunc(s.turns, func(at time.Time) bool { return at.After(found) })
		if i < 0 || s.turns[i].Sub(found) > 2*minPoll {
			t.Error("did not look again soon after it found something")
		}
	})
}

func TestARelayPausesWhileABindingIsMissingAndGoesOnWithinTwoSecondsOfItsReturn(t *testing.T) {
	lost := []rabbit.Binding{{Source: "ordering.events", Destination: "inventory.inbox", RoutingKey: "order.placed.*"}}
	config := RelayConfig{Consumers: map[string][]string{"ordering.order.placed": {"inventory.inbox"}}}
	staged(t, config, func(s *stage) { s.unbound = lost }, func(s *stage) {
		s.append("before", 1)
		s.relay.Wake()
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if len(s.published) != 0 || s.relay.Paused() != "inventory.inbox is not bound to ordering.events by order.placed.*" {
			t.Errorf("published %d, paused because %q", len(s.published), s.relay.Paused())
		}
		if asked := len(s.asks); asked < 15 || asked > 16 {
			t.Errorf("asked %d times in 30 seconds", asked)
		}
		bound := time.Now()
		s.set(func() { s.unbound = nil })
		time.Sleep(watchPaused)
		synctest.Wait()
		s.mustHavePublished("before", bound, watchPaused)
		if reason := s.relay.Paused(); reason != "" {
			t.Errorf("paused because %q", reason)
		}

		time.Sleep(5 * time.Minute)
		s.set(func() { s.unanswered = errors.New("nobody answers") })
		time.Sleep(2 * watchEvery)
		s.append("unanswered", 1)
		s.relay.Wake()
		synctest.Wait()
		if len(s.arrivals("unanswered")) != 1 {
			t.Error("not published because nobody says whether a binding is missing")
		}
		s.set(func() { s.unbound, s.unanswered = lost, nil })
		time.Sleep(watchEvery)
		synctest.Wait()
		s.append("lost", 1)
		s.relay.Wake()
		time.Sleep(time.Minute)
		if len(s.arrivals("lost")) != 0 {
			t.Error("published more than a minute after a binding was lost")
		}
	})
}

func TestAnAggregateRestsAfterAReturnAndIsPublishedAgainSoonAfter(t *testing.T) {
	staged(t, RelayConfig{}, func(s *stage) { s.returns = true }, func(s *stage) {
		begun := time.Now()
		s.append("1", 1)
		s.relay.Wake()
		time.Sleep(20 * time.Minute)
		at := s.arrivals("1")
		for i, pause := 0, time.Second; i < 9; i++ {
			// Up to a quarter less by chance, and found by the next look.
			if got := at[i+1].Sub(at[i]); got < pause-pause/4 || got > pause+2*lookEvery {
				t.Errorf("try %d came after %s, want about %s", i+2, got, pause)
			}
			pause = min(2*pause, time.Minute)
		}
		s.mustHavePublished("1", begun, 0)
		if len(s.rows) != 1 {
			t.Errorf("%d rows are kept though none has arrived", len(s.rows))
		}
		s.set(func() { s.returns = false })
		time.Sleep(time.Minute + 2*lookEvery)
		synctest.Wait()
		if len(s.rows) != 0 {
			t.Error("not published in the minute after a queue was bound")
		}
	})
}

func TestAChannelThatConfirmsNothingIsGivenUpWhenPatienceEnds(t *testing.T) {
	staged(t, RelayConfig{}, func(s *stage) { s.silent = true }, func(s *stage) {
		begun := time.Now()
		s.append("1", 1)
		s.relay.Wake()
		if err := <-s.ended; !errors.Is(err, errUnconfirmed) {
			t.Errorf("ended with %v", err)
		}
		if took := time.Since(begun); took < defaultPatience || took > defaultPatience+patrolEvery {
			t.Errorf("given up after %s", took)
		}
		s.ended <- nil
	})
}

// The end publishes nothing more, and waits for the confirms of what it has published, but not for long.
func TestTheEndWaitsForConfirmsAndPublishesNothingMore(t *testing.T) {
	for name, c := range map[string]struct {
		confirmed time.Duration
		within    time.Duration
		left      int
	}{
		"they come at once":      {0, 0, 1},
		"they come in a second":  {time.Second, time.Second, 1},
		"they come when it ends": {grace - time.Millisecond, grace - time.Millisecond, 1},
		"they do not come":       {time.Hour, grace, 2},
	} {
		t.Run(name, func(t *testing.T) {
			staged(t, RelayConfig{}, func(s *stage) { s.silent = true }, func(s *stage) {
				s.append("1", 1)
				s.relay.Wake()
				synctest.Wait()
				stopped := time.Now()
				s.stop()
				s.append("later", 1)
				s.relay.Wake()
				late := time.AfterFunc(c.confirmed, s.confirm)
				defer late.Stop()
				if err := <-s.ended; err != nil {
					t.Errorf("ended with %v", err)
				}
				if took := time.Since(stopped); took != c.within || s.aborted.IsZero() != (c.confirmed < grace) {
					t.Errorf("ended after %s, connection given up at %s", took, s.aborted)
				}
				if len(s.arrivals("later")) != 0 || len(s.rows) != c.left {
					t.Errorf("%d published after the end, %d rows are left", len(s.arrivals("later")), len(s.rows))
				}
				s.ended <- nil
			})
		})
	}
}

// A row is in flight once at a time for each aggregate, and no more of them than fit the window.
func TestTheWindowBoundsWhatIsInFlight(t *testing.T) {
	staged(t, RelayConfig{}, func(s *stage) { s.silent = true }, func(s *stage) {
		for i := range maxWindow + 100 {
			s.append(strconv.Itoa(i), 1)
			s.append(strconv.Itoa(i), 2)
		}
		s.relay.Wake()
		time.Sleep(time.Second)
		synctest.Wait()
		if len(s.published) != maxWindow {
			t.Errorf("%d in flight", len(s.published))
		}
		s.set(func() { s.silent = false })
		begun := time.Now()
		s.confirm()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if len(s.published) != 2*(maxWindow+100) || len(s.rows) != 0 {
			t.Errorf("%d published, %d rows are left", len(s.published), len(s.rows))
		}
		if last := s.published[len(s.published)-1].at; last.Sub(begun) > time.Second {
			t.Errorf("the last was published after %s", last.Sub(begun))
		}
	})
}
