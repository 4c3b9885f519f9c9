package inbox_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
)

// lingering is routes of which that of orders that were placed lingers for as long, and that of orders that were cancelled does not.
func lingering(as time.Duration) inbox.Routes[store] {
	do := func(ctx context.Context, s store, fact event.Envelope, _ time.Time) error { return s.do(ctx, fact) }
	return inbox.Routes[store]{{Fact: placed, Handle: do, Linger: as}, {Fact: "ordering.order.cancelled", Handle: do}}
}

func together(c *inbox.Config) { c.Together, c.Prefetch = 8, 32 }

func TestWhatLingersIsHandledInTheTransactionOfWhatSomebodyWaitsFor(t *testing.T) {
	b := newBench(t)
	stop := b.consumerOf(b.db, lingering(time.Hour), together).start()
	b.publish(order("1", 1), order("2", 2))
	b.eventually("they are in hand", func() bool { return b.depth() == 0 })
	if done := b.done(); done != 0 {
		t.Errorf("%d did not linger", done)
	}
	cancelled := order("1", 3)
	cancelled.Type = "quadrille.ordering.order.cancelled"
	b.publish(cancelled)
	b.eventually("all are done", func() bool { return b.done() == 3 })
	if got := b.sequences("1"); !slices.Equal(got, []int64{1, 3}) {
		t.Errorf("done %v", got)
	}
	if n := b.scalar(`SELECT count(DISTINCT xmin::text) FROM done`); n != 1 {
		t.Errorf("%d transactions", n)
	}
	b.finish(stop)
}

func TestWhatLingersWhenItsConsumerEndsComesAgain(t *testing.T) {
	b := newBench(t)
	stop := b.consumerOf(b.db, lingering(time.Hour), together).start()
	b.publish(order("1", 1))
	b.eventually("it is in hand", func() bool { return b.depth() == 0 })
	stop()
	b.eventually("it is given back", func() bool { return b.depth() == 1 })
	if done := b.done(); done != 0 {
		t.Errorf("%d done", done)
	}
	stop = b.consumerOf(b.open(), lingering(time.Millisecond), together).start()
	b.eventually("it is done", func() bool { return b.done() == 1 })
	b.finish(stop)
}
