package testkit

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Search looks for texts, in any case, in every column of every table of a database, and answers where they are:
// "outbox.envelope has Ada". The test fails if there is nothing to search.
func Search(t testing.TB, url string, texts ...string) []string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatalf("search database: %v", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	rows, err := conn.Query(t.Context(), `
		SELECT format('%I', table_name) AS "Table", format('%I', column_name) AS "Column", data_type = 'bytea' AS "Bytes"
		FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
		WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1, 2`)
	if err != nil {
		t.Fatalf("search database: %v", err)
	}
	columns, err := pgx.CollectRows(rows, pgx.RowToStructByName[column])
	if err != nil || len(columns) == 0 {
		t.Fatalf("search database: %d columns, %v", len(columns), err)
	}
	var found []string
	for _, text := range texts {
		for _, c := range columns {
			if c.has(t, conn, text) {
				found = append(found, fmt.Sprintf("%s.%s has %s", c.Table, c.Column, text))
			}
		}
	}
	return found
}

type column struct {
	Table, Column string
	Bytes         bool
}

func (c column) has(t testing.TB, conn *pgx.Conn, text string) (has bool) {
	t.Helper()
	as := c.Column + "::text"
	if c.Bytes {
		as = "encode(" + c.Column + ", 'escape')"
	}
	err := conn.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM `+c.Table+` WHERE strpos(lower(`+as+`), lower($1)) > 0)`, text).Scan(&has)
	if err != nil {
		t.Fatalf("search %s.%s: %v", c.Table, c.Column, err)
	}
	return has
}
