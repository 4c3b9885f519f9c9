package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"quadrille.dev/stack/internal/home"
	"quadrille.dev/stack/internal/process"
	"quadrille.dev/stack/internal/server"
	"quadrille.dev/stack/internal/supervise"
)

// servers are the PostgreSQL and the RabbitMQ that a stack runs on: private ones, or those that the environment names.
type servers struct {
	home    *home.Home
	secrets *home.Secrets
	say     func(format string, args ...any)
	started func(program string, pid int)

	postgresURL, amqpURL, managementURL string
	postgres, epmd, node                *supervise.Unit
}

// start returns when both answer.
func (s *servers) start(ctx context.Context) error {
	s.postgresURL, s.amqpURL = os.Getenv("DATABASE_URL"), os.Getenv("AMQP_URL")
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if s.postgresURL != "" {
			s.say("using the PostgreSQL that DATABASE_URL names")
			return server.PingPostgres(ctx, s.postgresURL)
		}
		return s.startPostgres(ctx)
	})
	group.Go(func() error {
		if s.amqpURL != "" {
			s.say("using the RabbitMQ that AMQP_URL names")
			return s.findManagement(ctx)
		}
		return s.startRabbitMQ(ctx)
	})
	return group.Wait()
}

// origin tells apart the servers on which data may lie.
func (s *servers) origin() string {
	if s.postgres != nil {
		return "private"
	}
	address, err := url.Parse(s.postgresURL)
	if err != nil {
		return s.postgresURL
	}
	return address.Redacted()
}

// findManagement uses the management API that RABBITMQ_MANAGEMENT_URL names, else the usual port of AMQP's host.
func (s *servers) findManagement(ctx context.Context) error {
	var err error
	s.managementURL, err = managementURL(s.amqpURL, os.Getenv("RABBITMQ_MANAGEMENT_URL"))
	if err != nil {
		return err
	}
	return server.PingManagement(ctx, s.managementURL)
}

// managementURL is the given one, with AMQP's user if it names none, else what AMQP's URL suggests.
func managementURL(amqp, given string) (string, error) {
	broker, err := url.Parse(amqp)
	if err != nil {
		return "", fmt.Errorf("read AMQP_URL: %w", err)
	}
	management := &url.URL{Scheme: "http", Host: broker.Hostname() + ":15672"}
	if given != "" {
		if management, err = url.Parse(given); err != nil {
			return "", fmt.Errorf("read RABBITMQ_MANAGEMENT_URL: %w", err)
		}
	}
	if management.User == nil {
		management.User = broker.User
	}
	return management.String(), nil
}

func (s *servers) startPostgres(ctx context.Context) error {
	port, err := s.port("PostgreSQL", 5432)
	if err != nil {
		return err
	}
	config := server.PostgresConfig{
		Dir: filepath.Join(s.home.Data, "postgresql"), Log: filepath.Join(s.home.Logs(), "postgresql.log"), Port: port, Password: s.secret("postgresql"),
	}
	if err := s.keepSecrets(); err != nil {
		return err
	}
	command, address, err := server.Postgres(ctx, config)
	if err != nil {
		return err
	}
	s.postgresURL = address
	s.postgres = s.unit(command)
	return s.await(ctx, s.postgres, config.Log, fmt.Sprintf("PostgreSQL answers on port %d", port), func(ctx context.Context) error {
		return server.PingPostgres(ctx, address)
	})
}

func (s *servers) startRabbitMQ(ctx context.Context) error {
	port, err := s.port("RabbitMQ", 5672)
	if err != nil {
		return err
	}
	management, err := s.port("RabbitMQ's management", 15672)
	if err != nil {
		return err
	}
	config := server.RabbitMQConfig{
		Dir: filepath.Join(s.home.Data, "rabbitmq"), Log: filepath.Join(s.home.Logs(), "rabbitmq.log"), Node: "quadrille-" + s.home.Hash(),
		Port: port, Management: management, User: "admin", Password: s.secret("rabbitmq"),
	}
	if err := s.keepSecrets(); err != nil {
		return err
	}
	rabbit, err := server.NewRabbitMQ(config)
	if err != nil {
		return err
	}
	s.amqpURL, s.managementURL = rabbit.URL, rabbit.ManagementURL
	s.epmd, s.node = s.unit(rabbit.Epmd), s.unit(rabbit.Node)
	said := fmt.Sprintf("RabbitMQ answers on port %d, its management on %d", port, management)
	return s.await(ctx, s.node, config.Log, said, func(ctx context.Context) error {
		return server.PingRabbitMQ(ctx, rabbit.ManagementURL)
	})
}

func (s *servers) secret(what string) string { return s.secrets.Of(what) }

// keepSecrets stores the servers' passwords before the servers are made with them.
func (s *servers) keepSecrets() error { return s.home.Keep(s.secrets) }

func (s *servers) port(name string, want int) (int, error) {
	port, err := server.PreferredPort(want)
	if err == nil && port != want {
		s.say("port %d is taken: %s listens on %d", want, name, port)
	}
	return port, err
}

func (s *servers) unit(command process.Command) *supervise.Unit {
	unit := supervise.New(command, supervise.DefaultBackoff, s)
	unit.Start()
	return unit
}

func (s *servers) await(ctx context.Context, unit *supervise.Unit, log, said string, ping func(context.Context) error) error {
	if err := server.Await(ctx, unit, log, ping); err != nil {
		return err
	}
	s.say("%s", said)
	return nil
}

// Started notes a server's process.
func (s *servers) Started(name string, pid int) { s.started(name, pid) }

// Died says that a server is started again.
func (s *servers) Died(name string, cause error, restartIn time.Duration) {
	s.say("%s %v; restarting it in %s", name, cause, restartIn)
}

// stop ends the private servers; those of others run on.
func (s *servers) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	group := errgroup.Group{}
	group.Go(func() error { return stopUnits(ctx, s.postgres) })
	group.Go(func() error { return stopUnits(ctx, s.node, s.epmd) })
	return group.Wait()
}

func stopUnits(ctx context.Context, units ...*supervise.Unit) error {
	var failures []error
	for _, unit := range units {
		if unit != nil {
			failures = append(failures, unit.Stop(ctx))
		}
	}
	return errors.Join(failures...)
}
