package chaos

import (
	"context"
	"strings"
	"testing"
	"time"

	"quadrille.dev/proof/system"
	"quadrille.dev/stack/local/localtest"
)

// Each mutant is found out by the faults that its promise is against, and by words that the verdict then has.
var mutants = []struct {
	mutant
	strike func(*Trial, context.Context) error
	words  string
}{
	{noDeduplication, (*Trial).repeatAll, "doubled: "},
	{removedBeforeConfirm, (*Trial).loseWindow, "lost: "},
	{ackBeforeCommit, (*Trial).interruptHandlers, "lost: "},
}

const (
	// strikes bounds how often a mutant is struck before it counts as not found out.
	strikes = 5
	// settling is for how long a mutant's faults have to stay as they are to be believed; the shipped build has all the time there is.
	settling = 8 * time.Second
)

// TestBuildsThatBreakAPromiseAreFoundOut has the verdict judge builds without deduplication, with rows removed before the confirm, and
// with messages acknowledged before the commit; and the shipped build, under the same faults.
func TestBuildsThatBreakAPromiseAreFoundOut(t *testing.T) {
	servers := localtest.StartServers(t)
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			more, err := m.overlay(localtest.Root(t), t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			trial := begin(t, servers, m.name, more...)
			trial.stock(t, strikes)
			for range strikes {
				if faults := trial.judge(t, m.strike, settling); strings.Contains(strings.Join(faults, "\n"), m.words) {
					t.Logf("found out: %s", faults[0])
					return
				}
			}
			t.Errorf("not found out in %d strikes", strikes)
		})
	}
	t.Run("shipped", func(t *testing.T) {
		trial := begin(t, servers, "")
		trial.stock(t, len(mutants))
		for _, m := range mutants {
			for _, fault := range trial.judge(t, m.strike, patience) {
				t.Errorf("under the faults against %s: %s", m.name, fault)
			}
		}
	})
}

// judge places an order, strikes, and answers what the verdict is when the system has had time to recover.
func (t *Trial) judge(tb testing.TB, strike func(*Trial, context.Context) error, patience time.Duration) []string {
	tb.Helper()
	if err := strike(t, tb.Context()); err != nil {
		tb.Fatal(err)
	}
	faults, err := t.verdict(tb.Context(), patience)
	if err != nil {
		tb.Fatal(err)
	}
	return faults
}

// order places one order.
func (t *Trial) order(ctx context.Context) error {
	return t.place(ctx, Order{Kind: plain, By: system.Ada, Wish: system.Wish{SKU: plenty}})
}

// repeatAll publishes an order's first facts again.
func (t *Trial) repeatAll(ctx context.Context) error {
	if err := t.order(ctx); err != nil {
		return err
	}
	return t.duplicate(ctx, Fault{Count: 5})
}

// loseWindow places an order while the broker is frozen, and kills it when the relay is done with the order, or has had the time to be.
func (t *Trial) loseWindow(ctx context.Context) error {
	if err := t.servers.FreezeRabbitMQ(); err != nil {
		return err
	}
	if err := t.order(ctx); err != nil {
		return err
	}
	waiting, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	_ = await(waiting, "an empty outbox", func(ctx context.Context) (bool, error) {
		rows, err := t.ask(ctx, "ordering", `SELECT count(*) FROM outbox`)
		return rows == 0, err
	})
	return t.servers.KillRabbitMQ(ctx)
}

// interruptHandlers kills the witness while it handles an order's facts.
func (t *Trial) interruptHandlers(ctx context.Context) error {
	placed := make(chan error, 1)
	go func() { placed <- t.order(ctx) }()
	if err := t.killAtWork(ctx, Fault{Target: witness, Hold: time.Minute}); err != nil {
		return err
	}
	return <-placed
}

func TestMutantsAreMadeFromTheShippedSource(t *testing.T) {
	for _, m := range mutants {
		if _, err := m.source(localtest.Root(t)); err != nil {
			t.Error(err)
		}
	}
}

func TestAMutantOfChangedSourceIsRefused(t *testing.T) {
	m := noDeduplication
	m.says = "what the source never said"
	if _, err := m.overlay(localtest.Root(t), t.TempDir()); err == nil {
		t.Error("a mutant was made from source that says something else")
	}
}
