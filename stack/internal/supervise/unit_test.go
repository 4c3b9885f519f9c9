package supervise

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/stack/internal/process"
)

func TestBackoffDoublesUpToItsMaximum(t *testing.T) {
	backoff := Backoff{First: time.Second, Max: 5 * time.Second}
	var waits []time.Duration
	for deaths := 1; deaths <= 5; deaths++ {
		waits = append(waits, backoff.after(deaths))
	}
	want := []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second, 5 * time.Second}
	if diff := cmp.Diff(want, waits); diff != "" {
		t.Error(diff)
	}
}

// witness hears of a unit's life over channels.
type witness struct {
	pids   chan int
	deaths chan time.Duration
}

func newWitness() *witness {
	return &witness{pids: make(chan int, 100), deaths: make(chan time.Duration, 100)}
}

func (w *witness) Started(_ string, pid int)                       { w.pids <- pid }
func (w *witness) Died(_ string, _ error, restartIn time.Duration) { w.deaths <- restartIn }
func shell(t *testing.T, script string) (command process.Command, log string) {
	log = filepath.Join(t.TempDir(), "log")
	return process.Command{Name: "shell", Path: "/bin/sh", Args: []string{"-c", script}, Log: log}, log
}

func TestAKilledProgramIsStartedAgain(t *testing.T) {
	command, _ := shell(t, "sleep 600")
	seen := newWitness()
	unit := New(command, Backoff{First: time.Millisecond, Max: time.Second, Calm: time.Hour}, seen)
	unit.Start()
	defer unit.Halt()
	first := <-seen.pids
	if err := unit.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if wait := <-seen.deaths; wait != time.Millisecond {
		t.Errorf("starts again in %s", wait)
	}
	if second := <-seen.pids; second == first {
		t.Errorf("the same process %d again", second)
	}
	if err := unit.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if wait := <-seen.deaths; wait != 2*time.Millisecond {
		t.Errorf("after the second death in a row it starts again in %s", wait)
	}
}

func TestAProgramThatCannotStartIsGivenUp(t *testing.T) {
	command, _ := shell(t, "exit 1")
	unit := New(command, Backoff{First: time.Millisecond, Max: time.Millisecond, Calm: time.Hour}, newWitness())
	unit.Start()
	defer unit.Halt()
	err := unit.Await(t.Context(), 3, func(context.Context) error { return os.ErrNotExist })
	if err == nil || !strings.Contains(err.Error(), "3 times") {
		t.Errorf("error %v", err)
	}
}

func TestStopLetsTheProgramDrain(t *testing.T) {
	command, log := shell(t, `trap 'echo drained; exit 0' TERM; echo ready; while :; do sleep 0.01; done`)
	seen := newWitness()
	unit := New(command, DefaultBackoff, seen)
	unit.Start()
	pid := <-seen.pids
	awaitLog(t, unit, log, "ready")
	if err := unit.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	awaitLog(t, unit, log, "drained")
	if _, err := process.Identify("shell", pid); err == nil {
		t.Error("the process is still there")
	}
	if len(seen.deaths) > 0 {
		t.Error("an orderly end counts as a death")
	}
	unit.Start()
	defer unit.Halt()
	<-seen.pids
}

func TestAProgramThatDoesNotDrainIsKilled(t *testing.T) {
	command, log := shell(t, `trap '' TERM; echo ready; while :; do sleep 0.01; done`)
	seen := newWitness()
	unit := New(command, DefaultBackoff, seen)
	unit.Start()
	pid := <-seen.pids
	awaitLog(t, unit, log, "ready")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := unit.Stop(ctx); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("error %v", err)
	}
	if _, err := process.Identify("shell", pid); err == nil {
		t.Error("the process is still there")
	}
}

func awaitLog(t *testing.T, unit *Unit, log, line string) {
	t.Helper()
	err := unit.Await(t.Context(), 1, func(context.Context) error {
		if text, err := os.ReadFile(log); err != nil || !strings.Contains(string(text), line) {
			return os.ErrNotExist
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
