package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// Fleeting is a PostgreSQL and a RabbitMQ with nothing in them, on free ports, whose data is forgotten when they stop.
type Fleeting struct {
	Postgres *Postgres
	RabbitMQ *RabbitMQ
	dir      string
}

// StartFleeting starts both and returns when they answer.
func StartFleeting(ctx context.Context) (*Fleeting, error) {
	dir, err := temporaryDir()
	if err != nil {
		return nil, err
	}
	servers := &Fleeting{dir: dir}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return servers.startPostgres(ctx) })
	group.Go(func() error { return servers.startRabbitMQ(ctx) })
	if err := group.Wait(); err != nil {
		return nil, errors.Join(err, servers.Stop())
	}
	return servers, nil
}

func (f *Fleeting) startPostgres(ctx context.Context) error {
	port, err := FreePort()
	if err != nil {
		return err
	}
	f.Postgres, err = StartPostgres(ctx, PostgresConfig{
		Dir: filepath.Join(f.dir, "postgresql"), Log: filepath.Join(f.dir, "postgresql.log"),
		Port: port, Password: rand.Text(), Fleeting: true,
	})
	return err
}

func (f *Fleeting) startRabbitMQ(ctx context.Context) error {
	amqp, err := FreePort()
	if err != nil {
		return err
	}
	management, err := FreePort()
	if err != nil {
		return err
	}
	f.RabbitMQ, err = StartRabbitMQ(ctx, RabbitMQConfig{
		Dir: filepath.Join(f.dir, "rabbitmq"), Log: filepath.Join(f.dir, "rabbitmq.log"),
		Node: "quadrille-" + strings.ToLower(rand.Text()), Port: amqp, Management: management,
		User: "admin", Password: rand.Text(),
	})
	return err
}

// Stop ends the servers and removes their data. They get no chance to write it out: nobody will read it.
func (f *Fleeting) Stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var failures []error
	if f.RabbitMQ != nil {
		f.RabbitMQ.Kill()
	}
	if f.Postgres != nil {
		failures = append(failures, f.Postgres.Stop(ctx))
	}
	if err := os.RemoveAll(f.dir); err != nil {
		failures = append(failures, fmt.Errorf("remove the servers' data: %w", err))
	}
	return errors.Join(failures...)
}

// temporaryDir makes a directory that the servers' users can enter, also when TMPDIR is a private place of root.
func temporaryDir() (string, error) {
	as, err := PostgresUser()
	if err != nil {
		return "", err
	}
	for _, base := range []string{os.TempDir(), "/tmp", "/var/tmp"} {
		if !as.CanEnter(base) {
			continue
		}
		dir, err := os.MkdirTemp(base, "quadrille-")
		if err != nil {
			continue
		}
		return dir, os.Chmod(dir, 0o711)
	}
	return "", errors.New("find a temporary directory: none can be written by root and entered by PostgreSQL's user")
}
