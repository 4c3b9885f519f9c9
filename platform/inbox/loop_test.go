package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
)

var errBroken = errors.New("broken")

// ledger is a table in a bubble of its own time. What it handles fails as fails says.
type ledger struct {
	config Config
	// fails says how a try goes, handling how long it takes.
	fails    func(try int, fact event.Envelope) error
	handling time.Duration

	mu    sync.Mutex
	tries map[string][]time.Time
	// waits are the messages set aside.
	waits map[uuid.UUID]*waits
	// down is until when there is no database.
	down time.Time
	// awaited is how often it was waited for.
	awaited int
	// transactions are the messages of each that was begun.
	transactions [][]string
}

type waits struct {
	fact     event.Envelope
	state    string
	attempts int
	next     time.Time
}

func (l *ledger) try(fact event.Envelope) error {
	l.mu.Lock()
	l.tries[fact.Subject] = append(l.tries[fact.Subject], time.Now())
	n := len(l.tries[fact.Subject])
	l.mu.Unlock()
	time.Sleep(l.handling)
	if time.Now().Before(l.down) {
		return errors.New("no database")
	}
	return l.fails(n, fact)
}

func (l *ledger) handle(_ context.Context, _ []byte, fact event.Envelope) error {
	l.begin(fact)
	return l.try(fact)
}

func (l *ledger) begin(facts ...event.Envelope) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var names []string
	for _, fact := range facts {
		names = append(names, fmt.Sprint(fact.Subject, fact.Sequence))
	}
	l.transactions = append(l.transactions, names)
}

// handleTogether is all or nothing.
func (l *ledger) handleTogether(messages []message) error {
	var facts []event.Envelope
	for _, m := range messages {
		facts = append(facts, m.fact)
	}
	l.begin(facts...)
	for _, m := range messages {
		if err := l.try(m.fact); err != nil {
			return err
		}
	}
	return nil
}

func (l *ledger) putAside(_ context.Context, _ []byte, fact event.Envelope, reason error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	state, rest := l.config.after(1, reason)
	l.waits[fact.ID] = &waits{fact: fact, state: state, attempts: 1, next: time.Now().Add(rest)}
	return nil
}

func (l *ledger) due(context.Context) (due []uuid.UUID, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, w := range l.waits {
		if w.state == "RETRYING" && !time.Now().Before(w.next) {
			due = append(due, id)
		}
	}
	return due, nil
}

func (l *ledger) retry(_ context.Context, id uuid.UUID) (bool, error) {
	l.mu.Lock()
	w := l.waits[id]
	l.mu.Unlock()
	err := l.try(w.fact)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil {
		delete(l.waits, id)
		return true, nil
	}
	w.attempts++
	state, rest := l.config.after(w.attempts, err)
	w.state, w.next = state, time.Now().Add(rest)
	return true, nil
}

func (l *ledger) databaseDown(context.Context, error) bool { return time.Now().Before(l.down) }

func (l *ledger) awaitDatabase(context.Context) {
	l.awaited++
	time.Sleep(time.Until(l.down))
}

// hand is a message in hand.
type hand struct {
	body  []byte
	mu    sync.Mutex
	acked time.Time
	lost  bool
}

func (h *hand) Body() []byte { return h.body }

func (h *hand) Ack() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.acked = time.Now()
}

func (h *hand) ackAll(all []delivery) {
	for _, d := range all {
		d.Ack()
	}
}

func (h *hand) Stale() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.lost
}

func (h *hand) bury(context.Context, string) error {
	return errors.New("nothing of this is to be buried")
}

func (h *hand) ackedAt() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.acked
}

// inTime has a consumer with the times that it ships with, in a bubble of its own time.
func inTime(t *testing.T, config Config, test func(t *testing.T, c *Consumer[struct{}], l *ledger)) {
	synctest.Test(t, func(t *testing.T) {
		config.Log = slog.New(slog.DiscardHandler)
		config = config.withDefaults()
		l := &ledger{config: config, tries: map[string][]time.Time{}, waits: map[uuid.UUID]*waits{}, fails: func(int, event.Envelope) error { return errBroken }}
		c := &Consumer[struct{}]{config: config, name: "inventory", workers: newWorkers(), table: l, setAside: make(chan struct{}, 1)}
		c.gather()
		test(t, c, l)
	})
}

