package contest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a program that runs on one core, with all that it starts.
type process struct {
	command *exec.Cmd
	log     string
	ended   chan struct{}
}

// launch runs a program whose output goes to a file.
func launch(g *Gateway, core int, log string) (*process, error) {
	output, err := os.Create(log)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", g.Name, err)
	}
	defer output.Close()
	p := &process{log: log, ended: make(chan struct{})}
	// It is ended in order, with its whole group, and not by a context.
	p.command = exec.Command("taskset", append([]string{"-c", strconv.Itoa(core)}, g.Command...)...) //nolint:noctx // see above
	p.command.Dir, p.command.Stdout, p.command.Stderr = g.Directory, output, output
	p.command.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Dir(log)}, g.Environment...)
	p.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", g.Name, err)
	}
	go func() {
		_ = p.command.Wait()
		close(p.ended)
	}()
	return p, nil
}

// endWithin is how long a program may take to end in order.
const endWithin = 3 * time.Second

// stop ends the program and all that it has started.
func (p *process) stop() {
	group := -p.command.Process.Pid
	_ = syscall.Kill(group, syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(endWithin):
	}
	_ = syscall.Kill(group, syscall.SIGKILL)
	<-p.ended
}

// failed tells that the program has ended by itself, and what it said last.
func (p *process) failed() error {
	select {
	case <-p.ended:
		said, _ := os.ReadFile(p.log)
		return fmt.Errorf("it has ended; it said: %s", said[max(0, len(said)-2000):])
	default:
		return nil
	}
}

// family are the program and all its descendants that live.
func (p *process) family() []int {
	family := []int{p.command.Process.Pid}
	for i := 0; i < len(family); i++ {
		lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", family[i]))
		for _, list := range lists {
			children, _ := os.ReadFile(list)
			for child := range strings.FieldsSeq(string(children)) {
				if pid, err := strconv.Atoi(child); err == nil {
					family = append(family, pid)
				}
			}
		}
	}
	return family
}

// ownTime is the time that this process has been running, and for it the kernel.
func ownTime() time.Duration {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// tick is the unit in which the kernel tells time to programs.
const tick = time.Second / 100

// cpu is the time that the program has been running, in itself and for it in the kernel, with its descendants, living and dead.
func (p *process) cpu() (time.Duration, error) {
	var all time.Duration
	for _, pid := range p.family() {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if errors.Is(err, os.ErrNotExist) && pid != p.command.Process.Pid {
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("read time: %w", err)
		}
		ticks, err := ticksOf(stat)
		if err != nil {
			return 0, err
		}
		all += time.Duration(ticks) * tick
	}
	return all, nil
}

// ticksOf are utime, stime, cutime and cstime of /proc/PID/stat, whose second field may contain anything in parentheses.
func ticksOf(stat []byte) (int64, error) {
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 15 {
		return 0, fmt.Errorf("read time: %q", stat)
	}
	var ticks int64
	for _, field := range fields[11:15] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read time: %w", err)
		}
		ticks += n
	}
	return ticks, nil
}

// peak is the most memory, in bytes, that the program and those descendants that live have had resident, each at its worst.
func (p *process) peak() int64 {
	var all int64
	for _, pid := range p.family() {
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		for line := range strings.Lines(string(status)) {
			if size, found := strings.CutPrefix(line, "VmHWM:"); found {
				kilobytes, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(size), "kB")), 10, 64)
				all += kilobytes << 10
			}
		}
	}
	return all
}

// Pin has this process, all its threads, run on one core.
func Pin(ctx context.Context, core int) error {
	output, err := exec.CommandContext(ctx, "taskset", "-a", "-c", "-p", strconv.Itoa(core), strconv.Itoa(os.Getpid())).CombinedOutput()
	if err != nil {
		return fmt.Errorf("pin to core %d: %w: %s", core, err, output)
	}
	return nil
}

// freeAddress is one where nobody listens.
func freeAddress(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}
