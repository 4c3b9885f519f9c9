// Package customers knows who buys: profiles, addresses, tiers, and how they sign in.
package customers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"time"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/serve"
	"quadrille.dev/schema/rpc/customers/v1/customersv1connect"
	"quadrille.dev/services/customers/internal/acl"
	"quadrille.dev/services/customers/internal/password"
	"quadrille.dev/services/customers/internal/postgres"
	"quadrille.dev/services/customers/internal/rpc"
	"quadrille.dev/services/customers/internal/token"
	"quadrille.dev/services/customers/migrations"
)

// Config is what customers reads from its environment.
type Config struct {
	serve.Config
	// TokenTTL is how long a token is good.
	TokenTTL time.Duration `env:"TOKEN_TTL" envDefault:"15m"`
	// SeedDemoAccounts sets up the accounts of the demonstration, whose password everybody knows.
	SeedDemoAccounts bool `env:"SEED_DEMO_ACCOUNTS"`
	// ExternalIssuers are those outside whose tokens are good for a sign-in: "issuer keys-url audience, …".
	ExternalIssuers acl.Issuers `env:"EXTERNAL_ISSUERS"`
}

// Validate tells what is wrong with the configuration.
func (c Config) Validate() error {
	wrong := []error{c.Config.Validate()}
	if c.TokenTTL <= 0 {
		wrong = append(wrong, errors.New("TOKEN_TTL is not positive"))
	}
	if err := c.ExternalIssuers.Validate(); err != nil {
		wrong = append(wrong, fmt.Errorf("EXTERNAL_ISSUERS: %w", err))
	}
	return errors.Join(wrong...)
}

// Context is customers as a program.
type Context struct{ config Config }

// New makes the context; Run does everything.
func New(config Config) *Context { return &Context{config} }

// Facts lists what customers reacts to: nothing.
func Facts() []string { return nil }

// Published lists what customers publishes.
func Published() []string { return append(acl.Facts(), audit.Fact("customers")) }

// Run serves until ctx ends.
func (c *Context) Run(ctx context.Context) error {
	if err := c.config.Validate(); err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	host, err := serve.Open(ctx, c.config.Config, "customers", migrations.FS)
	if err != nil {
		return err
	}
	service, err := c.service(ctx, host)
	if err != nil {
		return err
	}
	if c.config.SeedDemoAccounts {
		if err := seed(ctx, service, host.Log); err != nil {
			return err
		}
	}
	host.HandlePublic("GET /.well-known/jwks.json", http.HandlerFunc(service.Keys))
	host.Handle(customersv1connect.NewCustomersServiceHandler(service, host.Options()...))
	host.Prune(postgres.Kept())
	return host.Run(ctx)
}

func (c *Context) service(ctx context.Context, host *serve.Host) (*rpc.Service, error) {
	seed, err := postgres.Secret(ctx, host.DB, "token-signing-key", token.SeedSize)
	if err != nil {
		return nil, err
	}
	signer, err := token.NewSigner(seed, c.config.TokenIssuer, c.config.TokenAudience, c.config.TokenTTL)
	if err != nil {
		return nil, err
	}
	digestKey, err := postgres.Secret(ctx, host.DB, "registration-digest-key", 32)
	if err != nil {
		return nil, err
	}
	return &rpc.Service{
		Directory: postgres.NewDirectory(host.DB),
		InTx:      rpc.Database(host.DB.InTx, acl.Published),
		Act:       rpc.Audited(host.DB.InTx, acl.Published),
		Passwords: password.NewHasher(runtime.GOMAXPROCS(0)),
		Tokens:    signer,
		Outside:   acl.NewVerifier(c.config.ExternalIssuers),
		DigestKey: digestKey,
		Now:       time.Now,
	}, nil
}
