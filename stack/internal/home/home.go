// Package home keeps what belongs to the stack of one clone: where its data lies, its secrets, and what runs.
package home

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"quadrille.dev/stack/internal/process"
)

// elsewhere is where the servers' data of a clone lies when their user may not enter the clone.
const elsewhere = "/var/lib/quadrille"

// Home is the place of one clone's stack.
type Home struct {
	// Root is the clone.
	Root string
	// Dir holds logs, binaries, ledgers and secrets.
	Dir string
	// Data holds the servers' data.
	Data string
}

// At is the home of the stack of the clone at root. The server's user is the account that PostgreSQL runs as: if it may not enter
// the clone, the servers' data lies elsewhere and the file .stack-at in the clone says where.
func At(root string, server *process.User) (*Home, error) {
	root, err := filepath.EvalSymlinks(root)
	if err != nil {
		return nil, fmt.Errorf("find the clone: %w", err)
	}
	h := &Home{Root: root, Dir: filepath.Join(root, ".stack")}
	h.Data = filepath.Join(h.Dir, "data")
	if !server.CanEnter(root) {
		h.Data = filepath.Join(elsewhere, filepath.Base(root)+"-"+h.Hash())
	}
	return h, nil
}

// Root finds the clone that the working directory lies in.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the clone: %w", err)
	}
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.work")); err == nil {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("find the clone: no go.work in %s or above", dir)
		}
	}
}

// Hash tells clones apart.
func (h *Home) Hash() string {
	sum := sha256.Sum256([]byte(h.Root))
	return hex.EncodeToString(sum[:4])
}

// Elsewhere tells whether the servers' data lies outside of the clone.
func (h *Home) Elsewhere() bool { return filepath.Dir(h.Data) != h.Dir }

// Make makes the directories, and the pointer if the data lies elsewhere, and puts the logs of an earlier run aside.
func (h *Home) Make() error {
	// Others may pass through to what is theirs to read, such as PostgreSQL to its data; secrets have modes of their own.
	for _, dir := range []string{h.Dir, h.Data, h.Logs(), h.Bin()} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("make the stack's directory: %w", err)
		}
	}
	if err := h.rotateLogs(); err != nil {
		return err
	}
	if !h.Elsewhere() {
		return nil
	}
	if err := os.WriteFile(h.pointer(), []byte(h.Data+"\n"), 0o644); err != nil {
		return fmt.Errorf("note where the data lies: %w", err)
	}
	return nil
}

func (h *Home) pointer() string { return filepath.Join(h.Root, ".stack-at") }

// rotateLogs keeps the logs of the run before, and no older ones.
func (h *Home) rotateLogs() error {
	logs, _ := filepath.Glob(filepath.Join(h.Logs(), "*.log")) // the pattern is well-formed
	for _, log := range logs {
		if err := os.Rename(log, log+".1"); err != nil {
			return fmt.Errorf("keep old log: %w", err)
		}
	}
	return nil
}

// Logs is the directory of the programs' logs.
func (h *Home) Logs() string { return filepath.Join(h.Dir, "log") }

// Bin is the path of the programs.
func (h *Home) Bin() string { return filepath.Join(h.Dir, "bin") }

// Forget removes everything but the lock, which the caller holds.
func (h *Home) Forget() error {
	failures := []error{os.RemoveAll(h.Data)}
	entries, err := os.ReadDir(h.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		failures = append(failures, err)
	}
	for _, entry := range entries {
		if entry.Name() != lockFile {
			failures = append(failures, os.RemoveAll(filepath.Join(h.Dir, entry.Name())))
		}
	}
	if err := os.Remove(h.pointer()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		failures = append(failures, err)
	}
	if err := errors.Join(failures...); err != nil {
		return fmt.Errorf("forget the data: %w", err)
	}
	return nil
}
