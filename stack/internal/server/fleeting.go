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

	"quadrille.dev/stack/internal/process"
)

// Fleeting is a PostgreSQL and a RabbitMQ with nothing in them, on free ports, whose data is forgotten when they stop.
type Fleeting struct {
	PostgresURL, AMQPURL, ManagementURL string

	dir                  string
	postgres, epmd, node *process.Process
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
	config := PostgresConfig{
		Dir: filepath.Join(f.dir, "postgresql"), Log: filepath.Join(f.dir, "postgresql.log"),
		Port: port, Password: rand.Text(), Fleeting: true,
	}
	command, url, err := Postgres(ctx, config)
	if err != nil {
		return err
	}
	f.PostgresURL = url
	if f.postgres, err = process.Start(command); err != nil {
		return err
	}
	return await(ctx, f.postgres, config.Log, func(ctx context.Context) error { return PingPostgres(ctx, url) })
}

func (f *Fleeting) startRabbitMQ(ctx context.Context) error {
	ports, err := FreePorts(2)
	if err != nil {
		return err
	}
	config := RabbitMQConfig{
		Dir: filepath.Join(f.dir, "rabbitmq"), Log: filepath.Join(f.dir, "rabbitmq.log"),
		Node: "quadrille-" + strings.ToLower(rand.Text()),
		Port: ports[0], Management: ports[1], User: "admin", Password: rand.Text(),
	}
	rabbit, err := NewRabbitMQ(config)
	if err != nil {
		return err
	}
	f.AMQPURL, f.ManagementURL = rabbit.URL, rabbit.ManagementURL
	if f.epmd, err = process.Start(rabbit.Epmd); err != nil {
		return err
	}
	if f.node, err = process.Start(rabbit.Node); err != nil {
		return err
	}
	return await(ctx, f.node, config.Log, func(ctx context.Context) error { return PingRabbitMQ(ctx, rabbit.ManagementURL) })
}

// await returns when ping answers nil. It gives up when the server ends or ctx does.
func await(ctx context.Context, server *process.Process, log string, ping func(context.Context) error) error {
	for {
		err := ping(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-server.Done():
			return fmt.Errorf("start %s: it ended early: %w; its last words:\n%s", server.Name(), server.Err(), Tail(log))
		case <-ctx.Done():
			return fmt.Errorf("start %s: %w (%w)", server.Name(), ctx.Err(), err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Stop ends the servers and removes their data. RabbitMQ gets no chance to write it out: nobody will read it.
func (f *Fleeting) Stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var failures []error
	for _, killed := range []*process.Process{f.node, f.epmd} {
		if killed != nil {
			killed.Kill()
		}
	}
	if f.postgres != nil {
		failures = append(failures, f.postgres.Stop(ctx))
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
