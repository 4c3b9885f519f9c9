package postgres

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/services/chronicle/internal/app"
	"quadrille.dev/services/chronicle/internal/saga"
)

// Expect locks sagas, in the order of their ids, and remembers them until somebody asks. It is one round trip. That a fact is stored already
// shows when its saga is locked: whoever stores one locks the saga before, or makes it. Of one that comes alone it need not be known before it
// is stored. When several come, sagas that are not there are made with them, and who finds that somebody else has done so meanwhile begins again.
func (s *Store) Expect(ctx context.Context, expected []app.Expected) error {
	processes, kinds := map[string]*saga.Process{}, map[string]string{}
	facts := make([]uuid.UUID, len(expected))
	for i, e := range expected {
		processes[e.Process.Kind], kinds[e.Saga], facts[i] = e.Process, e.Process.Kind, e.Fact
	}
	ids := slices.Sorted(maps.Keys(kinds))
	batch := &pgx.Batch{}
	if len(facts) == 1 {
		batch.Queue(`INSERT INTO sagas (id, kind) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`, expected[0].Saga, expected[0].Process.Kind)
	}
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
	for _, id := range ids {
		if _, there := s.sagas[id]; !there {
			s.sagas[id] = saga.Saga{ID: id, Process: processes[kinds[id]], Heard: map[string]time.Time{}}
			s.absent[id] = true
		}
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
