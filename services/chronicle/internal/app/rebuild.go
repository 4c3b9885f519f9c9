package app

import (
	"context"
	"time"

	"quadrille.dev/services/chronicle/internal/saga"
)

// Told is a fact of a saga as it was recorded, and when.
type Told struct {
	saga.Fact
	Recorded time.Time
	// SKUs are those of the lines of what the saga is about, if the fact tells that.
	SKUs []string
}

// Retelling is what a saga is told again with, within one transaction.
type Retelling interface {
	// Saga locks a saga until the end of the transaction; one that there is no trace of has heard nothing.
	Saga(ctx context.Context, process *saga.Process, id string) (saga.Saga, error)
	// Told answers the facts that a saga has heard, in the order in which they are numbered.
	Told(ctx context.Context, id string) ([]Told, error)
	// Put stores a saga and the SKUs of the lines of what it is about, and announces nothing.
	Put(ctx context.Context, s saga.Saga, skus []string) error
}

// Rebuild makes a saga what its recorded facts tell.
func Rebuild(ctx context.Context, store Retelling, process *saga.Process, id string) error {
	if _, err := store.Saga(ctx, process, id); err != nil { // locked, so that no fact comes in between
		return err
	}
	told, err := store.Told(ctx, id)
	if err != nil {
		return err
	}
	s := saga.Saga{ID: id, Process: process}
	var skus []string
	for _, fact := range told {
		s = s.Hear(fact.Fact, fact.Recorded)
		skus = append(skus, fact.SKUs...)
	}
	return store.Put(ctx, s, skus)
}
