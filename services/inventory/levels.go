package inventory

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"quadrille.dev/services/inventory/internal/postgres"
)

// stockLevels is the signal stock.level: what can be promised of a SKU, and of others.
type stockLevels struct {
	stockLevel
	Others []stockLevel `json:"others,omitempty"`
}

type stockLevel struct {
	SKU       string `json:"sku"`
	Available int64  `json:"available"`
}

// gathering is how long a level that has changed waits for others to be told with, as long as nobody sees it.
const gathering = 15 * time.Millisecond

// mostLevels is how many levels a signal tells of, so that none is large.
const mostLevels = 500

// levels tells whoever listens how many of a SKU can be promised, soon after that has changed. It is best effort: nothing depends on
// it, and of changes in quick succession only the last may be told.
type levels struct {
	read func(ctx context.Context, skus []string) ([]postgres.Level, error)
	tell func(ctx context.Context, levels stockLevels)
	log  *slog.Logger
	wake chan struct{}

	mu      sync.Mutex
	changed map[string]bool
}

// watchLevels reads committed levels with read.
func watchLevels(
	read func(context.Context, []string) ([]postgres.Level, error), tell func(context.Context, stockLevels), log *slog.Logger,
) *levels {
	return &levels{read: read, tell: tell, log: log, wake: make(chan struct{}, 1), changed: map[string]bool{}}
}

// note remembers SKUs whose level has changed. It does not wait for anything.
func (l *levels) note(skus ...string) {
	l.mu.Lock()
	for _, sku := range skus {
		l.changed[sku] = true
	}
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// run tells of changes until ctx ends. Levels are read when they are told, so that the last to be told is the newest.
func (l *levels) run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-l.wake:
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(gathering):
			l.tellAll(ctx)
		}
	}
}

func (l *levels) tellAll(ctx context.Context) {
	l.mu.Lock()
	skus := slices.Sorted(maps.Keys(l.changed))
	clear(l.changed)
	l.mu.Unlock()
	if len(skus) == 0 {
		return
	}
	found, err := l.read(ctx, skus)
	if err != nil {
		l.log.WarnContext(ctx, "levels not told", "skus", len(skus), "error", err)
		return
	}
	for together := range slices.Chunk(found, mostLevels) {
		l.tell(ctx, signalOf(together))
	}
}

// signalOf is the signal of one level or more.
func signalOf(levels []postgres.Level) stockLevels {
	signal := stockLevels{stockLevel: stockLevel(levels[0])}
	for _, level := range levels[1:] {
		signal.Others = append(signal.Others, stockLevel(level))
	}
	return signal
}
