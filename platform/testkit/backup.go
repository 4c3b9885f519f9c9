package testkit

import (
	"context"
	"fmt"
	"testing"

	"quadrille.dev/platform/event"
)

// Backup is what becomes of the database of an Actor of which a test goes through everything that can happen: it is saved once, and later
// lost and restored. It belongs to the state that the test goes through.
type Backup struct {
	// Told are the messages of the outbox, in order, which the test appends.
	Told []event.Envelope
	// Restored tells that the database was lost and is as it was saved.
	Restored bool

	snapshot any
	hash     [32]byte
	// kept is how many of the messages the saved database has.
	kept int
}

// Save is a backup of the actor's database as it is, after messages were told.
func Save[S any](actor *Actor[S], told []event.Envelope) Backup {
	return Backup{Told: told, snapshot: actor.Snapshot(), hash: actor.Hash(), kept: len(told)}
}

// Key is equal for backups that are alike, of states that are.
func (b Backup) Key() string { return fmt.Sprint(b.hash, b.kept, len(b.Told), b.Restored) }

// Context is ctx as what happens now has it: after a restore all that can still be heard began before it.
func (b Backup) Context(ctx context.Context) context.Context {
	if b.Restored {
		return event.Doubting(ctx)
	}
	return ctx
}

// Lose goes on where the database is saved, unless it was; and where it is lost after it was saved: for any number of the messages that were
// told since, as if no more had been published. Told are those that were published then, and recall is what the context does about them
// when it has its database back. The actor is left as it was.
func Lose[S any](t testing.TB, actor *Actor[S], b Backup, recall func(store S, told []event.Envelope) error, goOn func(Backup)) {
	t.Helper()
	switch {
	case b.Restored:
	case b.snapshot == nil:
		goOn(Save(actor, b.Told))
	default:
		here := actor.Snapshot()
		for published := b.kept; published <= len(b.Told); published++ {
			restored := b
			restored.Told, restored.Restored = b.Told[:published:published], true
			actor.Restore(b.snapshot)
			if _, err := actor.Do(func(store S) error { return recall(store, restored.Told) }); err != nil {
				t.Fatal(err)
			}
			goOn(restored)
		}
		actor.Restore(here)
	}
}
