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
)

// ledger is books in memory, one use at a time.
type ledger struct {
	mu     sync.Mutex
	memory *memory.Memory
	broken bool
	looked int
	// illegible is an order whose events cannot be read.
	illegible order.ID
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

// desk is a store with an order that cannot be loaded.
type desk struct {
	*memory.Memory
	illegible order.ID
}

func (d desk) Order(ctx context.Context, id order.ID) (order.Order, error) {
	if id == d.illegible {
		return order.Order{}, errBroken
	}
	return d.Memory.Order(ctx, id)
}

func (b *ledger) NextDue(ctx context.Context) (due time.Time, any bool, err error) {
	err = b.InTx(ctx, func(store app.Store) error {
		ids, err := store.Due(ctx, time.Now().Add(1000*time.Hour), 1)
		if err != nil || len(ids) == 0 {
			return err
		}
		o, err := store.Order(ctx, ids[0])
		due, any = o.Deadline, true
		return err
	})
	return due, any, err
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
		w.wake()
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
		w.wake()
		time.Sleep(1100 * time.Millisecond)
		for _, id := range ids {
			if b.cancelledAt(t, id).IsZero() {
				t.Fatalf("order %s is not cancelled", id)
			}
		}
	})
}

func TestFailuresAreOutlived(t *testing.T) {
	watched(t, func(t *testing.T, b *ledger, w *watch) {
		id := b.place(t, time.Now().Add(time.Second))
		b.mu.Lock()
		b.broken = true
		b.mu.Unlock()
		w.wake()
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
		b.illegible = first
		b.mu.Unlock()
		w.wake()
		time.Sleep(2 * time.Minute)
		for _, id := range others {
			if b.cancelledAt(t, id).IsZero() {
				t.Errorf("%s is not cancelled", id)
			}
		}
		b.mu.Lock()
		b.illegible = order.ID{}
		b.mu.Unlock()
		time.Sleep(time.Minute)
		if b.cancelledAt(t, first).IsZero() {
			t.Error("the one that could not be read is not cancelled once it can be")
		}
	})
}
