package postgres_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"quadrille.dev/services/inventory/internal/app"
	"quadrille.dev/services/inventory/internal/postgres"
	"quadrille.dev/services/inventory/internal/reservation"
	"quadrille.dev/services/inventory/internal/stock"
)

// contended is the SKU that everybody wants.
const contended = "CUP"

// orders is how many want it.
const orders = 60

// call is a use case called, by its verb: for an order, by number, or with a delivery, or to look what is available.
type call struct {
	verb     string
	order    int
	quantity int64
}

// answer is what became of a call: the event that it led to, if any, and what it let one see of the stock.
type answer struct {
	event  string
	seen   int64
	onHand int64
}

// shelf is the sequential model: the SKU's count, and what became of each order. Shelves are compared by ==.
type shelf struct {
	onHand, reserved int64
	orders           [orders]wish
}

// wish is an order as the shelf knows it.
type wish struct {
	status   reservation.Status
	arranged bool
	quantity int64
}

// shelves tells porcupine what calls one after the other would be answered.
var shelves = porcupine.Model{
	Init: func() any {
		var s shelf
		for i := range s.orders {
			s.orders[i].status = reservation.Pending
		}
		return s
	},
	Step: func(state, input, output any) (bool, any) {
		s := state.(shelf)
		want := s.answer(input.(call))
		return want == output.(answer), s
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v: %+v", input, output) },
}

// answer does what a call asks for and tells what it is answered.
func (s *shelf) answer(c call) answer {
	o := &s.orders[c.order]
	switch c.verb {
	case "reserve":
		return s.reserve(o, c.quantity)
	case "deduct":
		switch o.status {
		case reservation.Pending:
			o.arranged = true
		case reservation.Reserved:
			return s.deduct(o)
		default:
		}
	case "release":
		return s.release(o)
	case "receive":
		s.onHand += c.quantity
		return answer{seen: s.onHand - s.reserved, onHand: s.onHand}
	case "look":
		return answer{seen: s.onHand - s.reserved}
	}
	return answer{}
}

func (s *shelf) reserve(o *wish, quantity int64) answer {
	switch available := s.onHand - s.reserved; {
	case o.status != reservation.Pending:
		return answer{}
	case quantity > available:
		o.status = reservation.Rejected
		return answer{event: "rejected", seen: available}
	}
	o.status, o.quantity = reservation.Reserved, quantity
	s.reserved += quantity
	if o.arranged {
		s.deduct(o)
		return answer{event: "reserved and deducted"}
	}
	return answer{event: "reserved"}
}

func (s *shelf) deduct(o *wish) answer {
	o.status = reservation.Deducted
	s.reserved -= o.quantity
	s.onHand -= o.quantity
	return answer{event: "deducted"}
}

func (s *shelf) release(o *wish) answer {
	switch o.status {
	case reservation.Pending:
		o.status = reservation.Released
		return answer{event: "released"}
	case reservation.Reserved:
		o.status = reservation.Released
		s.reserved -= o.quantity
		return answer{event: "released"}
	case reservation.Deducted:
		o.status = reservation.Reinstated
		s.onHand += o.quantity
		return answer{event: "reinstated"}
	default:
		return answer{}
	}
}

// listening is a store that notes the events that are saved.
type listening struct {
	app.Store
	answer answer
}

func (l *listening) Save(ctx context.Context, r reservation.Reservation, at time.Time, events ...reservation.Event) error {
	for _, e := range events {
		switch e := e.(type) {
		case reservation.StockReserved:
			l.answer.event = "reserved"
		case reservation.StockRejected:
			l.answer = answer{event: "rejected", seen: e.Missing[0].Available}
		case reservation.StockDeducted:
			if l.answer.event != "" {
				l.answer.event += " and "
			}
			l.answer.event += "deducted"
		case reservation.StockReleased:
			l.answer.event = "released"
		case reservation.StockReinstated:
			l.answer.event = "reinstated"
		}
	}
	return l.Store.Save(ctx, r, at, events...)
}

// history is the calls that were made of a database, and when.
type history struct {
	db    *postgres.Database
	begun time.Time
	ids   [orders]uuid.UUID
	// through is what the use cases have of the store.
	through func(app.Store) app.Store

	mu    sync.Mutex
	calls []porcupine.Operation
}

func newHistory(t *testing.T) *history {
	t.Helper()
	h := &history{db: open(t), begun: time.Now(), through: func(store app.Store) app.Store { return store }}
	for i := range h.ids {
		h.ids[i] = uuid.New()
	}
	return h
}

// make makes a call for a client, and notes it.
func (h *history) make(ctx context.Context, client int, c call) error {
	called := time.Since(h.begun)
	answered, err := h.answer(ctx, client, c)
	if err != nil {
		return fmt.Errorf("%+v: %w", c, err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls = append(h.calls, porcupine.Operation{
		ClientId: client, Input: c, Call: called.Nanoseconds(), Output: answered, Return: time.Since(h.begun).Nanoseconds(),
	})
	return nil
}

func (h *history) answer(ctx context.Context, client int, c call) (answered answer, err error) {
	if c.verb == "look" {
		levels, err := h.db.Levels(ctx, []string{contended})
		for _, level := range levels {
			answered.seen = level.Available
		}
		return answered, err
	}
	err = h.db.Use(ctx, func(store app.Store) (err error) {
		l := &listening{Store: h.through(store)}
		id, at := h.ids[c.order], time.Now()
		switch c.verb {
		case "reserve":
			order := app.Order{ID: id, CustomerID: uuid.New(), Lines: []stock.Line{{SKU: contended, Quantity: c.quantity}}}
			err = app.Reserve(ctx, l, order, at)
		case "deduct":
			err = app.Deduct(ctx, l, id, at)
		case "release":
			err = app.Release(ctx, l, id, at)
		case "receive":
			delivery := app.Delivery{SKU: contended, Quantity: c.quantity, Reference: fmt.Sprint(client, time.Since(h.begun))}
			var level stock.Level
			level, err = app.Receive(ctx, l, delivery, at)
			l.answer = answer{seen: level.Available(), onHand: level.OnHand}
		}
		answered = l.answer
		return err
	})
	return answered, err
}

// checked is porcupine's verdict of the calls.
func (h *history) checked() porcupine.CheckResult {
	return porcupine.CheckOperationsTimeout(shelves, h.calls, time.Minute)
}

// draw is a call as chance has it: rather of an order in the window that everybody is at than of any.
func draw(random *rand.Rand, step int) call {
	order := min(max(step+random.IntN(12)-6, 0), orders-1)
	switch n := random.IntN(20); {
	case n < 9:
		return call{verb: "reserve", order: order, quantity: 1 + random.Int64N(3)}
	case n < 12:
		return call{verb: "deduct", order: order}
	case n < 15:
		return call{verb: "release", order: order}
	case n < 17:
		return call{verb: "receive", quantity: 1 + random.Int64N(3)}
	default:
		return call{verb: "look"}
	}
}

// Whatever many do to one SKU at once, it could have been done by one after the other, each between his call and its answer.
func TestReservationsOfOneSKUAreLinearizable(t *testing.T) {
	t.Parallel()
	h, seed := newHistory(t), uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	var clients errgroup.Group
	for client := range 10 {
		random := rand.New(rand.NewPCG(seed, uint64(client)))
		clients.Go(func() error {
			for step := range orders {
				if err := h.make(t.Context(), client, draw(random, step)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := clients.Wait(); err != nil {
		t.Fatal(err)
	}
	if verdict := h.checked(); verdict != porcupine.Ok {
		t.Errorf("%d calls: %s", len(h.calls), verdict)
	}
	tally := map[string]int{}
	for _, c := range h.calls {
		tally[c.Output.(answer).event]++
	}
	for _, event := range []string{"reserved", "rejected", "deducted", "released", "reinstated"} {
		if tally[event] == 0 {
			t.Errorf("nothing was %s: %v", event, tally)
		}
	}
}

// One answer that cannot have been given is found among all the others.
func TestAFalseAnswerIsFound(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	for _, c := range []call{
		{verb: "receive", quantity: 2},
		{verb: "reserve", order: 1, quantity: 1},
		{verb: "reserve", order: 2, quantity: 2},
		{verb: "release", order: 1},
		{verb: "reserve", order: 3, quantity: 2},
		{verb: "deduct", order: 3},
		{verb: "look"},
	} {
		if err := h.make(t.Context(), 0, c); err != nil {
			t.Fatal(err)
		}
	}
	if verdict := h.checked(); verdict != porcupine.Ok {
		t.Fatalf("as it was: %s", verdict)
	}
	for i, truth := range h.calls {
		changed := slices.Clone(h.calls)
		changed[i].Output = answer{event: truth.Output.(answer).event, seen: 17}
		h := &history{calls: changed}
		if verdict := h.checked(); verdict != porcupine.Illegal {
			t.Errorf("%+v answered with %+v: %s", truth.Input, changed[i].Output, verdict)
		}
	}
}

// unlocked is a store that looks at the stock without locking it, and lets another look before it goes on.
type unlocked struct {
	app.Store
	db     *postgres.Database
	looked *sync.WaitGroup
}

func (u unlocked) Available(ctx context.Context, skus []string) (map[string]int64, error) {
	levels, err := u.db.Levels(ctx, skus)
	available := map[string]int64{}
	for _, level := range levels {
		available[level.SKU] = level.Available
	}
	u.looked.Done()
	u.looked.Wait()
	return available, err
}

// Without the lock, and without the constraints that are the net below it, the last item is promised twice: porcupine sees it.
func TestWithoutTheLockReservationsAreNotLinearizable(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	if _, err := h.db.Exec(t.Context(), `
		DO $$ DECLARE c name; BEGIN
			FOR c IN SELECT conname FROM pg_constraint WHERE conrelid = 'stock'::regclass AND contype = 'c' LOOP
				EXECUTE 'ALTER TABLE stock DROP CONSTRAINT ' || quote_ident(c);
			END LOOP;
		END $$`); err != nil {
		t.Fatal(err)
	}
	if err := h.make(t.Context(), 0, call{verb: "receive", quantity: 1}); err != nil {
		t.Fatal(err)
	}
	var looked sync.WaitGroup
	looked.Add(2)
	h.through = func(store app.Store) app.Store { return unlocked{store, h.db, &looked} }
	var clients errgroup.Group
	for client := range 2 {
		clients.Go(func() error { return h.make(t.Context(), client, call{verb: "reserve", order: client, quantity: 1}) })
	}
	if err := clients.Wait(); err != nil {
		t.Fatal(err)
	}
	if verdict := h.checked(); verdict != porcupine.Illegal {
		t.Errorf("%d calls: %s", len(h.calls), verdict)
	}
}
