// Package supervise keeps programs running: one that dies is started again, with backoff, and said to have died.
package supervise

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall"
	"time"

	"quadrille.dev/stack/internal/process"
)

// Observer hears what happens to a unit. Its methods are called from the unit's own goroutine and must be quick.
type Observer interface {
	// Started is called for each process that runs the unit's program.
	Started(unit string, pid int)
	// Died is called when one ended without being asked to.
	Died(unit string, cause error, restartIn time.Duration)
}

// Unit is a program that is kept running between Start and Stop.
type Unit struct {
	command  process.Command
	backoff  Backoff
	observer Observer

	mu      sync.Mutex
	current *process.Process
	deaths  int
	// cancel and ended belong to the goroutine that keeps the program running; both are nil while none does.
	cancel context.CancelFunc
	ended  chan struct{}
}

// New makes a unit that does not run yet.
func New(command process.Command, backoff Backoff, observer Observer) *Unit {
	return &Unit{command: command, backoff: backoff, observer: observer}
}

// SetEnvironment is the environment that the program gets when it is started the next time.
func (u *Unit) SetEnvironment(env []string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.command.Env = env
}

// Name is the program's name.
func (u *Unit) Name() string { return u.command.Name }

// Start has the program run, and run again whenever it ends. A unit that runs already is left alone.
func (u *Unit) Start() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.cancel != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	u.cancel, u.ended, u.deaths = cancel, make(chan struct{}), 0
	go u.keep(ctx, u.ended)
}

func (u *Unit) keep(ctx context.Context, ended chan<- struct{}) {
	defer close(ended)
	inRow := 0
	for {
		began := time.Now()
		cause := u.runOnce(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) >= u.backoff.Calm {
			inRow = 0
		}
		inRow++
		u.mu.Lock()
		u.deaths++
		u.mu.Unlock()
		wait := u.backoff.after(inRow)
		u.observer.Died(u.Name(), cause, wait)
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// runOnce starts the program and returns the reason when it has died. When ctx ends first it leaves the program to Stop.
func (u *Unit) runOnce(ctx context.Context) error {
	u.mu.Lock()
	command := u.command
	u.mu.Unlock()
	child, err := process.Start(command)
	if err != nil {
		return err
	}
	u.mu.Lock()
	u.current = child
	u.mu.Unlock()
	u.observer.Started(u.Name(), child.PID())
	select {
	case <-ctx.Done():
		return nil
	case <-child.Done():
		if err := child.Err(); err != nil {
			return fmt.Errorf("ended: %w", err)
		}
		return errors.New("ended by itself")
	}
}

// Stop asks the program to end and waits for it; when ctx ends first it is killed, and the error says so.
func (u *Unit) Stop(ctx context.Context) error {
	u.mu.Lock()
	cancel, ended := u.cancel, u.ended
	u.cancel = nil
	u.mu.Unlock()
	if cancel == nil {
		return nil
	}
	cancel()
	<-ended
	if child := u.child(); child != nil {
		return child.Stop(ctx)
	}
	return nil
}

// Halt kills the program, which stays down until Start.
func (u *Unit) Halt() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = u.Stop(ctx) // says that it had to be killed
}

// Signal sends sig to the process that runs the program now. After SIGKILL the unit starts it again.
func (u *Unit) Signal(sig syscall.Signal) error {
	if child := u.child(); child != nil {
		return child.Signal(sig)
	}
	return fmt.Errorf("signal %s: it does not run", u.Name())
}

// PID is the number of the process that runs the program now; 0 before the first.
func (u *Unit) PID() int {
	if child := u.child(); child != nil {
		return child.PID()
	}
	return 0
}

func (u *Unit) child() *process.Process {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.current
}

func (u *Unit) diedSoFar() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.deaths
}

// Kill kills the process that runs the program now with SIGKILL, and returns when it has ended. The unit starts it again.
func (u *Unit) Kill() error {
	child := u.child()
	if child == nil {
		return fmt.Errorf("kill %s: it does not run", u.Name())
	}
	child.Kill()
	return nil
}

// Await returns when ready answers nil. It gives up when ctx ends, or when the program has died as often as patience says
// meanwhile.
func (u *Unit) Await(ctx context.Context, patience int, ready func(context.Context) error) error {
	before := u.diedSoFar()
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		if u.diedSoFar()-before >= patience {
			return fmt.Errorf("start %s: it ended %d times; the reason stands in its log", u.Name(), patience)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("start %s: %w (%w)", u.Name(), ctx.Err(), err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
