package home

import (
	"fmt"
	"slices"
	"syscall"
	"time"

	"quadrille.dev/stack/internal/process"
)

// servers end last, in this order, and how.
var servers = map[string]syscall.Signal{"postgresql": syscall.SIGINT, "rabbitmq": syscall.SIGTERM, "epmd": syscall.SIGTERM}

// StopLeftover ends, in order, what still runs of a stack whose supervisor is gone: programs that face people first, servers last.
// Processes that merely got the number of one of them are left alone. It answers the names of those it ended.
func (h *Home) StopLeftover(patience time.Duration) ([]string, error) {
	running, err := h.Running()
	if err != nil || running == nil {
		return nil, err
	}
	var programs, last []process.Identity
	for _, child := range running.Children {
		if _, isServer := servers[child.Name]; isServer {
			last = append(last, child)
		} else {
			programs = append(programs, child)
		}
	}
	slices.Reverse(programs)
	// epmd starts before RabbitMQ and is still asked when that ends.
	slices.Reverse(last)
	var ended []string
	for _, child := range append(programs, last...) {
		if !child.Alive() {
			continue
		}
		if err := end(child, patience); err != nil {
			return ended, err
		}
		ended = append(ended, child.Name)
	}
	return ended, h.clear()
}

func end(child process.Identity, patience time.Duration) error {
	signal := servers[child.Name]
	if signal == 0 {
		signal = syscall.SIGTERM
	}
	if err := child.Signal(signal); err != nil {
		return err
	}
	for until := time.Now().Add(patience); child.Alive(); time.Sleep(20 * time.Millisecond) {
		if time.Now().Before(until) {
			continue
		}
		if err := child.Signal(syscall.SIGKILL); err != nil {
			return err
		}
		until = until.Add(patience)
		if time.Now().After(until) {
			return fmt.Errorf("stop %s: process %d does not end", child.Name, child.PID)
		}
	}
	return nil
}
