package process

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// Identity names one process for ever: a number alone is given to another process sooner or later.
type Identity struct {
	Name string `json:"name"`
	PID  int    `json:"pid"`
	// Started is when the process started, in the kernel's ticks since Boot.
	Started string `json:"started"`
	Boot    string `json:"boot"`
}

// Identify is the identity of a running process.
func Identify(name string, pid int) (Identity, error) {
	started, err := startTime(pid)
	if err != nil {
		return Identity{}, err
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return Identity{}, fmt.Errorf("read boot id: %w", err)
	}
	return Identity{Name: name, PID: pid, Started: started, Boot: strings.TrimSpace(string(boot))}, nil
}

// Alive tells whether this very process still runs.
func (i Identity) Alive() bool {
	now, err := Identify(i.Name, i.PID)
	return err == nil && now == i
}

// startTime reads the 22nd field of /proc/<pid>/stat; a zombie counts as ended.
func startTime(pid int) (string, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", fmt.Errorf("read process %d: %w", pid, err)
	}
	// The second field is the program's name in parentheses, which may hold anything.
	_, rest, found := strings.Cut(string(stat[strings.LastIndexByte(string(stat), ')'):]), " ")
	fields := strings.Fields(rest)
	if !found || len(fields) < 20 {
		return "", fmt.Errorf("read process %d: unexpected %q", pid, stat)
	}
	if fields[0] == "Z" {
		return "", fmt.Errorf("read process %d: %w", pid, os.ErrProcessDone)
	}
	return fields[19], nil
}

// Signal sends sig to the process, if it still is this one. That it has ended is no error.
func (i Identity) Signal(sig syscall.Signal) error {
	if !i.Alive() {
		return nil
	}
	if err := syscall.Kill(i.PID, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("signal %s: %w", i.Name, err)
	}
	return nil
}