// deliver hands a consumer a message.
func deliver(ctx context.Context, t *testing.T, c *Consumer[struct{}], subject string, sequence int64) *hand {
	t.Helper()
	return deliverFact(ctx, t, c, "ordering.order.placed", subject, sequence)
}

func deliverFact(ctx context.Context, t *testing.T, c *Consumer[struct{}], name, subject string, sequence int64) *hand {
	t.Helper()
	fact := event.New(ctx, event.Fact{
		Name: name, Version: 1, Subject: subject, Sequence: sequence, CorrelationID: subject, At: time.Now(),
		Data: map[string]any{"orderId": subject},
	})
	body, err := json.Marshal(fact)
	if err != nil {
		t.Fatal(err)
	}
	h := &hand{body: body}
	c.receive(ctx, h)
	return h
}

func pauses(at []time.Time) (between []time.Duration) {
	for i := range at[1:] {
		between = append(between, at[i+1].Sub(at[i]))
	}
	return between
}

func TestAMessageThatFailsIsTriedForTenSecondsAndThenSetAside(t *testing.T) {
	inTime(t, Config{}, func(t *testing.T, c *Consumer[struct{}], l *ledger) {
		begun := time.Now()
		h := deliver(t.Context(), t, c, "1", 1)
		c.workers.wait()
		took := h.ackedAt().Sub(begun)
		if took > 10*time.Second || took < 10*time.Second-inline.Most {
			t.Errorf("in hand for %s", took)
		}
		if len(l.waits) != 1 {
			t.Errorf("%d set aside", len(l.waits))
		}
		for i, pause := range pauses(l.tries["1"]) {
			want := min(inline.First<<i, inline.Most)
			if pause > want || pause < want-want/4 {
				t.Errorf("try %d came after %s, want about %s", i+2, pause, want)
			}
		}
		if n := len(l.tries["1"]); n < 9 || n > 13 {
			t.Errorf("%d tries", n)
		}
	})
}

func TestAMessageThatSucceedsWithinPatienceIsNotSetAside(t *testing.T) {
	inTime(t, Config{}, func(t *testing.T, c *Consumer[struct{}], l *ledger) {
		l.fails = func(try int, _ event.Envelope) error {
			if try < 5 {
				return errBroken
			}
			return nil
		}
		h := deliver(t.Context(), t, c, "1", 1)
		c.workers.wait()
		if len(l.waits) != 0 || h.ackedAt().IsZero() || len(l.tries["1"]) != 5 {
			t.Errorf("%d set aside, acknowledged at %s, %d tries", len(l.waits), h.ackedAt(), len(l.tries["1"]))
		}
	})
}

func TestWhatNoTryCanMendIsSetAsideAtOnce(t *testing.T) {
	inTime(t, Config{}, func(t *testing.T, c *Consumer[struct{}], l *ledger) {
		l.fails = func(int, event.Envelope) error {
			return &UnknownVersionError{Fact: "ordering.order.placed", Version: 99}
		}
		begun := time.Now()
		h := deliver(t.Context(), t, c, "1", 1)
		c.workers.wait()
		if h.ackedAt() != begun || len(l.tries["1"]) != 1 {
			t.Errorf("in hand for %s, %d tries", h.ackedAt().Sub(begun), len(l.tries["1"]))
		}
		for _, w := range l.waits {
			if w.state != "PARKED" {
				t.Errorf("it is %s", w.state)
			}
		}
	})
}

// Others wait behind what is in hand: when that is all that may be, nothing is tried for long.
func TestNothingIsTriedAgainWhileTheHandIsFull(t *testing.T) {
	inTime(t, Config{Prefetch: 3}, func(t *testing.T, c *Consumer[struct{}], l *ledger) {
		begun := time.Now()
		l.handling = time.Second
		hands := []*hand{deliver(t.Context(), t, c, "1", 1), deliver(t.Context(), t, c, "2", 1), deliver(t.Context(), t, c, "3", 1)}
		c.workers.wait()
		first := slices.MinFunc(hands, func(a, b *hand) int { return a.ackedAt().Compare(b.ackedAt()) })
		if took := first.ackedAt().Sub(begun); took != time.Second {
			t.Errorf("the first was in hand for %s", took)
		}
	})
}

