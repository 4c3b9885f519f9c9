package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/gateway/internal/acl"
	"quadrille.dev/gateway/internal/fault"
	"quadrille.dev/gateway/internal/graph/model"
)

// world is a chronicle and an ordering that know one order.
type world struct {
	mu     sync.Mutex
	facts  int64
	missed int64 // a fact that chronicle leaves out
	page   int
	down   error
	reads  int
	orders int
	sagas  int
}

func (w *world) FactsAfter(_ context.Context, _ string, after int64) ([]*model.Fact, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reads++
	if w.down != nil {
		return nil, false, w.down
	}
	var told []*model.Fact
	for n := after + 1; n <= w.facts && len(told) < w.page; n++ {
		if n != w.missed {
			told = append(told, &model.Fact{ID: fmt.Sprint(n), Sequence: int32(n)})
		}
	}
	return told, after+int64(len(told)) < w.facts, nil
}

func (w *world) Sequences(_ context.Context, orders []string) (map[string]int64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	last := map[string]int64{}
	for _, order := range orders {
		last[order] = w.facts
	}
	return last, w.down
}

// Returns answers the one return, as long as nothing is down.
func (w *world) Returns(_ context.Context, ids []string) (acl.Returns, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.down != nil {
		return acl.Returns{}, w.down
	}
	return acl.Returns{Found: map[string]*model.Return{ids[0]: {Key: ids[0]}}}, nil
}

// Sagas answers a saga that is at rest from its third fact on.
func (w *world) SagasWithSKUs(_ context.Context, orders []string) (map[string]*model.Saga, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sagas++
	state := model.SagaStateRunning
	if w.facts >= 3 {
		state = model.SagaStateCompleted
	}
	return map[string]*model.Saga{orders[0]: {Key: orders[0], State: state, Sequence: w.facts}}, w.down
}

// ByID answers an order whose number tells how many facts there were when it was read.
func (w *world) ByID(_ context.Context, ids []string) (acl.Orders, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.orders++
	return acl.Orders{Found: map[string]*model.Order{ids[0]: {Number: fmt.Sprint(w.facts)}}}, nil
}

func (w *world) set(change func(*world)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(w)
}

// subscribe collects what a subscriber gets, as "sequence:fact@order"; stop ends it and waits until nobody is left.
func subscribe(t *testing.T, h *Hub, since *int64) (take func() []string, stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	var mu sync.Mutex
	var got []string
	changes := h.Follow(ctx, "order", since, func(err error) { t.Errorf("ended: %v", err) })
	go func() {
		for change := range changes {
			fact := ""
			if change.Fact != nil {
				fact = change.Fact.ID
			}
			mu.Lock()
			got = append(got, fmt.Sprintf("%d:%s@%s", change.Sequence, fact, change.Order.Number))
			mu.Unlock()
		}
	}()
	return func() []string {
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		taken := got
		got = nil
		return taken
	}, cancel
}

func expect(t *testing.T, take func() []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, take()); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

func hub(w *world) *Hub { return NewHub(w, w, slog.New(slog.DiscardHandler)) }

func signal(h *Hub, sequence int64) {
	h.Signalled("saga.changed", fmt.Appendf(nil, `{"saga":"order","sequence":%d}`, sequence))
}

func TestPresentStateThenFacts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{page: 100}
		h := hub(w)
		take, stop := subscribe(t, h, nil)
		defer stop()
		expect(t, take, "0:@0") // chronicle has not heard of the order yet
		w.set(func(w *world) { w.facts = 2 })
		signal(h, 1)
		expect(t, take, "1:1@2", "2:2@2")
		signal(h, 2)
		signal(h, 1)
		h.Signalled("saga.changed", []byte("rubbish"))
		expect(t, take)
	})
}

func TestOneSignalMayTellOfManyChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{page: 100}
		h := hub(w)
		take, stop := subscribe(t, h, nil)
		defer stop()
		expect(t, take, "0:@0")
		w.set(func(w *world) { w.facts = 2 })
		h.Signalled("saga.changed", []byte(`{"saga":"another","sequence":7,"others":[{"saga":"order","sequence":1},{"saga":"order","sequence":2}]}`))
		expect(t, take, "1:1@2", "2:2@2")
	})
}

func TestResumingLeavesOutNothingAndRepeatsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{page: 2, facts: 5}
		h := hub(w)
		before, stop := subscribe(t, h, new(int64(1)))
		defer stop()
		expect(t, before, "2:2@5", "3:3@5", "4:4@5", "5:5@5")
		ahead, stop := subscribe(t, h, new(int64(6)))
		defer stop()
		w.set(func(w *world) { w.facts = 8 })
		signal(h, 8)
		expect(t, before, "6:6@8", "7:7@8", "8:8@8")
		expect(t, ahead, "7:7@8", "8:8@8")
	})
}

func TestWhileChronicleIsDownNothingComesAndNothingIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{page: 100, facts: 1, down: errors.New("down")}
		h := hub(w)
		take, stop := subscribe(t, h, nil)
		defer stop()
		time.Sleep(time.Hour)
		expect(t, take)
		w.set(func(w *world) { w.down = nil })
		time.Sleep(lastRetry)
		expect(t, take, "1:@1")
		w.set(func(w *world) { w.down, w.facts = errors.New("down"), 3 })
		signal(h, 3)
		time.Sleep(time.Minute)
		expect(t, take)
		w.set(func(w *world) { w.down, w.facts = nil, 4 })
		time.Sleep(lastRetry)
		expect(t, take, "2:2@4", "3:3@4", "4:4@4")
	})
}

func TestGapIsNotTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{page: 100}
		h := hub(w)
		take, stop := subscribe(t, h, nil)
		defer stop()
		expect(t, take, "0:@0")
		w.set(func(w *world) { w.facts, w.missed = 3, 2 })
		signal(h, 3)
		expect(t, take)
		w.set(func(w *world) { w.missed = 0 })
		time.Sleep(lastRetry)
		expect(t, take, "1:1@3", "2:2@3", "3:3@3")
	})
}

func TestLostSignalsAreNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{page: 100}
		h := hub(w)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() { _ = h.Run(ctx) }()
		take, stop := subscribe(t, h, nil)
		defer stop()
		expect(t, take, "0:@0")
		w.set(func(w *world) { w.facts = 1 })
		h.Reconnected()
		expect(t, take, "1:1@1")
		w.set(func(w *world) { w.facts = 2 })
		time.Sleep(sweepEvery)
		expect(t, take, "2:2@2")
	})
}

func TestFollowersShareReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{page: 100}
		h := hub(w)
		for range 50 {
			take, stop := subscribe(t, h, nil)
			defer stop()
			expect(t, take, "0:@0")
		}
		w.set(func(w *world) { w.facts, w.reads, w.orders = 1, 0, 0 })
		signal(h, 1)
		synctest.Wait()
		if w.reads != 1 || w.orders != 1 {
			t.Errorf("%d reads of facts, %d of the order", w.reads, w.orders)
		}
	})
}

func TestNobodyLeftMeansNothingLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{page: 100}
		h := hub(w)
		take, stop := subscribe(t, h, nil)
		expect(t, take, "0:@0")
		stop()
		synctest.Wait()
		if len(h.feeds) != 0 {
			t.Errorf("%d feeds are left", len(h.feeds))
		}
	})
}

func TestSlowSubscriberIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{page: 100, facts: 3}
		h := hub(w)
		var ended error
		slow := h.Follow(t.Context(), "order", new(int64(0)), func(err error) { ended = err })
		take, stop := subscribe(t, h, new(int64(0)))
		defer stop()
		<-slow
		time.Sleep(patience)
		expect(t, take, "1:1@3", "2:2@3", "3:3@3")
		if _, open := <-slow; open {
			t.Error("it got more")
		}
		if f, ok := errors.AsType[*fault.Error](ended); !ok || f.Code != fault.SubscriberTooSlow {
			t.Errorf("ended: %v", ended)
		}
	})
}

func TestFollowingEndsWithItsReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{page: 100}
		reason := errors.New("token expired")
		ctx, cancel := context.WithDeadlineCause(t.Context(), time.Now().Add(time.Minute), reason)
		defer cancel()
		var ended error
		changes := hub(w).Follow(ctx, "order", nil, func(err error) { ended = err })
		<-changes
		if _, open := <-changes; open {
			t.Error("it got more")
		}
		if !errors.Is(ended, reason) {
			t.Errorf("ended: %v", ended)
		}
	})
}
