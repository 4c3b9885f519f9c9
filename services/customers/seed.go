package customers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/google/uuid"

	"quadrille.dev/services/customers/internal/app"
	"quadrille.dev/services/customers/internal/customer"
	"quadrille.dev/services/customers/internal/rpc"
)

// demoPassword is the password of all demo accounts.
const demoPassword = "quadrille"

// demoAccounts have ids that never change, so that what neighbours know of them outlives this database.
var demoAccounts = []app.Account{
	{
		ID:      customer.ID(uuid.MustParse("01936d2e-7c00-7ada-8000-000000000001")),
		Profile: customer.Profile{Email: "ada@quadrille.test", Name: "Ada Lovelace"},
		Tier:    customer.Standard, Roles: []customer.Role{customer.Buyer},
	},
	{
		ID:      customer.ID(uuid.MustParse("01936d2e-7c00-7ace-8000-000000000002")),
		Profile: customer.Profile{Email: "grace@quadrille.test", Name: "Grace Hopper"},
		Tier:    customer.VIP, Roles: []customer.Role{customer.Buyer},
	},
	{
		ID:      customer.ID(uuid.MustParse("01936d2e-7c00-701a-8000-000000000003")),
		Profile: customer.Profile{Email: "olga@quadrille.test", Name: "Olga Ladyzhenskaya"},
		Tier:    customer.Standard, Roles: []customer.Role{customer.Operator},
	},
}

// seed sets up those demo accounts that are not there. Of those that are no password is hashed, which takes time and memory.
func seed(ctx context.Context, service *rpc.Service, log *slog.Logger) error {
	ids := make([]uuid.UUID, len(demoAccounts))
	for i, account := range demoAccounts {
		ids[i] = uuid.UUID(account.ID)
	}
	there, err := service.Directory.Customers(ctx, ids)
	if err != nil {
		return fmt.Errorf("look for demo accounts: %w", err)
	}
	for _, account := range demoAccounts {
		if slices.ContainsFunc(there, func(c customer.Customer) bool { return c.ID == account.ID }) {
			continue
		}
		if account.Password, err = service.Passwords.Hash(ctx, demoPassword); err != nil {
			return err
		}
		err = service.InTx(ctx, func(store app.Store) error { return app.Enrol(ctx, store, account, service.Now()) })
		switch {
		case errors.Is(err, app.ErrEmailTaken):
			log.Warn("demo account not set up: somebody else has registered its address", "id", account.ID)
		case err != nil:
			return fmt.Errorf("set up demo account %s: %w", account.Profile.Email, err)
		}
	}
	return nil
}
