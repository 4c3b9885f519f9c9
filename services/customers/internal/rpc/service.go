// Package rpc answers those who call customers.
package rpc

import (
	"context"
	"errors"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/serve"
	"quadrille.dev/services/customers/internal/acl"
	"quadrille.dev/services/customers/internal/app"
	"quadrille.dev/services/customers/internal/customer"

	"quadrille.dev/services/customers/internal/password"
	"quadrille.dev/services/customers/internal/postgres"
	"quadrille.dev/services/customers/internal/token"
)

// most is how many customers can be asked for at once.
const most = 1000

// Transactions runs functions on a store, each in a transaction of its own.
type Transactions func(ctx context.Context, use func(app.Store) error) error

// Actions runs what operators do, each in a transaction of its own. If anything was changed, the entry that was answered goes into
// the audit.
type Actions func(ctx context.Context, use func(app.Store) (audit.Entry, error)) error

// Service implements customers.v1.CustomersService.
type Service struct {
	Directory *postgres.Directory
	InTx      Transactions
	Act       Actions
	Passwords *password.Hasher
	Tokens    *token.Signer
	// Outside verifies tokens of other issuers.
	Outside *acl.Verifier
	// DigestKey is the key of the hashes by which a repeated registration is known.
	DigestKey []byte
	Now       func() time.Time
}

// Database gives transactions of a database.
func Database(inTx func(context.Context, func(pgx.Tx) error) error, publish postgres.Publish) Transactions {
	return func(ctx context.Context, use func(app.Store) error) error {
		return inTx(ctx, func(tx pgx.Tx) error { return use(postgres.New(tx, publish)) })
	}
}

// Audited gives transactions of a database for what operators do.
func Audited(inTx func(context.Context, func(pgx.Tx) error) error, publish postgres.Publish) Actions {
	return func(ctx context.Context, use func(app.Store) (audit.Entry, error)) error {
		return inTx(ctx, func(tx pgx.Tx) error { return postgres.New(tx, publish).Act(ctx, use) })
	}
}

// whose is the customer that a command is about: the caller, or for operators any that they name.
func whose(ctx context.Context, named string) (customer.ID, []customer.Problem, error) {
	caller := serve.CallerFrom(ctx)
	if named == "" && caller.ID != uuid.Nil {
		return customer.ID(caller.ID), nil, nil
	}
	id, err := uuid.Parse(named)
	switch {
	case err == nil && (caller.IsOperator() || id == caller.ID):
		return customer.ID(id), nil, nil
	case !caller.IsOperator():
		return customer.ID{}, nil, denied()
	default:
		return customer.ID{}, problem(customer.Malformed, "This is not the id of a customer.", "customerId"), nil
	}
}

func denied() error {
	return connect.NewError(connect.CodePermissionDenied, errors.New("operators only"))
}

// refused is what a failed command tells the user; nil for what is not the user's doing.
func refused(err error) []customer.Problem {
	switch {
	case errors.Is(err, app.ErrNoCustomer):
		return problem(customer.NotFound, "There is no such customer.", "customerId")
	case errors.Is(err, app.ErrEmailTaken):
		return problem(customer.EmailTaken, "This e-mail address is already registered.", "email")
	case errors.Is(err, app.ErrKeyConflict):
		return problem(customer.KeyConflict, "The idempotency key was used with another input.", "idempotencyKey")
	case errors.Is(err, customer.ErrOperator):
		return problem(customer.Forbidden, "Operators are not erased: the audit log names them.", "customerId")
	case errors.Is(err, customer.ErrTelling):
		return problem(customer.Malformed, "The reason tells who the customer is.", "reason")
	case errors.Is(err, customer.ErrTooMany):
		return problem(customer.OutOfRange, "A customer keeps at most 100 addresses.", "address")
	default:
		return nil
	}
}

func problem(code customer.Code, message string, path ...string) []customer.Problem {
	return []customer.Problem{{Code: code, Message: message, Path: path}}
}
