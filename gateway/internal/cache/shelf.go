package cache

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"
	"go.opentelemetry.io/otel/trace"

	"quadrille.dev/gateway/internal/degraded"
	"quadrille.dev/gateway/internal/fault"
	"quadrille.dev/gateway/internal/graph/model"
	"quadrille.dev/gateway/internal/together"
)

// Public is what may be kept: what everybody may know, and nothing of which is about a person.
type Public interface {
	model.Product | model.Price | model.Availability | listing | categories
}

// Settings say how much is kept, and for how long.
type Settings struct {
	// Entries bounds how many are kept of each kind; with 0 nothing is.
	Entries int `env:"CACHE_ENTRIES" envDefault:"20000"`
	// FreshFor is how long something is served without asking, while its context is heard and says nothing of it.
	FreshFor time.Duration `env:"CACHE_FRESH_FOR" envDefault:"5m"`
	// UnheardFor is the same while the context cannot be heard, so that it may have changed.
	UnheardFor time.Duration `env:"CACHE_UNHEARD_FOR" envDefault:"2s"`
	// StaleFor is how old something may be that is served because its context does not answer.
	StaleFor time.Duration `env:"CACHE_STALE_FOR" envDefault:"1h"`
}

// Validate tells what cannot work.
func (s Settings) Validate() error {
	if s.Entries < 0 || s.FreshFor < 0 || s.UnheardFor < 0 || s.StaleFor < 0 {
		return errors.New("CACHE_ENTRIES, CACHE_FRESH_FOR, CACHE_UNHEARD_FOR or CACHE_STALE_FOR is below zero")
	}
	return nil
}

// kept is what a context said of a key.
type kept[V Public] struct {
	value V
	// there is false when the context has nothing of that name.
	there bool
	// asOf is when the read began.
	asOf time.Time
	hearing
	// spoiled is set when it has changed since. It is still what was last heard.
	spoiled bool
}

// hearing is how the context was listened to when a read began.
type hearing struct {
	// epoch counts how often listening began; 0 while nobody listens.
	epoch uint64
	// generation counts how often everything changed.
	generation uint64
}

// found is what is answered for a key.
type found[V Public] struct {
	value V
	there bool
	asOf  time.Time
	stale bool
}

// read asks a context for many keys; those that do not exist are missing in the answer.
type read[V Public] func(ctx context.Context, keys []string) (map[string]V, error)

// shelf keeps what a context says of the entities of one kind.
//
// What is fresh is served without asking. The rest is read in one call, except for what somebody reads already, whose answer is shared. What
// changes while it is read is not kept, and not shared with those who ask afterwards.
type shelf[V Public] struct {
	settings Settings
	read     read[V]
	entries  *otter.Cache[string, kept[V]]

	mu        sync.Mutex
	listening bool
	now       hearing
	changes   uint64
	loading   map[string]*flight[V]
}

// flight is a read under way or done.
type flight[V Public] struct {
	keys  []string
	began mark
	// spoiled are the keys that changed meanwhile.
	spoiled map[string]bool
	done    chan struct{}
	values  map[string]V
	err     error
}

func newShelf[V Public](settings Settings, read read[V]) *shelf[V] {
	return &shelf[V]{
		settings: settings,
		read:     read,
		entries:  otter.Must(&otter.Options[string, kept[V]]{MaximumSize: max(settings.Entries, 1)}),
		loading:  map[string]*flight[V]{},
	}
}

// get answers what there is under keys. When the context does not answer it has, with the error, what is kept and not too old.
func (s *shelf[V]) get(ctx context.Context, keys []string) (map[string]found[V], error) {
	answer := make(map[string]found[V], len(keys))
	var failed error
	var missed []string
	for flight, keys := range s.take(ctx, keys, answer) {
		select {
		case <-flight.done:
		case <-ctx.Done():
			return answer, ctx.Err()
		}
		if flight.err != nil {
			failed, missed = flight.err, append(missed, keys...)
			continue
		}
		for _, key := range keys {
			value, there := flight.values[key]
			answer[key] = found[V]{value: value, there: there, asOf: flight.began.at}
		}
	}
	if failed == nil {
		return answer, nil
	}
	return answer, s.makeDo(ctx, answer, missed, failed)
}

