package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

// held are the partitions that are owned now.
func (o *ownership) held() []int16 { return slices.Clone(o.partitions) }

// question is what a turn is told and asked.
type question struct {
	done outcome
	// inMemory are the positions of the rows in memory.
	inMemory []int64
	// after is the position behind which rows are read, up to limit, but none of the aggregates that are kept back.
	after    int64
	limit    int
	keptBack []aggregate
	// numbered has the turn's transaction have a number though it may change nothing.
	numbered bool
	// wanted are aggregates of which up to depth rows are read, and the sequences behind which.
	wanted []want
}

type want struct {
	aggregate aggregate
	sequence  int64
}

// reading is what a turn has read.
type reading struct {
	// rows are those behind a position, as the snapshot shows them; there may be more when they are as many as were asked for.
	rows     []row
	after    int64
	full     bool
	snapshot snapshot
	// own is the number of the turn's own transaction, 0 if it has none.
	own uint64
	// wanted are the rows of the aggregates that were wanted, as a later snapshot shows them.
	wanted []row
}

// turn does in one round trip what there is to do in the database: it removes the rows that have arrived, notes the failures, and reads.
// Whatever is read comes in the order of its aggregate.
func (o *ownership) turn(ctx context.Context, q question) (reading, error) {
	if err := o.extend(ctx); err != nil {
		return reading{}, err
	}
	batch := &pgx.Batch{}
	if len(q.done.arrived) > 0 {
		batch.Queue(`DELETE FROM outbox WHERE position = ANY ($1)`, q.done.arrived)
	}
	for _, f := range q.done.failures {
		f.note(batch)
	}
	r := reading{after: q.after}
	o.queueRows(batch, q, &r)
	if len(q.wanted) > 0 {
		o.queueWanted(batch, q, &r)
	}
	if err := o.conn.SendBatch(ctx, batch).Close(); err != nil {
		return reading{}, fmt.Errorf("read outbox: %w", errors.Join(err, ctx.Err()))
	}
	r.full = len(r.rows) == q.limit
	return r, nil
}

// readOthers reads the rows that are neither in memory nor kept back, behind a position. readAll is the same when nothing is, as mostly, and
// takes a third less time.
var (
	readOthers = rowsBehind(`position NOT IN (SELECT unnest($3::bigint[])) AND `+notKeptBack, "$6", "$7")
	readAll    = rowsBehind(`NOT EXISTS (`+failedBefore+` OFFSET 0)`, "$3", "$4")
)

func rowsBehind(which, limit, numbered string) string {
	return `
		SELECT pg_current_snapshot()::text,
		       (CASE WHEN ` + numbered + ` THEN pg_current_xact_id() ELSE pg_current_xact_id_if_assigned() END)::text, r.*
		FROM (VALUES (true)) AS always LEFT JOIN (
			SELECT ` + columns + ` FROM outbox o
			WHERE partition = ANY ($1) AND position > $2 AND ` + which + `
			ORDER BY position LIMIT ` + limit + `
		) r ON true ORDER BY r.position`
}

// queueRows reads behind a position. The snapshot is answered even when there is no row.
func (o *ownership) queueRows(batch *pgx.Batch, q question, r *reading) {
	read, args := readAll, []any{o.partitions, q.after}
	if len(q.inMemory)+len(q.keptBack) > 0 {
		sources, subjects := split(q.keptBack)
		read, args = readOthers, append(args, q.inMemory, sources, subjects)
	}
	batch.Queue(read, append(args, q.limit, q.numbered)...).Query(func(result pgx.Rows) (err error) {
		var seen, own string
		for result.Next() {
			values := result.RawValues()
			if seen == "" {
				seen, own = string(values[0]), string(values[1])
			}
			if values[2] == nil {
				continue
			}
			var next row
			if err := result.Scan(append([]any{nil, nil}, next.fields()...)...); err != nil {
				return err
			}
			r.rows = append(r.rows, next)
		}
		if err := result.Err(); err != nil {
			return err
		}
		if own != "" {
			if r.own, err = strconv.ParseUint(own, 10, 64); err != nil {
				return fmt.Errorf("number of a transaction: %w", err)
			}
		}
		r.snapshot, err = parseSnapshot(seen)
		return err
	})
}

// queueWanted reads aggregates that do not rest, after queueRows: so none of their rows falls between the two.
func (o *ownership) queueWanted(batch *pgx.Batch, q question, r *reading) {
	aggregates, sequences := make([]aggregate, len(q.wanted)), make([]int64, len(q.wanted))
	for i, w := range q.wanted {
		aggregates[i], sequences[i] = w.aggregate, w.sequence
	}
	sources, subjects := split(aggregates)
	batch.Queue(`
		SELECT `+columns+` FROM unnest($2::text[], $3::text[], $4::bigint[]) AS a (source, subject, sequence)
		CROSS JOIN LATERAL (SELECT * FROM outbox w WHERE w.source = a.source AND w.subject = a.subject AND w.sequence > a.sequence
		                    ORDER BY w.sequence LIMIT $5) o
		WHERE o.partition = ANY ($1)
		  AND NOT EXISTS (SELECT FROM outbox b WHERE b.source = o.source AND b.subject = o.subject
		                  AND b.sequence <= o.sequence AND b.attempts > 0 AND b.not_before > now() OFFSET 0)
		ORDER BY o.position`,
		o.partitions, sources, subjects, sequences, depth,
	).Query(func(result pgx.Rows) (err error) {
		r.wanted, err = pgx.CollectRows(result, func(result pgx.CollectableRow) (next row, err error) {
			err = result.Scan(next.fields()...)
			return next, err
		})
		return err
	})
}

func split(aggregates []aggregate) (sources, subjects []string) {
	sources, subjects = make([]string, len(aggregates)), make([]string, len(aggregates))
	for i, a := range aggregates {
		sources[i], subjects[i] = a.source, a.subject
	}
	return sources, subjects
}

// failedBefore are the failed rows of a row's aggregate up to it.
const failedBefore = `SELECT FROM outbox b WHERE b.source = o.source AND b.subject = o.subject AND b.sequence <= o.sequence AND b.attempts > 0`

// notKeptBack leaves out the aggregates that are read by name, $4 and $5, and those with a failed row that is not in memory, $3. OFFSET
// keeps the planner from making a join of what is looked up row by row: it knows little of a table that is mostly empty, and would go
// through all of it.
const notKeptBack = `
	(source, subject) NOT IN (SELECT * FROM unnest($4::text[], $5::text[]))
	AND NOT EXISTS (` + failedBefore + ` AND b.position NOT IN (SELECT unnest($3::bigint[])) OFFSET 0)`
