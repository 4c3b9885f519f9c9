package app

import (
	"context"
	"time"

	"quadrille.dev/services/chronicle/internal/saga"
)

// Silence is a saga that is not at rest and has heard nothing for too long.
type Silence struct {
	Saga saga.Saga
	// Number counts the silences of the saga that are told of, from 1.
	Number int64
}

// Watch finds and tells silences, within one transaction.
type Watch interface {
	// Silences answers and locks sagas that are not at rest, have heard nothing since a moment, and of which that was not told
	// yet, the longest silent first. It passes over those that are locked.
	Silences(ctx context.Context, since time.Time, limit int) ([]Silence, error)
	// Tell publishes that a saga is silent. Of this silence nothing is told again.
	Tell(ctx context.Context, silence Silence, at time.Time) error
}

// Alarm tells, of each saga that is silent since a moment, that it is stuck, and answers those that it told of.
func Alarm(ctx context.Context, watch Watch, since, at time.Time, limit int) ([]Silence, error) {
	silences, err := watch.Silences(ctx, since, limit)
	if err != nil {
		return nil, err
	}
	for _, silence := range silences {
		if err := watch.Tell(ctx, silence, at); err != nil {
			return nil, err
		}
	}
	return silences, nil
}
