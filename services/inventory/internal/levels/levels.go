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

// Level is what can be promised of a SKU, and how often its count has changed.
type Level struct {
	SKU       string
	Available int64
	Changes   int64
}

// Signal is what listeners hear.
type Signal struct {
	SKU       string `json:"sku"`
	Available int64  `json:"available"`
}

// Watch remembers the SKUs whose change nobody was told of yet.
type Watch struct {
	read func(ctx context.Context, skus []string) ([]Level, error)
	tell func(ctx context.Context, signal Signal)
	log  *slog.Logger
	wake chan struct{}

	mu      sync.Mutex
	changed map[string]int64
}

// New makes a Watch that reads committed levels with read.
func New(read func(context.Context, []string) ([]Level, error), tell func(context.Context, Signal), log *slog.Logger) *Watch {
	return &Watch{read: read, tell: tell, log: log, wake: make(chan struct{}, 1), changed: map[string]int64{}}
}

// Changed notes a change that is about to be committed, or not: it is told of once as many changes are there to be read.
func (w *Watch) Changed(sku string, change int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.changed[sku] = max(w.changed[sku], change)
}

// Wake says that something was committed.
func (w *Watch) Wake() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Run tells of changes until ctx ends.
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
	w.mu.Unlock()
	if len(skus) == 0 {
		return
	}
	levels, err := w.read(ctx, skus)
	if err != nil {
		w.log.WarnContext(ctx, "levels not told", "error", err)
		return
	}
	for _, level := range levels {
		if w.committed(level) {
			w.tell(ctx, Signal{SKU: level.SKU, Available: level.Available})
		}
	}
}

// committed forgets a SKU when the level holds all of its changes that were noted.
func (w *Watch) committed(level Level) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.changed[level.SKU] > level.Changes {
		return false
	}
	delete(w.changed, level.SKU)
	return true
}
