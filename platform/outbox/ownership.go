package outbox

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/postgres"
)

const (
	// lockClass marks the advisory locks of partitions.
	lockClass = 0x6f757462
	// claimEvery is how often partitions are looked for that nobody owns.
	claimEvery = time.Second
	// defaultOwnership is how long the locks of a process that is frozen or out of reach are kept.
	defaultOwnership = 30 * time.Second
	// LeastOwnership leaves a relay that works time to be heard of: the outbox is read once a second at least.
	LeastOwnership = 3 * time.Second
)

// ownership is the partitions that this process owns, by advisory locks of one database session. Rows are read in that same
// session, so that every read proves that the locks are still held.
type ownership struct {
	conn       *pgx.Conn
	partitions []int16
	claimed    time.Time
}

// claim waits until there is a partition to own.
func claim(ctx context.Context, db *postgres.DB, keep time.Duration) (*ownership, error) {
	config := db.Config().ConnConfig.Copy()
	config.RuntimeParams["application_name"] += " relay"
	// A row removed in vain is published again, which is allowed; so its removal need not be flushed to disk.
	config.RuntimeParams["synchronous_commit"] = "off"
	// The locks of a process that is frozen or out of reach go to another.
	config.RuntimeParams["idle_session_timeout"] = strconv.FormatInt(keep.Milliseconds(), 10)
	config.RuntimeParams["tcp_keepalives_idle"] = "10"
	config.RuntimeParams["tcp_keepalives_interval"] = "5"
	config.RuntimeParams["tcp_keepalives_count"] = "3"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect to claim partitions: %w", err)
	}
	own := &ownership{conn: conn, partitions: []int16{}}
	for {
		if err := own.extend(ctx); err != nil {
			own.release()
			return nil, err
		}
		if len(own.partitions) > 0 {
			return own, nil
		}
		select {
		case <-time.After(claimEvery):
		case <-ctx.Done():
			own.release()
			return nil, ctx.Err()
		}
	}
}

// extend takes the partitions that nobody owns.
func (o *ownership) extend(ctx context.Context) error {
	if len(o.partitions) == Partitions || time.Since(o.claimed) < claimEvery {
		return nil
	}
	o.claimed = time.Now()
	rows, err := o.conn.Query(ctx, `
		SELECT p::smallint FROM generate_series(0, $1 - 1) AS p
		WHERE p <> ALL ($2::smallint[]) AND pg_try_advisory_lock($3, p)`,
		Partitions, o.partitions, lockClass)
	if err != nil {
		return fmt.Errorf("claim partitions: %w", err)
	}
	more, err := pgx.CollectRows(rows, pgx.RowTo[int16])
	if err != nil {
		return fmt.Errorf("claim partitions: %w", err)
	}
	o.partitions = append(o.partitions, more...)
	return nil
}

// release gives the partitions back.
func (o *ownership) release() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = o.conn.Close(ctx)
}

// turn does in one round trip what there is to do in the database: it removes the rows that have arrived, notes the
// failures, and reads up to limit rows that are not in memory. It reads those after a position only, so as not to pass again
// over rows that are removed and, for the sake of a snapshot somewhere, not cleared away; and of these none whose aggregate
// has an unread row before it. After 0 it reads all.
func (o *ownership) turn(ctx context.Context, done outcome, inMemory []int64, after int64, limit int) ([]row, error) {
	owned := len(o.partitions)
	if err := o.extend(ctx); err != nil {
		return nil, err
	}
	if len(o.partitions) > owned {
		after = 0
	}
	batch := &pgx.Batch{}
	if len(done.arrived) > 0 {
		batch.Queue(`DELETE FROM outbox WHERE position = ANY ($1)`, done.arrived)
	}
	for _, f := range done.failures {
		f.note(batch)
	}
	rows := []row{}
	batch.Queue(`
		SELECT `+columns+` FROM outbox o
		WHERE partition = ANY ($1) AND position > $5 AND position NOT IN (SELECT unnest($2::bigint[])) AND `+notResting+`
		  AND NOT EXISTS (SELECT FROM outbox e WHERE e.source = o.source AND e.subject = o.subject
		                  AND e.sequence < o.sequence OFFSET $3)
		  AND NOT EXISTS (SELECT FROM outbox u WHERE u.source = o.source AND u.subject = o.subject
		                  AND u.sequence < o.sequence AND u.position <= $5 AND u.position NOT IN (SELECT unnest($2::bigint[])) OFFSET 0)
		ORDER BY position LIMIT $4`,
		o.partitions, inMemory, depth-1, limit, after,
	).Query(func(result pgx.Rows) (err error) {
		rows, err = pgx.CollectRows(result, readRow)
		return err
	})
	if err := o.conn.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("read outbox: %w", errors.Join(err, ctx.Err()))
	}
	return rows, nil
}

// notResting leaves out the rows of an aggregate that rests after a failure. OFFSET keeps the planner from making joins of what
// is looked up row by row: it knows little of a table that is mostly empty, and would go through all of it.
const notResting = `
	NOT EXISTS (SELECT FROM outbox b WHERE b.source = o.source AND b.subject = o.subject
	            AND b.sequence <= o.sequence AND b.attempts > 0 AND b.not_before > now() OFFSET 0)`
