package postgres

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/services/chronicle/internal/app"
	"quadrille.dev/services/chronicle/internal/saga"
)

// Expect locks sagas, in the order of their ids, and remembers them until somebody asks. It is one round trip. That a fact is stored already
// shows when its saga is locked: whoever stores one locks the saga before. Of one that comes alone it need not be known before it is stored.
func (s *Store) Expect(ctx context.Context, expected []app.Expected) error {
	processes, kinds := map[string]*saga.Process{}, map[string]string{}
	facts := make([]uuid.UUID, len(expected))
	for i, e := range expected {
		processes[e.Process.Kind], kinds[e.Saga], facts[i] = e.Process, e.Process.Kind, e.Fact
	}
	ids := slices.Sorted(maps.Keys(kinds))
	ofKind := make([]string, len(ids))
	for i, id := range ids {
		ofKind[i] = kinds[id]
	}
	batch := &pgx.Batch{}
	batch.Queue(`INSERT INTO sagas (id, kind) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT (id) DO NOTHING`, ids, ofKind)
	batch.Queue(`SELECT `+sagaColumns+` FROM sagas WHERE id = ANY ($1) ORDER BY id FOR UPDATE`, ids).Query(func(rows pgx.Rows) error {
		sagas, err := pgx.CollectRows(rows, scanSaga(processes))
		for _, locked := range sagas {
			s.sagas[locked.ID] = locked
		}
		return err
	})
	if len(facts) > 1 {
		s.expectFacts(batch, facts)
	}
	if err := s.tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("lock %d sagas: %w", len(ids), err)
	}
	return nil
}

// expectFacts finds out which facts are not stored.
func (s *Store) expectFacts(batch *pgx.Batch, facts []uuid.UUID) {
	for _, id := range facts {
		s.fresh[id] = true
	}
	batch.Queue(`SELECT id FROM facts WHERE id = ANY ($1)`, facts).Query(func(rows pgx.Rows) error {
		stored, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		for _, id := range stored {
			delete(s.fresh, id)
		}
		return err
	})
}
