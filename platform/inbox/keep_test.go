package inbox_test

import (
	"testing"
	"time"

	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/prune"
	"quadrille.dev/platform/testkit"
)

func TestHandledMessagesAreRememberedForThirtyDaysWhateverIsAskedFor(t *testing.T) {
	t.Parallel()
	db, err := postgres.Open(t.Context(), testkit.Postgres(t), "inventory")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if err := db.Migrate(t.Context(), "inbox", inbox.Migrations()); err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(t.Context(), `
		INSERT INTO inbox (consumer, message_id, handled_at) VALUES
			('young', gen_random_uuid(), now() - interval '29 days 23 hours'), ('old', gen_random_uuid(), now() - interval '31 days');
		INSERT INTO waiting (consumer, message_id, source, subject, type, envelope, state, first_failed_at)
		VALUES ('waits', gen_random_uuid(), '/ordering', 's', 't', '', 'PARKED', now() - interval '10 years')`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := prune.New(prune.Config{DB: db, Tables: []prune.Table{inbox.Kept(time.Hour)}}).Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	var left []string
	err = db.QueryRow(t.Context(), `SELECT array_agg(consumer ORDER BY consumer) FROM (
		SELECT consumer FROM inbox UNION ALL SELECT consumer FROM waiting) AS kept`).Scan(&left)
	if err != nil || len(left) != 2 || left[0] != "waits" || left[1] != "young" {
		t.Errorf("left is %v, %v", left, err)
	}
}
