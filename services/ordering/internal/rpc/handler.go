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

	"quadrille.dev/platform/serve"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
)

// Books is ordering's database.
type Books interface {
	app.Reader
	// InTx runs use in a transaction, more than once if it must.
	InTx(ctx context.Context, use func(app.Store) error) error
	// NextNumber is a number for an order that no other has.
	NextNumber(ctx context.Context) (string, error)
}

// Handler answers ordering.v1.OrderingService. Clock and ids come from here, and from nowhere below.
type Handler struct {
	Books     Books
	Quoter    app.Quoter
	Inventory app.Inventory
	// Deadline is how long an order may stay undecided.
	Deadline time.Duration
	Now      func() time.Time
	NewID    func() (uuid.UUID, error)
	// Placed is called after an order was placed.
	Placed func()
	Log    *slog.Logger
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

// request names a command by its caller and key. Of the input it keeps a digest only.
func request(caller serve.Caller, mutation string, key uuid.UUID, input any) (app.Request, error) {
	canonical, err := json.Marshal(input)
	if err != nil {
		return app.Request{}, fmt.Errorf("digest input: %w", err)
	}
	return app.Request{Principal: caller.ID.String(), Mutation: mutation, Key: key, Input: sha256.Sum256(canonical)}, nil
}

func customerOf(id uuid.UUID) order.CustomerID { return order.CustomerID{UUID: id} }
