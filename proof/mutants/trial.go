package mutants

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Verdict is what became of a mutant.
type Verdict struct {
	Mutant Mutant
	// Caught is by whom: a scenario of the explorer and the invariant that broke in it, or a test of the context's own. Empty if by nobody.
	Caught string
	// Steps is the length of the schedule that shows it; 0 if it was not caught by an invariant.
	Steps int
	// ByTests tells that the explorer let it pass, and a test of the context's own did not.
	ByTests bool
	// took is how much of a processor's time the explorer took.
	took time.Duration
}

// Trial tries mutants: first the explorer, in its bounded set, and if that lets one pass the tests of its context that need no servers.
type Trial struct {
	root, dir string
	numbers   map[string]int
	overlay   []string
	// patience is for how many seconds of a processor's time the explorer may run, whoever else uses the machine: what never comes to rest
	// is caught by this.
	patience int

	mu sync.Mutex
	// suites are tests that were built, by their packages.
	suites map[string]*suite
}

// suite is the tests of a package; no program if it has none of its own.
type suite struct {
	program string
	// skip are tests that cannot be asked: they fail on the shipped code too, for want of servers.
	skip string
}

const (
	// patienceWithShipped is how long the explorer may run with the shipped code.
	patienceWithShipped = 600
	// slower is how many times as long as that took it may run with a mutant.
	slower = 3
)

// NewTrial builds the mutants of what is at root, and sees to it that the shipped code among them passes. Whoever is done with it closes
// it.
func NewTrial(ctx context.Context, root string, all []Mutant) (*Trial, error) {
	dir, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return nil, fmt.Errorf("build mutants: %w", err)
	}
	t := &Trial{root: root, dir: dir, numbers: map[string]int{}, patience: patienceWithShipped, suites: map[string]*suite{}}
	for i, m := range all {
		t.numbers[m.Name] = i + 1
	}
	if err := t.build(ctx, all); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

func (t *Trial) build(ctx context.Context, all []Mutant) (err error) {
	if t.overlay, err = weave(t.root, t.dir, all); err != nil {
		return err
	}
	build := slices.Concat([]string{"build", "-trimpath", "-o", t.explorer()}, t.overlay, []string{"./proof/explore/cmd/explore"})
	if said, err := t.run(ctx, 0, t.root, "go", build...); err != nil {
		return fmt.Errorf("build the mutants: %w: %s", err, said)
	}
	shipped, err := t.explore(ctx, 0)
	if err == nil && shipped.Caught != "" {
		err = fmt.Errorf("the shipped code is caught: %s", shipped.Caught)
	}
	t.patience = slower * (1 + int(shipped.took.Seconds()))
	return err
}

func (t *Trial) explorer() string { return filepath.Join(t.dir, "explore") }

// Close removes what was built.
func (t *Trial) Close() error { return os.RemoveAll(t.dir) }

// Try tries a mutant.
func (t *Trial) Try(ctx context.Context, m Mutant) (Verdict, error) {
	number := t.numbers[m.Name]
	verdict, err := t.explore(ctx, number)
	if room := "services/" + m.Context(); err == nil && verdict.Caught == "" && m.Context() != "" {
		verdict, err = t.test(ctx, number, path.Dir(m.File), room+"/internal/acl", room+"/internal/memory", room)
	}
	if err != nil {
		return Verdict{}, fmt.Errorf("try %s: %w", m.Name, err)
	}
	verdict.Mutant = m
	return verdict, nil
}

// TryAll tries mutants, so many at once, and tells what became of each as soon as it is known; from several goroutines.
func (t *Trial) TryAll(ctx context.Context, chosen []Mutant, parallel int, tell func(Verdict)) ([]Verdict, error) {
	verdicts := make([]Verdict, len(chosen))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i, m := range chosen {
		group.Go(func() (err error) {
			if verdicts[i], err = t.Try(ctx, m); err == nil {
				tell(verdicts[i])
			}
			return err
		})
	}
	return verdicts, group.Wait()
}

// violation is what the explorer prints when it has found something.
var violation = regexp.MustCompile(`(?m)^VIOLATION scenario=(\S+) invariant=(\S+) steps=(\d+)`)

