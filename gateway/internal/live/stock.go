package live

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"quadrille.dev/gateway/internal/acl"
	"quadrille.dev/gateway/internal/graph/model"
)

// recountEvery is how often it is checked whether a signal of a level was lost.
const recountEvery = time.Minute

// Inventory knows what can be promised.
type Inventory interface {
	// Availability answers by SKU; those never in stock are missing.
	Availability(ctx context.Context, skus []string) (map[string]*model.Availability, error)
}

// Stock tells subscribers what can be promised of products. Signals of inventory say so themselves; only what is there when somebody
// begins to watch, or after signals may have been lost, is read.
type Stock struct {
	inventory Inventory
	log       *slog.Logger
	recount   chan struct{}

	mu      sync.Mutex
	shelves map[string]*shelf
}

// shelf is one SKU that somebody watches.
type shelf struct {
	// level is nil as long as none is known.
	level *model.Availability
	// heard counts the signals.
	heard    int
	watchers map[*watcher]struct{}
}

// watcher is one subscription. Of a level that changes faster than it is taken, only the last is told.
type watcher struct {
	wake chan struct{}
	// changed is guarded by the stock.
	changed map[string]struct{}
}

// NewStock watches nothing yet.
func NewStock(inventory Inventory, log *slog.Logger) *Stock {
	return &Stock{inventory: inventory, log: log, recount: make(chan struct{}, 1), shelves: map[string]*shelf{}}
}

// Signalled hears inventory's signal stock.level.
func (s *Stock) Signalled(_ string, message []byte) {
	levels, err := acl.ReadLevels(message)
	if err != nil {
		s.log.Warn("unreadable signal", "key", "stock.level", "error", err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for sku, level := range levels {
		if shelf := s.shelves[sku]; shelf != nil {
			shelf.heard++
			shelf.set(sku, level)
		}
	}
}

// Reconnected hears that signals may have been lost.
func (s *Stock) Reconnected() { poke(s.recount) }

// Run counts again when signals may have been lost, until ctx ends.
func (s *Stock) Run(ctx context.Context) error {
	every := time.NewTicker(recountEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-every.C:
		case <-s.recount:
		}
		s.mu.Lock()
		watched := slices.Sorted(maps.Keys(s.shelves))
		s.mu.Unlock()
		if err := s.read(ctx, watched); err != nil {
			s.log.Debug("inventory does not answer", "error", err)
		}
	}
}

// read reads levels. One that was signalled meanwhile counts more than what was read.
func (s *Stock) read(ctx context.Context, skus []string) error {
	if len(skus) == 0 {
		return nil
	}
	before := map[string]int{}
	s.mu.Lock()
	for _, sku := range skus {
		if shelf := s.shelves[sku]; shelf != nil {
			before[sku] = shelf.heard
		}
	}
	s.mu.Unlock()
	levels, err := s.inventory.Availability(ctx, skus)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for sku, level := range levels {
		if shelf := s.shelves[sku]; shelf != nil && shelf.heard == before[sku] {
			shelf.set(sku, level)
		}
	}
	return nil
}

// set tells watchers of a level that is another.
func (s *shelf) set(sku string, level *model.Availability) {
	if s.level != nil && s.level.Available == level.Available {
		return
	}
	s.level = level
	for watcher := range s.watchers {
		watcher.changed[sku] = struct{}{}
		poke(watcher.wake)
	}
}

// watch begins to watch SKUs, until leave is called.
func (s *Stock) watch(skus []string) (joined *watcher, leave func()) {
	joined = &watcher{wake: make(chan struct{}, 1), changed: map[string]struct{}{}}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sku := range skus {
		if s.shelves[sku] == nil {
			s.shelves[sku] = &shelf{watchers: map[*watcher]struct{}{}}
		}
		s.shelves[sku].watchers[joined] = struct{}{}
		if s.shelves[sku].level != nil {
			joined.changed[sku] = struct{}{}
			poke(joined.wake)
		}
	}
	return joined, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, sku := range skus {
			if delete(s.shelves[sku].watchers, joined); len(s.shelves[sku].watchers) == 0 {
				delete(s.shelves, sku)
			}
		}
	}
}

// unknown are those of SKUs of which no level is known.
func (s *Stock) unknown(skus []string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(skus), func(sku string) bool { return s.shelves[sku].level != nil })
}

// take answers what a watcher has not been told.
func (s *Stock) take(w *watcher) []*model.StockChange {
	s.mu.Lock()
	defer s.mu.Unlock()
	var changes []*model.StockChange
	for _, sku := range slices.Sorted(maps.Keys(w.changed)) {
		changes = append(changes, &model.StockChange{SKU: sku, Availability: s.shelves[sku].level})
	}
	clear(w.changed)
	return changes
}

// Follow tells what can be promised of SKUs, at once and whenever it has changed, until ctx ends. Before the channel is closed, ended is
// told why.
func (s *Stock) Follow(ctx context.Context, skus []string, ended func(error)) <-chan *model.StockChange {
	return stream(ctx, ended, func(changes chan<- *model.StockChange) error {
		watcher, leave := s.watch(skus)
		defer leave()
		for pause := firstRetry; s.read(ctx, s.unknown(skus)) != nil; pause = min(2*pause, lastRetry) {
			select {
			case <-time.After(pause):
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		for {
			for _, change := range s.take(watcher) {
				if err := hand(ctx, changes, change); err != nil {
					return err
				}
			}
			select {
			case <-watcher.wake:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
	})
}
