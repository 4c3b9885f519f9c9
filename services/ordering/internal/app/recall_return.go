package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"quadrille.dev/services/ordering/internal/returns"
)

// ToldOfReturn is what ordering said of a return, before its database was restored from a backup.
type ToldOfReturn struct {
	Return returns.ID
	Event  returns.Event
}

// RecallReturn brings a return to where ordering said that it is. What it waits for then is asked for again by its timer.
func RecallReturn(ctx context.Context, store Store, told ToldOfReturn, at time.Time) error {
	r, err := store.Return(ctx, told.Return)
	if errors.Is(err, ErrNoReturn) {
		r, err = returns.Return{ID: told.Return}, nil
	}
	if err != nil {
		return fmt.Errorf("load return %s: %w", told.Return, err)
	}
	if err := store.SaveReturn(ctx, r, at, r.Recall(told.Event, at)...); err != nil {
		return fmt.Errorf("recall return %s: %w", told.Return, err)
	}
	return nil
}
