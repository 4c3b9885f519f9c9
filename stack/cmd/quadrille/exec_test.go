package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"quadrille.dev/platform/testkit/leak"
	"quadrille.dev/stack/internal/process"
	"quadrille.dev/stack/internal/server"
)

// TestMain lets the test binary stand in for the command, so that tests see real exit codes and signals.
func TestMain(m *testing.M) {
	if os.Getenv("QUADRILLE_TEST_AS_COMMAND") != "" {
		main()
		os.Exit(0)
	}
	// The thread on which children are started lives as long as the program.
	leak.Main(m, goleak.IgnoreAnyFunction("quadrille.dev/stack/internal/process.spawn"))
}

func quadrille(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	// Cleanups run it too, after the test's context has ended.
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), os.Args[0], args...)
	cmd.Env = append(os.Environ(), "QUADRILLE_TEST_AS_COMMAND=yes")
	cmd.WaitDelay = time.Second
	return cmd
}

// witness is a shell script run by exec: it notes the servers' processes and URLs, says so, and goes on with then.
func witness(dir, then string) string {
	return `cat /proc/$PPID/task/*/children >"` + dir + `/children" && env | grep ^TEST_ >"` + dir + `/env" && touch "` + dir + `/ready"; ` + then
}

func TestExecEndsItsServersAndPassesOnTheExitCode(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, then string
		signal     syscall.Signal
		code       int
	}{
		{"success", "exit 0", 0, 0},
		{"failure", "exit 7", 0, 7},
		{"killed", "kill -KILL $$", 0, 137},
		{"interrupted", "sleep 600", syscall.SIGINT, 130},
		{"its terminal closed", "sleep 600", syscall.SIGHUP, 130},
		{"terminated, with a command that does not care", "trap '' INT TERM; sleep 600", syscall.SIGTERM, 130},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			cmd := quadrille(t, "exec", "--", "sh", "-c", witness(dir, test.then))
			var output bytes.Buffer
			cmd.Stdout, cmd.Stderr = &output, &output
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			children, ok := awaitChildren(t, dir, ended)
			if !ok {
				t.Fatalf("exec did not run its command; output:\n%s", &output)
			}
			if test.signal != 0 {
				if err := cmd.Process.Signal(test.signal); err != nil {
					t.Fatal(err)
				}
			}
			if code := exitCodeOf(t, <-ended); code != test.code {
				t.Errorf("exit code %d, want %d; output:\n%s", code, test.code, &output)
			}
			for _, child := range children {
				if child.Alive() {
					t.Errorf("process %d still runs", child.PID)
				}
			}
		})
	}
}

// awaitChildren answers the command's children once its servers answer: PostgreSQL, RabbitMQ, epmd and the script itself.
// It answers false when the command ends before.
func awaitChildren(t *testing.T, dir string, ended chan error) ([]process.Identity, bool) {
	t.Helper()
	for !exists(filepath.Join(dir, "ready")) {
		select {
		case err := <-ended:
			ended <- err
			if !exists(filepath.Join(dir, "ready")) {
				return nil, false
			}
		case <-time.After(20 * time.Millisecond):
		}
	}
	list, err := os.ReadFile(filepath.Join(dir, "children"))
	if err != nil {
		t.Fatal(err)
	}
	var children []process.Identity
	for field := range strings.FieldsSeq(string(list)) {
		pid, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		// The script itself may have ended by now.
		if child, err := process.Identify("child", pid); err == nil {
			children = append(children, child)
		}
	}
	return children, true
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func exitCodeOf(t *testing.T, err error) int {
	t.Helper()
	var ended *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &ended):
		return ended.ExitCode()
	}
	t.Fatal(err)
	return 0
}

func TestExecStartsAServerAgainThatDied(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd := quadrille(t, "exec", "--", "sh", "-c", witness(dir, "sleep 600"))
	output := &lockedBuffer{}
	cmd.Stdout, cmd.Stderr = output, output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	children, ok := awaitChildren(t, dir, ended)
	if !ok {
		t.Fatalf("exec did not run its command; output:\n%s", output)
	}
	management := variable(t, filepath.Join(dir, "env"), "TEST_RABBITMQ_MANAGEMENT_URL")
	for _, child := range children {
		if comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", child.PID)); err == nil && strings.HasPrefix(string(comm), "beam") {
			if err := child.Signal(syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
	}
	for server.PingRabbitMQ(t.Context(), management) == nil { // it has not died yet
		time.Sleep(10 * time.Millisecond)
	}
	for server.PingRabbitMQ(t.Context(), management) != nil {
		select {
		case err := <-ended:
			t.Fatalf("exec ended: %v; output:\n%s", err, output)
		case <-time.After(50 * time.Millisecond):
		}
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if code := exitCodeOf(t, <-ended); code != 130 {
		t.Errorf("exit code %d", code)
	}
	if said := output.String(); !strings.Contains(said, "rabbitmq ended: signal: killed") || !strings.Contains(said, "last words") {
		t.Errorf("it says %q", said)
	}
}

// variable reads a line NAME=value.
func variable(t *testing.T, file, name string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if value, found := strings.CutPrefix(strings.TrimSpace(line), name+"="); found {
			return value
		}
	}
	t.Fatalf("%s is not set in:\n%s", name, text)
	return ""
}
