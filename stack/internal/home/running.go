package home

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"quadrille.dev/stack/internal/process"
)

// Running is what a stack says of itself while it runs, so that it can be stopped when it was left behind.
type Running struct {
	// Supervisor runs the others, in the order in which they started.
	Supervisor process.Identity   `json:"supervisor"`
	Children   []process.Identity `json:"children"`
	// Gateway is the URL under which people find the stack.
	Gateway string `json:"gateway,omitempty"`
	// Contexts are where the contexts answer, by name.
	Contexts map[string]string `json:"contexts,omitempty"`
	// Servers are those that the stack runs on.
	Servers Servers `json:"servers,omitzero"`
}

// Servers is where the databases and the broker are.
type Servers struct {
	// Postgres is a superuser's URL. The file is for this user alone, as that of the secrets is.
	Postgres string `json:"postgres,omitempty"`
	// Prefix is put before the names of databases, roles, and users of RabbitMQ.
	Prefix string `json:"prefix,omitempty"`
	// Management is the URL of RabbitMQ's console, without user.
	Management string `json:"management,omitempty"`
}

// Running reads what the stack last said of itself; nil when it ended in good order.
func (h *Home) Running() (*Running, error) {
	text, err := os.ReadFile(h.runningFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	running := &Running{}
	if err == nil {
		err = json.Unmarshal(text, running)
	}
	if err != nil {
		return nil, fmt.Errorf("read what runs: %w", err)
	}
	return running, nil
}

func (h *Home) runningFile() string { return filepath.Join(h.Dir, "running.json") }

// Register keeps the file that Running reads.
type Register struct {
	path string

	mu      sync.Mutex
	running Running
}

// Register begins a new one for this process.
func (h *Home) Register() (*Register, error) {
	self, err := process.Identify("quadrille", os.Getpid())
	if err != nil {
		return nil, err
	}
	r := &Register{path: h.runningFile(), running: Running{Supervisor: self}}
	return r, r.update(func(*Running) {})
}

// Add notes a child. A process that ran under the same name before is forgotten.
func (r *Register) Add(name string, pid int) error {
	child, err := process.Identify(name, pid)
	if err != nil {
		return nil //nolint:nilerr // it has ended already: there is nothing to stop
	}
	return r.update(func(running *Running) {
		for i := range running.Children {
			if running.Children[i].Name == name {
				running.Children[i] = child
				return
			}
		}
		running.Children = append(running.Children, child)
	})
}

// SetURLs notes where people find the stack, where its contexts answer, and the servers that it runs on.
func (r *Register) SetURLs(gateway string, contexts map[string]string, servers Servers) error {
	return r.update(func(running *Running) {
		running.Gateway, running.Contexts, running.Servers = gateway, contexts, servers
	})
}

// Close says that nothing runs any more.
func (r *Register) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := os.Remove(r.path); err != nil {
		return fmt.Errorf("note that nothing runs: %w", err)
	}
	return nil
}

func (r *Register) update(change func(*Running)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&r.running)
	text, err := json.MarshalIndent(r.running, "", "  ")
	if err == nil {
		err = replaceFile(r.path, text)
	}
	if err != nil {
		return fmt.Errorf("note what runs: %w", err)
	}
	return nil
}

// clear removes what a stack that is gone said of itself.
func (h *Home) clear() error {
	if err := os.Remove(h.runningFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("note that nothing runs: %w", err)
	}
	return os.RemoveAll(filepath.Join(h.Dir, "running.json.new"))
}
