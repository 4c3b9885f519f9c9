// Package outbox stores facts in the transaction that makes them true, and hands them to the broker afterwards, at least
// once and in order within each aggregate.
//
// A fact that is appended in the process of its relay reaches it in memory as soon as its transaction is known to be committed, and is
// published without being read, if it is clearly the next of its aggregate; see handover.go. All others are read, and so are those after a
// crash: what counts is the table.
//
// The pattern is the transactional outbox of Chris Richardson's "Microservices Patterns", chapter 3.
package outbox

import (
	"context"
	"embed"
	"hash/fnv"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/postgres"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations make the outbox table.
func Migrations() fs.FS {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err)
	}
	return sub
}

// Partitions is the number of parts that the outbox of a context is dealt with in; each has one owner at a time.
const Partitions = 8

// insert appends a row. The transaction has a number before it draws a position; see tail.
const insert = `
	INSERT INTO outbox (id, partition, source, subject, sequence, routing_key, envelope, type, occurred_at, correlation_id, traceparent,
	                    exchange, reply_to, order_number)
	SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14 WHERE pg_current_xact_id() IS NOT NULL`

// insertAndTell answers what is to be known for a row to be handed over.
const insertAndTell = insert + ` RETURNING position, outbox_before(source, subject, sequence)`

// Append stores facts in tx, at its end or before whatever is asked of it next. The aggregate of each must be locked in tx, so that its facts commit in the order of their
// sequence. A relay of the same database in this process is handed them once InTx has committed tx.
func Append(ctx context.Context, tx pgx.Tx, facts ...event.Envelope) error {
	if muted(ctx) {
		return nil
	}
	epoch, err := epochOf(ctx, tx)
	if err != nil {
		return err
	}
	asked := appending.Asked(tx)
	batch := &pgx.Batch{}
	for _, fact := range facts {
		next, err := newRow(fact.InEpoch(epoch))
		if err != nil {
			return err
		}
		if !asked {
			appending.In(tx, nil)
			batch.Queue(insert, next.values()...)
			continue
		}
		told := &handed{row: next, begun: time.Now()}
		appending.In(tx, told)
		batch.Queue(insertAndTell, next.values()...).QueryRow(func(answer pgx.Row) error {
			return answer.Scan(&told.row.position, &told.before)
		})
	}
	return postgres.Later(ctx, tx, "append to outbox", batch)
}

func partitionOf(a aggregate) int16 {
	hash := fnv.New32a()
	hash.Write([]byte(a.source + "|" + a.subject))
	return int16(hash.Sum32() % Partitions)
}
