// Package process runs other programs as children that never outlive the program that started them.
package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// Command says what to run.
type Command struct {
	// Name is what people call it.
	Name string
	Path string
	Args []string
	// Env is the whole environment; nothing is inherited.
	Env []string
	Dir string
	// As is the user to run as; nil means the present one.
	As *User
	// Output takes standard output and standard error. If nil they are appended to the file Log.
	Output io.Writer
	Log    string
	// Ends is the signal that ends the program in good order, also sent by the kernel when the parent dies. SIGTERM if zero.
	Ends syscall.Signal
}

// Process is a running child. It leads a process group of its own, so that a Ctrl-C at the terminal reaches the parent alone,
// which ends its children in order.
type Process struct {
	name string
	ends syscall.Signal
	cmd  *exec.Cmd
	done chan struct{}
	err  error
}

// Start runs the command in the background.
func Start(command Command) (*Process, error) {
	output := command.Output
	if output == nil {
		log, err := os.OpenFile(command.Log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
		if err != nil {
			return nil, fmt.Errorf("start %s: %w", command.Name, err)
		}
		defer log.Close() // the child has a descriptor of its own
		output = log
	}
	cmd := exec.Command(command.Path, command.Args...)
	cmd.Env, cmd.Dir = command.Env, command.Dir
	cmd.Stdout, cmd.Stderr = output, output
	cmd.WaitDelay = 2 * time.Second // grandchildren may keep the pipe open
	ends := command.Ends
	if ends == 0 {
		ends = syscall.SIGTERM
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: ends, Credential: command.As.credential()}
	if err := onSpawner(cmd.Start); err != nil {
		return nil, fmt.Errorf("start %s: %w", command.Name, err)
	}
	p := &Process{name: command.Name, ends: ends, cmd: cmd, done: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// Name is what people call the process.
func (p *Process) Name() string { return p.name }

// PID is the operating system's number for it.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err is how the process ended: nil for exit code 0. It is valid once Done is closed.
func (p *Process) Err() error { return p.err }

// Signal sends sig to the process alone. A process that has ended ignores it.
func (p *Process) Signal(sig syscall.Signal) error {
	if err := p.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("signal %s: %w", p.name, err)
	}
	return nil
}

// Stop asks the process to end and waits; when ctx ends first, the process and its group are killed and the error says so.
func (p *Process) Stop(ctx context.Context) error {
	if err := p.Signal(p.ends); err != nil {
		return err
	}
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		p.Kill()
		return fmt.Errorf("stop %s: killed: %w", p.name, ctx.Err())
	}
}

// Kill ends the process and its group at once and waits for its end.
func (p *Process) Kill() {
	select {
	case <-p.done:
		return
	default:
	}
	// ESRCH: it ended by itself just now.
	_ = syscall.Kill(-p.PID(), syscall.SIGKILL)
	<-p.done
}

// spawner runs functions on one thread that lives as long as the program: the kernel ties a child's parent-death signal to the
// thread that started it.
var spawner = sync.OnceValue(func() chan<- func() {
	work := make(chan func())
	go spawn(work)
	return work
})

func spawn(work <-chan func()) {
	runtime.LockOSThread()
	for f := range work {
		f()
	}
}

func onSpawner(start func() error) error {
	failed := make(chan error)
	spawner() <- func() { failed <- start() }
	return <-failed
}
