// Package replay builds a context's read side again from facts that happened before, and sees to it that nothing else comes of it.
//
// A read side is what a context keeps of others' facts to answer from. Its routes say what of them builds it (inbox.Route.Project). A
// replay runs nothing else, in transactions that are rolled back if they wrote to any table but the read side's own: neither a fact in
// the outbox nor the intention of a call can come of it.
package replay

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/postgres"
)

// Window is when the facts of a replay happened: from From on, and before To unless that is zero.
type Window struct{ From, To time.Time }

// Has tells whether a moment is in the window.
func (w Window) Has(at time.Time) bool {
	return !at.Before(w.From) && (w.To.IsZero() || at.Before(w.To))
}

// Source hands the facts that happened in a window to each, in the order of arrival, and with each when it arrived as far as that is
// known. Of facts that are not of one of the types it may hand over some. It ends with the error of each.
type Source func(ctx context.Context, window Window, types []string, each func(fact event.Envelope, arrived time.Time) error) error

// Report is what came of a replay.
type Report struct {
	// Types are the facts that the read side is built from.
	Types []string
	// Facts of these types, and those among them that the context cannot read.
	Facts, Unreadable int64
	// Rows written, a row as often as it was.
	Rows int64
}

// ReadSide is what a context keeps of others' facts.
type ReadSide[S any] struct {
	DB *postgres.DB
	// Routes are the context's; those that build no read side are left out.
	Routes inbox.Routes[S]
	// Bind makes the store of a transaction; nothing that happens on commit may be asked for.
	Bind func(pgx.Tx) S
	// Tables are the only ones that a replay may write to.
	Tables []string
}

// batch is how many facts share a transaction.
const batch = 100

// Build hands the facts of a source to the routes that build the read side. In a dry run all of it is taken back. The context may go on
// working meanwhile: its routes let no earlier fact undo a later one.
func (r ReadSide[S]) Build(ctx context.Context, source Source, window Window, dry bool) (Report, error) {
	b := &building[S]{side: r, routes: r.Routes.Projections(), dry: dry}
	b.report.Types = b.routes.Facts()
	err := source(ctx, window, b.report.Types, func(fact event.Envelope, arrived time.Time) error {
		if !window.Has(fact.Time) || !b.wanted(fact) {
			return nil
		}
		b.facts = append(b.facts, arrival{fact, arrived})
		if len(b.facts) < batch {
			return nil
		}
		return b.flush(ctx)
	})
	if err == nil {
		err = b.flush(ctx)
	}
	if err != nil {
		return b.report, fmt.Errorf("replay: %w", err)
	}
	return b.report, nil
}

type arrival struct {
	event.Envelope
	at time.Time
}

// building is one replay under way.
type building[S any] struct {
	side   ReadSide[S]
	routes inbox.Routes[S]
	dry    bool
	facts  []arrival
	report Report
}

func (b *building[S]) wanted(fact event.Envelope) bool {
	return slices.Contains(b.report.Types, fact.Name()) || slices.Contains(b.report.Types, "#")
}

// flush handles the facts at hand in one transaction. A fact that cannot be read has not touched the store.
func (b *building[S]) flush(ctx context.Context) error {
	var unreadable int64
	rows, err := InTx(ctx, b.side.DB, b.side.Tables, b.dry, func(tx pgx.Tx) error {
		unreadable = 0
		store := b.side.Bind(tx)
		for _, fact := range b.facts {
			err := b.routes.Handle(ctx, store, fact.Envelope, fact.at)
			if inbox.Permanent(err) {
				unreadable++
				continue
			}
			if err != nil {
				return fmt.Errorf("%s %s: %w", fact.Name(), fact.ID, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	b.report.Facts += int64(len(b.facts))
	b.report.Unreadable += unreadable
	b.report.Rows += rows
	b.facts = b.facts[:0]
	return nil
}
