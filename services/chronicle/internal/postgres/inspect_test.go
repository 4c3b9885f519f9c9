package postgres_test

import (
	"encoding/json"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/services/chronicle/migrations"
)

func TestFactsAreCountedThatWereRecordedSince(t *testing.T) {
	b := open(t)
	for i, e := range fulfilled(uuid.New()) {
		b.record(e, start.Add(time.Duration(i)*time.Second))
	}
	b.record(fact("inventory.stock.deducted", uuid.New(), 1), start.Add(time.Minute))
	counts, err := b.archive().Counts(t.Context(), start.Add(5*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int64{"inventory.stock.deducted": 2, "ordering.order.fulfilled": 1, "fulfillment.shipment.dispatched": 1}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

func TestWhenAFactWasRecordedIsKnown(t *testing.T) {
	b := open(t)
	order := uuid.New()
	b.record(fact("ordering.order.placed", order, 1), start.Add(time.Hour))
	if facts := b.facts(order.String()); len(facts) != 1 || !facts[0].RecordedAt.Equal(start.Add(time.Hour)) {
		t.Errorf("recorded %+v", facts)
	}
}

// Facts that are not what their schema says are passed over.
func TestTheSKUsOfSagasFromBeforeAreFoundByTheMigration(t *testing.T) {
	b := open(t)
	order, back := uuid.New(), uuid.New()
	b.record(fact("ordering.order.placed", order, 1), start)
	b.record(ofReturn("ordering.return.requested", "", back, 1), start)
	for i, strange := range []string{`{"lines": "none"}`, `{"lines": [1, {"sku": 7}, {"sku": ""}]}`, `{"lines": [{"sku": "A\u0000"}]}`, `[]`, `"\u0000"`} {
		e := fact("ordering.order.placed", uuid.New(), int64(i+1))
		e.Data = json.RawMessage(strange)
		b.record(e, start)
	}
	skus := func() map[string][]string {
		all, err := b.archive().SKUs(t.Context(), []string{order.String(), back.String()})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	before := skus()
	if len(before) != 2 {
		t.Fatalf("SKUs are %v", before)
	}
	migration, err := fs.ReadFile(migrations.FS, "00006_inspection.sql")
	if err != nil {
		t.Fatal(err)
	}
	up, down, _ := strings.Cut(string(migration), "-- +goose Down")
	for _, statements := range []string{down, up} {
		if _, err := b.db.Exec(t.Context(), statements, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(before, skus()); diff != "" {
		t.Errorf("SKUs (-recorded +migrated):\n%s", diff)
	}
}
