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
	"quadrille.dev/stack/internal/supervise"
)

// Fleeting is a PostgreSQL and a RabbitMQ with nothing in them, on free ports, whose data is forgotten when they stop. One that dies
// is started again with the data it had, and said to have died: whoever looks for the reason of a failure has to know.
type Fleeting struct {
	PostgresURL, AMQPURL, ManagementURL string

	rabbit               RabbitMQ
	dir                  string
	say                  func(line string)
	postgres, epmd, node *supervise.Unit
}

// StartFleeting starts both and returns when they answer. What happens to them later is told to say.
func StartFleeting(ctx context.Context, say func(line string)) (*Fleeting, error) {
	dir, err := temporaryDir()
	if err != nil {
		return nil, err
	}
	servers := &Fleeting{dir: dir, say: say}
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
		Dir: filepath.Join(f.dir, "postgresql"), Log: f.log("postgresql"),
		Port: port, Password: rand.Text(), Fleeting: true,
	}
	command, url, err := Postgres(ctx, config)
	if err != nil {
		return err
	}
	f.PostgresURL, f.postgres = url, f.unit(command)
	return Await(ctx, f.postgres, config.Log, func(ctx context.Context) error { return PingPostgres(ctx, url) })
}

func (f *Fleeting) startRabbitMQ(ctx context.Context) error {
	ports, err := FreePorts(2)
	if err != nil {
		return err
	}
	config := RabbitMQConfig{
		Dir: filepath.Join(f.dir, "rabbitmq"), Log: f.log("rabbitmq"),
		Node: "quadrille-" + strings.ToLower(rand.Text()),
		Port: ports[0], Management: ports[1], User: "admin", Password: rand.Text(),
	}
	rabbit, err := NewRabbitMQ(config)
	if err != nil {
		return err
	}
	f.AMQPURL, f.ManagementURL, f.rabbit = rabbit.URL, rabbit.ManagementURL, rabbit
	f.epmd, f.node = f.unit(rabbit.Epmd), f.unit(rabbit.Node)
	return Await(ctx, f.node, config.Log, func(ctx context.Context) error { return PingRabbitMQ(ctx, rabbit.ManagementURL) })
}

// Logs is where the servers' logs are, until Stop removes them.
func (f *Fleeting) Logs() string { return f.dir }

func (f *Fleeting) log(name string) string { return filepath.Join(f.dir, name+".log") }

func (f *Fleeting) unit(command process.Command) *supervise.Unit {
	unit := supervise.New(command, supervise.DefaultBackoff, f)
	unit.Start()
	return unit
}

// Started is part of supervise.Observer.
func (f *Fleeting) Started(string, int) {}

// Died tells which server died, and its last words.
func (f *Fleeting) Died(name string, cause error, restartIn time.Duration) {
	log := f.log(name)
	if name == "epmd" {
		log = f.log("rabbitmq")
	}
	f.say(fmt.Sprintf("%s %v; it is started again in %s; its last words:\n%s", name, cause, restartIn, Tail(log)))
}

// Await returns when ping answers nil. It gives up when the server dies or ctx ends, and answers the server's last words.
func Await(ctx context.Context, server *supervise.Unit, log string, ping func(context.Context) error) error {
	if err := server.Await(ctx, 1, ping); err != nil {
		return fmt.Errorf("%w; the end of %s:\n%s", err, log, Tail(log))
	}
	return nil
}

// Stop ends the servers and removes their data. RabbitMQ gets no chance to write it out: nobody will read it.
func (f *Fleeting) Stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var failures []error
	for _, killed := range []*supervise.Unit{f.node, f.epmd} {
		if killed != nil {
			killed.Halt()
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
