// Package storetest is what every store of ordering must do, whatever it is made of.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/money"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
)

// Do runs a use case in a transaction of its own and answers what it published.
type Do func(use func(store app.Store) error) ([]event.Envelope, error)

var (
	at = time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)
	// Ada and Bob are customers.
	ada = order.CustomerID{UUID: uuid.MustParse("01940000-0000-7000-8000-0000000000aa")}
	bob = order.CustomerID{UUID: uuid.MustParse("01940000-0000-7000-8000-0000000000bb")}
)

// Run runs the suite; open makes an empty store.
func Run(t *testing.T, open func(t *testing.T) Do) {
	for _, test := range []struct {
		name string
		run  func(s suite)
	}{
		{"an order is what its events tell", rebuilt},
		{"facts are published with the versions of their events", published},
		{"orders that were never placed are missing", missing},
		{"orders are read in the order asked for", batch},
		{"a thousand events are one order", thousandEvents},
		{"a thousand orders are read at once", thousandOrders},
		{"a customer's orders come in pages, the newest first", pages},
		{"only undecided orders become due, the oldest first", due},
		{"a request is answered again for thirty days", requests},
		{"every number is drawn once", numbers},
		{"a retired product stays retired", products},
		{"the latest price is remembered", prices},
		{"the latest tier is remembered", tiers},
		{"pricing is heard of", pricing},
		{"an erased customer is forgotten", erased},
		{"a return is what its events tell", returnsRebuilt},
		{"facts and commands of a return are published with the versions of their events", returnsPublished},
		{"returns are read by their ids, and by their orders, the oldest first", returnsRead},
		{"returns that are not answered in time become due, the oldest first", returnsDue},
		{"a return is requested once", returnsOnce},
		{"returns of an erased customer are forgotten", returnsErased},
		{"what fails leaves nothing behind", nothingBehind},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(suite{t, open(t)}) })
	}
}

type suite struct {
	*testing.T
	do Do
}

// must runs a use case that has to succeed.
func (s suite) must(use func(store app.Store) error) []event.Envelope {
	s.Helper()
	facts, err := s.do(use)
	if err != nil {
		s.Fatal(err)
	}
	return facts
}

func (s suite) equal(want, got any) {
	s.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		s.Error("(-want +got):\n" + diff)
	}
}

// id is the nth order's.
func id(n int) order.ID {
	return order.ID{UUID: uuid.MustParse(fmt.Sprintf("01940000-0000-7000-8000-%012d", n))}
}

// visa is how it is paid.
const visa = "pm_card_visa"

func placement(n int, customer order.CustomerID) order.Placement {
	price := money.Money{Minor: 425, Currency: "GBP"}
	return order.Placement{
		Number:          fmt.Sprintf("Q-%08d", n),
		CustomerID:      customer,
		Lines:           []order.Line{{SKU: "CUP", Quantity: 1, UnitPrice: price, LineTotal: price}},
		Discount:        money.Money{Currency: "GBP"},
		Total:           price,
		ShippingAddress: order.Address{Name: "Ada", Street: "1 Row", City: "London", PostalCode: "N1", CountryCode: "GB"},
		PaymentToken:    visa,
		PricedFrom:      order.Live,
		PromotionCodes:  []string{},
		Deadline:        at.Add(time.Duration(n) * time.Minute),
	}
}

// place is the use case that places the nth order at a time.
func place(n int, customer order.CustomerID, when time.Time) func(app.Store) error {
	return func(store app.Store) error {
		blank := order.Order{ID: id(n)}
		events, err := blank.Place(placement(n, customer))
		if err != nil {
			return err
		}
		return store.Save(context.Background(), blank, when, events...)
	}
}

// happen is the use case that something happens to the nth order.
func happen(n int, when time.Time, react func(order.Order) []order.Event) func(app.Store) error {
	return func(store app.Store) error {
		o, err := store.Order(context.Background(), id(n))
		if err != nil {
			return err
		}
		return store.Save(context.Background(), o, when, react(o)...)
	}
}

func (s suite) order(n int) order.Order {
	s.Helper()
	var o order.Order
	s.must(func(store app.Store) (err error) {
		o, err = store.Order(s.Context(), id(n))
		return err
	})
	return o
}

func rebuilt(s suite) {
	s.must(place(1, ada, at.Add(999)))
	want := order.Order{ID: id(1)}
	events, err := want.Place(placement(1, ada))
	if err != nil {
		s.Fatal(err)
	}
	want = want.After(at, events...)
	s.equal(want, s.order(1))
	for i, react := range []func(order.Order) []order.Event{
		order.Order.PaymentRefunded, order.Order.PaymentRefunded,
		func(o order.Order) []order.Event {
			return o.StockRejected([]order.Shortage{{SKU: "CUP", Requested: 1}})
		},
		order.Order.ShipmentCancelled, order.Order.StockDeducted,
	} {
		when := at.Add(time.Duration(i) * time.Second)
		want = want.After(when, react(want)...)
		s.must(happen(1, when, react))
		s.equal(want, s.order(1))
	}
	if !want.Cancellation.Settled || want.Version != 7 {
		s.Errorf("the schedule took another way: %+v", want)
	}
}

