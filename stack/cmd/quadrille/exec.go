package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"quadrille.dev/stack/internal/server"
)

// execute runs a command with servers of its own, which end with it, and answers its exit code as an exitError.
func execute(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		return errors.New("exec: no command given")
	}
	fmt.Fprintln(os.Stderr, "quadrille: starting a PostgreSQL and a RabbitMQ for", strings.Join(args, " "))
	servers, err := server.StartFleeting(ctx, func(line string) { fmt.Fprintln(os.Stderr, "quadrille:", line) })
	if err != nil {
		return err
	}
	err = runCommand(ctx, args, append(os.Environ(),
		"TEST_DATABASE_URL="+servers.PostgresURL,
		"TEST_AMQP_URL="+servers.AMQPURL,
		"TEST_RABBITMQ_MANAGEMENT_URL="+servers.ManagementURL,
	))
	if stopped := servers.Stop(); stopped != nil {
		fmt.Fprintln(os.Stderr, "quadrille:", stopped)
	}
	return err
}

// runCommand runs a command in a process group of its own. When ctx ends the whole group is asked to end, and killed if it has not
// after a while.
func runCommand(ctx context.Context, args, env []string) error {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = env, os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = 10 * time.Second
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	err := cmd.Run()
	if cmd.Process != nil {
		// Whatever the command left running has lost its servers. ESRCH: it left nothing.
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
	var ended *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return exitError(130)
	case errors.As(err, &ended):
		return exitError(exitCode(ended))
	case err != nil:
		return fmt.Errorf("exec: %w", err)
	}
	return nil
}

// exitCode is the command's own, or what a shell makes of a signal.
func exitCode(ended *exec.ExitError) int {
	status, ok := ended.Sys().(syscall.WaitStatus)
	if ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return ended.ExitCode()
}
