package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/prune"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
)

// Claim waits for a transaction that claims the same key, and then answers what that one has done.
func (s *Store) Claim(ctx context.Context, request app.Request, id uuid.UUID, at time.Time) (uuid.UUID, bool, error) {
	tag, err := s.tx.Exec(ctx, `
		INSERT INTO requests AS kept (principal, mutation, key, input, order_id, at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (principal, mutation, key) DO UPDATE SET input = EXCLUDED.input, order_id = EXCLUDED.order_id, at = EXCLUDED.at
		WHERE kept.at <= $7`,
		request.Principal, request.Mutation, request.Key, request.Input[:], id, at, at.Add(-app.KeptFor))
	if err != nil {
		return uuid.Nil, false, fmt.Errorf("keep request: %w", err)
	}
	if tag.RowsAffected() == 1 {
		return uuid.Nil, false, nil
	}
	return s.Answered(ctx, request, at)
}

// Answered looks up what a request was answered with.
func (r Reader) Answered(ctx context.Context, request app.Request, at time.Time) (uuid.UUID, bool, error) {
	var first kept
	batch := &pgx.Batch{}
	first.find(batch, request, at)
	if err := r.q.SendBatch(ctx, batch).Close(); err != nil {
		return uuid.Nil, false, fmt.Errorf("look up request: %w", err)
	}
	return first.answers(request)
}

// AnsweredOrKnown is both in one round trip.
func (r Reader) AnsweredOrKnown(
	ctx context.Context, request app.Request, at time.Time, customer order.CustomerID, skus []string,
) (uuid.UUID, bool, app.Known, error) {
	var first kept
	batch := &pgx.Batch{}
	first.find(batch, request, at)
	known := findKnown(batch, customer, skus)
	if err := r.q.SendBatch(ctx, batch).Close(); err != nil {
		return uuid.Nil, false, app.Known{}, fmt.Errorf("look up request and replicas: %w", err)
	}
	id, answered, err := first.answers(request)
	return id, answered, *known, err
}

// kept is a request as it came first; zero if it did not.
type kept struct {
	answer uuid.UUID
	input  []byte
}

// find queues what looks it up.
func (k *kept) find(batch *pgx.Batch, request app.Request, at time.Time) {
	batch.Queue(`
		SELECT order_id, input FROM requests WHERE principal = $1 AND mutation = $2 AND key = $3 AND at > $4`,
		request.Principal, request.Mutation, request.Key, at.Add(-app.KeptFor)).QueryRow(func(row pgx.Row) error {
		if err := row.Scan(&k.answer, &k.input); !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		return nil
	})
}

// answers is what a request is answered that comes again.
func (k *kept) answers(request app.Request) (uuid.UUID, bool, error) {
	switch {
	case k.input == nil:
		return uuid.Nil, false, nil
	case !bytes.Equal(k.input, request.Input[:]):
		return uuid.Nil, false, app.ErrConflict
	}
	return k.answer, true, nil
}

// Kept says when requests may be forgotten: when they are not answered again.
func Kept() prune.Table {
	return prune.Table{Name: "requests", Age: "at", KeptFor: app.KeptFor}
}
