package live

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/gateway/internal/fault"
	"quadrille.dev/gateway/internal/graph/model"
)

// collect gathers what comes on a channel, as brief says it; take waits until nothing more comes.
func collect[T any](changes <-chan T, brief func(T) string) (take func() []string) {
	var mu sync.Mutex
	var got []string
	go func() {
		for change := range changes {
			mu.Lock()
			got = append(got, brief(change))
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
	}
}

func briefSaga(c *model.SagaChange) string {
	return fmt.Sprintf("%d:%s@%s %s", c.Sequence, c.Fact.ID, c.Saga.Key, c.Saga.State)
}

// watchSagas runs a hub in which somebody follows sagas.
func watchSagas(t *testing.T, h *Hub, passes func(*model.Saga) bool) (take func() []string) {
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	return collect(h.FollowSagas(ctx, passes, func(err error) { t.Errorf("ended: %v", err) }), briefSaga)
}

func all(*model.Saga) bool { return true }

func running(t *testing.T, h *Hub) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	go func() { _ = h.Run(ctx) }()
	return cancel
}

func TestEveryFactOfEverySagaIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{page: 100, facts: 1}
		h := hub(w)
		defer running(t, h)()
		signal(h, 1) // before anybody follows
		take := watchSagas(t, h, all)
		atRest := watchSagas(t, h, func(s *model.Saga) bool { return s.State == model.SagaStateCompleted })
		expect(t, take)
		w.set(func(w *world) { w.facts, w.reads, w.sagas = 2, 0, 0 })
		signal(h, 2)
		expect(t, take, "2:2@order RUNNING")
		if w.reads != 1 || w.sagas != 1 {
			t.Errorf("%d reads of facts, %d of sagas", w.reads, w.sagas)
		}
		w.set(func(w *world) { w.facts = 4 })
		signal(h, 4) // has overtaken the other
		expect(t, take, "3:3@order COMPLETED", "4:4@order COMPLETED")
		expect(t, atRest, "3:3@order COMPLETED", "4:4@order COMPLETED")
		signal(h, 3)
		signal(h, 2)
		expect(t, take)
	})
}

func TestWhatChronicleDoesNotTellAtOnceIsToldLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{page: 100}
		h := hub(w)
		defer running(t, h)()
		take := watchSagas(t, h, all)
		synctest.Wait()
		w.set(func(w *world) { w.facts, w.down = 1, errors.New("down") })
		signal(h, 1)
		time.Sleep(time.Minute)
		expect(t, take)
		w.set(func(w *world) { w.facts, w.down = 2, nil })
		signal(h, 2)
		time.Sleep(lastRetry)
		expect(t, take, "1:1@order RUNNING", "2:2@order RUNNING")
	})
}

// Who is behind by more than is kept is cut off, also when patience would not be at its end.
func TestWhoIsTooFarBehindIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{page: 10_000}
		h := hub(w)
		defer running(t, h)()
		var ended error
		slow := h.FollowSagas(t.Context(), all, func(err error) { ended = err })
		synctest.Wait()
		for n := range int64(mostWaiting + 3) {
			w.set(func(w *world) { w.facts = n + 1 })
			signal(h, n+1)
			synctest.Wait()
		}
		got := 0
		for range slow {
			got++
		}
		if f, ok := errors.AsType[*fault.Error](ended); !ok || f.Code != fault.SubscriberTooSlow {
			t.Errorf("ended after %d: %v", got, ended)
		}
		if len(h.sagas.subscribers) != 0 {
			t.Error("it is still there")
		}
	})
}

func TestASagaIsAwaited(t *testing.T) {
	for name, test := range map[string]struct {
		happens func(*world, *Hub)
		took    time.Duration
		want    model.SagaState
	}{
		"it comes to rest":           {func(w *world, h *Hub) { w.set(func(w *world) { w.facts = 3 }); signal(h, 3) }, time.Second, model.SagaStateCompleted},
		"it does not":                {func(w *world, h *Hub) { w.set(func(w *world) { w.facts = 2 }); signal(h, 2) }, 20 * time.Second, model.SagaStateRunning},
		"the signal is lost":         {func(w *world, _ *Hub) { w.set(func(w *world) { w.facts = 3 }) }, sweepEvery, model.SagaStateCompleted},
		"the gateway stops":          {func(_ *world, h *Hub) { close(h.stopped) }, time.Second, model.SagaStateRunning},
		"another saga comes to rest": {func(_ *world, h *Hub) { h.Signalled("", []byte(`{"saga":"other","sequence":3}`)) }, 20 * time.Second, model.SagaStateRunning},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &world{page: 100, facts: 1}
				h := hub(w)
				begun := time.Now()
				go func() { time.Sleep(time.Second); test.happens(w, h) }()
				found, err := h.Await(t.Context(), "order", 20*time.Second, func(ctx context.Context) (*model.Saga, error) {
					found, err := w.SagasWithSKUs(ctx, []string{"order"})
					return found["order"], err
				}, func(s *model.Saga) bool { return s.State == model.SagaStateCompleted })
				if err != nil || found.State != test.want || time.Since(begun) != test.took {
					t.Errorf("%+v after %s (%v)", found, time.Since(begun), err)
				}
				if len(h.waiting.wakes) != 0 {
					t.Error("somebody waits still")
				}
			})
		})
	}
}