func (t *Trial) explore(ctx context.Context, number int) (Verdict, error) {
	command := t.command(ctx, number, t.root, "sh", "-c", `ulimit -t "$0" && exec "$@"`, strconv.Itoa(t.patience), t.explorer(), "-set", "bounded")
	said, err := command.CombinedOutput()
	if ctx.Err() != nil || command.ProcessState == nil {
		return Verdict{}, fmt.Errorf("run the explorer: %w", cmp.Or(ctx.Err(), err))
	}
	verdict, err := judge(said, err)
	verdict.took = command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	return verdict, err
}

// judge is the verdict on a mutant with which the explorer has said something and ended so.
func judge(said []byte, err error) (Verdict, error) {
	found := violation.FindSubmatch(said)
	switch {
	case err == nil:
		return Verdict{}, nil
	case killed(err):
		return Verdict{Caught: "timeout"}, nil
	case found != nil:
		steps, err := strconv.Atoi(string(found[3]))
		return Verdict{Caught: fmt.Sprintf("%s: %s", found[1], found[2]), Steps: steps}, err
	case bytes.Contains(said, []byte("panic: ")):
		return Verdict{Caught: "panic"}, nil
	}
	return Verdict{}, fmt.Errorf("run the explorer: %w: %s", err, said)
}

// killed tells whether a program was ended by the system.
func killed(err error) bool {
	exit, is := errors.AsType[*exec.ExitError](err)
	return is && exit.ExitCode() == -1
}

// failed is how a test names itself that failed.
var failed = regexp.MustCompile(`(?m)^--- FAIL: (\S+)`)

func (t *Trial) test(ctx context.Context, number int, packages ...string) (Verdict, error) {
	for _, dir := range packages {
		suite, err := t.suite(ctx, dir)
		switch {
		case err != nil:
			return Verdict{}, err
		case suite.program == "":
			continue
		}
		said, err := t.run(ctx, number, filepath.Join(t.root, dir), suite.program,
			"-test.failfast", "-test.timeout", "5m", "-test.skip", suite.skip)
		name := failed.FindSubmatch(said)
		switch {
		case ctx.Err() != nil:
			return Verdict{}, ctx.Err()
		case err == nil:
			continue
		case name != nil:
			return Verdict{Caught: fmt.Sprintf("%s of %s", name[1], short(dir)), ByTests: true}, nil
		case bytes.Contains(said, []byte("panic: ")):
			return Verdict{Caught: "panic in tests of " + short(dir), ByTests: true}, nil
		case bytes.Contains(said, []byte("fatal error: ")):
			return Verdict{Caught: "fatal error in tests of " + short(dir), ByTests: true}, nil
		}
		return Verdict{}, fmt.Errorf("test %s: %w: %s", dir, err, said)
	}
	return Verdict{}, nil
}

// suite builds the tests of a package once.
func (t *Trial) suite(ctx context.Context, dir string) (*suite, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if known := t.suites[dir]; known != nil {
		return known, nil
	}
	if tests, err := filepath.Glob(filepath.Join(t.root, dir, "*_test.go")); err != nil || len(tests) == 0 {
		t.suites[dir] = &suite{}
		return t.suites[dir], err
	}
	s := &suite{program: filepath.Join(t.dir, strings.ReplaceAll(dir, "/", "_")+".test")}
	build := slices.Concat([]string{"test", "-c", "-trimpath", "-o", s.program}, t.overlay, []string{"./" + dir})
	if said, err := t.run(ctx, 0, t.root, "go", build...); err != nil {
		return nil, fmt.Errorf("build the tests of %s: %w: %s", dir, err, said)
	}
	said, err := t.run(ctx, 0, filepath.Join(t.root, dir), s.program)
	var wanting []string
	for _, name := range failed.FindAllSubmatch(said, -1) {
		wanting = append(wanting, string(name[1]))
	}
	if err != nil && !bytes.Contains(said, []byte("run the tests through `make test`")) {
		return nil, fmt.Errorf("test the shipped %s: %w: %s", dir, err, said)
	}
	s.skip = "^(" + strings.Join(wanting, "|") + ")$"
	t.suites[dir] = s
	return s, nil
}

// run runs a program with a mutant, 0 for none, and without servers, and answers what it said.
func (t *Trial) run(ctx context.Context, number int, dir, program string, arguments ...string) ([]byte, error) {
	return t.command(ctx, number, dir, program, arguments...).CombinedOutput()
}

func (t *Trial) command(ctx context.Context, number int, dir, program string, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, program, arguments...)
	command.Dir = dir
	command.WaitDelay = time.Second
	environment := slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "TEST_") })
	command.Env = append(environment, variable+"="+strconv.Itoa(number))
	return command
}
