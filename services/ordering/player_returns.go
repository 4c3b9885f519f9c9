package ordering

import (
	"context"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/returns"
)

type (
	// ReturnLine is a SKU and how many of it come back.
	ReturnLine = returns.Line
	// TooManyError is why RequestReturn refuses to take back more than was bought.
	TooManyError = returns.TooManyError
)

// ErrNotFulfilled is why RequestReturn refuses to take goods of an order back that is not fulfilled.
var ErrNotFulfilled = returns.ErrNotFulfilled

// RequestReturn requests a return of goods of an order, for its own customer. The same id again changes nothing.
// ErrNotFulfilled or a TooManyError if it cannot be, and nothing has changed.
func (p *Player) RequestReturn(ctx context.Context, id, of uuid.UUID, lines []ReturnLine, at time.Time) ([]event.Envelope, error) {
	return p.Do(func(store app.Store) error {
		_, err := app.RequestReturn(ctx, store, p.pace, app.Returning{
			Request: app.Request{Principal: "customer", Mutation: "requestReturn", Key: id},
			ID:      returns.ID{UUID: id}, Order: order.ID{UUID: of}, Ask: returns.Ask{Lines: lines},
		}, at)
		return err
	})
}

// RetryReturn has an operator have it tried again what cannot be undone. A return that does not need that is an error.
func (p *Player) RetryReturn(ctx context.Context, id uuid.UUID, at time.Time) ([]event.Envelope, error) {
	return p.Do(func(store app.Store) error {
		_, err := app.RetryReturn(ctx, store, p.pace, returns.ID{UUID: id}, at)
		return err
	})
}

// ResolveReturn has an operator state that what cannot be undone is undone. A return that does not need that is an error.
func (p *Player) ResolveReturn(ctx context.Context, id uuid.UUID, at time.Time) ([]event.Envelope, error) {
	return p.Do(func(store app.Store) error {
		_, err := app.ResolveReturn(ctx, store, p.pace, returns.ID{UUID: id}, at)
		return err
	})
}

// TimeOutReturn has the timer of one return fire, which acts if the answer is overdue.
func (p *Player) TimeOutReturn(ctx context.Context, id uuid.UUID, at time.Time) ([]event.Envelope, error) {
	return p.Do(func(store app.Store) error { return app.TimeOutReturn(ctx, store, p.pace, returns.ID{UUID: id}, at) })
}

// ErrNotStalled is why RetryReturn and ResolveReturn refuse.
var ErrNotStalled = returns.ErrNotStalled

// ReturnState is how a return stands: RUNNING, COMPENSATING, COMPLETED, COMPENSATED, NEEDS_OPERATOR; empty if there is no such return.
func (p *Player) ReturnState(ctx context.Context, id uuid.UUID) string {
	var state returns.State
	p.Read(func(store app.Store) {
		if r, err := store.Return(ctx, returns.ID{UUID: id}); err == nil {
			state = r.State
		}
	})
	return string(state)
}
