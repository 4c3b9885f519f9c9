package home

import (
	"fmt"
	"os"
	"path/filepath"
)

// Seeded tells whether the databases of an origin have been seeded.
func (h *Home) Seeded(origin string) bool {
	noted, err := os.ReadFile(h.seededFile())
	return err == nil && string(noted) == origin
}

// MarkSeeded notes that they have.
func (h *Home) MarkSeeded(origin string) error {
	if err := os.WriteFile(h.seededFile(), []byte(origin), 0o644); err != nil {
		return fmt.Errorf("note that the shop is seeded: %w", err)
	}
	return nil
}

func (h *Home) seededFile() string { return filepath.Join(h.Dir, "seeded") }
