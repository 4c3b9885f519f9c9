package postgres_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	platform "quadrille.dev/platform/postgres"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/services/chronicle/internal/acl"
	"quadrille.dev/services/chronicle/internal/app"
	"quadrille.dev/services/chronicle/internal/postgres"
	"quadrille.dev/services/chronicle/internal/saga"
	"quadrille.dev/services/chronicle/migrations"
)

// Chronicle's sessions plan once. What is searched for is planned for each time, and the sessions are as before afterwards.
func TestASearchIsPlannedForWhatIsSearched(t *testing.T) {
	t.Parallel()
	db, err := platform.Open(t.Context(), testkit.Postgres(t)+"&pool_max_conns=1", "chronicle", platform.PlansOnce)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if err := db.Migrate(t.Context(), "chronicle", migrations.FS); err != nil {
		t.Fatal(err)
	}
	archive := postgres.NewArchive(db.Pool, acl.Processes())
	for _, query := range []app.Query{{Kind: "ORDER"}, {States: []saga.State{saga.Running}}, {OrderNumber: "Q-1"}} {
		if _, _, err := archive.Search(t.Context(), query, app.Page{First: 10}); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := archive.Audit(t.Context(), nil, app.Page{First: 10}); err != nil {
		t.Fatal(err)
	}
	if _, err := archive.Traces(t.Context(), time.Now(), time.Time{}, "", 10); err != nil {
		t.Fatal(err)
	}
	rows, err := db.Query(t.Context(), `SELECT left(statement, 100) FROM pg_prepared_statements WHERE statement LIKE '%FROM %' AND generic_plans > 0 AND statement LIKE ANY ($1)`,
		[]string{"%sagas%", "%actions%", "%facts%"})
	if err != nil {
		t.Fatal(err)
	}
	generic, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(generic) > 0 {
		t.Errorf("%v; planned for anything: %q", err, generic)
	}
	var mode string
	if err := db.QueryRow(t.Context(), `SHOW plan_cache_mode`).Scan(&mode); err != nil || mode != "force_generic_plan" {
		t.Errorf("afterwards %s, %v", mode, err)
	}
}
