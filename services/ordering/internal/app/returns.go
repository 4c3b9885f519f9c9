package app

import (
	"context"
	"fmt"
	"time"

	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/returns"
)

// Returns is what the use cases of returns need of a transaction.
type Returns interface {
	// Return derives a return from its events, and locks it. ErrNoReturn if it was never requested.
	Return(ctx context.Context, id returns.ID) (returns.Return, error)
	// SaveReturn appends events that were decided on r as loaded, and publishes the facts and commands among them. While the return waits
	// for an answer, its timer says until when.
	SaveReturn(ctx context.Context, r returns.Return, at time.Time, events ...returns.Event) error
	// DueReturns locks and answers returns whose answer is overdue, the longest first. It passes over returns that are locked by
	// somebody else.
	DueReturns(ctx context.Context, at time.Time, limit int) ([]returns.ID, error)
}

// ReturnsReader is what can be read of returns without changing anything.
type ReturnsReader interface {
	// Returns derives returns from their events, in the order asked for. Those that were never requested are left out.
	Returns(ctx context.Context, ids []returns.ID) ([]returns.Return, error)
	// ReturnsOf derives all returns of some orders, the oldest first.
	ReturnsOf(ctx context.Context, orders []order.ID) ([]returns.Return, error)
}

// change has a return react to something.
func change(
	ctx context.Context, store Store, id returns.ID, at time.Time, react func(returns.Return) ([]returns.Event, error),
) (returns.Return, error) {
	r, err := store.Return(ctx, id)
	if err != nil {
		return r, fmt.Errorf("load return %s: %w", id, err)
	}
	events, err := react(r)
	if err != nil {
		return r, fmt.Errorf("change return %s: %w", id, err)
	}
	if err := store.SaveReturn(ctx, r, at, events...); err != nil {
		return r, fmt.Errorf("save return %s: %w", id, err)
	}
	return r.After(at, events...), nil
}