// shop is an inventory.
type shop struct {
	mu     sync.Mutex
	levels map[string]int32
	reads  int
	down   error
	// meanwhile happens in the middle of a read.
	meanwhile func()
}

func (s *shop) Availability(_ context.Context, skus []string) (map[string]*model.Availability, error) {
	s.mu.Lock()
	s.reads++
	found := map[string]*model.Availability{}
	for _, sku := range skus {
		if level, known := s.levels[sku]; known {
			found[sku] = &model.Availability{Available: level}
		}
	}
	err, meanwhile := s.down, s.meanwhile
	s.mu.Unlock()
	if meanwhile != nil {
		meanwhile()
	}
	return found, err
}

func (s *shop) set(change func(*shop)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

func level(stock *Stock, sku string, available int) {
	stock.Signalled("stock.level", fmt.Appendf(nil, `{"sku":%q,"available":%d}`, sku, available))
}

func watchStock(t *testing.T, stock *Stock, skus ...string) (take func() []string, stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	changes := stock.Follow(ctx, skus, func(err error) { t.Errorf("ended: %v", err) })
	return collect(changes, func(c *model.StockChange) string { return fmt.Sprintf("%s %d", c.SKU, c.Availability.Available) }), cancel
}

func newStock(t *testing.T, s *shop) *Stock {
	stock := NewStock(s, hub(&world{}).log)
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	go func() { _ = stock.Run(ctx) }()
	return stock
}

func TestLevelsAreToldAtOnceAndWhenTheyChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{levels: map[string]int32{"CUP": 5, "MUG": 3}}
		stock := newStock(t, s)
		take, stop := watchStock(t, stock, "CUP", "MUG", "NEW")
		expect(t, take, "CUP 5", "MUG 3")
		other, stopOther := watchStock(t, stock, "MUG")
		expect(t, other, "MUG 3")
		if s.reads != 1 {
			t.Errorf("%d reads", s.reads)
		}
		level(stock, "CUP", 4)
		level(stock, "NEW", 1)
		level(stock, "PAN", 1)
		level(stock, "MUG", 3)
		stock.Signalled("stock.level", []byte("rubbish"))
		expect(t, take, "CUP 4", "NEW 1")
		expect(t, other)
		stock.Signalled("stock.level", []byte(`{"sku":"PAN","available":2,"others":[{"sku":"MUG","available":2},{"sku":"CUP","available":3}]}`))
		expect(t, take, "CUP 3", "MUG 2")
		expect(t, other, "MUG 2")
		if s.reads != 1 {
			t.Errorf("%d reads", s.reads)
		}
		stop()
		stopOther()
		synctest.Wait()
		if len(stock.shelves) != 0 {
			t.Errorf("%d shelves are left", len(stock.shelves))
		}
	})
}

func TestLevelsAreReadAgainWhenSignalsMayBeLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{levels: map[string]int32{"CUP": 5}, down: errors.New("down")}
		stock := newStock(t, s)
		take, stop := watchStock(t, stock, "CUP")
		defer stop()
		time.Sleep(time.Minute)
		expect(t, take)
		s.set(func(s *shop) { s.down = nil })
		time.Sleep(lastRetry)
		expect(t, take, "CUP 5")
		s.set(func(s *shop) { s.levels["CUP"] = 4 })
		stock.Reconnected()
		expect(t, take, "CUP 4")
		s.set(func(s *shop) { s.levels["CUP"] = 3 })
		time.Sleep(recountEvery)
		expect(t, take, "CUP 3")
	})
}

// A signal that comes in the middle of a read may be newer than what is read, and is never older than what it replaces.
func TestASignalCountsMoreThanAReadThatItOvertook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shop{levels: map[string]int32{"CUP": 5}}
		stock := newStock(t, s)
		s.meanwhile = func() { level(stock, "CUP", 4) }
		take, stop := watchStock(t, stock, "CUP")
		defer stop()
		expect(t, take, "CUP 4")
	})
}

// Of levels that nobody takes, only the last is kept.
func TestSlowWatchersAreToldTheLastLevel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stock := newStock(t, &shop{levels: map[string]int32{"CUP": 5000}})
		var ended error
		slow := stock.Follow(t.Context(), []string{"CUP"}, func(err error) { ended = err })
		synctest.Wait()
		for n := range 1000 {
			level(stock, "CUP", n)
		}
		if diff := cmp.Diff([]int32{5000, 999}, []int32{(<-slow).Availability.Available, (<-slow).Availability.Available}); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
		level(stock, "CUP", 0)
		time.Sleep(patience)
		synctest.Wait()
		if _, open := <-slow; open {
			t.Error("it got more")
		}
		if f, ok := errors.AsType[*fault.Error](ended); !ok || f.Code != fault.SubscriberTooSlow {
			t.Errorf("ended: %v", ended)
		}
	})
}
