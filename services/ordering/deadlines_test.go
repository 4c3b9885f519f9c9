package ordering

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/money"
	"quadrille.dev/services/ordering/internal/acl"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/memory"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/returns"
)

// ledger is books in memory, one use at a time.
type ledger struct {
	mu     sync.Mutex
	memory *memory.Memory
	broken bool
	looked int
	// rounds counts how often it was asked for the next deadline, once each time that the watch looks.
	rounds int
	// illegible is an order, or a return, whose events cannot be read.
	illegible uuid.UUID
}

var errBroken = errors.New("broken")

func (b *ledger) InTx(_ context.Context, use func(app.Store) error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.looked++
	if b.broken {
		return errBroken
	}
	return use(desk{b.memory, b.illegible})
}

// desk is a store with an order or a return that cannot be loaded.
type desk struct {
	*memory.Memory
	illegible uuid.UUID
}

func (d desk) Order(ctx context.Context, id order.ID) (order.Order, error) {
	if id.UUID == d.illegible {
		return order.Order{}, errBroken
	}
	return d.Memory.Order(ctx, id)
}

func (d desk) Return(ctx context.Context, id returns.ID) (returns.Return, error) {
	if id.UUID == d.illegible {
		return returns.Return{}, errBroken
	}
	return d.Memory.Return(ctx, id)
}

func (b *ledger) NextDue(ctx context.Context) (due time.Time, any bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rounds++
	if b.broken {
		return due, false, errBroken
	}
	end := time.Now().Add(1000 * time.Hour)
	if ids, _ := b.memory.Due(ctx, end, 1); len(ids) > 0 {
		o, _ := b.memory.Order(ctx, ids[0])
		due, any = o.Deadline, true
	}
	if ids, _ := b.memory.DueReturns(ctx, end, 1); len(ids) > 0 {
		r, _ := b.memory.Return(ctx, ids[0])
		if asked, _ := r.Due(); !any || asked.Before(due) {
			due, any = asked, true
		}
	}
	return due, any, nil
}

