package ordering

import (
	"context"
	"errors"
	"time"

	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/returns"
)

// kind is one kind of deadline.
type kind interface {
	// workOff does all that is due at a time.
	workOff(ctx context.Context, books books, at time.Time) error
	// fire is the same in one transaction.
	fire(ctx context.Context, store app.Store, at time.Time) error
}

// kinds are the deadlines that there are.
func kinds(pace returns.Pace) []kind {
	return []kind{
		deadlines[order.ID]{
			all: app.Expire,
			due: func(store app.Store) find[order.ID] { return store.Due },
			one: app.ExpireOrder,
		},
		deadlines[returns.ID]{
			all: func(ctx context.Context, store app.Store, at time.Time, limit int) (int, error) {
				return app.TimeOut(ctx, store, pace, at, limit)
			},
			due: func(store app.Store) find[returns.ID] { return store.DueReturns },
			one: func(ctx context.Context, store app.Store, id returns.ID, at time.Time) error {
				return app.TimeOutReturn(ctx, store, pace, id, at)
			},
		},
	}
}

// find finds up to limit of what is due.
type find[ID any] func(ctx context.Context, at time.Time, limit int) ([]ID, error)

// deadlines are those of the aggregates that an ID names.
type deadlines[ID any] struct {
	// all does up to limit of what is due, all or none, and answers how many there are, also with an error about one of them.
	all func(ctx context.Context, store app.Store, at time.Time, limit int) (int, error)
	due func(store app.Store) find[ID]
	one func(ctx context.Context, store app.Store, id ID, at time.Time) error
}

func (d deadlines[ID]) fire(ctx context.Context, store app.Store, at time.Time) error {
	for done := batch; done == batch; {
		var err error
		if done, err = d.all(ctx, store, at, batch); err != nil {
			return err
		}
	}
	return nil
}

func (d deadlines[ID]) workOff(ctx context.Context, books books, at time.Time) error {
	for more := true; more; {
		done := 0
		err := books.InTx(ctx, func(store app.Store) (err error) {
			done, err = d.all(ctx, store, at, batch)
			return err
		})
		switch {
		case err != nil && done > 0:
			return errors.Join(err, d.oneByOne(ctx, books, at))
		case err != nil:
			return err
		}
		more = done == batch
	}
	return nil
}

// patience bounds those that are tried one by one.
const patience = 1_000

// oneByOne does what is due with a transaction each, after a batch of them has failed: an order that cannot be cancelled, because this
// version cannot read its events, say, is to hold back no other.
func (d deadlines[ID]) oneByOne(ctx context.Context, books books, at time.Time) error {
	var due []ID
	err := books.InTx(ctx, func(store app.Store) (err error) {
		due, err = d.due(store)(ctx, at, patience)
		return err
	})
	if err != nil {
		return err
	}
	var failures []error
	for _, id := range due {
		failures = append(failures, books.InTx(ctx, func(store app.Store) error { return d.one(ctx, store, id, at) }))
	}
	return errors.Join(failures...)
}
