package live

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"quadrille.dev/gateway/internal/graph/model"
)

// How long a feed waits before it asks again a context that did not answer.
const (
	firstRetry = 100 * time.Millisecond
	lastRetry  = 3 * time.Second
)

// feed holds all facts of one saga, as long as somebody follows it. Followers take from it at their own pace.
type feed struct {
	// key is that of the order or return, which load reads.
	key  string
	load func(ctx context.Context, key string) (subject, error)
	hub  *Hub
	stop context.CancelFunc
	// followers is guarded by the hub.
	followers int
	// wake asks for a read.
	wake chan struct{}

	mu sync.Mutex
	// facts is gapless from the first on: facts[i] has number i+1.
	facts []*model.Fact
	// present is the order or return, read after the last of facts.
	present subject
	// wanted counts how often the present state was asked for, met how many of these a read has met.
	wanted, met int
	// renewed is closed, and replaced, when facts or present have changed.
	renewed chan struct{}
}

// subject is an order or a return that is followed; one of them is nil.
type subject struct {
	order *model.Order
	goods *model.Return
}

// poke makes the feed read.
func (f *feed) poke() { poke(f.wake) }

func (f *feed) behind(sequence int64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return int64(len(f.facts)) < sequence
}

// view is what a feed holds.
type view struct {
	facts   []*model.Fact
	present subject
	met     int
	// renewed is closed when the feed holds something else.
	renewed <-chan struct{}
}

func (f *feed) look() view {
	f.mu.Lock()
	defer f.mu.Unlock()
	return view{f.facts, f.present, f.met, f.renewed}
}

// fresh is the feed after a read that began after now. It waits as long as chronicle or ordering do not answer.
func (f *feed) fresh(ctx context.Context) (view, error) {
	f.mu.Lock()
	f.wanted++
	ticket := f.wanted
	f.mu.Unlock()
	f.poke()
	for {
		seen := f.look()
		if seen.met >= ticket {
			return seen, nil
		}
		select {
		case <-seen.renewed:
		case <-ctx.Done():
			return view{}, context.Cause(ctx)
		}
	}
}

// run reads when woken, and again until it has succeeded.
func (f *feed) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.wake:
		}
		for pause := firstRetry; f.read(ctx) != nil; pause = min(2*pause, lastRetry) {
			select {
			case <-ctx.Done():
				return
			case <-time.After(pause):
			}
		}
	}
}

// read reads the facts that are new, and then the order or return. Either both are shown to followers or nothing is.
func (f *feed) read(ctx context.Context) error {
	f.mu.Lock()
	facts, wanted, met := f.facts, f.wanted, f.met
	f.mu.Unlock()
	known := len(facts)
	for more := true; more; {
		var err error
		var told []*model.Fact
		if told, more, err = f.hub.chronicle.FactsAfter(ctx, f.key, int64(len(facts))); err != nil {
			return err
		}
		if facts, err = extend(facts, told); err != nil {
			f.hub.log.Error("timeline has a gap", "saga", f.key, "error", err)
			return err
		}
	}
	if len(facts) == known && wanted == met {
		return nil
	}
	present, err := f.load(ctx, f.key)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.facts, f.present, f.met = facts, present, wanted
	close(f.renewed)
	f.renewed = make(chan struct{})
	return nil
}

// loadOrder reads an order for all who follow it.
func (h *Hub) loadOrder(ctx context.Context, key string) (subject, error) {
	orders, err := h.ordering.ByID(ctx, []string{key})
	if err != nil {
		return subject{}, err
	}
	order := orders.Found[key]
	if order == nil {
		return subject{}, errors.New("ordering has lost the order " + key)
	}
	model.Share(order)
	return subject{order: order}, nil
}

// loadReturn reads a return for all who follow it.
func (h *Hub) loadReturn(ctx context.Context, key string) (subject, error) {
	returns, err := h.ordering.Returns(ctx, []string{key})
	if err != nil {
		return subject{}, err
	}
	goods := returns.Found[key]
	if goods == nil {
		return subject{}, errors.New("ordering has lost the return " + key)
	}
	model.ShareReturn(goods)
	return subject{goods: goods}, nil
}

// extend adds facts to those known, which it leaves alone.
func extend(known, told []*model.Fact) ([]*model.Fact, error) {
	known = known[:len(known):len(known)]
	for _, fact := range told {
		switch next := int32(len(known)) + 1; {
		case fact.Sequence > next:
			return nil, fmt.Errorf("fact %d is missing", next)
		case fact.Sequence == next:
			known = append(known, fact)
		}
	}
	return known, nil
}
