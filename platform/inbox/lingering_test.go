package inbox

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/platform/event"
)

// A fact that lingers, and one that somebody waits for.
const (
	idle   = "ordering.order.placed"
	urgent = "inventory.stock.reserved"
)

// arrival is a fact that comes at a time.
type arrival struct {
	at       time.Duration
	name     string
	subject  string
	sequence int64
}

// lingeringInTime has a consumer, in a bubble of its own time, with a route that lingers and one that does not.
func lingeringInTime(t *testing.T, config Config, test func(t *testing.T, c *Consumer[struct{}], l *ledger)) {
	inTime(t, config, func(t *testing.T, c *Consumer[struct{}], l *ledger) {
		c.routes = Routes[struct{}]{Route[struct{}]{Fact: idle}.Lingering(), {Fact: urgent}}
		l.handling, l.fails = time.Millisecond, succeeds
		test(t, c, l)
	})
}

// arrive has facts come in their time, and returns when all are done.
func arrive(ctx context.Context, t *testing.T, c *Consumer[struct{}], arrivals []arrival) []*hand {
	t.Helper()
	begun := time.Now()
	hands := make([]*hand, len(arrivals))
	for i, a := range arrivals {
		time.Sleep(time.Until(begun.Add(a.at)))
		hands[i] = deliverFact(ctx, t, c, a.name, a.subject, a.sequence)
	}
	for c.inHand() > 0 && ctx.Err() == nil {
		time.Sleep(linger)
	}
	c.workers.wait()
	return hands
}

