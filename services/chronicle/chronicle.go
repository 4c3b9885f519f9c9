// Package chronicle records every public fact, and tells how each saga stands and when one is stuck.
package chronicle

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/serve"
	"quadrille.dev/schema/rpc/chronicle/v1/chroniclev1connect"

	"quadrille.dev/services/chronicle/internal/acl"
	"quadrille.dev/services/chronicle/internal/app"
	"quadrille.dev/services/chronicle/internal/postgres"
	"quadrille.dev/services/chronicle/internal/rpc"
	"quadrille.dev/services/chronicle/internal/saga"
	"quadrille.dev/services/chronicle/migrations"
)

// Config is what chronicle reads from its environment.
type Config struct {
	serve.Config
	// StuckAfter is how long a saga that is not at rest may hear nothing before it shows as stuck.
	StuckAfter time.Duration `env:"SAGA_STUCK_AFTER" envDefault:"5m"`
	// KeptFor is how long a saga at rest and its facts are kept; no less than handled messages are remembered, or a fact that comes
	// again would begin the saga anew.
	KeptFor time.Duration `env:"CHRONICLE_KEPT_FOR" envDefault:"17520h"`
}

// Validate tells what is wrong with the configuration.
func (c Config) Validate() error {
	if c.StuckAfter <= 0 {
		return errors.New("SAGA_STUCK_AFTER must be positive")
	}
	if c.KeptFor < max(inbox.KeptFor, c.InboxKeptFor) {
		return errors.New("CHRONICLE_KEPT_FOR is below INBOX_KEPT_FOR")
	}
	return nil
}

// Context is chronicle as a program.
type Context struct{ config Config }

// New makes the context; nothing happens before Run.
func New(config Config) *Context { return &Context{config} }

// Facts lists what chronicle consumes: "#", every fact of every context.
func Facts() []string { return acl.Routes().Facts() }

// Published lists the facts that chronicle publishes.
func Published() []string { return append(acl.Facts(), audit.Fact("chronicle")) }

// Run records and answers until ctx ends.
func (c *Context) Run(ctx context.Context) error {
	if err := c.config.Validate(); err != nil {
		return err
	}
	config := c.config.Config
	config.PlansOnce = true
	host, err := serve.Open(ctx, config, "chronicle", migrations.FS)
	if err != nil {
		return err
	}
	host.Prune(postgres.Kept(c.config.KeptFor), postgres.KeptActions(c.config.AuditKeptFor))
	archive := postgres.NewArchive(host.DB.Pool, acl.Processes())
	handler := rpc.New(archive, acl.Summary, acl.Inspect, c.config.StuckAfter, time.Now)
	host.Handle(chroniclev1connect.NewChronicleServiceHandler(handler, host.Options()...))
	lengths := lengths()
	host.Measure(newCensus(archive.Census, c.config.StuckAfter, time.Now), lengths)
	silences := &watch{db: host.DB, log: host.Log, after: c.config.StuckAfter}
	rebuilder := rebuilder{host, archive}
	host.Replays(rebuilder.fromStream, rebuilder.fromTable)
	return host.Run(ctx, serve.Consumer(host, acl.Routes(), bind(host, lengths)), silences.run)
}

// bind makes the store of a transaction. A signal goes out only for what is committed, and one for all of that.
func bind(host *serve.Host, lengths *prometheus.HistogramVec) func(pgx.Tx) app.Store {
	return func(tx pgx.Tx) app.Store {
		var changes []acl.SagaChange
		return postgres.New(tx, func(s saga.Saga, fact app.Fact) {
			if changes = append(changes, acl.Changed(s, fact)); len(changes) == 1 {
				host.DB.OnCommit(tx, func() { host.Broker.Signal(context.Background(), acl.SagaChangedKey, acl.Signal(changes)) })
			}
			host.DB.OnCommit(tx, func() { measure(lengths, s, fact.Heard()) })
		})
	}
}
