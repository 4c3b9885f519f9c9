package storetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/returns"
)

// pace is slow enough for moments to be told apart.
var pace = returns.Pace{Patience: time.Minute, Tries: 2, UndoTries: 2}

// returnID is the nth return's.
func returnID(n int) returns.ID {
	return returns.ID{UUID: uuid.MustParse(fmt.Sprintf("01950000-0000-7000-8000-%012d", n))}
}

// fulfil places and fulfils the nth order, of one CUP.
func (s suite) fulfil(n int, customer order.CustomerID) {
	s.Helper()
	s.must(place(n, customer, at))
	s.must(happen(n, at, order.Order.StockDeducted))
}

// request is the use case that the one CUP of an order is to come back, as the nth return.
func request(n, of int, when time.Time) func(app.Store) error {
	return func(store app.Store) error {
		_, err := app.RequestReturn(context.Background(), store, pace, app.Returning{
			Request: app.Request{Principal: "ada", Mutation: "requestReturn", Key: returnID(n).UUID},
			ID:      returnID(n), Order: id(of), Ask: returns.Ask{Lines: []returns.Line{{SKU: "CUP", Quantity: 1}}, Reason: "it has a crack"},
		}, when)
		return err
	}
}

// answer is the use case that the nth return is answered.
func answer(n int, command returns.Command, outcome returns.Outcome, when time.Time) func(app.Store) error {
	return func(store app.Store) error {
		heard := app.ReturnAnswer{Return: returnID(n), Answer: returns.Answer{Command: command, Outcome: outcome}}
		return app.HearAnswer(pace)(context.Background(), store, heard, when)
	}
}

func (s suite) returned(n int) returns.Return {
	s.Helper()
	var r returns.Return
	s.must(func(store app.Store) (err error) {
		r, err = store.Return(s.Context(), returnID(n))
		return err
	})
	return r
}

func returnsRebuilt(s suite) {
	s.fulfil(1, ada)
	s.must(request(1, 1, at.Add(999)))
	want := returns.Return{ID: returnID(1)}
	events, err := want.Begin(s.order(1), nil, returns.Ask{Lines: []returns.Line{{SKU: "CUP", Quantity: 1}}, Reason: "it has a crack"}, pace)
	if err != nil {
		s.Fatal(err)
	}
	want = want.After(at, events...)
	s.equal(want, s.returned(1))
	for i, said := range []returns.Answer{
		{Command: returns.ArrangePickup, Outcome: returns.Done},
		{Command: returns.ArrangePickup, Outcome: returns.Done},
		{Command: returns.Restock, Outcome: returns.Refused},
		{Command: returns.CancelPickup, Outcome: returns.Undone},
	} {
		when := at.Add(time.Duration(i) * time.Second)
		want = want.After(when, want.Answered(said, pace)...)
		s.must(answer(1, said.Command, said.Outcome, when))
		s.equal(want, s.returned(1))
	}
	if want.State != returns.StateCompensated {
		s.Errorf("the schedule took another way: %+v", want)
	}
}

func returnsPublished(s suite) {
	s.fulfil(1, ada)
	var got []string
	note := func(published []event.Envelope) {
		for _, p := range published {
			got = append(got, fmt.Sprintf("%s %d %s %s", p.Name(), p.Sequence, p.Subject, p.CorrelationID))
			if p.To != "" {
				got = append(got, fmt.Sprintf("to %s, answered to %s", p.To, p.ReplyTo))
			}
		}
	}
	note(s.must(request(1, 1, at)))
	note(s.must(answer(1, returns.ArrangePickup, returns.Done, at)))
	note(s.must(answer(1, returns.ArrangePickup, returns.Done, at)))
	tail := " " + returnID(1).String() + " " + returnID(1).String()
	s.equal([]string{
		"ordering.return.requested 1" + tail, "ordering.return.stepStarted 2" + tail,
		"ordering.return.arrangePickup 3" + tail, "to fulfillment.commands, answered to ordering.replies",
		"ordering.return.stepCompleted 4" + tail, "ordering.return.stepStarted 5" + tail,
		"ordering.return.restock 6" + tail, "to inventory.commands, answered to ordering.replies",
	}, got)
}