// place places an order with a deadline.
func (b *ledger) place(t *testing.T, deadline time.Time) order.ID {
	t.Helper()
	id := order.ID{UUID: uuid.New()}
	price := money.Money{Minor: 1, Currency: "GBP"}
	placing := app.Placing{Request: app.Request{Key: id.UUID}, ID: id, Placement: order.Placement{
		Lines:    []order.Line{{SKU: "CUP", Quantity: 1, UnitPrice: price, LineTotal: price}},
		Discount: money.Money{Currency: "GBP"}, Total: price, Deadline: deadline,
	}}
	err := b.InTx(t.Context(), func(store app.Store) error {
		_, err := app.Place(t.Context(), store, placing, time.Now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// returned requests a return.
func (b *ledger) returned(t *testing.T) returns.ID {
	t.Helper()
	of := b.place(t, time.Now().Add(time.Hour))
	id := returns.ID{UUID: uuid.New()}
	err := b.InTx(t.Context(), func(store app.Store) error {
		if err := app.HearStockDeducted(t.Context(), store, of, time.Now()); err != nil {
			return err
		}
		_, err := app.RequestReturn(t.Context(), store, usual, app.Returning{
			Request: app.Request{Key: id.UUID}, ID: id, Order: of, Ask: returns.Ask{Lines: []returns.Line{{SKU: "CUP", Quantity: 1}}},
		}, time.Now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// asked is what was asked last for a return.
func (b *ledger) asked(t *testing.T, id returns.ID) (asked returns.Asked) {
	t.Helper()
	err := b.InTx(t.Context(), func(store app.Store) error {
		r, err := store.Return(t.Context(), id)
		asked = r.Asked
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return asked
}

func (b *ledger) cancelledAt(t *testing.T, id order.ID) (at time.Time) {
	t.Helper()
	err := b.InTx(t.Context(), func(store app.Store) error {
		o, err := store.Order(t.Context(), id)
		at = o.Cancellation.At
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// watched has a watch run in a bubble of its own time.
func watched(t *testing.T, test func(t *testing.T, b *ledger, w *watch)) {
	synctest.Test(t, func(t *testing.T) {
		b := &ledger{memory: memory.New(acl.Published)}
		w := newWatch(b, usual, slog.New(slog.DiscardHandler))
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- w.run(ctx) }()
		synctest.Wait()
		test(t, b, w)
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestOrdersAreCancelledAtTheirDeadline(t *testing.T) {
	watched(t, func(t *testing.T, b *ledger, w *watch) {
		deadline := time.Now().Add(15 * time.Minute)
		id := b.place(t, deadline)
		w.wake(deadline)
		time.Sleep(20 * time.Minute)
		if late := b.cancelledAt(t, id).Sub(deadline); late < 0 || late > 10*time.Millisecond {
			t.Errorf("cancelled %s after the deadline", late)
		}
	})
}

// An order that another instance has placed is found without being woken.
func TestDeadlinesOfOthersAreFound(t *testing.T) {
	watched(t, func(t *testing.T, b *ledger, _ *watch) {
		time.Sleep(time.Second)
		deadline := time.Now().Add(time.Second)
		id := b.place(t, deadline)
		time.Sleep(time.Minute)
		if late := b.cancelledAt(t, id).Sub(deadline); late < 0 || late > 5*time.Second {
			t.Errorf("cancelled %s after the deadline", late)
		}
	})
}

func TestManyDeadlinesAtOnce(t *testing.T) {
	watched(t, func(t *testing.T, b *ledger, w *watch) {
		deadline := time.Now().Add(time.Second)
		var ids []order.ID
		for range 120 {
			ids = append(ids, b.place(t, deadline))
		}
		w.wake(deadline)
		time.Sleep(1100 * time.Millisecond)
		for _, id := range ids {
			if b.cancelledAt(t, id).IsZero() {
				t.Fatalf("order %s is not cancelled", id)
			}
		}
	})
}

// However close deadlines are, it is looked no more often than every 5 ms; and however far, once in 5 s at least.
func TestItIsLookedNeitherTooOftenNorTooSeldom(t *testing.T) {
	watched(t, func(t *testing.T, b *ledger, w *watch) {
		time.Sleep(time.Minute)
		synctest.Wait()
		if b.rounds < 12 || b.rounds > 13 {
			t.Errorf("looked %d times in a minute without orders", b.rounds)
		}
		var ids []order.ID
		for i := range 200 {
			ids = append(ids, b.place(t, time.Now().Add(time.Second+time.Duration(i)*100*time.Microsecond)))
		}
		before := b.rounds
		w.wake(time.Now().Add(time.Second))
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if looked := b.rounds - before; looked > 20/5+3 {
			t.Errorf("looked %d times for deadlines within 20 ms", looked)
		}
		for _, id := range ids {
			if b.cancelledAt(t, id).IsZero() {
				t.Fatalf("order %s is not cancelled", id)
			}
		}
	})
}

// Each order has a deadline, and nearly none is ever due: nobody looks for those that are far.
func TestNobodyLooksForADeadlineThatIsFar(t *testing.T) {
	watched(t, func(t *testing.T, b *ledger, w *watch) {
		before := b.rounds
		for range 100 {
			deadline := time.Now().Add(15 * time.Minute)
			b.place(t, deadline)
			w.wake(deadline)
		}
		synctest.Wait()
		if looked := b.rounds - before; looked > 0 {
			t.Errorf("looked %d times", looked)
		}
	})
}

func TestFailuresAreOutlived(t *testing.T) {
	watched(t, func(t *testing.T, b *ledger, w *watch) {
		id := b.place(t, time.Now().Add(time.Second))
		b.mu.Lock()
		b.broken = true
		b.mu.Unlock()
		w.wake(time.Now().Add(time.Second))
		time.Sleep(time.Minute)
		b.mu.Lock()
		b.broken = false
		if b.looked > 40 { // for orders and for returns
			t.Errorf("looked %d times in a minute", b.looked)
		}
		b.mu.Unlock()
		time.Sleep(time.Minute)
		if b.cancelledAt(t, id).IsZero() {
			t.Error("not cancelled after all")
		}
	})
}

func TestAnOrderThatCannotBeReadHoldsBackNoOther(t *testing.T) {
	watched(t, func(t *testing.T, b *ledger, w *watch) {
		deadline := time.Now().Add(time.Minute)
		first := b.place(t, deadline)
		others := []order.ID{b.place(t, deadline.Add(time.Millisecond)), b.place(t, deadline.Add(time.Second))}
		b.mu.Lock()
		b.illegible = first.UUID
		b.mu.Unlock()
		w.wake(deadline)
		time.Sleep(2 * time.Minute)
		for _, id := range others {
			if b.cancelledAt(t, id).IsZero() {
				t.Errorf("%s is not cancelled", id)
			}
		}
		b.mu.Lock()
		b.illegible = uuid.Nil
		b.mu.Unlock()
		time.Sleep(time.Minute)
		if b.cancelledAt(t, first).IsZero() {
			t.Error("the one that could not be read is not cancelled once it can be")
		}
	})
}

// What is not answered is asked again as often as it should be, in time, and then the return goes back.
func TestReturnsAreSeenToAtTheirTimers(t *testing.T) {
	watched(t, func(t *testing.T, b *ledger, w *watch) {
		began := time.Now()
		id := b.returned(t)
		w.wake(began)
		for _, want := range []struct {
			after   time.Duration
			command returns.Command
			attempt int
		}{
			{30 * time.Second, returns.ArrangePickup, 2},
			{60 * time.Second, returns.ArrangePickup, 3},
			{90 * time.Second, returns.CancelPickup, 1},
			{120 * time.Second, returns.CancelPickup, 2},
			{180 * time.Second, returns.CancelPickup, 3},
		} {
			time.Sleep(time.Until(began.Add(want.after + time.Second)))
			asked := b.asked(t, id)
			late := asked.At.Sub(began.Add(want.after))
			if asked.Command != want.command || asked.Attempt != want.attempt || late < 0 || late > 100*time.Millisecond {
				t.Errorf("after %s %s is asked, attempt %d, %s late", want.after, asked.Command, asked.Attempt, late)
			}
		}
	})
}

func TestAReturnThatCannotBeReadHoldsBackNothing(t *testing.T) {
	watched(t, func(t *testing.T, b *ledger, w *watch) {
		first, second := b.returned(t), b.returned(t)
		cancelled := b.place(t, time.Now().Add(time.Minute))
		b.mu.Lock()
		b.illegible = first.UUID
		b.mu.Unlock()
		w.wake(time.Now().Add(time.Minute))
		time.Sleep(2 * time.Minute)
		if asked := b.asked(t, second); asked.Command != returns.CancelPickup {
			t.Errorf("of the other return %s is asked", asked.Command)
		}
		if b.cancelledAt(t, cancelled).IsZero() {
			t.Error("an order is not cancelled")
		}
	})
}
