package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/app"
	"quadrille.dev/services/billing/internal/refund"
)

const refundColumns = `return_id, version, status, order_id, amount, currency, charge_id, invoice_number, reply_to, cancel_reply_to, reason,
	refund_id, note, attempts, due_at`

func refundFields(r *refund.Refund) []any {
	return []any{
		&r.Return.UUID, &r.Version, &r.Status, &r.Order.UUID, &r.Amount.Minor, &r.Amount.Currency, &r.ChargeID, &r.InvoiceNumber,
		&r.ReplyTo, &r.CancelReplyTo, &r.Reason, &r.RefundID, &r.Note, &r.Attempts, &r.DueAt,
	}
}

func scanRefund(row pgx.CollectableRow) (refund.Refund, error) {
	var r refund.Refund
	err := row.Scan(refundFields(&r)...)
	r.DueAt = r.DueAt.UTC()
	return r, err
}

// Refund answers and locks the refund of a return, which it makes if there is none.
func (s *Store) Refund(ctx context.Context, id refund.ReturnID) (refund.Refund, error) {
	var r refund.Refund
	batch := &pgx.Batch{}
	batch.Queue(`INSERT INTO refunds (return_id) VALUES ($1) ON CONFLICT DO NOTHING`, id.UUID)
	batch.Queue(`SELECT `+refundColumns+` FROM refunds WHERE return_id = $1 FOR UPDATE`, id.UUID).
		Query(func(rows pgx.Rows) (err error) {
			r, err = pgx.CollectExactlyOneRow(rows, scanRefund)
			return err
		})
	if err := s.tx.SendBatch(ctx, batch).Close(); err != nil {
		return refund.Refund{}, fmt.Errorf("lock refund of %s: %w", id, err)
	}
	return r, nil
}

// SaveRefund stores a refund, and what others hear of the events in the outbox. The origin of a call is kept from when it is intended.
func (s *Store) SaveRefund(ctx context.Context, r refund.Refund, at time.Time, events ...refund.Event) error {
	begins := slices.ContainsFunc(events, refund.Begins)
	var origin event.Origin
	if begins {
		origin = event.OriginOf(ctx)
		s.wake.Refund()
	}
	_, err := s.tx.Exec(ctx, `
		UPDATE refunds SET version = $2, status = $3, order_id = $4, amount = $5, currency = $6, charge_id = $7, invoice_number = $8,
			reply_to = $9, cancel_reply_to = $10, reason = $11, refund_id = $12, note = $13, attempts = $14, due_at = $15,
			causation = CASE WHEN $16 THEN $17 ELSE causation END, traceparent = CASE WHEN $16 THEN $18 ELSE traceparent END,
			order_number = CASE WHEN $16 THEN $19 ELSE order_number END
		WHERE return_id = $1`,
		r.Return.UUID, r.Version, r.Status, r.Order.UUID, r.Amount.Minor, r.Amount.Currency, r.ChargeID, r.InvoiceNumber, r.ReplyTo,
		r.CancelReplyTo, r.Reason, r.RefundID, r.Note, r.Attempts, r.DueAt, begins, origin.CausationID, origin.TraceParent,
		origin.OrderNumber)
	if err != nil {
		return fmt.Errorf("save refund of %s: %w", r.Return, err)
	}
	return s.tell(ctx, s.publish.Refund(r, at, events))
}

// waiting are the refunds of which the provider has to be asked something.
const waiting = `status IN ('INTENDED', 'ASKED', 'DOUBTED')`

// DueRefunds answers and locks refunds with a call that is due.
func (s *Store) DueRefunds(ctx context.Context, lane app.Lane, at time.Time, limit int) ([]app.RefundIntent, error) {
	which := `attempts = 0`
	if lane == app.Again {
		which = `attempts > 0`
	}
	rows, err := s.tx.Query(ctx, `
		SELECT `+refundColumns+`, causation, traceparent, order_number FROM refunds
		WHERE `+waiting+` AND `+which+` AND due_at <= $1
		ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED`, at, limit)
	if err != nil {
		return nil, fmt.Errorf("find refunds that are due: %w", err)
	}
	intents, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (app.RefundIntent, error) {
		var i app.RefundIntent
		err := row.Scan(append(refundFields(&i.Refund), &i.Origin.CausationID, &i.Origin.TraceParent, &i.Origin.OrderNumber)...)
		i.Refund.DueAt = i.Refund.DueAt.UTC()
		return i, err
	})
	if err != nil {
		return nil, fmt.Errorf("find refunds that are due: %w", err)
	}
	return intents, nil
}

// Promised answers how much of what an order has paid is promised to returns.
func (s *Store) Promised(ctx context.Context, order account.OrderID) (promised int64, err error) {
	err = s.tx.QueryRow(ctx, `
		SELECT coalesce(sum(amount), 0)::bigint FROM refunds WHERE order_id = $1 AND (`+waiting+` OR status = 'REFUNDED')`, order.UUID).
		Scan(&promised)
	if err != nil {
		return 0, fmt.Errorf("add up refunds of %s: %w", order, err)
	}
	return promised, nil
}

// CountNote counts one credit note more. Others who do so wait until the transaction ends.
func (s *Store) CountNote(ctx context.Context) (count int64, err error) {
	if err := s.tx.QueryRow(ctx, `UPDATE credit_notes SET count = count + 1 RETURNING count`).Scan(&count); err != nil {
		return 0, fmt.Errorf("count a credit note: %w", err)
	}
	return count, nil
}

// CountNotes has at least so many credit notes be there.
func (s *Store) CountNotes(ctx context.Context, least int64) error {
	if _, err := s.tx.Exec(ctx, `UPDATE credit_notes SET count = greatest(count, $1)`, least); err != nil {
		return fmt.Errorf("count credit notes: %w", err)
	}
	return nil
}