func returnsRead(s suite) {
	for n := 1; n <= 3; n++ {
		s.fulfil(n, ada)
	}
	s.must(request(4, 1, at.Add(2*time.Second)))
	s.must(answer(4, returns.ArrangePickup, returns.Refused, at))
	s.must(request(3, 1, at.Add(3*time.Second)))
	s.must(request(2, 2, at.Add(time.Second)))
	ids := func(all []returns.Return, err error) []returns.ID {
		got := []returns.ID{}
		for _, r := range all {
			got = append(got, r.ID)
		}
		if err != nil {
			s.Error(err)
		}
		return got
	}
	s.must(func(store app.Store) error {
		s.equal([]returns.ID{returnID(2), returnID(4)}, ids(store.Returns(s.Context(), []returns.ID{returnID(2), returnID(9), returnID(4)})))
		s.equal([]returns.ID{returnID(4), returnID(3)}, ids(store.ReturnsOf(s.Context(), []order.ID{id(1), id(3), id(9)})))
		s.equal([]returns.ID{returnID(2), returnID(4), returnID(3)}, ids(store.ReturnsOf(s.Context(), []order.ID{id(1), id(2)})))
		s.equal([]returns.ID{}, ids(store.ReturnsOf(s.Context(), nil)))
		if _, err := store.Return(s.Context(), returnID(9)); !errors.Is(err, app.ErrNoReturn) {
			s.Errorf("got %v, want ErrNoReturn", err)
		}
		return nil
	})
}

func returnsDue(s suite) {
	due := func(when time.Time, limit int, want ...returns.ID) {
		s.Helper()
		s.must(func(store app.Store) error {
			got, err := store.DueReturns(s.Context(), when, limit)
			s.equal(append([]returns.ID{}, want...), got)
			return err
		})
	}
	for n := 1; n <= 4; n++ {
		s.fulfil(n, ada)
		s.must(request(n, n, at.Add(time.Duration(n)*time.Second)))
	}
	s.must(answer(1, returns.ArrangePickup, returns.Refused, at.Add(10*time.Second)))
	s.must(answer(2, returns.ArrangePickup, returns.Done, at.Add(10*time.Second)))
	due(at.Add(62*time.Second), 9)
	due(at.Add(64*time.Second), 9, returnID(3), returnID(4))
	due(at.Add(time.Hour), 2, returnID(3), returnID(4))
	due(at.Add(time.Hour), 9, returnID(3), returnID(4), returnID(2))
	for range 2 {
		s.must(func(store app.Store) error {
			_, err := app.TimeOut(s.Context(), store, pace, at.Add(65*time.Second), 9)
			return err
		})
	}
	due(at.Add(71*time.Second), 9, returnID(2))
	due(at.Add(125*time.Second), 9, returnID(2), returnID(3), returnID(4))
	if r := s.returned(3); r.Asked.Attempt != 2 || r.Steps[0].Attempts != 2 {
		s.Errorf("asked %d times", r.Asked.Attempt)
	}
	for range 3 { // until the carrier could not be asked to call the pick-up off
		s.must(func(store app.Store) error {
			at := s.returnedDue(store, 3)
			return app.TimeOutReturn(s.Context(), store, pace, returnID(3), at)
		})
	}
	due(at.Add(time.Hour), 9, returnID(2), returnID(4))
	if r := s.returned(3); r.State != returns.StateNeedsOperator {
		s.Errorf("the schedule took another way: %s", r.State)
	}
}

func (s suite) returnedDue(store app.Store, n int) time.Time {
	s.Helper()
	r, err := store.Return(s.Context(), returnID(n))
	if err != nil {
		s.Fatal(err)
	}
	due, _ := r.Due()
	return due
}

func returnsOnce(s suite) {
	s.fulfil(1, ada)
	s.must(request(1, 1, at))
	if facts := s.must(request(1, 1, at)); len(facts) > 0 {
		s.Errorf("%d facts of a request that was made before", len(facts))
	}
	var tooMany *returns.TooManyError
	for range 2 {
		if _, err := s.do(request(2, 1, at)); !errors.As(err, &tooMany) {
			s.Errorf("got %v", err)
		}
	}
	s.must(answer(1, returns.ArrangePickup, returns.Refused, at))
	s.must(request(2, 1, at))
}

func returnsErased(s suite) {
	s.fulfil(1, ada)
	s.fulfil(2, bob)
	s.fulfil(3, ada)
	s.must(request(1, 1, at))
	s.must(request(2, 2, at))
	before, others := s.returned(1), s.returned(2)
	for range 2 {
		s.must(func(store app.Store) error { return store.Erase(s.Context(), ada) })
	}
	before.Reason = ""
	s.equal(before, s.returned(1))
	s.equal(others, s.returned(2))
	s.must(answer(1, returns.ArrangePickup, returns.Done, at))
	s.must(request(3, 3, at))
	if said := s.returned(3).Reason; said != "" {
		s.Errorf("kept of an erased customer: %q", said)
	}
}
