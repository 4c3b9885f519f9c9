// Package postgres keeps billing's accounts in PostgreSQL.
package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/erasure"
	"quadrille.dev/platform/event"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/app"
)

// Wake is called when a call is stored that waits for a worker: to the provider for an order or for a return, or to customers.
type Wake struct {
	Account, Refund, Party func()
	// Idle is how many calls for orders would be made at once if they were given; nil if none can be. Give is called with one that is stored
	// as handed over.
	Idle func() int
	Give func(app.Call)
}

// Store is app.Store in one transaction.
type Store struct {
	tx      pgx.Tx
	publish app.Publisher
	wake    Wake
	// expected are accounts that were locked before anybody asked for them, as they are now.
	expected map[account.OrderID]account.Account
	// absent are those of them that are not stored yet.
	absent map[account.OrderID]bool
	// given is how many calls were.
	given int
	asked erasure.Asked
}

// New is the store in tx.
func New(tx pgx.Tx, publish app.Publisher, wake Wake) *Store {
	return &Store{
		tx: tx, publish: publish, wake: wake, expected: map[account.OrderID]account.Account{}, absent: map[account.OrderID]bool{},
	}
}

const columns = `order_id, version, opened, customer_id, total, currency, token, reserved, given_up, payment, charge_id, refund_id,
	reason, attempts, stated, invoice, invoice_number, erased, call, call_attempts, call_tries, call_stalled, call_due_at`

func fields(a *account.Account) []any {
	return []any{
		&a.Order.UUID, &a.Version, &a.Opened, &a.Customer.UUID, &a.Total.Minor, &a.Total.Currency, &a.Token, &a.Reserved, &a.GivenUp,
		&a.Payment.Status, &a.Payment.ChargeID, &a.Payment.RefundID, &a.Payment.Reason, &a.Payment.Attempts,
		&a.Payment.Stated, &a.Invoice.Status, &a.Invoice.Number, &a.Erased, &a.Call.Operation, &a.Call.Attempts, &a.Call.Tries,
		&a.Call.Stalled, &a.Call.DueAt,
	}
}

func scan(row pgx.CollectableRow) (account.Account, error) {
	var a account.Account
	err := row.Scan(fields(&a)...)
	a.Call.DueAt = a.Call.DueAt.UTC()
	return a, err
}

// Account answers and locks the account of an order, which it makes if there is none and none was expected.
func (s *Store) Account(ctx context.Context, order account.OrderID) (account.Account, error) {
	if known, expected := s.expected[order]; expected {
		return known, nil
	}
	return s.lock(ctx, order.UUID)
}

// Waits tells whether a worker would make one more call at once.
func (s *Store) Waits() bool { return s.wake.Idle != nil && s.given < s.wake.Idle() }

// Give has a worker make a call that is stored as handed over.
func (s *Store) Give(call app.Call) {
	s.given++
	s.wake.Give(call)
}

// Save stores an account, and what others hear of the events in the outbox.
func (s *Store) Save(ctx context.Context, a account.Account, at time.Time, events ...account.Event) error {
	intended := slices.ContainsFunc(events, account.Intends)
	waits := a.Call.Operation != account.NoOperation && a.Call.Attempts == 0
	if err := s.update(ctx, a, waits || intended); err != nil {
		return err
	}
	if waits {
		s.wake.Account()
	}
	return s.tell(ctx, s.publish.Account(a, at, events))
}

// tell puts facts into the outbox.
func (s *Store) tell(ctx context.Context, facts []event.Fact) error {
	if len(facts) == 0 {
		return nil
	}
	envelopes := make([]event.Envelope, len(facts))
	for i, fact := range facts {
		envelopes[i] = event.New(ctx, fact)
	}
	return outbox.Append(ctx, s.tx, envelopes...)
}

// update keeps the origin of a call from when it is intended, so that what the answer leads to has the same cause.
func (s *Store) update(ctx context.Context, a account.Account, intended bool) error {
	var origin event.Origin
	if intended {
		origin = event.OriginOf(ctx)
	}
	values := []any{
		a.Order.UUID, a.Version, a.Opened, a.Customer.UUID, a.Total.Minor, a.Total.Currency, a.Token, a.Reserved, a.GivenUp,
		a.Payment.Status, a.Payment.ChargeID, a.Payment.RefundID, a.Payment.Reason, a.Payment.Attempts, a.Payment.Stated,
		a.Invoice.Status, a.Invoice.Number, a.Erased, a.Call.Operation, a.Call.Attempts, a.Call.Tries, a.Call.Stalled, a.Call.DueAt,
		origin.CausationID, origin.TraceParent, origin.OrderNumber,
	}
	batch := &pgx.Batch{}
	if s.absent[a.Order] {
		batch.Queue(insert, values...)
	} else {
		batch.Queue(update, append(values, intended)...)
	}
	delete(s.absent, a.Order)
	s.saved(a)
	return postgres.Later(ctx, s.tx, "save account of "+a.Order.String(), batch)
}

const (
	insert = `
		INSERT INTO accounts (` + columns + `, call_causation, call_traceparent, call_order_number)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)
		ON CONFLICT (order_id) DO UPDATE SET version = made_meanwhile()`
	update = `
		UPDATE accounts SET version = $2, opened = $3, customer_id = $4, total = $5, currency = $6, token = $7, reserved = $8,
			given_up = $9, payment = $10, charge_id = $11, refund_id = $12, reason = $13, attempts = $14, stated = $15, invoice = $16,
			invoice_number = $17, erased = $18, call = $19, call_attempts = $20, call_tries = $21, call_stalled = $22, call_due_at = $23,
			call_causation = CASE WHEN $27 THEN $24 ELSE call_causation END,
			call_traceparent = CASE WHEN $27 THEN $25 ELSE call_traceparent END,
			call_order_number = CASE WHEN $27 THEN $26 ELSE call_order_number END
		WHERE order_id = $1`
)

// Due answers and locks accounts with a call that is due.
func (s *Store) Due(ctx context.Context, lane app.Lane, at time.Time, limit int) ([]app.Intent, error) {
	which := `call_attempts = 0`
	if lane == app.Again {
		which = `call_attempts > 0`
	}
	rows, err := s.tx.Query(ctx, `
		SELECT `+columns+`, call_causation, call_traceparent, call_order_number FROM accounts
		WHERE call <> '' AND `+which+` AND call_due_at <= $1
		ORDER BY call_due_at LIMIT $2 FOR UPDATE SKIP LOCKED`, at, limit)
	if err != nil {
		return nil, fmt.Errorf("find calls that are due: %w", err)
	}
	intents, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (app.Intent, error) {
		var i app.Intent
		err := row.Scan(append(fields(&i.Account), &i.Origin.CausationID, &i.Origin.TraceParent, &i.Origin.OrderNumber)...)
		i.Account.Call.DueAt = i.Account.Call.DueAt.UTC()
		return i, err
	})
	if err != nil {
		return nil, fmt.Errorf("find calls that are due: %w", err)
	}
	return intents, nil
}
