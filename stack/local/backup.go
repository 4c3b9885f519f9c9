package local

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"quadrille.dev/schema"
	"quadrille.dev/stack/internal/backup"
)

// Backup writes the databases of all contexts on the servers that config names into a directory, while they work. Each is as it was at
// one moment; the moments differ.
func Backup(ctx context.Context, config Config, dir string) (time.Time, error) {
	urls := map[string]string{}
	for _, name := range contextNames() {
		address, err := url.Parse(config.PostgresURL)
		if err != nil {
			return time.Time{}, fmt.Errorf("read the URL of PostgreSQL: %w", err)
		}
		address.Path = "/" + config.Prefix + name
		urls[name] = address.String()
	}
	taken, err := backup.Take(ctx, dir, urls)
	return taken.TakenAt, err
}

// Restored is what Restore has brought back.
type Restored = backup.Report

// Restore brings the databases of contexts back from a directory, of all if none is named, while broker, provider and carrier have gone
// on. No program may work on them meanwhile; when they start again, they take up what they told since, and hear again what they have
// heard since. Facts count that were published up to margin before the backup.
func Restore(ctx context.Context, config Config, dir string, margin time.Duration, contexts ...string) (Restored, error) {
	s := &Stack{config: config}
	if _, err := s.postgres().Databases(ctx, contextNames(), func(name string) string { return config.Secret("database/" + name) }); err != nil {
		return Restored{}, err
	}
	restore := backup.Restore{
		Dir: dir, Databases: map[string]string{}, PostgresURL: config.PostgresURL, Consumers: schema.Consumers(), Commands: schema.Commands(),
		Margin: margin,
	}
	for _, p := range Programs {
		if p.Context && (len(contexts) == 0 || slices.Contains(contexts, p.Name)) {
			restore.Databases[p.Name] = config.Prefix + p.Name
		}
		if p.Recalls {
			restore.Recall = append(restore.Recall, p.Name)
		}
	}
	for _, name := range contexts {
		if restore.Databases[name] == "" {
			return Restored{}, fmt.Errorf("restore %s: there is no such context", name)
		}
	}
	broker, err := url.Parse(config.AMQPURL)
	if err != nil {
		return Restored{}, fmt.Errorf("read the URL of RabbitMQ: %w", err)
	}
	broker.Path = "/" + config.VHost
	restore.AMQPURL = broker.String()
	return restore.Run(ctx)
}

// Backup writes the databases of all contexts into a directory.
func (s *Stack) Backup(ctx context.Context, dir string) (time.Time, error) {
	return Backup(ctx, s.config, dir)
}

// Restore brings the databases of contexts back, of all if none is named; their programs are down meanwhile, and start again afterwards.
func (s *Stack) Restore(ctx context.Context, dir string, margin time.Duration, contexts ...string) (Restored, error) {
	if len(contexts) == 0 {
		contexts = contextNames()
	}
	for _, name := range contexts {
		s.Halt(name)
	}
	restored, err := Restore(ctx, s.config, dir, margin, contexts...)
	if err != nil {
		return restored, err
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, name := range contexts {
		group.Go(func() error { return s.Restart(ctx, name) })
	}
	return restored, group.Wait()
}
