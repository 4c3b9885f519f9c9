package inbox_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
)

// became tells what became of messages: state, attempts, and whether there is an error.
func (b *bench) became(p *inbox.Parking, facts ...event.Envelope) []string {
	b.t.Helper()
	ids := make([]uuid.UUID, len(facts))
	for i, fact := range facts {
		ids[i] = fact.ID
	}
	deliveries, err := p.Deliveries(b.t.Context(), ids)
	if err != nil || len(deliveries) != len(ids) {
		b.t.Fatalf("%d deliveries of %d messages, %v", len(deliveries), len(ids), err)
	}
	told := make([]string, len(ids))
	for i, delivery := range deliveries {
		told[i] = fmt.Sprint(delivery.State, " ", delivery.Attempts, " ", delivery.Error != "")
		if tried := delivery.Attempts > 0; delivery.ID != ids[i] || tried == delivery.At.IsZero() || delivery.At.After(time.Now()) {
			b.t.Errorf("%d: %+v", i, delivery)
		}
	}
	return told
}

func TestWhatBecameOfAMessageIsKnown(t *testing.T) {
	b := newBench(t)
	f, bad, behind, good, worse, absent := &flaw{}, order("bad", 1), order("bad", 2), order("good", 1), order("bad too", 1), order("absent", 1)
	parking := b.parked(f, 2, 1, bad, behind, good, worse)
	b.eventually("the good is done", func() bool { return b.done() == 1 })
	want := []string{"PARKED 2 true", "BEHIND 0 false", "HANDLED 1 false", "PARKED 2 true", "UNKNOWN 0 false"}
	if diff := cmp.Diff(want, b.became(parking, bad, behind, good, worse, absent)); diff != "" {
		t.Errorf("while it fails (-want +got):\n%s", diff)
	}

	if _, err := parking.Discard(t.Context(), inbox.Discard{Actor: "olga", IDs: []uuid.UUID{worse.ID}, Reason: "a mistake"}); err != nil {
		t.Fatal(err)
	}
	f.mended.Store(true)
	b.retry(parking, inbox.Retry{IDs: []uuid.UUID{bad.ID}})
	b.eventually("all are done", func() bool { return b.done() == 3 })
	want = []string{"HANDLED 3 false", "HANDLED 1 false", "HANDLED 1 false", "HANDLED 2 true"}
	if diff := cmp.Diff(want, b.became(parking, bad, behind, good, worse)); diff != "" {
		t.Errorf("once it is mended (-want +got):\n%s", diff)
	}
}

func TestHowOftenWasTriedWhatWasHandledBeforeThatWasKeptIsNotKnown(t *testing.T) {
	b := newBench(t)
	old := order("old", 1)
	if _, err := b.db.Exec(t.Context(), `INSERT INTO inbox (consumer, message_id, attempts) VALUES ('catalog', $1, 0)`, old.ID); err != nil {
		t.Fatal(err)
	}
	deliveries, err := inbox.NewParking(b.db, "catalog").Deliveries(t.Context(), []uuid.UUID{old.ID})
	if err != nil || len(deliveries) != 1 || deliveries[0].State != "HANDLED" || deliveries[0].Attempts != 0 || deliveries[0].At.IsZero() {
		t.Errorf("%+v, %v", deliveries, err)
	}
}
