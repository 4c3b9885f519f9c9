package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// lookEvery is how often aggregates are looked for that have rested.
	lookEvery = time.Second
	// searchEvery is how often rows are searched for that nobody would read, unless searching takes long.
	searchEvery = time.Minute
	// searchShare is how many times as long as searching takes the next search is put off: many rows that are removed and not cleared
	// away make it slow.
	searchShare = 100
	// maxRested is how many aggregates one look finds.
	maxRested = 100
)

// look is what was looked for beside the turns, on a connection of the pool: it may take long, and publishing goes on.
type look struct {
	// floor is where the tail's was before.
	floor int64
	// idle are transactions that run and have not appended.
	idle []uint32
	// rested are aggregates whose failed fact is to be tried again.
	rested []aggregate
	// lost is set when a search has found a row that no turn would read, because someone has removed by hand the failed one before it.
	lost bool
	took time.Duration
	err  error
}

func (s *session) look(ctx context.Context) {
	s.looking = true
	q := s.question()
	q.inMemory = append(append(q.inMemory, s.removing...), s.done.arrived...)
	search := time.Until(s.nextSearch) <= 0
	partitions := s.partitions
	go func() {
		l := look{floor: q.after}
		l.err = s.from.look(ctx, &l, partitions, q)
		if search && l.err == nil {
			begun := time.Now()
			l.err = s.from.search(ctx, &l, partitions, q)
			l.took = time.Since(begun)
		}
		s.looks <- l
	}()
}

// lookSoon has the partitions looked through that were got just now.
func (s *session) lookSoon() {
	if !s.looking {
		s.nextLook.Reset(0)
	}
}

func (s *session) seen(l look) {
	s.looking = false
	s.nextLook.Reset(lookEvery)
	if l.took > 0 {
		s.nextSearch = time.Now().Add(max(searchEvery, searchShare*l.took))
	}
	if l.err != nil {
		s.relay.log.Warn("cannot look through the outbox", "error", l.err)
		return
	}
	s.tail.idle(l.idle, l.floor)
	for _, a := range l.rested {
		if len(s.lanes[a]) == 0 && !s.resting[a] {
			s.tail.wanted[a], s.due = 0, true
		}
	}
	if l.lost {
		s.tail.restart()
		s.due = true
	}
}

// look asks for aggregates that have rested and for transactions that run without having appended. The locks are read in one pass, and
// those of tables not after those of transactions; so a transaction that is there had none on the outbox.
func (r *Relay) look(ctx context.Context, l *look, partitions []int16, q question) error {
	batch := &pgx.Batch{}
	batch.Queue(`
		SELECT DISTINCT source, subject FROM outbox
		WHERE attempts > 0 AND not_before <= now() AND partition = ANY ($1) AND position NOT IN (SELECT unnest($2::bigint[]))
		LIMIT $3`, partitions, q.inMemory, maxRested,
	).Query(func(result pgx.Rows) (err error) {
		l.rested, err = pgx.CollectRows(result, func(row pgx.CollectableRow) (a aggregate, err error) {
			err = row.Scan(&a.source, &a.subject)
			return a, err
		})
		return err
	})
	batch.Queue(`
		SELECT unnest(array_agg(transactionid::text::bigint) FILTER (WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock'))
		FROM pg_locks WHERE pid IS NOT NULL GROUP BY virtualtransaction
		HAVING NOT coalesce(bool_or(relation = 'outbox'::regclass AND mode <> 'AccessShareLock'), false)`,
	).Query(func(result pgx.Rows) (err error) {
		l.idle, err = pgx.CollectRows(result, pgx.RowTo[uint32])
		return err
	})
	if err := r.config.DB.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("look for what has rested: %w", errors.Join(err, ctx.Err()))
	}
	return nil
}

// search asks for rows at or below the floor that are neither in memory nor kept back.
func (r *Relay) search(ctx context.Context, l *look, partitions []int16, q question) error {
	sources, subjects := split(q.keptBack)
	err := r.config.DB.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM outbox o
		               WHERE partition = ANY ($1) AND position <= $2 AND position NOT IN (SELECT unnest($3::bigint[])) AND `+notKeptBack+`)`,
		partitions, q.after, q.inMemory, sources, subjects).Scan(&l.lost)
	if err != nil {
		return fmt.Errorf("search for rows that nobody reads: %w", err)
	}
	return nil
}