func published(s suite) {
	var got []string
	note := func(facts []event.Envelope) {
		for _, f := range facts {
			got = append(got, fmt.Sprintf("%s %d %s %s", f.Name(), f.Sequence, f.Subject, f.Time.Format(time.RFC3339Nano)))
		}
	}
	note(s.must(place(1, ada, at)))
	note(s.must(happen(1, at, order.Order.StockReleased)))
	note(s.must(happen(1, at, order.Order.StockReleased)))
	note(s.must(happen(1, at, func(o order.Order) []order.Event { return o.PaymentDeclined("no funds") })))
	note(s.must(happen(1, at, order.Order.ShipmentCancelled)))
	tail := " " + id(1).String() + " 2026-03-01T12:00:00.123456Z"
	s.equal([]string{"ordering.order.placed 1" + tail, "ordering.order.cancelled 4" + tail, "ordering.order.settled 6" + tail}, got)
}

func missing(s suite) {
	s.must(place(1, ada, at))
	s.must(func(store app.Store) error {
		if _, err := store.Order(s.Context(), id(2)); !errors.Is(err, app.ErrNoOrder) {
			s.Errorf("got %v, want ErrNoOrder", err)
		}
		orders, err := store.Orders(s.Context(), []order.ID{id(2)})
		s.equal([]order.Order{}, orders)
		return err
	})
}

func batch(s suite) {
	for n := 1; n <= 3; n++ {
		s.must(place(n, ada, at))
	}
	s.must(func(store app.Store) error {
		orders, err := store.Orders(s.Context(), []order.ID{id(3), id(9), id(1), id(2)})
		s.equal([]order.ID{id(3), id(1), id(2)}, ids(orders))
		return err
	})
}

func ids(orders []order.Order) []order.ID {
	all := []order.ID{}
	for _, o := range orders {
		all = append(all, o.ID)
	}
	return all
}

func thousandEvents(s suite) {
	s.must(place(1, ada, at))
	s.must(happen(1, at, func(order.Order) []order.Event { return slices.Repeat([]order.Event{order.StockReleased{}}, 999) }))
	if o := s.order(1); o.Version != 1000 || !o.Heard.StockReleased || o.Number != "Q-00000001" {
		s.Errorf("version %d: %+v", o.Version, o)
	}
}

func thousandOrders(s suite) {
	const many = 1000
	s.must(func(store app.Store) error {
		for n := range many {
			if err := place(n, ada, at)(store); err != nil {
				return err
			}
		}
		return nil
	})
	all := make([]order.ID, many)
	for n := range many {
		all[n] = id(many - 1 - n)
	}
	s.must(func(store app.Store) error {
		orders, err := store.Orders(s.Context(), all)
		s.equal(all, ids(orders))
		return err
	})
}

func pages(s suite) {
	for n := 1; n <= 5; n++ {
		s.must(place(n, ada, at.Add(time.Duration(n/2)*time.Second))) // 2 and 3, and 4 and 5, at one moment
	}
	s.must(place(6, bob, at))
	var after app.Position
	for _, want := range []struct {
		orders []order.ID
		more   bool
	}{{[]order.ID{id(5), id(4)}, true}, {[]order.ID{id(3), id(2)}, true}, {[]order.ID{id(1)}, false}, {[]order.ID{}, false}} {
		s.must(func(store app.Store) error {
			page, err := store.OrdersOf(s.Context(), ada, app.Page{First: 2, After: after})
			s.equal(want.orders, ids(page.Orders))
			if page.Total != 5 || page.More != want.more {
				s.Errorf("total %d, more %t", page.Total, page.More)
			}
			if len(page.Orders) > 0 {
				last := page.Orders[len(page.Orders)-1]
				after = app.Position{PlacedAt: last.PlacedAt, ID: last.ID}
			}
			return err
		})
	}
}

func due(s suite) {
	for n := 1; n <= 5; n++ {
		s.must(place(n, ada, at))
	}
	s.must(happen(1, at, order.Order.StockDeducted))
	s.must(happen(3, at, func(o order.Order) []order.Event { return o.PaymentDeclined("") }))
	s.must(happen(4, at, order.Order.StockReleased))
	for _, test := range []struct {
		at    time.Time
		limit int
		want  []order.ID
	}{
		{at.Add(2*time.Minute - time.Microsecond), 9, []order.ID{}},
		{at.Add(2 * time.Minute), 9, []order.ID{id(2)}},
		{at.Add(5 * time.Minute), 9, []order.ID{id(2), id(4), id(5)}},
		{at.Add(5 * time.Minute), 2, []order.ID{id(2), id(4)}},
	} {
		s.must(func(store app.Store) error {
			due, err := store.Due(s.Context(), test.at, test.limit)
			s.equal(test.want, due)
			return err
		})
	}
	s.must(func(store app.Store) error {
		expired, err := app.Expire(s.Context(), store, at.Add(time.Hour), 9)
		if expired != 3 {
			s.Errorf("%d orders expired", expired)
		}
		return err
	})
	s.must(func(store app.Store) error {
		due, err := store.Due(s.Context(), at.Add(time.Hour), 9)
		s.equal([]order.ID{}, due)
		return err
	})
}

func nothingBehind(s suite) {
	failure := errors.New("failure")
	facts, err := s.do(func(store app.Store) error {
		if err := place(1, ada, at)(store); err != nil {
			return err
		}
		return failure
	})
	if !errors.Is(err, failure) || len(facts) > 0 {
		s.Errorf("got %v and %d facts", err, len(facts))
	}
	missing(s)
}
