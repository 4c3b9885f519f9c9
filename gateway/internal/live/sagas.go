package live

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"quadrille.dev/gateway/internal/graph/model"
)

const (
	// mostWaiting is how many changes a subscriber to all sagas may be behind.
	mostWaiting = 1000
	// mostTold is of how many sagas it is kept what was told last.
	mostTold = 100_000
)

// sagas tells what happens in all sagas, as signals come. Each fact is read once, however many there are who want to hear of it, and
// none is when there is nobody.
type sagas struct {
	chronicle Chronicle
	log       *slog.Logger
	wake      chan struct{}

	mu          sync.Mutex
	subscribers map[*mailbox[*model.SagaChange]]struct{}
	// unread is the first fact of each saga that was signalled and is not read yet.
	unread map[string]int64
	// told is the last fact of each saga that was told.
	told map[string]int64
}

func newSagas(chronicle Chronicle, log *slog.Logger) *sagas {
	return &sagas{
		chronicle: chronicle, log: log, wake: make(chan struct{}, 1),
		subscribers: map[*mailbox[*model.SagaChange]]struct{}{}, unread: map[string]int64{}, told: map[string]int64{},
	}
}

// heard notes that a saga has a fact.
func (s *sagas) heard(saga string, sequence int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.subscribers) == 0 || sequence <= s.told[saga] {
		return
	}
	if first, known := s.unread[saga]; !known || sequence < first {
		s.unread[saga] = sequence
	}
	poke(s.wake)
}

// run reads what was signalled, until ctx ends.
func (s *sagas) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		}
		for pause := firstRetry; s.read(ctx) != nil; pause = min(2*pause, lastRetry) {
			select {
			case <-ctx.Done():
				return
			case <-time.After(pause):
			}
		}
	}
}

// read reads the facts that were signalled, and tells of them. What cannot be read stays signalled.
func (s *sagas) read(ctx context.Context) error {
	s.mu.Lock()
	unread := s.unread
	s.unread = map[string]int64{}
	s.mu.Unlock()
	for saga, first := range unread {
		if err := s.tell(ctx, saga, first); err != nil {
			s.mu.Lock()
			for saga, first := range unread {
				if now, known := s.unread[saga]; !known || first < now {
					s.unread[saga] = first
				}
			}
			s.mu.Unlock()
			return err
		}
		delete(unread, saga)
	}
	return nil
}

func (s *sagas) tell(ctx context.Context, saga string, first int64) error {
	s.mu.Lock()
	if last, known := s.told[saga]; known {
		first = last + 1 // a signal that others have overtaken is of no use when it comes
	}
	s.mu.Unlock()
	facts, _, err := s.chronicle.FactsAfter(ctx, saga, first-1)
	if err != nil || len(facts) == 0 {
		return err
	}
	now, err := s.chronicle.SagasWithSKUs(ctx, []string{saga})
	if err != nil || now[saga] == nil {
		return err
	}
	model.ShareSaga(now[saga])
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.told) >= mostTold {
		clear(s.told) // a fact may be told twice when signals overtake each other; a client knows it by its number
	}
	s.told[saga] = int64(facts[len(facts)-1].Sequence)
	for _, fact := range facts {
		change := &model.SagaChange{Sequence: fact.Sequence, Fact: fact, Saga: now[saga]}
		for subscriber := range s.subscribers {
			subscriber.put(change)
		}
	}
	return nil
}

// join makes a mailbox, which gets every change until leave is called.
func (s *sagas) join() (joined *mailbox[*model.SagaChange], leave func()) {
	joined = newMailbox[*model.SagaChange](mostWaiting)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.subscribers[joined] = struct{}{}
	return joined, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if delete(s.subscribers, joined); len(s.subscribers) == 0 {
			clear(s.unread)
			clear(s.told)
		}
	}
}

// Followers is how many follow all sagas.
func (h *Hub) Followers() int {
	h.sagas.mu.Lock()
	defer h.sagas.mu.Unlock()
	return len(h.sagas.subscribers)
}

// FollowSagas tells of each fact of every saga that passes, until ctx ends. Before the channel is closed, ended is told why.
func (h *Hub) FollowSagas(ctx context.Context, passes func(*model.Saga) bool, ended func(error)) <-chan *model.SagaChange {
	return stream(ctx, ended, func(changes chan<- *model.SagaChange) error {
		mailbox, leave := h.sagas.join()
		defer leave()
		for {
			taken, err := mailbox.take(ctx)
			if err != nil {
				return err
			}
			for _, change := range taken {
				if !passes(change.Saga) {
					continue
				}
				if err := hand(ctx, changes, change); err != nil {
					return err
				}
			}
		}
	})
}
