package outbox_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/testkit/leak"
)

// Roles are what this program can be when a test starts it as a process of its own, to be killed or frozen.
const (
	// relayRole relays until it is killed.
	relayRole = "relay"
	// appendRole commits a fact and is dead before it can do anything else.
	appendRole = "append"
)

func TestMain(m *testing.M) {
	role := os.Getenv("OUTBOX_TEST_ROLE")
	if role == "" {
		bound()
		leak.Main(m)
	}
	if err := play(context.Background(), role); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// bound keeps tests of properties short unless -rapid.checks asks for more, and has failures told and not filed.
func bound() {
	for name, value := range map[string]string{"rapid.checks": "8", "rapid.nofailfile": "true", "rapid.shrinktime": "10s"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
}

func play(ctx context.Context, role string) error {
	db, err := postgres.Open(ctx, os.Getenv("OUTBOX_TEST_DATABASE"), "ordering")
	if err != nil {
		return err
	}
	if role == appendRole {
		db.AfterCommit(func() { _ = syscall.Kill(os.Getpid(), syscall.SIGKILL) })
		return db.InTx(ctx, func(tx pgx.Tx) error { return outbox.Append(ctx, tx, placed("1", 1)) })
	}
	broker := rabbit.New(rabbit.Config{URL: os.Getenv("OUTBOX_TEST_AMQP"), Name: "ordering"})
	return outbox.NewRelay(outbox.RelayConfig{DB: db, Broker: broker}).Run(ctx)
}

// process is a program of its own, which ends with the test at the latest.
type process struct {
	t   testing.TB
	cmd *exec.Cmd
}

func (b *bench) process(role, amqpURL string) *process {
	b.t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "OUTBOX_TEST_ROLE="+role, "OUTBOX_TEST_DATABASE="+b.url, "OUTBOX_TEST_AMQP="+amqpURL)
	cmd.Stderr = b.t.Output()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	p := &process{b.t, cmd}
	b.t.Cleanup(p.kill)
	return p
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// kill ends the process at once. Killing it again changes nothing.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// died waits until the process has ended of itself, and tells whether that was by SIGKILL.
func (p *process) died() bool {
	_ = p.cmd.Wait()
	status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}
