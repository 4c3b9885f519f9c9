package inbox_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
)

// What follows from an order of before the restore is in doubt; a message of before the restore may be repeated as well.
func TestWhatIsInDoubtAfterARestoreAndWhatMayRepeat(t *testing.T) {
	b := newBench(t)
	type doubt struct{ In, MayRepeat bool }
	heard := make(chan doubt, 1)
	restored := time.Now()
	b.consumer(b.db, func(ctx context.Context, s store, fact event.Envelope) error {
		heard <- doubt{event.InDoubt(ctx), event.MayRepeat(ctx)}
		return s.do(ctx, fact)
	}, func(c *inbox.Config) { c.DoubtBefore = restored }).start()
	for name, test := range map[string]struct {
		began, sent time.Time
		want        doubt
	}{
		"began and sent before":          {restored.Add(-time.Hour), restored.Add(-time.Minute), doubt{true, true}},
		"began before, and sent after":   {restored.Add(-time.Hour), restored.Add(time.Minute), doubt{true, false}},
		"began and sent after it":        {restored.Add(time.Hour), restored.Add(2 * time.Hour), doubt{}},
		"belongs to nothing, was before": {time.Time{}, restored.Add(-time.Minute), doubt{true, true}},
	} {
		fact := order(name, 1)
		fact.Time, fact.CorrelationID = test.sent, ""
		if !test.began.IsZero() {
			fact.CorrelationID = began(test.began).String()
		}
		b.publish(fact)
		if diff := cmp.Diff(test.want, receive(t, heard, name)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// began is an id of a moment.
func began(at time.Time) uuid.UUID {
	id := uuid.Must(uuid.NewV7())
	milliseconds := at.UnixMilli()
	for i := range 6 {
		id[i] = byte(milliseconds >> (8 * (5 - i)))
	}
	return id
}
