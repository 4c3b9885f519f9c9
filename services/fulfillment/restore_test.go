package fulfillment_test

import (
	"testing"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/services/fulfillment"
	"quadrille.dev/services/fulfillment/internal/acl"
	"quadrille.dev/services/fulfillment/internal/app"
)

// tryRestore backs the database up, or brings it back as it was then. Facts that have been published are recalled, and all that was heard is
// heard again.
func (x *explorer) tryRestore(w world) {
	x.t.Helper()
	if x.all == nil {
		return
	}
	testkit.Lose(x.t, x.actor, w.Backup, recall, func(b testkit.Backup) {
		next := w.clone()
		if next.Backup = b; b.Restored {
			next.left, next.said = x.all, next.said[:len(b.Told)]
		}
		x.visit(next)
	})
}

// recall is what fulfillment does about facts that it told before its database was restored.
func recall(store app.Store, told []event.Envelope) error {
	ctx := outbox.Mute(t0)
	for _, fact := range told {
		if err := acl.Recalled().Handle(ctx, store, fact, noon); err != nil {
			return err
		}
	}
	_, err := app.Doubt(ctx, store, noon.Add(time.Hour), 1)
	return err
}

// Whenever the database is saved, and whenever it is lost and brought back as it was: what the carrier was asked for and fulfillment has
// forgotten is found out, and undone if the order was cancelled.
func TestEveryMomentOfABackupAndOfARestore(t *testing.T) {
	for name, heard := range map[string][]string{
		"cancelled": {"ordering.order.placed", "billing.payment.captured", "ordering.order.cancelled"},
		"fulfilled": {"ordering.order.placed", "billing.payment.captured", "ordering.order.fulfilled"},
	} {
		t.Run(name, func(t *testing.T) {
			left := facts(1, heard...)
			x := &explorer{
				t: t, actor: fulfillment.Participant(), seen: map[string]bool{}, said: map[string]bool{}, valid: map[string]bool{}, mayLose: 1,
				all:     left,
				refuses: name == "cancelled",
			}
			x.visit(world{left: left, heard: map[string]bool{}, books: map[string]testkit.Outcome{}})
			t.Logf("%d states, %d ends", len(x.seen), x.ends)
		})
	}
}
