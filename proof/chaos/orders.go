package chaos

import (
	"context"
	"fmt"
	"testing"
	"time"

	"quadrille.dev/proof/system"
	"quadrille.dev/stack/client"
)

// persistence is how long a customer goes on trying while the system is broken.
const persistence = 4 * time.Minute

// stock puts on sale what a schedule's orders are for.
func (t *Trial) stock(tb testing.TB, orders int) {
	tb.Helper()
	olga := t.As(tb, system.Olga)
	system.Sell(tb, olga, plenty, "3.10", 3*orders)
	for i := range rares {
		system.Sell(tb, olga, fmt.Sprintf(rare, i), "31.00", 1+orders/100)
	}
}

// place places an order at its time, and cancels it again if that is its kind. Whatever fails is tried again under the same key, as
// clients do.
func (t *Trial) place(ctx context.Context, order Order) error {
	if err := sleep(ctx, order.At); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, persistence)
	defer cancel()
	customer := t.customers[order.By]
	var id string
	err := await(ctx, "the placing of an order", func(ctx context.Context) (placed bool, err error) {
		id, err = system.Place(ctx, customer, order.Wish)
		return err == nil, err
	})
	if err != nil {
		return err
	}
	t.mu.Lock()
	t.placed[order.Kind]++
	t.mu.Unlock()
	if order.Followed {
		t.followers.follow(customer, id)
	}
	if order.Kind == returned {
		return t.sendBack(ctx, customer, id, order)
	}
	if order.CancelAfter == 0 {
		return nil
	}
	if err := sleep(ctx, order.CancelAfter); err != nil {
		return err
	}
	return t.cancel(ctx, customer, id)
}

// cancel returns when an order is cancelled, or cannot be any more.
func (t *Trial) cancel(ctx context.Context, customer *client.Client, id string) error {
	return await(ctx, "a cancellation", func(ctx context.Context) (bool, error) {
		_, err := system.Cancel(ctx, customer, id)
		return err == nil, err
	})
}

// sendBack returns one piece of an order as soon as it is fulfilled; nothing if it is cancelled instead.
func (t *Trial) sendBack(ctx context.Context, customer *client.Client, id string, order Order) error {
	cancelled := false
	err := await(ctx, "the fulfilment of an order that goes back", func(ctx context.Context) (bool, error) {
		now, err := system.Look(ctx, customer, id)
		cancelled = now.Status == "CANCELLED"
		return err == nil && now.Status != "PLACED", err
	})
	if err != nil || cancelled {
		return err
	}
	err = await(ctx, "a return", func(ctx context.Context) (bool, error) {
		_, codes, err := system.RequestReturn(ctx, customer, id, order.Wish.SKU, 1, order.Wish.Key)
		if len(codes) > 0 {
			return false, fmt.Errorf("refused: %v", codes)
		}
		return err == nil, err
	})
	if err == nil {
		t.count("returns requested", 1)
	}
	return err
}
