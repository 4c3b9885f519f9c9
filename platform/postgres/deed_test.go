package postgres_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/testkit"
)

func TestWhoWaitsForADeedIsToldOfTransactionsThatDidItAndOfNoOther(t *testing.T) {
	ctx := context.Background()
	db, err := postgres.Open(ctx, testkit.Postgres(t)+"&pool_max_conns=1", "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	const deed postgres.Deed = "deed"
	told := 0
	db.AfterCommitOf(deed, func() { told++ })
	refused := errors.New("refused")
	for _, step := range []struct {
		name string
		do   func(tx pgx.Tx) error
		want int
	}{
		{"nothing", func(pgx.Tx) error { return nil }, 0},
		{"the deed", func(tx pgx.Tx) error { deed.In(tx); return nil }, 1},
		{"nothing again", func(pgx.Tx) error { return nil }, 1},
		{"another", func(tx pgx.Tx) error { postgres.Deed("another").In(tx); return nil }, 1},
		{"the deed, rolled back", func(tx pgx.Tx) error { deed.In(tx); return refused }, 1},
		{"nothing after it", func(pgx.Tx) error { return nil }, 1},
		{"the deed, in a savepoint", func(tx pgx.Tx) error {
			return pgx.BeginFunc(ctx, tx, func(inner pgx.Tx) error { deed.In(inner); return nil })
		}, 2},
	} {
		if err := db.InTx(ctx, step.do); err != nil && !errors.Is(err, refused) {
			t.Fatalf("%s: %v", step.name, err)
		}
		if told != step.want {
			t.Errorf("after %s it was told of %d, want %d", step.name, told, step.want)
		}
	}
}
