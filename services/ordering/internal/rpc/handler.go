// Package rpc answers ordering's calls.
package rpc

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/serve"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/returns"
)

// Books is ordering's database.
type Books interface {
	app.Reader
	// InTx runs use in a transaction, more than once if it must.
	InTx(ctx context.Context, use func(app.Store) error) error
	// Act is InTx for what an operator does. If it changed an order or a return, the entry that use answers goes into the audit.
	Act(ctx context.Context, use func(app.Store) (audit.Entry, error)) error
}

// Handler answers ordering.v1.OrderingService. Clock and ids come from here, and from nowhere below.
type Handler struct {
	Books     Books
	Quoter    app.Quoter
	Inventory app.Inventory
	// Deadline is how long an order may stay undecided.
	Deadline time.Duration
	// Pace is how long a return waits for answers.
	Pace  returns.Pace
	Now   func() time.Time
	NewID func() (uuid.UUID, error)
	Log   *slog.Logger
}

func (h *Handler) now() time.Time { return h.Now().UTC().Truncate(time.Microsecond) }

// person is the caller, who must be a customer or an operator.
func person(ctx context.Context) (serve.Caller, error) {
	caller := serve.CallerFrom(ctx)
	if caller.ID == uuid.Nil || !slices.Contains(caller.Roles, serve.Customer) && !caller.IsOperator() {
		return caller, connect.NewError(connect.CodePermissionDenied, errors.New("only customers and operators may do this"))
	}
	return caller, nil
}

// deed is what an operator has done, as it is audited.
type deed struct {
	action, detail string
	target         uuid.UUID
}

// carryOut has a command answered in a transaction. What operators do to what is not their own is audited, in the words of told.
func carryOut[A any](ctx context.Context, h *Handler, operator bool, do func(app.Store) (A, error), told func(A) deed) (answer A, err error) {
	if !operator {
		err = h.Books.InTx(ctx, func(store app.Store) error {
			answer, err = do(store)
			return err
		})
		return answer, err
	}
	err = h.Books.Act(ctx, func(store app.Store) (audit.Entry, error) {
		if answer, err = do(store); err != nil {
			return audit.Entry{}, err
		}
		id, err := h.NewID()
		if err != nil {
			return audit.Entry{}, fmt.Errorf("make id of audit entry: %w", err)
		}
		done := told(answer)
		target := done.target.String()
		return audit.Entry{
			ID: id, Actor: serve.CallerFrom(ctx).Actor(), Action: done.action, Target: target, Detail: done.detail, Order: target, At: h.now(),
		}, nil
	})
	return answer, err
}

// request names a command by its caller and key. Of the input it keeps a digest only.
func request(caller serve.Caller, mutation string, key uuid.UUID, input any) (app.Request, error) {
	canonical, err := json.Marshal(input)
	if err != nil {
		return app.Request{}, fmt.Errorf("digest input: %w", err)
	}
	return app.Request{Principal: caller.ID.String(), Mutation: mutation, Key: key, Input: sha256.Sum256(canonical)}, nil
}

func customerOf(id uuid.UUID) order.CustomerID { return order.CustomerID{UUID: id} }
