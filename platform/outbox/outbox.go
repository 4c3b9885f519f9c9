// Package outbox stores facts in the transaction that makes them true, and hands them to the broker afterwards, at least
// once and in order within each aggregate.
//
// The pattern is the transactional outbox of Chris Richardson's "Microservices Patterns", chapter 3.
package outbox

import (
	"context"
	"embed"
	"fmt"
	"hash/fnv"
	"io/fs"

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

// Append stores facts in tx, at its end or before whatever is asked of it next. The aggregate of each must be locked in tx, so that its facts commit in the order of their
// sequence.
func Append(ctx context.Context, tx pgx.Tx, facts ...event.Envelope) error {
	if muted(ctx) {
		return nil
	}
	epoch, err := epochOf(ctx, tx)
	if err != nil {
		return err
	}
	appending.In(tx)
	batch := &pgx.Batch{}
	for _, fact := range facts {
		fact = fact.InEpoch(epoch)
		body, err := fact.Encode()
		if err != nil {
			return fmt.Errorf("encode %s: %w", fact.Name(), err)
		}
		batch.Queue(`
			INSERT INTO outbox (id, partition, source, subject, sequence, routing_key, envelope, type, occurred_at, correlation_id, traceparent,
			                    exchange, reply_to, order_number)
			SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14 WHERE pg_current_xact_id() IS NOT NULL`, // before it draws a position; see tail
			fact.ID, partition(fact), fact.Source, fact.Subject, fact.Sequence, fact.RoutingKey(), body,
			fact.Type, fact.Time, fact.CorrelationID, sampled(fact.TraceParent), fact.To, fact.ReplyTo, fact.OrderNumber)
	}
	return postgres.Later(ctx, tx, "append to outbox", batch)
}

func partition(fact event.Envelope) int16 {
	hash := fnv.New32a()
	hash.Write([]byte(fact.Source + "|" + fact.Subject))
	return int16(hash.Sum32() % Partitions)
}
