// Package localtest runs the whole of Quadrille for one test, on the servers that `make test` starts or on servers of the test's own.
package localtest

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"quadrille.dev/stack/internal/home"
	"quadrille.dev/stack/internal/server"
	"quadrille.dev/stack/local"
)

// Settings are put into the environments of programs, by name; those under "" into every program's.
type Settings map[string]map[string]string

// Options say what is run, and where.
type Options struct {
	Settings Settings
	// Servers are where the stack runs; those of `make test` if nil.
	Servers *Servers
	// Build names a build of the programs that is not the usual one, and More are the arguments of go build that make it so.
	Build string
	More  []string
}

// Start builds and starts a stack of the test's own, with databases, users and a virtual host that no other test sees, and returns when
// it is ready. All of it ends with the test; if that fails, the programs' logs are kept in .stack/failed, and what they tell in the end is
// shown.
func Start(t testing.TB, settings Settings) *local.Stack {
	t.Helper()
	return StartWith(t, Options{Settings: settings})
}

// StartWith is Start with options.
func StartWith(t testing.TB, options Options) *local.Stack {
	t.Helper()
	root := Root(t)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	bin := filepath.Join(root, ".stack", "test-bin", options.Build)
	if err := local.Build(ctx, root, bin, options.More...); err != nil {
		t.Fatal(err)
	}
	config := configure(t, bin, options)
	stack, err := local.Start(ctx, config)
	t.Cleanup(func() {
		if stack != nil {
			if err := stack.Stop(context.Background()); err != nil {
				t.Errorf("stop the stack: %v", err)
			}
		}
		if err := local.Forget(context.Background(), config); err != nil {
			t.Errorf("remove what the stack left on the servers: %v", err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return stack
}

// Root is the root of the repository.
func Root(t testing.TB) string {
	t.Helper()
	root, err := home.Root()
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func configure(t testing.TB, bin string, options Options) local.Config {
	t.Helper()
	dir := t.TempDir()
	t.Cleanup(func() {
		if t.Failed() {
			keepLogs(t, dir)
		}
	})
	servers := options.Servers
	if servers == nil {
		servers = &Servers{&server.Fleeting{
			PostgresURL: variable(t, "TEST_DATABASE_URL"), AMQPURL: variable(t, "TEST_AMQP_URL"),
			ManagementURL: variable(t, "TEST_RABBITMQ_MANAGEMENT_URL"),
		}}
	}
	prefix := "test_" + strings.ToLower(rand.Text()[:12]) + "_"
	return local.Config{
		Bin: bin, Dir: dir, Logs: dir,
		PostgresURL: servers.PostgresURL, AMQPURL: servers.AMQPURL, ManagementURL: servers.ManagementURL,
		Prefix: prefix, VHost: prefix + "quadrille",
		Secret: home.NewSecrets().Of, Settings: options.Settings, Environment: os.Environ(), Warn: func(string) {},
	}
}

func variable(t testing.TB, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("%s is not set: run the tests through `make test`, which starts PostgreSQL and RabbitMQ for them", name)
	}
	return value
}
