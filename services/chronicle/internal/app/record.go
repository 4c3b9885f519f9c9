package app

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Record stores a fact, and tells its saga when it belongs to one.
func Record(ctx context.Context, store Store, fact Fact, at time.Time) error {
	if fact.Erased != uuid.Nil {
		if err := store.Forget(ctx, fact.Erased); err != nil {
			return err
		}
	}
	if fact.Process == nil || fact.CorrelationID == "" {
		return store.Keep(ctx, fact, at)
	}
	s, err := store.Saga(ctx, fact.Process, fact.CorrelationID)
	if err != nil {
		return err
	}
	return store.Save(ctx, s.Hear(fact.Heard(), at), fact, at)
}
