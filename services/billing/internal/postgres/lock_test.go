package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/postgres"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/acl"
	"quadrille.dev/services/billing/internal/app"
	store "quadrille.dev/services/billing/internal/postgres"
)

// Whoever is not the first waits for the first, and begins again with what that has stored.
func TestTwoThatHearOfAnOrderAtOnceBothTakeEffect(t *testing.T) {
	t.Parallel()
	s := open(t)
	order := place(uuid.NewString())
	expect := func(kept app.Store) error {
		return kept.(*store.Store).Expect(t.Context(), []account.OrderID{order.ID})
	}
	tx, err := s.db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.WithoutCancel(t.Context()))
	first := store.New(tx, acl.Publisher, store.Wake{Account: func() {}})
	if err := expect(first); err != nil {
		t.Fatal(err)
	}
	if err := app.Open(t.Context(), first, order, noon); err != nil {
		t.Fatal(err)
	}
	second := make(chan error, 1)
	go func() {
		second <- s.Do(func(kept app.Store) error {
			if err := expect(kept); err != nil {
				return err
			}
			return app.Charge(t.Context(), kept, order.ID, noon)
		})
	}()
	awaitWaiting(t, s.db)
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-second; err != nil {
		t.Fatal(err)
	}
	err = s.Do(func(kept app.Store) error {
		known, err := kept.Account(t.Context(), order.ID)
		if !known.Opened || !known.Reserved {
			t.Errorf("opened %t, reserved %t", known.Opened, known.Reserved)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// awaitWaiting returns when a transaction waits for another.
func awaitWaiting(t *testing.T, db *postgres.DB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for waiting := 0; waiting == 0; {
		err := db.QueryRow(ctx, `SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())`).Scan(&waiting)
		if err != nil {
			t.Fatal(err)
		}
	}
}
