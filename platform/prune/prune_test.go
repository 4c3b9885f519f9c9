package prune_test

import (
	"context"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/prune"
	"quadrille.dev/platform/testkit"
)

const month = 30 * 24 * time.Hour

// parcels are old if they are of more than a month ago, and may go once they are closed, with their stamps.
var parcels = prune.Table{
	Name: "parcel", Age: "at", KeptFor: month, Condition: "closed", Key: "id",
	Dependents: []prune.Dependent{{Name: "stamp", Column: "parcel_id", Condition: "NOT rare"}},
}

func open(t *testing.T) *postgres.DB {
	t.Helper()
	t.Parallel()
	db, err := postgres.Open(t.Context(), testkit.Postgres(t), "inventory")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	exec(t, db, `
		CREATE TABLE parcel (id bigint PRIMARY KEY, at timestamptz NOT NULL, closed boolean NOT NULL DEFAULT true);
		CREATE INDEX parcel_age ON parcel (at) WHERE closed;
		CREATE TABLE stamp (parcel_id bigint NOT NULL, rare boolean NOT NULL DEFAULT false);
		CREATE INDEX stamp_parcel ON stamp (parcel_id)`)
	return db
}

func exec(t *testing.T, db *postgres.DB, sql string) {
	t.Helper()
	if _, err := db.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func once(t *testing.T, config prune.Config) int64 {
	t.Helper()
	removed, err := prune.New(config).Once(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return removed
}

func ids(t *testing.T, db *postgres.DB, sql string) (ids []int64) {
	t.Helper()
	if err := db.QueryRow(t.Context(), `SELECT coalesce(array_agg(id ORDER BY id), '{}') FROM (`+sql+`) AS rows (id)`).Scan(&ids); err != nil {
		t.Fatal(err)
	}
	return ids
}

func TestOnlyWhatIsOldEnoughAndMayGoIsRemovedWithWhatBelongsToIt(t *testing.T) {
	db := open(t)
	exec(t, db, `
		INSERT INTO parcel VALUES (1, now() - interval '30 days 1 minute', true), (2, now() - interval '29 days 23 hours', true),
		                          (3, now() - interval '10 years', false), (4, now() - interval '10 years', true);
		INSERT INTO stamp VALUES (1, false), (1, false), (1, true), (2, false), (3, false)`)
	registry := prometheus.NewRegistry()
	removed := once(t, prune.Config{DB: db, Tables: []prune.Table{parcels}, Metrics: registry})
	if left := ids(t, db, `SELECT id FROM parcel`); removed != 4 || len(left) != 2 || left[0] != 2 || left[1] != 3 {
		t.Errorf("%d rows removed, parcels %v left", removed, left)
	}
	if left := ids(t, db, `SELECT parcel_id FROM stamp`); len(left) != 3 {
		t.Errorf("stamps of %v left", left)
	}
	if series, err := testutil.GatherAndCount(registry, "quadrille_pruned_rows_total"); series != 2 || err != nil {
		t.Errorf("%d series, %v", series, err)
	}
}

func TestRowsGoNoFasterThanAllowed(t *testing.T) {
	db := open(t)
	exec(t, db, `INSERT INTO parcel SELECT n, now() - interval '1 year' FROM generate_series(1, 250) AS n`)
	begun := time.Now()
	removed := once(t, prune.Config{DB: db, Tables: []prune.Table{parcels}, Batch: 50, RowsPerSecond: 1000})
	if took := time.Since(begun); removed != 250 || took < 250*time.Millisecond {
		t.Errorf("%d rows in %s", removed, took)
	}
}

func TestOneOfSeveralPrunersWorksAtATime(t *testing.T) {
	db := open(t)
	exec(t, db, `INSERT INTO parcel VALUES (1, now() - interval '1 year')`)
	other, err := db.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Release()
	if _, err := other.Exec(t.Context(), `SELECT pg_advisory_lock(x'7072756e'::bigint)`); err != nil {
		t.Fatal(err)
	}
	config := prune.Config{DB: db, Tables: []prune.Table{parcels}}
	if removed := once(t, config); removed != 0 {
		t.Errorf("%d rows removed beside another", removed)
	}
	if _, err := other.Exec(t.Context(), `SELECT pg_advisory_unlock_all()`); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the lock is given back
		once(t, config)
	}
	if left := ids(t, db, `SELECT id FROM parcel`); len(left) != 0 {
		t.Errorf("parcels %v left", left)
	}
}

func TestRowsThatOthersHoldStayAndNobodyIsWaitedFor(t *testing.T) {
	db := open(t)
	exec(t, db, `INSERT INTO parcel VALUES (1, now() - interval '1 year'), (2, now() - interval '1 year')`)
	tx, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	if _, err := tx.Exec(t.Context(), `SELECT FROM parcel WHERE id = 1 FOR UPDATE`); err != nil {
		t.Fatal(err)
	}
	once(t, prune.Config{DB: db, Tables: []prune.Table{parcels}})
	if left := ids(t, db, `SELECT id FROM parcel`); len(left) != 1 || left[0] != 1 {
		t.Errorf("parcels %v left", left)
	}
}

// A sweep in vain, which is what nearly all of them are, reads a page or two of a large table.
func TestOldRowsAreFoundByIndex(t *testing.T) {
	db := open(t)
	exec(t, db, `
		INSERT INTO parcel SELECT n, now() FROM generate_series(1, 50000) AS n;
		INSERT INTO stamp SELECT n FROM generate_series(1, 50000) AS n`)
	exec(t, db, `VACUUM ANALYZE parcel, stamp`)
	before := scans(t, db)
	once(t, prune.Config{DB: db, Tables: []prune.Table{parcels}})
	if after := scans(t, db); after != before {
		t.Errorf("%d sequential scans", after-before)
	}
}

// scans counts the sequential scans of both tables so far. Sessions report theirs when they have been idle, or on demand.
func scans(t *testing.T, db *postgres.DB) (n int64) {
	t.Helper()
	for _, conn := range db.AcquireAllIdle(t.Context()) {
		if _, err := conn.Exec(t.Context(), `SELECT pg_stat_force_next_flush()`); err != nil {
			t.Fatal(err)
		}
		conn.Release()
	}
	err := db.QueryRow(t.Context(), `SELECT sum(seq_scan) FROM pg_stat_user_tables WHERE relname IN ('parcel', 'stamp')`).Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
