package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"quadrille.dev/stack/internal/home"
)

// clone makes a directory that is a clone as far as the command can tell: the sources of this one, and a stack of its own.
func clone(t *testing.T) string {
	t.Helper()
	sources, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	// Not below t.TempDir(), which only its owner may enter.
	dir, err := os.MkdirTemp("/tmp", "quadrille-clone-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go.work", "go.work.sum", "gateway", "platform", "proof", "schema", "services", "stack"} {
		if err := os.Symlink(filepath.Join(sources, name), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// run is a command that runs in the background.
type background struct {
	*exec.Cmd
	output *lockedBuffer
	ended  chan error
}

func start(t *testing.T, dir string, args ...string) *background {
	t.Helper()
	b := &background{Cmd: quadrille(t, args...), output: &lockedBuffer{}, ended: make(chan error, 1)}
	b.Dir, b.Stdout, b.Stderr = dir, b.output, b.output
	b.Env = append(b.Env, "PWD="+dir, "DATABASE_URL=", "AMQP_URL=", "RABBITMQ_MANAGEMENT_URL=", "LISTEN=")
	if err := b.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { b.ended <- b.Wait() }()
	return b
}

// await returns when the output holds a text.
func (b *background) await(t *testing.T, text string) {
	t.Helper()
	for !strings.Contains(b.output.String(), text) {
		select {
		case err := <-b.ended:
			t.Fatalf("ended before it said %q: %v\n%s", text, err, b.output)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (b *background) wait(t *testing.T, code int) {
	t.Helper()
	if got := exitCodeOf(t, <-b.ended); got != code {
		t.Errorf("%v: exit code %d, want %d\n%s", b.Args[1:], got, code, b.output)
	}
}

type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

func TestUpRunsEverythingAndDownEndsWhatIsLeftBehind(t *testing.T) {
	t.Parallel()
	dir := clone(t)
	t.Cleanup(func() { start(t, dir, "reset").wait(t, 0) })

	first := start(t, dir, "up")
	first.await(t, "Ctrl-C stops")
	if products := countProducts(t, first); products != 60 {
		t.Errorf("%d products are for sale", products)
	}
	second := start(t, dir, "up")
	second.wait(t, 1)
	if !strings.Contains(second.output.String(), "runs already") {
		t.Errorf("a second one says %q", second.output)
	}

	running := noted(t, dir)
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	first.wait(t, -1) // killed
	start(t, dir, "down").wait(t, 0)
	checkEnded(t, running)

	again := start(t, dir, "up")
	again.await(t, "Ctrl-C stops")
	if strings.Contains(again.output.String(), "seeding") {
		t.Error("it seeds again")
	}
	if products := countProducts(t, again); products != 60 {
		t.Errorf("after the restart %d products are for sale", products)
	}
	running = noted(t, dir)
	if err := again.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	again.wait(t, 0)
	checkEnded(t, running)
}

func noted(t *testing.T, dir string) *home.Running {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, ".stack", "running.json"))
	if err != nil {
		t.Fatal(err)
	}
	running := &home.Running{}
	if err := json.Unmarshal(text, running); err != nil {
		t.Fatal(err)
	}
	if len(running.Children) != 14 {
		t.Errorf("%d processes run: three servers and eleven programs were expected", len(running.Children))
	}
	return running
}

func checkEnded(t *testing.T, running *home.Running) {
	t.Helper()
	for _, child := range running.Children {
		if child.Alive() {
			t.Errorf("%s still runs", child.Name)
		}
	}
}

var graphqlURL = regexp.MustCompile(`GraphQL +(\S+)`)

func countProducts(t *testing.T, b *background) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	query := strings.NewReader(`{"query": "{ products(first: 1) { totalCount } }"}`)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, graphqlURL.FindStringSubmatch(b.output.String())[1], query)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		Data struct{ Products struct{ TotalCount int } }
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return answer.Data.Products.TotalCount
}
