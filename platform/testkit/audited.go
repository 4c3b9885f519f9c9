package testkit

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Audited is what a context's database has of what operators did, in that order: "actor action target: detail".
func Audited(t testing.TB, db interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
},
) []string {
	t.Helper()
	rows, err := db.Query(t.Context(), `SELECT actor || ' ' || action || ' ' || target || ': ' || detail FROM audit ORDER BY at, id`)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return entries
}
