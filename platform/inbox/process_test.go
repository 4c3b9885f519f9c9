package inbox_test

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/platform/testkit/leak"
)

// The moments at which a consumer dies that a test starts as a process of its own.
const (
	beforeCommit = "before the commit"
	beforeAck    = "before the ack"
	// The same of a transaction that handles several messages.
	beforeCommitOfSeveral = "before the commit of several"
	beforeAckOfSeveral    = "before the ack of several"
)

func init() { inbox.Postgres = testkit.Postgres }

func TestMain(m *testing.M) {
	moment := os.Getenv("INBOX_TEST_DIE")
	if moment == "" {
		bound()
		leak.Main(m)
	}
	if err := dying(context.Background(), moment); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// bound keeps tests of properties short unless -rapid.checks asks for more, and has failures told and not filed.
func bound() {
	for name, value := range map[string]string{"rapid.checks": "15", "rapid.nofailfile": "true", "rapid.shrinktime": "10s"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
}

// several is how many messages a consumer that dies handles in one transaction.
const several = 8

// dying consumes until the first message, or the first that is not alone in its transaction, has it killed.
func dying(ctx context.Context, moment string) error {
	db, err := postgres.Open(ctx, os.Getenv("INBOX_TEST_DATABASE"), "inventory")
	if err != nil {
		return err
	}
	die := func() { _ = syscall.Kill(os.Getpid(), syscall.SIGKILL) }
	var together atomic.Int64
	db.AfterCommit(func() {
		if n := together.Swap(0); moment == beforeAck || moment == beforeAckOfSeveral && n > 1 {
			die()
		}
	})
	config := inbox.Config{
		DB: db, Together: several, Log: slog.New(slog.DiscardHandler),
		Broker: rabbit.New(rabbit.Config{URL: os.Getenv("INBOX_TEST_AMQP"), Name: "inventory"}),
	}
	routes := routed(map[int]reader{1: readOrder}, func(ctx context.Context, s store, fact event.Envelope) error {
		if err := s.do(ctx, fact); err != nil {
			return err
		}
		if n := together.Add(1); moment == beforeCommit || moment == beforeCommitOfSeveral && n > 1 {
			die()
		}
		return nil
	})
	return inbox.NewConsumer(config, routes, func(tx pgx.Tx) store { return store{tx} }).Run(ctx)
}

// dies runs a consumer that dies at a moment, while publish has it consume, and returns when it is dead.
func (b *bench) dies(moment string, publish func()) {
	b.t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "INBOX_TEST_DIE="+moment, "INBOX_TEST_DATABASE="+b.url, "INBOX_TEST_AMQP="+b.amqpURL)
	cmd.Stderr = b.t.Output()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = cmd.Process.Kill() })
	b.awaitBinding()
	publish()
	_ = cmd.Wait()
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() {
		b.t.Fatalf("the consumer did not die %s: %v", moment, cmd.ProcessState)
	}
}
