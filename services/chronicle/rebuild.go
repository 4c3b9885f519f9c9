package chronicle

import (
	"context"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/replay"
	"quadrille.dev/platform/serve"

	"quadrille.dev/services/chronicle/internal/acl"
	"quadrille.dev/services/chronicle/internal/app"
	"quadrille.dev/services/chronicle/internal/postgres"
	"quadrille.dev/services/chronicle/internal/saga"
)

// rebuilder builds what chronicle keeps again.
type rebuilder struct {
	host    *serve.Host
	archive *postgres.Archive
}

// fromStream records the facts of the stream that are missing, and makes the sagas what their facts tell. Facts that were there keep
// their numbers; those that were missing get the next.
func (r rebuilder) fromStream(ctx context.Context, window replay.Window, dry bool) (replay.Report, error) {
	facts := replay.ReadSide[app.Store]{
		DB: r.host.DB, Routes: acl.Routes(), Tables: []string{"facts", "sagas", "saga_skus", "actions"},
		Bind: func(tx pgx.Tx) app.Store { return postgres.New(tx, func(saga.Saga, app.Fact) {}) },
	}
	report, err := facts.Build(ctx, r.host.Stream, window, dry)
	if err != nil {
		return report, err
	}
	sagas, err := r.fromTable(ctx, window, dry)
	report.Rows += sagas.Rows
	return report, err
}

// together is how many sagas are rebuilt in one transaction.
const together = 50

// fromTable makes the sagas that have heard a fact of the window what their recorded facts tell.
func (r rebuilder) fromTable(ctx context.Context, window replay.Window, dry bool) (replay.Report, error) {
	report := replay.Report{Types: acl.Routes().Facts()}
	for after := ""; ; {
		traces, err := r.archive.Traces(ctx, window.From, window.To, after, together)
		if err != nil || len(traces) == 0 {
			return report, err
		}
		rows, err := r.rebuild(ctx, traces, dry)
		if err != nil {
			return report, err
		}
		for _, trace := range traces {
			report.Facts += trace.Facts
		}
		report.Rows += rows
		after = traces[len(traces)-1].ID
	}
}

func (r rebuilder) rebuild(ctx context.Context, traces []postgres.Trace, dry bool) (rows int64, err error) {
	return replay.InTx(ctx, r.host.DB, []string{"sagas", "saga_skus"}, dry, func(tx pgx.Tx) error {
		store := postgres.NewRetelling(tx, acl.Read)
		for _, trace := range traces {
			process := processOf(trace.Names)
			if process == nil {
				continue // the schemas do not tell any more what it was part of, or nothing but remarks was heard
			}
			if err := app.Rebuild(ctx, store, process, trace.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// processOf is the process that one of the facts is part of; nil when there is none.
func processOf(facts []string) *saga.Process {
	for _, fact := range facts {
		if process := acl.ProcessOf(fact); process != nil {
			return process
		}
	}
	return nil
}
