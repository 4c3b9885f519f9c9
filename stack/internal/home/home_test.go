package home

import (
	"errors"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/stack/internal/process"
)

func home(t *testing.T) *Home {
	t.Helper()
	h, err := At(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Make(); err != nil {
		t.Fatal(err)
	}
	return h
}

func TestSecretsLastAndAreForThisUserAlone(t *testing.T) {
	h := home(t)
	secrets, err := h.Secrets()
	if err != nil {
		t.Fatal(err)
	}
	first := secrets.Of("database/ordering")
	if first == secrets.Of("database/billing") {
		t.Error("two secrets are the same")
	}
	if err := h.Keep(secrets); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(h.Dir, "secrets.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	again, err := h.Secrets()
	if err != nil || again.Of("database/ordering") != first {
		t.Errorf("another secret after reading it back, %v", err)
	}
}

func TestOneProcessRunsAStack(t *testing.T) {
	h := home(t)
	unlock, err := h.Lock()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Lock(); !errors.Is(err, ErrTaken) {
		t.Errorf("locked twice: %v", err)
	}
	unlock()
	unlock, err = h.Lock()
	if err != nil {
		t.Fatal(err)
	}
	unlock()
}

// sleeper starts a process as a stack would, and notes it.
func sleeper(t *testing.T, register *Register, name, script string) *process.Process {
	t.Helper()
	child, err := process.Start(process.Command{
		Name: name, Path: "/bin/sh", Args: []string{"-c", script}, Log: filepath.Join(t.TempDir(), "log"),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(child.Kill)
	if err := register.Add(name, child.PID()); err != nil {
		t.Fatal(err)
	}
	return child
}

func TestWhatWasLeftBehindIsStoppedInOrder(t *testing.T) {
	h := home(t)
	register, err := h.Register()
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"postgresql", "epmd", "rabbitmq", "ordering", "gateway"}
	var children []*process.Process
	for _, name := range names {
		children = append(children, sleeper(t, register, name, "sleep 600"))
	}
	ended, err := h.StopLeftover(time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"gateway", "ordering", "rabbitmq", "epmd", "postgresql"}, ended); diff != "" {
		t.Error(diff)
	}
	for _, child := range children {
		<-child.Done()
	}
	if running, err := h.Running(); running != nil || err != nil {
		t.Errorf("still noted: %v, %v", running, err)
	}
}

func TestWhatWasLeftBehindAndDoesNotEndIsKilled(t *testing.T) {
	h := home(t)
	register, err := h.Register()
	if err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(t.TempDir(), "log")
	child, err := process.Start(process.Command{
		Name: "ordering", Path: "/bin/sh", Args: []string{"-c", `trap "" TERM; echo ready; while :; do sleep 0.01; done`}, Log: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(child.Kill)
	for text := ""; !strings.Contains(text, "ready"); {
		content, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		text = string(content)
	}
	if err := register.Add("ordering", child.PID()); err != nil {
		t.Fatal(err)
	}
	if _, err := h.StopLeftover(50 * time.Millisecond); err != nil {
		t.Fatal(err)
	}
	<-child.Done()
}

func TestAProcessThatMerelyHasTheNumberIsLeftAlone(t *testing.T) {
	h := home(t)
	register, err := h.Register()
	if err != nil {
		t.Fatal(err)
	}
	child := sleeper(t, register, "ordering", "sleep 600")
	if err := register.update(func(r *Running) { r.Children[0].Started = "1" }); err != nil {
		t.Fatal(err)
	}
	ended, err := h.StopLeftover(time.Second)
	if err != nil || len(ended) > 0 {
		t.Errorf("ended %v, %v", ended, err)
	}
	select {
	case <-child.Done():
		t.Error("the process was ended")
	default:
	}
	if err := child.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

func TestDataLiesElsewhereWhenTheServersUserMayNotEnter(t *testing.T) {
	server, err := process.Unprivileged("postgres", "nobody")
	if err != nil {
		t.Fatal(err)
	}
	if server == nil {
		name, _ := user.Current()
		t.Logf("%v runs PostgreSQL as itself, which can enter", name)
	}
	private := filepath.Join(t.TempDir(), "private")
	clone := filepath.Join(private, "clone")
	if err := os.MkdirAll(clone, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(private, 0o700); err != nil {
		t.Fatal(err)
	}
	h, err := At(clone, server)
	if err != nil {
		t.Fatal(err)
	}
	if h.Elsewhere() != (server != nil) {
		t.Errorf("elsewhere: %t, in %s", h.Elsewhere(), h.Data)
	}
	if h.Elsewhere() && !server.CanEnter(filepath.Dir(filepath.Dir(h.Data))) {
		t.Errorf("the server's user may not enter %s either", h.Data)
	}
}

func TestForgetLeavesTheLock(t *testing.T) {
	h := home(t)
	unlock, err := h.Lock()
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if err := h.MarkSeeded("private"); err != nil {
		t.Fatal(err)
	}
	if err := h.Forget(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(h.Dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	if !slices.Equal(names, []string{"lock"}) || h.Seeded("private") {
		t.Errorf("left: %v", names)
	}
}
