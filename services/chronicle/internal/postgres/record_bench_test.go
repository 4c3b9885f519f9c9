package postgres_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	platform "quadrille.dev/platform/postgres"
	"quadrille.dev/platform/testkit"

	"quadrille.dev/services/chronicle/internal/acl"
	"quadrille.dev/services/chronicle/internal/app"
	"quadrille.dev/services/chronicle/internal/postgres"
	"quadrille.dev/services/chronicle/internal/saga"
	"quadrille.dev/services/chronicle/migrations"
)

// BenchmarkRecord records whole orders, each by one goroutine, as the consumer's workers do.
func BenchmarkRecord(b *testing.B) {
	db, err := platform.Open(b.Context(), testkit.Postgres(b), "chronicle")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(db.Close)
	if err := db.Migrate(b.Context(), "chronicle", migrations.FS); err != nil {
		b.Fatal(err)
	}
	var recorded, announced atomic.Int64
	b.SetParallelism(4)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			for _, e := range fulfilled(uuid.New()) {
				err := db.InTx(context.Background(), func(tx pgx.Tx) error {
					store := postgres.New(tx, func(saga.Saga, app.Fact) { announced.Add(1) })
					return acl.Routes().Handle(context.Background(), store, e, time.Now())
				})
				if err != nil {
					b.Error(err)
					return
				}
				recorded.Add(1)
			}
		}
	})
	if announced.Load() != recorded.Load() {
		b.Errorf("%d facts recorded, %d announced", recorded.Load(), announced.Load())
	}
	b.ReportMetric(float64(recorded.Load())/b.Elapsed().Seconds(), "facts/s")
}
