// Package live tells subscribers how orders and returns change, without a gap and without a repetition, from what chronicle numbers.
//
// A signal of chronicle, which may be lost, only says that there is something to read. What subscribers get is read from
// chronicle, once for all who follow the same one.
package live

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"quadrille.dev/gateway/internal/acl"
	"quadrille.dev/gateway/internal/graph/model"
)

const (
	// patience is how long a subscriber may take to take a change. It is less than the connection's own, so that one who takes
	// something after all is told why there is no more.
	patience = 20 * time.Second
	// sweepEvery is how often it is checked whether a signal was lost.
	sweepEvery = 5 * time.Second
)

// Chronicle numbers the facts of sagas.
type Chronicle interface {
	// FactsAfter answers facts of a saga in order, from the one numbered after+1 on, and whether there are more.
	FactsAfter(ctx context.Context, order string, after int64) ([]*model.Fact, bool, error)
	// Sequences answers the number of the last fact of each saga.
	Sequences(ctx context.Context, sagas []string) (map[string]int64, error)
	// SagasWithSKUs answers sagas by the order or return that they are about, with the SKUs of its lines.
	SagasWithSKUs(ctx context.Context, orders []string) (map[string]*model.Saga, error)
}

// Ordering knows how orders and returns are.
type Ordering interface {
	ByID(ctx context.Context, ids []string) (acl.Orders, error)
	Returns(ctx context.Context, ids []string) (acl.Returns, error)
}

// Hub has a feed for each order or return that somebody follows, and tells those who follow all sagas, or wait for one.
type Hub struct {
	chronicle Chronicle
	ordering  Ordering
	log       *slog.Logger
	sagas     *sagas
	waiting   waiting
	// stopped is closed when Run returns.
	stopped chan struct{}

	mu    sync.Mutex
	feeds map[string]*feed
	sweep chan struct{}
}

// NewHub makes a hub that nobody follows yet.
func NewHub(chronicle Chronicle, ordering Ordering, log *slog.Logger) *Hub {
	return &Hub{
		chronicle: chronicle, ordering: ordering, log: log, feeds: map[string]*feed{}, sweep: make(chan struct{}, 1),
		sagas: newSagas(chronicle, log), waiting: waiting{wakes: map[string]map[chan struct{}]struct{}{}}, stopped: make(chan struct{}),
	}
}

// change is that a saga has heard a fact.
type change struct {
	Saga     string `json:"saga"`
	Sequence int64  `json:"sequence"`
}

// Signalled hears chronicle's signal saga.changed, which tells of one change, and maybe of others.
func (h *Hub) Signalled(_ string, message []byte) {
	var signal struct {
		change
		Others []change `json:"others"`
	}
	if err := json.Unmarshal(message, &signal); err != nil {
		h.log.Warn("unreadable signal", "key", "saga.changed", "error", err)
		return
	}
	for _, c := range append([]change{signal.change}, signal.Others...) {
		h.heard(c.Saga, c.Sequence)
		h.sagas.heard(c.Saga, c.Sequence)
		h.waiting.heard(c.Saga)
	}
}

// Reconnected hears that signals may have been lost.
func (h *Hub) Reconnected() { poke(h.sweep) }

// Run checks every now and then whether signals were lost, until ctx ends.
func (h *Hub) Run(ctx context.Context) error {
	defer close(h.stopped)
	go h.sagas.run(ctx)
	every := time.NewTicker(sweepEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-every.C:
		case <-h.sweep:
		}
		h.catchUp(ctx)
	}
}

// catchUp compares what is followed with what chronicle has, in one call.
func (h *Hub) catchUp(ctx context.Context) {
	h.mu.Lock()
	followed := slices.Collect(maps.Keys(h.feeds))
	h.mu.Unlock()
	if len(followed) == 0 {
		return
	}
	last, err := h.chronicle.Sequences(ctx, followed)
	if err != nil {
		h.log.Debug("chronicle does not answer", "error", err)
		return
	}
	for saga, sequence := range last {
		h.heard(saga, sequence)
	}
}

func (h *Hub) heard(saga string, sequence int64) {
	h.mu.Lock()
	feed := h.feeds[saga]
	h.mu.Unlock()
	if feed != nil && feed.behind(sequence) {
		feed.poke()
	}
}

// join answers the feed of what load reads by a key, which is there until everybody who joined has left.
func (h *Hub) join(key string, load func(context.Context, string) (subject, error)) (joined *feed, leave func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	joined = h.feeds[key]
	if joined == nil {
		ctx, stop := context.WithCancel(context.Background())
		joined = &feed{key: key, load: load, hub: h, wake: make(chan struct{}, 1), renewed: make(chan struct{}), stop: stop}
		h.feeds[key] = joined
		go joined.run(ctx)
	}
	joined.followers++
	return joined, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if joined.followers--; joined.followers == 0 {
			delete(h.feeds, key)
			joined.stop()
		}
	}
}
