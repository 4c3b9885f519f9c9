package postgres_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/testkit"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/postgres"
	"quadrille.dev/services/ordering/internal/returns"
)

var pace = returns.Pace{Patience: time.Minute, Tries: 1, UndoTries: 1}

// fulfilled is an order of so many CUPs that is fulfilled.
func fulfilled(t *testing.T, books *postgres.Books, cups int32) order.ID {
	t.Helper()
	id := newID()
	p := placing(id, "", uuid.New())
	line := &p.Placement.Lines[0]
	line.Quantity, line.LineTotal.Minor, p.Placement.Total.Minor = cups, 425*int64(cups), 425*int64(cups)
	err := books.InTx(t.Context(), func(store app.Store) error {
		_, err := app.Place(t.Context(), store, p, at)
		return errors.Join(err, app.HearStockDeducted(t.Context(), store, id, at))
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func returning(of order.ID, cups int32) app.Returning {
	return app.Returning{
		Request: app.Request{Principal: ada.String(), Mutation: "requestReturn", Key: uuid.New()},
		ID:      returns.ID{UUID: uuid.New()}, Order: of, Customer: ada,
		Ask: returns.Ask{Lines: []returns.Line{{SKU: "CUP", Quantity: cups}}, Reason: "Ada is away"},
	}
}

// Of five CUPs, two at a time, two requests are accepted, however many there are at once.
func TestRequestsAtOnceReturnNoMoreThanWasBought(t *testing.T) {
	t.Parallel()
	_, books := open(t)
	id := fulfilled(t, books, 5)
	var accepted, refused atomic.Int32
	atOnce(8, func(int) {
		r := returning(id, 2)
		err := books.InTx(t.Context(), func(store app.Store) error {
			_, err := app.RequestReturn(t.Context(), store, pace, r, at)
			return err
		})
		var tooMany *returns.TooManyError
		switch {
		case err == nil:
			accepted.Add(1)
		case errors.As(err, &tooMany):
			refused.Add(1)
		default:
			t.Error(err)
		}
	})
	all, err := books.ReturnsOf(t.Context(), []order.ID{id})
	if accepted.Load() != 2 || refused.Load() != 6 || len(all) != 2 || err != nil {
		t.Errorf("%d accepted, %d refused, %d kept, %v", accepted.Load(), refused.Load(), len(all), err)
	}
}

// One request that comes many times at once begins one return, and all are answered with it.
func TestOneRequestAtOnceBeginsOneReturn(t *testing.T) {
	t.Parallel()
	db, books := open(t)
	id := fulfilled(t, books, 5)
	r := returning(id, 2)
	answers := make([]app.Accepted, 6)
	atOnce(len(answers), func(i int) {
		again := r
		again.ID = returns.ID{UUID: uuid.New()}
		err := books.InTx(t.Context(), func(store app.Store) (err error) {
			answers[i], err = app.RequestReturn(t.Context(), store, pace, again, at)
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	fresh := 0
	for _, answer := range answers {
		if !answer.Replayed {
			fresh++
		}
		if answer.Return.ID != answers[0].Return.ID {
			t.Errorf("returns %s and %s", answer.Return.ID, answers[0].Return.ID)
		}
	}
	facts, err := drain(t.Context(), db)
	if fresh != 1 || len(facts) != 2+3 || err != nil {
		t.Errorf("%d begun, %d facts, %v", fresh, len(facts), err)
	}
}

// The answer comes, twice, while the timer fires, twice: the return goes one way.
func TestAnAnswerAndATimerAtOnce(t *testing.T) {
	t.Parallel()
	_, books := open(t)
	for range 10 {
		r := returning(fulfilled(t, books, 2), 1)
		do := func(use func(app.Store) error) {
			if err := books.InTx(t.Context(), use); err != nil {
				t.Error(err)
			}
		}
		do(func(store app.Store) error {
			_, err := app.RequestReturn(t.Context(), store, pace, r, at)
			return err
		})
		atOnce(4, func(i int) {
			do(func(store app.Store) error {
				if i%2 == 0 {
					_, err := app.TimeOut(t.Context(), store, pace, at.Add(pace.Patience), 10)
					return err
				}
				said := returns.Answer{Command: returns.ArrangePickup, Outcome: returns.Done}
				return app.HearAnswer(pace)(t.Context(), store, app.ReturnAnswer{Return: r.ID, Answer: said}, at.Add(pace.Patience))
			})
		})
		all, err := books.Returns(t.Context(), []returns.ID{r.ID})
		if err != nil || len(all) != 1 {
			t.Fatal(err)
		}
		on := all[0].State == returns.StateRunning && all[0].Asked.Command == returns.Restock
		back := all[0].State == returns.StateCompensating && all[0].Asked.Command == returns.CancelPickup
		if !on && !back || all[0].Asked.Attempt != 1 {
			t.Errorf("%s, asked %+v", all[0].State, all[0].Asked)
		}
	}
}

// Nothing personal of a return is left of an erased customer, neither in its events nor in what is still to be published.
func TestReturnsOfAnErasedCustomerAreGoneFromTheTables(t *testing.T) {
	t.Parallel()
	db, books := open(t)
	r := returning(fulfilled(t, books, 2), 1)
	use := func(use func(app.Store) error) {
		t.Helper()
		if err := books.InTx(t.Context(), use); err != nil {
			t.Fatal(err)
		}
	}
	use(func(store app.Store) error {
		_, err := app.RequestReturn(t.Context(), store, pace, r, at)
		return err
	})
	if len(testkit.Search(t, db.Config().ConnString(), "Ada is away")) < 2 {
		t.Fatal("there is nothing to erase")
	}
	use(func(store app.Store) error { return app.Erase(t.Context(), store, ada, at) })
	for _, where := range testkit.Search(t, db.Config().ConnString(), "Ada is away") {
		t.Error(where)
	}
	if _, kept, err := books.Answered(t.Context(), r.Request, at); kept || err != nil {
		t.Errorf("the request is kept: %t, %v", kept, err)
	}
	again := returning(r.Order, 1)
	use(func(store app.Store) error {
		_, err := app.RequestReturn(t.Context(), store, pace, again, at)
		return err
	})
	for _, where := range testkit.Search(t, db.Config().ConnString(), "Ada is away") {
		t.Error("afterwards:", where)
	}
}

func TestReturnsThatNeedAnOperatorAreCounted(t *testing.T) {
	t.Parallel()
	_, books := open(t)
	r := returning(fulfilled(t, books, 2), 1)
	count := func(want int64) {
		t.Helper()
		if got, err := books.NeedingOperator(t.Context()); got != want || err != nil {
			t.Errorf("%d, %v; want %d", got, err, want)
		}
	}
	count(0)
	steps := []func(app.Store) error{
		func(store app.Store) error {
			_, err := app.RequestReturn(t.Context(), store, pace, r, at)
			return err
		},
		func(store app.Store) error {
			return app.TimeOutReturn(t.Context(), store, pace, r.ID, at.Add(pace.Patience))
		},
		func(store app.Store) error {
			return app.TimeOutReturn(t.Context(), store, pace, r.ID, at.Add(2*pace.Patience))
		},
	}
	for _, step := range steps {
		if err := books.InTx(t.Context(), step); err != nil {
			t.Fatal(err)
		}
	}
	count(1)
	err := books.InTx(t.Context(), func(store app.Store) error {
		_, err := app.ResolveReturn(t.Context(), store, pace, r.ID, at)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	count(0)
}

// Whoever waits for timers is told of one that is set once it is committed, whoever sets it, and of nothing else.
func TestATimerIsToldOfOnceItIsCommitted(t *testing.T) {
	t.Parallel()
	_, silent := open(t)
	r := returning(fulfilled(t, silent, 2), 1)
	told := 0
	books := silent.Telling(func(time.Time) { told++ })
	failed := errors.New("failed")
	answered := func(command returns.Command, outcome returns.Outcome) func(app.Store) error {
		return func(store app.Store) error {
			said := returns.Answer{Command: command, Outcome: outcome}
			return app.HearAnswer(pace)(t.Context(), store, app.ReturnAnswer{Return: r.ID, Answer: said}, at)
		}
	}
	for _, step := range []struct {
		name string
		do   func(app.Store) error
		want int
		err  error
	}{
		{name: "an order", want: 1, do: func(store app.Store) error {
			_, err := app.Place(t.Context(), store, placing(newID(), "Q-00000099", uuid.New()), at)
			return err
		}},
		{name: "a return", want: 1, do: func(store app.Store) error {
			_, err := app.RequestReturn(t.Context(), store, pace, r, at)
			return err
		}},
		{name: "an answer that is not committed", err: failed, do: func(store app.Store) error {
			return errors.Join(answered(returns.ArrangePickup, returns.Done)(store), failed)
		}},
		{name: "an answer", want: 1, do: answered(returns.ArrangePickup, returns.Done)},
		{name: "the same answer", do: answered(returns.ArrangePickup, returns.Done)},
		{name: "another", want: 1, do: answered(returns.Restock, returns.Done)},
		{name: "the last", do: answered(returns.Refund, returns.Done)},
	} {
		told = 0
		err := books.InTx(t.Context(), func(store app.Store) error {
			err := step.do(store)
			if told > 0 {
				t.Errorf("%s: told before it is committed", step.name)
			}
			return err
		})
		if told != step.want || !errors.Is(err, step.err) {
			t.Errorf("%s: told %d times, want %d, %v", step.name, told, step.want, err)
		}
	}
}
