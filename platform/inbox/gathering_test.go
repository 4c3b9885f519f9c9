package inbox

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"quadrille.dev/platform/event"
)

func succeeds(int, event.Envelope) error { return nil }

// What comes alone waits for nobody; what comes while a transaction runs is handled by the next, those of a subject in order.
func TestWhatComesMeanwhileIsHandledInOneTransaction(t *testing.T) {
	inTime(t, Config{Together: 4}, func(t *testing.T, c *Consumer[struct{}], l *ledger) {
		l.handling, l.fails = time.Millisecond, succeeds
		hands := []*hand{deliver(t.Context(), t, c, "a", 1)}
		time.Sleep(time.Millisecond / 2)
		for i, subject := range []string{"b", "a", "b", "c", "a"} {
			hands = append(hands, deliver(t.Context(), t, c, subject, int64(i+2)))
		}
		c.workers.wait()
		want := [][]string{{"a1"}, {"b2", "a3", "b4", "c5"}, {"a6"}}
		if diff := cmp.Diff(want, l.transactions); diff != "" {
			t.Error(diff)
		}
		for i, h := range hands {
			if h.ackedAt().IsZero() {
				t.Errorf("message %d was not acknowledged", i)
			}
		}
		if n := c.inHand(); n != 0 {
			t.Errorf("%d in hand", n)
		}
	})
}

// One that fails is tried, and set aside, as if it had come alone. The others take effect at once, and nobody waits for its patience but
// those of its subject.
func TestWhatFailsInATransactionOfSeveralFallsBackByItself(t *testing.T) {
	inTime(t, Config{Together: 8}, func(t *testing.T, c *Consumer[struct{}], l *ledger) {
		l.handling, l.fails = time.Millisecond, func(_ int, fact event.Envelope) error {
			if fact.Subject == "bad" && fact.Sequence == 2 {
				return errBroken
			}
			return nil
		}
		begun := time.Now()
		deliver(t.Context(), t, c, "a", 1)
		time.Sleep(time.Millisecond / 2)
		bad, innocent := deliver(t.Context(), t, c, "bad", 2), deliver(t.Context(), t, c, "b", 3)
		time.Sleep(10 * time.Millisecond)
		behind, later := deliver(t.Context(), t, c, "bad", 4), deliver(t.Context(), t, c, "c", 5)
		c.workers.wait()
		for name, h := range map[string]*hand{"the innocent": innocent, "what came later": later} {
			if took := h.ackedAt().Sub(begun); took > 20*time.Millisecond {
				t.Errorf("%s was in hand for %s", name, took)
			}
		}
		if took := bad.ackedAt().Sub(begun); took < 10*time.Second-inline.Most {
			t.Errorf("what failed was given up after %s", took)
		}
		if behind.ackedAt().Before(bad.ackedAt()) || len(l.waits) != 1 {
			t.Errorf("what came behind was done before; %d set aside", len(l.waits))
		}
	})
}

// Whoever waits for a transaction that does not get on is handled by another one, beside it.
func TestASlowTransactionHoldsUpNobodyForLong(t *testing.T) {
	inTime(t, Config{Together: 8, Workers: 3}, func(t *testing.T, c *Consumer[struct{}], l *ledger) {
		l.fails = func(_ int, fact event.Envelope) error {
			if fact.Subject == "slow" {
				time.Sleep(time.Minute)
			}
			return nil
		}
		begun := time.Now()
		deliver(t.Context(), t, c, "slow", 1)
		waits := deliver(t.Context(), t, c, "a", 2)
		behind := deliver(t.Context(), t, c, "slow", 3)
		time.Sleep(time.Second)
		late := deliver(t.Context(), t, c, "b", 4)
		c.workers.wait()
		if took := waits.ackedAt().Sub(begun); took != helpAfter {
			t.Errorf("what waited was in hand for %s", took)
		}
		if took := late.ackedAt().Sub(begun); took != time.Second {
			t.Errorf("what came while others were slow was done at %s", took)
		}
		if took := behind.ackedAt().Sub(begun); took != 2*time.Minute {
			t.Errorf("what was behind the slow was done at %s", took)
		}
		if c.gathering.running != 0 || c.gathering.slow != 0 {
			t.Errorf("%d run, %d of them slow", c.gathering.running, c.gathering.slow)
		}
	})
}

// A transaction that gives up because others hold what it needs has each message handled by itself, and the next ones take fewer.
func TestTransactionsThatCollideBecomeSmaller(t *testing.T) {
	inTime(t, Config{Together: 16}, func(t *testing.T, c *Consumer[struct{}], l *ledger) {
		l.handling = time.Millisecond
		l.fails = func(try int, fact event.Envelope) error {
			if fact.Sequence == 2 && try == 1 {
				return fmt.Errorf("lock: %w", &pgconn.PgError{Code: "55P03"})
			}
			return nil
		}
		for i := range 40 {
			deliver(t.Context(), t, c, fmt.Sprint(i), int64(i))
		}
		c.workers.wait()
		var sizes []int
		for _, messages := range l.transactions {
			if len(messages) > 1 {
				sizes = append(sizes, len(messages))
			}
		}
		if len(sizes) < 3 || sizes[0] != 16 || sizes[1] != 8 || sizes[2] != 9 {
			t.Errorf("transactions of %v", sizes)
		}
	})
}

// The end finishes the transaction that is begun, and leaves the rest to come again.
func TestTheEndFinishesTheTransactionThatIsBegun(t *testing.T) {
	inTime(t, Config{Together: 3}, func(t *testing.T, c *Consumer[struct{}], l *ledger) {
		l.handling, l.fails = 10*time.Millisecond, succeeds
		ctx, stop := context.WithCancel(t.Context())
		var hands []*hand
		for i := range 6 {
			hands = append(hands, deliver(ctx, t, c, fmt.Sprint(i), int64(i)))
		}
		time.Sleep(15 * time.Millisecond)
		stop()
		c.workers.wait()
		for i, h := range hands {
			if begun := i < 4; begun == h.ackedAt().IsZero() {
				t.Errorf("message %d was acknowledged: %t", i, !begun)
			}
		}
	})
}

func TestWhatCollidedIsToldFromOtherFailures(t *testing.T) {
	for code, want := range map[string]bool{"55P03": true, "40P01": true, "40001": true, "23505": false} {
		if got := collided(fmt.Errorf("save: %w", &pgconn.PgError{Code: code})); got != want {
			t.Errorf("%s: %t", code, got)
		}
	}
	if collided(errors.New("broken")) {
		t.Error("any failure is taken for a collision")
	}
}