// Time without a database is nobody's patience, and one that comes and goes is asked less and less often.
func TestTimeWithoutADatabaseDoesNotCount(t *testing.T) {
	inTime(t, Config{}, func(t *testing.T, c *Consumer[struct{}], l *ledger) {
		back := time.Now().Add(time.Hour)
		l.down = back
		h := deliver(t.Context(), t, c, "1", 1)
		c.workers.wait()
		if took := h.ackedAt().Sub(back); took > 10*time.Second+inline.Most || took < 10*time.Second-inline.Most {
			t.Errorf("tried for %s once the database was back", took)
		}
		if l.awaited != 1 || len(l.waits) != 1 {
			t.Errorf("waited %d times, %d set aside", l.awaited, len(l.waits))
		}
	})
}

// The tries of patience count as one attempt; the others come after 1 s, 2 s and so on up to 5 min, and after the tenth it is parked.
func TestWhatIsSetAsideIsRetriedLessAndLessOftenAndThenParked(t *testing.T) {
	for name, attempts := range map[string]int{"as shipped": 0, "more often": 14} {
		t.Run(name, func(t *testing.T) {
			inTime(t, Config{Attempts: attempts}, func(t *testing.T, c *Consumer[struct{}], l *ledger) {
				ctx, stop := context.WithCancel(t.Context())
				var retrying sync.WaitGroup
				retrying.Go(func() { c.retryLoop(ctx) })
				deliver(ctx, t, c, "1", 1)
				c.workers.wait()
				time.Sleep(2 * time.Hour)
				stop()
				retrying.Wait()
				inHand := 0
				want := attempts
				if attempts == 0 {
					want = 10
				}
				for _, w := range l.waits {
					if w.attempts != want || w.state != "PARKED" {
						t.Errorf("%s after %d attempts", w.state, w.attempts)
					}
					inHand = len(l.tries["1"]) - (w.attempts - 1)
				}
				for i, pause := range pauses(l.tries["1"][inHand-1:]) {
					delay := min(time.Second<<i, 5*time.Minute)
					if pause < delay-delay/4 || pause > delay+retryEvery {
						t.Errorf("attempt %d came after %s, want about %s", i+2, pause, delay)
					}
				}
			})
		})
	}
}

func TestTheEndFinishesWhatIsBegunAndLeavesTheRest(t *testing.T) {
	inTime(t, Config{}, func(t *testing.T, c *Consumer[struct{}], l *ledger) {
		l.handling, l.fails = 3*time.Second, func(int, event.Envelope) error { return nil }
		ctx, stop := context.WithCancel(t.Context())
		var hands []*hand
		for i := range 6 {
			hands = append(hands, deliver(ctx, t, c, fmt.Sprint(i%2), int64(i)))
		}
		time.Sleep(time.Second)
		ended := time.Now()
		stop()
		c.workers.wait()
		if took := time.Since(ended); took != 2*time.Second {
			t.Errorf("it took %s to finish what was begun", took)
		}
		for i, h := range hands {
			if begun := i < 2; begun == h.ackedAt().IsZero() {
				t.Errorf("message %d was acknowledged: %t", i, !begun)
			}
		}
	})
}

// What fails when the consumer is to end is neither tried for long nor set aside: it comes again.
func TestTheEndTriesNothingAgain(t *testing.T) {
	inTime(t, Config{}, func(t *testing.T, c *Consumer[struct{}], l *ledger) {
		ctx, stop := context.WithCancel(t.Context())
		h := deliver(ctx, t, c, "1", 1)
		time.Sleep(5 * time.Second)
		ended := time.Now()
		stop()
		c.workers.wait()
		if took := time.Since(ended); took != 0 || !h.ackedAt().IsZero() || len(l.waits) != 0 {
			t.Errorf("ended after %s, acknowledged at %s, %d set aside", took, h.ackedAt(), len(l.waits))
		}
	})
}
