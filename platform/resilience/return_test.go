package resilience_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"quadrille.dev/platform/resilience"
)

// looked is a neighbour that is looked for while its breaker is open.
type looked struct {
	*neighbour
	ready   atomic.Bool
	looks   atomic.Int64
	address atomic.Value
}

func newLooked() *looked {
	l := &looked{}
	l.neighbour = newNeighbour(resilience.Config{Ready: func(_ context.Context, address string) bool {
		l.looks.Add(1)
		l.address.Store(address)
		return l.ready.Load()
	}})
	return l
}

func TestANeighbourThatIsBackIsCalledAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLooked()
		l.fail(t, 5)
		time.Sleep(1200 * time.Millisecond)
		l.mustBe(t, resilience.Open, 5)
		l.ready.Store(true)
		time.Sleep(500 * time.Millisecond)
		synctest.Wait()
		l.mustBe(t, resilience.HalfOpen, 5)
		if address := l.address.Load(); address != "pricing" {
			t.Errorf("looked for at %q", address)
		}
		l.succeed(t, 3)
		l.mustBe(t, resilience.Closed, 0)
		seen := l.looks.Load()
		time.Sleep(time.Minute)
		if l.looks.Load() != seen {
			t.Error("it is looked for although its breaker is closed")
		}
	})
}

// Who fails at what it is asked, and says all the time that it is ready, is not called any earlier.
func TestANeighbourThatWasNeverAwayGetsTheWholePause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLooked()
		l.ready.Store(true)
		l.fail(t, 5)
		time.Sleep(30*time.Second - time.Nanosecond)
		synctest.Wait()
		l.mustBe(t, resilience.Open, 5)
		time.Sleep(time.Nanosecond)
		l.succeed(t, 1)
		l.mustBe(t, resilience.HalfOpen, 5)
	})
}

// Seen to be back and failing again, it has to be seen away again.
func TestANeighbourThatIsBackAndFailsIsAwayAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLooked()
		l.fail(t, 5)
		synctest.Wait()
		l.ready.Store(true)
		time.Sleep(500 * time.Millisecond)
		synctest.Wait()
		l.mustBe(t, resilience.HalfOpen, 5)
		l.fail(t, 1)
		time.Sleep(20 * time.Second)
		synctest.Wait()
		l.mustBe(t, resilience.Open, 6)
		time.Sleep(10 * time.Second)
		l.succeed(t, 3)
		l.mustBe(t, resilience.Closed, 0)
	})
}

func TestANeighbourThatStaysAwayIsNotLookedForForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLooked()
		l.fail(t, 5)
		time.Sleep(time.Hour)
		if looks := l.looks.Load(); looks < 59 || looks > 61 {
			t.Errorf("looked %d times", looks)
		}
	})
}

func TestNobodyLooksForANeighbourOnceItIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLooked()
		l.fail(t, 5)
		time.Sleep(1200 * time.Millisecond) // between two looks
		l.Close()
		seen := l.looks.Load()
		time.Sleep(30 * time.Second)
		l.behave = refused
		_ = l.call(t.Context())
		l.mustBe(t, resilience.Open, 6)
		time.Sleep(time.Minute)
		if l.looks.Load() != seen {
			t.Errorf("looked for %d times more", l.looks.Load()-seen)
		}
	})
}
