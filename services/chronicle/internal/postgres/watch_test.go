package postgres_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/schema/eventtest"

	"quadrille.dev/services/chronicle/internal/acl"
	"quadrille.dev/services/chronicle/internal/app"
	"quadrille.dev/services/chronicle/internal/postgres"
)

// alarm tells of the sagas that are silent since a moment, and answers the facts of it.
func (b *book) alarm(since time.Time) []event.Envelope {
	b.Helper()
	if err := b.db.InTx(context.Background(), func(tx pgx.Tx) error { return b.alarmIn(tx, since, 10) }); err != nil {
		b.Fatal(err)
	}
	return b.published()
}

func (b *book) alarmIn(tx pgx.Tx, since time.Time, limit int) error {
	watch := postgres.NewWatch(tx, acl.Processes(), acl.Stuck)
	_, err := app.Alarm(context.Background(), watch, since, since.Add(time.Minute), limit)
	return err
}

// published are the facts in the outbox, which is empty afterwards.
func (b *book) published() (published []event.Envelope) {
	b.Helper()
	rows, err := b.db.Query(context.Background(), `DELETE FROM outbox RETURNING envelope`)
	if err != nil {
		b.Fatal(err)
	}
	bodies, err := pgx.CollectRows(rows, pgx.RowTo[json.RawMessage])
	if err != nil {
		b.Fatal(err)
	}
	for _, body := range bodies {
		e, err := event.Decode(body)
		if err != nil {
			b.Fatal(err)
		}
		if err := eventtest.Validate(e.Name(), e.DataVersion, e.Data); err != nil {
			b.Error(err)
		}
		published = append(published, e)
	}
	return published
}

func TestEverySilenceIsToldOfOnce(t *testing.T) {
	b := open(t)
	order, rested := uuid.New(), uuid.New()
	for _, e := range fulfilled(rested) {
		b.record(e, start)
	}
	b.record(fact("ordering.order.placed", order, 1), start)
	if told := b.alarm(start); len(told) != 0 {
		t.Errorf("told of a saga that has just been heard of: %v", told)
	}

	since := start.Add(time.Microsecond)
	told := b.alarm(since)
	if len(told) != 1 || told[0].Name() != "chronicle.saga.stuck" || told[0].Subject != order.String() || told[0].Sequence != 1 ||
		told[0].CorrelationID != order.String() {
		t.Fatalf("told %+v", told)
	}
	var said map[string]any
	if err := json.Unmarshal(told[0].Data, &said); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"saga": order.String(), "kind": "ORDER", "silentSince": start.Format(time.RFC3339),
		"waitingFor": []any{"inventory.stock.rejected", "inventory.stock.reserved", "billing.invoice.issued"},
		"nextAction": "Inventory reserves the lines; billing issues the invoice.",
	}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Error(diff)
	}

	b.record(told[0], start.Add(time.Minute))
	if again := b.alarm(start.Add(time.Hour)); len(again) != 0 {
		t.Errorf("told of one silence again: %v", again)
	}
	s := b.saga(order.String())
	if s.Sequence != 2 || !s.LastFactAt.Equal(start) || !s.Stuck(since) {
		t.Errorf("what chronicle said itself has ended the silence: %+v", s)
	}
	if timeline := b.facts(order.String()); len(timeline) != 2 || timeline[1].ID != told[0].ID {
		t.Errorf("the timeline is %+v", timeline)
	}

	b.record(fact("inventory.stock.reserved", order, 1), start.Add(2*time.Minute))
	if again := b.alarm(start.Add(2 * time.Minute)); len(again) != 0 {
		t.Errorf("told of a saga that has been heard of again: %v", again)
	}
	if again := b.alarm(start.Add(3 * time.Minute)); len(again) != 1 || again[0].Sequence != 2 {
		t.Errorf("of the next silence: %v", again)
	}
}

// Two instances at once never tell of the same silence, and do not wait for each other.
func TestWatchesPassOverWhatIsLocked(t *testing.T) {
	b := open(t)
	for range 2 {
		b.record(fact("ordering.order.placed", uuid.New(), 1), start)
	}
	err := b.db.InTx(t.Context(), func(one pgx.Tx) error {
		if err := b.alarmIn(one, start.Add(time.Minute), 1); err != nil {
			return err
		}
		return b.db.InTx(t.Context(), func(other pgx.Tx) error { return b.alarmIn(other, start.Add(time.Minute), 10) })
	})
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, e := range b.published() {
		told[e.Subject] = true
	}
	if len(told) != 2 {
		t.Errorf("told of %v", told)
	}
}
