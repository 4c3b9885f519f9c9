package home

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

const lockFile = "lock"

// ErrTaken means that another process runs this stack.
var ErrTaken = errors.New("the stack runs already")

// Lock makes this process the one that runs the stack, until it unlocks or ends. It does not wait: ErrTaken.
func (h *Home) Lock() (unlock func(), err error) {
	if err := os.MkdirAll(h.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("lock the stack: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(h.Dir, lockFile), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lock the stack: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return func() { file.Close() }, nil
	}
	file.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, ErrTaken
	}
	return nil, fmt.Errorf("lock the stack: %w", err)
}
