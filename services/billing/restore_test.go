package billing_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/services/billing"
	"quadrille.dev/services/billing/internal/acl"
	"quadrille.dev/services/billing/internal/app"
)

// restore is what becomes of the database of a world.
type restore struct {
	// backup is the database as it was saved, nil before.
	backup any
	saved  string
	// told are the facts of billing's outbox, the first kept of them also of the backup's. The others are gone, unless they had been published
	// when the database was lost.
	told     []event.Envelope
	kept     int
	restored bool
}

func (r restore) state() string { return fmt.Sprint(r.saved, r.kept, len(r.told), r.restored) }

// ctx is that of what happens now: after a restore all that can still be heard began before it.
func (r restore) ctx() context.Context {
	if r.restored {
		return event.Doubting(t0)
	}
	return t0
}

// tryRestore backs the database up, or brings it back as it was then: after any number of the facts that were told have been published.
// Those are recalled, and all that was heard is heard again.
func (x *explorer) tryRestore(w world) {
	x.t.Helper()
	switch {
	case x.all == nil || w.restored:
	case w.backup == nil:
		hash := x.actor.Hash()
		w.backup, w.saved, w.kept = x.actor.Snapshot(), string(hash[:]), len(w.told)
		x.visit(w)
	default:
		for published := w.kept; published <= len(w.told); published++ {
			x.tryRestored(w, published)
		}
	}
}

func (x *explorer) tryRestored(w world, published int) {
	x.t.Helper()
	here, next := x.actor.Snapshot(), w.clone()
	defer x.actor.Restore(here)
	next.restored, next.left, next.said, next.told = true, x.all, next.said[:published], next.told[:published]
	x.actor.Restore(w.backup)
	ctx := outbox.Mute(t0)
	_, err := x.actor.Do(func(store app.Store) error {
		for _, fact := range next.told {
			if err := acl.Recalled().Handle(ctx, store, fact, noon); err != nil {
				return err
			}
		}
		_, err := app.Doubt(ctx, store, noon.Add(time.Hour), 1)
		return err
	})
	if err != nil {
		x.t.Fatal(err)
	}
	x.visit(next)
}

// Whenever the database is saved, and whenever it is lost and brought back as it was: what the provider was asked for and billing has
// forgotten is found out, and undone if the order was given up.
func TestEveryMomentOfABackupAndOfARestore(t *testing.T) {
	for name, heard := range map[string][]string{
		"cancelled": {"ordering.order.placed", "inventory.stock.reserved", "ordering.order.cancelled"},
		"paid":      {"ordering.order.placed", "inventory.stock.reserved"},
	} {
		t.Run(name, func(t *testing.T) {
			left := facts(1, "425", heard...)
			x := &explorer{
				t: t, actor: billing.Participant(), seen: map[string]bool{}, said: map[string]bool{}, valid: map[string]bool{}, mayLose: 1,
				all: left,
			}
			x.visit(world{left: left, heard: map[string]bool{}, books: map[string]testkit.Outcome{}})
			t.Logf("%d states, %d ends", len(x.seen), x.ends)
		})
	}
}
