// Package levels tells whoever listens how many of a SKU can be promised, soon after that has changed. It is best effort: nothing
// depends on it, and of changes in quick succession only the last may be told.
package levels

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
)

// Level is what can be promised of a SKU, and the signal that says so.
type Level struct {
	SKU       string `json:"sku"`
	Available int64  `json:"available"`
}

// Watch remembers the SKUs whose change nobody was told of yet.
type Watch struct {
	read func(ctx context.Context, skus []string) ([]Level, error)
	tell func(ctx context.Context, level Level)
	log  *slog.Logger
	wake chan struct{}

	mu      sync.Mutex
	changed map[string]bool
}

// New makes a Watch that reads committed levels with read.
func New(read func(context.Context, []string) ([]Level, error), tell func(context.Context, Level), log *slog.Logger) *Watch {
	return &Watch{read: read, tell: tell, log: log, wake: make(chan struct{}, 1), changed: map[string]bool{}}
}

// Changed notes SKUs whose level has changed. It does not wait for anything.
func (w *Watch) Changed(skus ...string) {
	w.mu.Lock()
	for _, sku := range skus {
		w.changed[sku] = true
	}
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Run tells of changes until ctx ends. Levels are read when they are told, so that the last to be told is the newest.
func (w *Watch) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-w.wake:
			w.tellAll(ctx)
		}
	}
}

func (w *Watch) tellAll(ctx context.Context) {
	w.mu.Lock()
	skus := slices.Sorted(maps.Keys(w.changed))
	clear(w.changed)
	w.mu.Unlock()
	levels, err := w.read(ctx, skus)
	if err != nil {
		w.log.WarnContext(ctx, "levels not told", "skus", len(skus), "error", err)
		return
	}
	for _, level := range levels {
		w.tell(ctx, level)
	}
}