// take answers what is fresh, and the reads to wait for with the keys that each is for.
func (s *shelf[V]) take(ctx context.Context, keys []string, answer map[string]found[V]) map[*flight[V]][]string {
	now := time.Now()
	waits := map[*flight[V]][]string{}
	s.mu.Lock()
	defer s.mu.Unlock()
	var wanted []string
	for _, key := range keys {
		if entry, ok := s.entries.GetIfPresent(key); ok && s.fresh(entry, now) {
			answer[key] = found[V]{value: entry.value, there: entry.there, asOf: entry.asOf}
		} else if flight := s.loading[key]; flight != nil {
			waits[flight] = append(waits[flight], key)
		} else {
			wanted = append(wanted, key)
		}
	}
	if len(wanted)+len(waits) > 0 {
		together.Leave(ctx) // who waits for a flight asks for nothing
	}
	if len(wanted) > 0 {
		flight := s.depart(wanted)
		waits[flight] = wanted
		// A read is for all who wait for it: it goes on when the first of them goes away, and is made in nobody's name.
		go s.fly(trace.ContextWithSpanContext(context.Background(), trace.SpanContextFromContext(ctx)), flight)
	}
	return waits
}

func (s *shelf[V]) fresh(entry kept[V], now time.Time) bool {
	age := now.Sub(entry.asOf)
	switch {
	case entry.spoiled, entry.generation != s.now.generation:
		return false
	case s.listening:
		return entry.epoch == s.now.epoch && age < s.settings.FreshFor
	default:
		return age < s.settings.UnheardFor
	}
}

func (s *shelf[V]) depart(keys []string) *flight[V] {
	flight := &flight[V]{keys: keys, began: s.marked(), spoiled: map[string]bool{}, done: make(chan struct{})}
	for _, key := range keys {
		s.loading[key] = flight
	}
	return flight
}

func (s *shelf[V]) fly(ctx context.Context, flight *flight[V]) {
	values, err := map[string]V(nil), errors.New("the read ended early")
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
		s.land(flight, values, err)
	}()
	values, err = s.read(ctx, flight.keys)
}

func (s *shelf[V]) land(flight *flight[V], values map[string]V, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	flight.values, flight.err = values, err
	for _, key := range flight.keys {
		if s.loading[key] == flight {
			delete(s.loading, key)
		}
		if err == nil && !flight.spoiled[key] {
			value, there := values[key]
			s.keep(key, kept[V]{value: value, there: there, asOf: flight.began.at, hearing: flight.began.hearing})
		}
	}
	close(flight.done)
}

// longestKey bounds what clients can have kept by asking for it.
const longestKey = 200

// keep keeps an entry, unless there is one of a later read.
func (s *shelf[V]) keep(key string, entry kept[V]) {
	if len(key) > longestKey {
		return
	}
	if there, ok := s.entries.GetIfPresent(key); ok && there.asOf.After(entry.asOf) {
		return
	}
	s.entries.Set(key, entry)
}

// makeDo adds what is kept of the keys that could not be read. The error stands if that is not all.
func (s *shelf[V]) makeDo(ctx context.Context, answer map[string]found[V], missed []string, failed error) error {
	silent, ok := errors.AsType[*fault.Error](failed)
	if !ok || silent.Code != fault.ContextUnavailable {
		return failed
	}
	oldest := time.Now().Add(-s.settings.StaleFor)
	for _, key := range missed {
		entry, ok := s.entries.GetIfPresent(key)
		if ok && entry.there && entry.asOf.After(oldest) {
			answer[key] = found[V]{value: entry.value, there: true, asOf: entry.asOf, stale: true}
			degraded.Note(ctx, silent.Context)
		}
	}
	for _, key := range missed {
		if !answer[key].there {
			return failed
		}
	}
	return nil
}

// changed says that what is known under a key may be another now.
func (s *shelf[V]) changed(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes++
	if flight := s.loading[key]; flight != nil {
		flight.spoiled[key] = true
		delete(s.loading, key)
	}
	if entry, ok := s.entries.GetIfPresent(key); ok && !entry.spoiled {
		entry.spoiled = true
		s.entries.Set(key, entry)
	}
}

// allChanged says so of everything.
func (s *shelf[V]) allChanged() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes++
	s.now.generation++
	clear(s.loading)
}

// began says that from now on every change is heard. Before, some may not have been, so that everything has to be read again.
func (s *shelf[V]) began() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listening = true
	s.now.epoch++
	clear(s.loading)
}

// ended says that changes are not heard any more.
func (s *shelf[V]) ended() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listening = false
}

// mark is when a read began, and what was known then.
type mark struct {
	at      time.Time
	changes uint64
	hearing
}

func (s *shelf[V]) mark() mark {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.marked()
}

func (s *shelf[V]) marked() mark {
	mark := mark{at: time.Now(), changes: s.changes, hearing: s.now}
	if !s.listening {
		mark.epoch = 0
	}
	return mark
}

// put keeps what was read by other means since a mark, if nothing has changed meanwhile.
func (s *shelf[V]) put(since mark, values map[string]V) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changes != since.changes {
		return
	}
	for key, value := range values {
		s.keep(key, kept[V]{value: value, there: true, asOf: since.at, hearing: since.hearing})
	}
}