// What lingers is handled when it has, or as soon as there is a transaction that it can be part of, in the order of arrival.
func TestWhatNobodyWaitsForIsHandledInCompanyOrWhenItHasLingered(t *testing.T) {
	const ms = time.Millisecond
	for name, c := range map[string]struct {
		config   Config
		arrivals []arrival
		want     [][]string
		// done is when each is acknowledged.
		done []time.Duration
	}{
		"alone": {
			Config{Together: 4},
			[]arrival{{0, idle, "a", 1}},
			[][]string{{"a1"}},
			[]time.Duration{linger + ms},
		},
		"with those that come while it does": {
			Config{Together: 4},
			[]arrival{{0, idle, "a", 1}, {5 * ms, idle, "b", 2}, {linger - ms, idle, "c", 3}, {linger + 10*ms, idle, "d", 4}},
			[][]string{{"a1", "b2", "c3"}, {"d4"}},
			[]time.Duration{linger + 3*ms, linger + 3*ms, linger + 3*ms, 2*linger + 11*ms},
		},
		"with one of its subject that somebody waits for": {
			Config{Together: 4},
			[]arrival{{0, idle, "a", 1}, {8 * ms, urgent, "a", 2}},
			[][]string{{"a1", "a2"}},
			[]time.Duration{10 * ms, 10 * ms},
		},
		"with one of another subject that somebody waits for": {
			Config{Together: 4},
			[]arrival{{0, idle, "a", 1}, {3 * ms, urgent, "b", 2}},
			[][]string{{"a1", "b2"}},
			[]time.Duration{5 * ms, 5 * ms},
		},
		"a transaction that ends does not take it": {
			Config{Together: 4},
			[]arrival{{0, urgent, "a", 1}, {ms / 2, idle, "b", 2}, {10 * ms, urgent, "c", 3}},
			[][]string{{"a1"}, {"b2", "c3"}},
			[]time.Duration{ms, 12 * ms, 12 * ms},
		},
		"as many as a transaction takes": {
			Config{Together: 3},
			[]arrival{{0, idle, "a", 1}, {0, idle, "a", 2}, {ms, idle, "b", 3}, {2 * ms, idle, "c", 4}},
			[][]string{{"a1", "a2", "b3"}, {"c4"}},
			[]time.Duration{4 * ms, 4 * ms, 4 * ms, linger + 3*ms},
		},
		"as many as may be in hand": {
			Config{Together: 8, Prefetch: 2},
			[]arrival{{0, idle, "a", 1}, {ms, idle, "b", 2}},
			[][]string{{"a1", "b2"}},
			[]time.Duration{3 * ms, 3 * ms},
		},
		"not where each has its own transaction": {
			Config{Together: 1},
			[]arrival{{0, idle, "a", 1}, {2 * ms, idle, "b", 2}},
			[][]string{{"a1"}, {"b2"}},
			[]time.Duration{ms, 3 * ms},
		},
	} {
		t.Run(name, func(t *testing.T) {
			lingeringInTime(t, c.config, func(t *testing.T, consumer *Consumer[struct{}], l *ledger) {
				begun := time.Now()
				var done []time.Duration
				for _, h := range arrive(t.Context(), t, consumer, c.arrivals) {
					done = append(done, h.ackedAt().Sub(begun))
				}
				if diff := cmp.Diff(c.want, l.transactions); diff != "" {
					t.Errorf("transactions (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(c.done, done); diff != "" {
					t.Errorf("done (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// What lingers behind its subject is taken as soon as that is free, if it has lingered long enough by then.
func TestWhatLingersBehindItsSubjectIsTakenAfterIt(t *testing.T) {
	lingeringInTime(t, Config{Together: 4, Workers: 3}, func(t *testing.T, c *Consumer[struct{}], l *ledger) {
		l.fails = func(_ int, fact event.Envelope) error {
			if fact.Sequence == 1 {
				time.Sleep(time.Second)
			}
			return nil
		}
		begun := time.Now()
		hands := arrive(t.Context(), t, c, []arrival{
			{0, urgent, "slow", 1}, {time.Millisecond, idle, "slow", 2}, {500 * time.Millisecond, idle, "a", 3}, {time.Second - linger/2, idle, "slow", 4},
		})
		if took := hands[2].ackedAt().Sub(begun); took != 500*time.Millisecond+linger+time.Millisecond {
			t.Errorf("what lingered beside the slow was done after %s", took)
		}
		want := [][]string{{"slow1"}, {"a3"}, {"slow2", "slow4"}}
		if diff := cmp.Diff(want, l.transactions); diff != "" {
			t.Error(diff)
		}
	})
}

// Whatever comes whenever: nothing that somebody waits for waits for more than the transaction that runs, nothing lingers for longer, and
// the order of a subject is kept.
func TestNothingLingersForLongerAndNothingElseDoes(t *testing.T) {
	for seed := range uint64(100) {
		lingeringInTime(t, Config{Together: 4}, func(t *testing.T, c *Consumer[struct{}], l *ledger) {
			random := rand.New(rand.NewPCG(seed, 2))
			var arrivals []arrival
			at := time.Duration(0)
			for i := range 60 {
				at += time.Duration(random.IntN(12_000)) * time.Microsecond
				name := idle
				if random.IntN(4) == 0 {
					name = urgent
				}
				arrivals = append(arrivals, arrival{at, name, string(rune('a' + random.IntN(3))), int64(i)})
			}
			begun := time.Now()
			hands := arrive(t.Context(), t, c, arrivals)
			// A transaction of four runs already, and one that takes the message follows.
			const longest = 8 * time.Millisecond
			for i, a := range arrivals {
				wait, most := hands[i].ackedAt().Sub(begun)-a.at, longest
				if a.name == idle {
					most += linger
				}
				if wait > most {
					t.Errorf("seed %d: %s %d was done after %s", seed, a.name, i, wait)
				}
			}
			bySubject := map[string][]string{}
			for _, name := range slices.Concat(l.transactions...) {
				bySubject[name[:1]] = append(bySubject[name[:1]], name)
			}
			want := map[string][]string{}
			for _, a := range arrivals {
				want[a.subject] = append(want[a.subject], fmt.Sprint(a.subject, a.sequence))
			}
			if diff := cmp.Diff(want, bySubject); diff != "" {
				t.Errorf("seed %d: %s", seed, diff)
			}
		})
	}
}

// The end waits for nobody that lingers: that comes again.
func TestTheEndLeavesWhatLingersToComeAgain(t *testing.T) {
	lingeringInTime(t, Config{Together: 4}, func(t *testing.T, c *Consumer[struct{}], l *ledger) {
		ctx, stop := context.WithCancel(t.Context())
		h := deliverFact(ctx, t, c, idle, "a", 1)
		time.Sleep(linger / 2)
		ended := time.Now()
		stop()
		c.settle()
		if took := time.Since(ended); took != 0 {
			t.Errorf("the end took %s", took)
		}
		time.Sleep(linger)
		if !h.ackedAt().IsZero() || len(l.transactions) != 0 || c.inHand() != 0 {
			t.Errorf("acknowledged at %s in %v, %d in hand", h.ackedAt(), l.transactions, c.inHand())
		}
	})
}

// A copy whose channel is gone while it lingers is not handled: it comes again.
func TestWhatIsGivenBackWhileItLingersIsNotHandled(t *testing.T) {
	lingeringInTime(t, Config{Together: 4}, func(t *testing.T, c *Consumer[struct{}], l *ledger) {
		h := deliverFact(t.Context(), t, c, idle, "a", 1)
		h.mu.Lock()
		h.lost = true
		h.mu.Unlock()
		time.Sleep(2 * linger)
		c.workers.wait()
		if len(l.transactions) != 0 || c.inHand() != 0 {
			t.Errorf("handled in %v, %d in hand", l.transactions, c.inHand())
		}
	})
}
