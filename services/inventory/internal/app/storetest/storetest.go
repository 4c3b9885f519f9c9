// Package storetest is what every store of inventory must do, whatever it is made of.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/schema/eventtest"
	"quadrille.dev/services/inventory/internal/app"
	"quadrille.dev/services/inventory/internal/stock"
)

// Do runs a use case in a transaction of its own and answers what it published.
type Do func(use func(store app.Store) error) ([]event.Envelope, error)

var (
	at       = time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)
	orderID  = uuid.MustParse("01940000-0000-7000-8000-000000000001")
	customer = uuid.MustParse("01940000-0000-7000-8000-0000000000aa")
)

// Run runs the suite; open makes an empty store.
func Run(t *testing.T, open func(t *testing.T) Do) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, s suite)
	}{
		{"goods are received once for each reference", received},
		{"an order holds its goods until they leave or are free", wholeLife},
		{"goods that have left are put back", putBack},
		{"an order gets all of its goods or none", allOrNone},
		{"a shipment heard of early is remembered", earlyShipment},
		{"a payment that ended early is remembered", earlyRelease},
		{"a return puts goods back and takes them out again", restocked},
		{"a return is refused what cannot come back", refused},
		{"a return is called off before it is asked for", calledOff},
		{"a thousand lines are one reservation", thousandLines},
		{"what fails leaves nothing behind", nothingBehind},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, suite{t, open(t)}) })
	}
}

type suite struct {
	*testing.T
	do Do
}

// expect runs a use case and compares the facts published: "stock.reserved 1 {…}", by name, sequence and payload.
func (s suite) expect(use func(store app.Store) error, want ...string) {
	s.Helper()
	facts, err := s.do(use)
	if err != nil {
		s.Fatal(err)
	}
	var got []string
	for _, fact := range facts {
		if fact.Source != "/inventory" || !fact.Time.Equal(at) || fact.DataVersion != 1 {
			s.Errorf("envelope of %s: source %s, time %s, version %d", fact.Name(), fact.Source, fact.Time, fact.DataVersion)
		}
		if err := eventtest.Validate(fact.Name(), fact.DataVersion, fact.Data); err != nil {
			s.Error(err)
		}
		name := strings.TrimPrefix(fact.Name(), "inventory.")
		got = append(got, fmt.Sprintf("%s %s %d %s", name, fact.Subject, fact.Sequence, fact.Data))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		s.Error("published (-want +got):\n" + diff)
	}
}

func (s suite) level(want stock.Level) {
	s.Helper()
	if _, err := s.do(func(store app.Store) error {
		got, err := store.Level(context.Background(), want.SKU)
		if diff := cmp.Diff(want, got); diff != "" {
			s.Error("level (-want +got):\n" + diff)
		}
		return err
	}); err != nil {
		s.Fatal(err)
	}
}

func receive(sku string, quantity int64, reference string) func(app.Store) error {
	return func(store app.Store) error {
		_, err := app.Receive(context.Background(), store, app.Delivery{SKU: sku, Quantity: quantity, Reference: reference}, at)
		return err
	}
}

func reserve(lines ...stock.Line) func(app.Store) error {
	return func(store app.Store) error {
		return app.Reserve(context.Background(), store, app.Order{ID: orderID, CustomerID: customer, Lines: lines}, at)
	}
}

func deduct(store app.Store) error  { return app.Deduct(context.Background(), store, orderID, at) }
func release(store app.Store) error { return app.Release(context.Background(), store, orderID, at) }

func about(name string, sequence int, lines string) string {
	return fmt.Sprintf(`stock.%s %s %d {"orderId":"%s","lines":%s}`, name, orderID, sequence, orderID, lines)
}

func received(_ *testing.T, s suite) {
	s.expect(receive("CUP", 5, "note 1"), `stock.received CUP 1 {"sku":"CUP","quantity":5,"reference":"note 1","onHand":5}`)
	s.expect(receive("CUP", 5, "note 1"))
	if _, err := s.do(receive("CUP", 6, "note 1")); !errors.Is(err, app.ErrReferenceConflict) {
		s.Errorf("same reference, other quantity: %v", err)
	}
	s.expect(receive("CUP", 6, "note 2"), `stock.received CUP 2 {"sku":"CUP","quantity":6,"reference":"note 2","onHand":11}`)
	s.expect(receive("JUG", 6, "note 1"), `stock.received JUG 1 {"sku":"JUG","quantity":6,"reference":"note 1","onHand":6}`)
	s.level(stock.Level{SKU: "CUP", OnHand: 11, Received: 11, Version: 2})
}

func wholeLife(_ *testing.T, s suite) {
	s.expect(receive("CUP", 5, "note 1"), `stock.received CUP 1 {"sku":"CUP","quantity":5,"reference":"note 1","onHand":5}`)
	s.expect(reserve(stock.Line{SKU: "CUP", Quantity: 5}), about("reserved", 1, `[{"sku":"CUP","quantity":5}]`))
	s.level(stock.Level{SKU: "CUP", OnHand: 5, Reserved: 5, Received: 5, Version: 1})
	s.expect(reserve(stock.Line{SKU: "CUP", Quantity: 5}))
	s.expect(release, about("released", 2, `[{"sku":"CUP","quantity":5}]`))
	s.level(stock.Level{SKU: "CUP", OnHand: 5, Received: 5, Version: 1})
	s.expect(deduct)
	s.expect(release)
}

func putBack(_ *testing.T, s suite) {
	s.expect(receive("CUP", 5, "note 1"), `stock.received CUP 1 {"sku":"CUP","quantity":5,"reference":"note 1","onHand":5}`)
	s.expect(reserve(stock.Line{SKU: "CUP", Quantity: 2}), about("reserved", 1, `[{"sku":"CUP","quantity":2}]`))
	s.expect(deduct, about("deducted", 2, `[{"sku":"CUP","quantity":2}]`))
	s.level(stock.Level{SKU: "CUP", OnHand: 3, Deducted: 2, Received: 5, Version: 1})
	s.expect(release, about("reinstated", 3, `[{"sku":"CUP","quantity":2}]`))
	s.level(stock.Level{SKU: "CUP", OnHand: 5, Received: 5, Version: 1})
}

func allOrNone(_ *testing.T, s suite) {
	s.expect(receive("CUP", 5, "note 1"), `stock.received CUP 1 {"sku":"CUP","quantity":5,"reference":"note 1","onHand":5}`)
	s.expect(
		reserve(stock.Line{SKU: "CUP", Quantity: 5}, stock.Line{SKU: "JUG", Quantity: 1}),
		fmt.Sprintf(`stock.rejected %s 1 {"orderId":"%s","missing":[{"sku":"JUG","requested":1,"available":0}]}`, orderID, orderID))
	s.level(stock.Level{SKU: "CUP", OnHand: 5, Received: 5, Version: 1})
	s.expect(release)
}

func earlyShipment(_ *testing.T, s suite) {
	s.expect(receive("CUP", 5, "note 1"), `stock.received CUP 1 {"sku":"CUP","quantity":5,"reference":"note 1","onHand":5}`)
	s.expect(deduct)
	s.expect(
		reserve(stock.Line{SKU: "CUP", Quantity: 5}),
		about("reserved", 1, `[{"sku":"CUP","quantity":5}]`), about("deducted", 2, `[{"sku":"CUP","quantity":5}]`))
	s.level(stock.Level{SKU: "CUP", Deducted: 5, Received: 5, Version: 1})
}

func earlyRelease(_ *testing.T, s suite) {
	s.expect(receive("CUP", 5, "note 1"), `stock.received CUP 1 {"sku":"CUP","quantity":5,"reference":"note 1","onHand":5}`)
	s.expect(release, about("released", 1, `[]`))
	s.expect(reserve(stock.Line{SKU: "CUP", Quantity: 5}))
	s.expect(deduct)
	s.level(stock.Level{SKU: "CUP", OnHand: 5, Received: 5, Version: 1})
	if _, err := s.do(func(store app.Store) error {
		r, err := store.Reservation(context.Background(), orderID)
		if r.CustomerID != customer || r.Status != "RELEASED" {
			s.Errorf("customer %s, status %s", r.CustomerID, r.Status)
		}
		return err
	}); err != nil {
		s.Fatal(err)
	}
}

var returnID = uuid.MustParse("01940000-0000-7000-8000-0000000000f1")

func asked(lines ...stock.Line) app.Asked {
	return app.Asked{ReturnID: returnID, OrderID: orderID, Lines: lines, Asker: "ordering.replies"}
}

func takeBack(lines ...stock.Line) func(app.Store) error {
	return func(store app.Store) error { return app.Restock(context.Background(), store, asked(lines...), at) }
}

func withdraw(store app.Store) error { return app.Withdraw(context.Background(), store, asked(), at) }

func ofReturn(name string, sequence int, lines string) string {
	return fmt.Sprintf(`stock.%s %s %d {"returnId":"%s","orderId":"%s","lines":%s}`, name, returnID, sequence, returnID, orderID, lines)
}

func answered(sequence int, command, outcome, reason string) string {
	return fmt.Sprintf(`restock.answered %s %d {"returnId":"%s","orderId":"%s","command":"%s","outcome":"%s","reference":"","reason":"%s"}`,
		returnID, sequence, returnID, orderID, command, outcome, reason)
}

// leave brings an order of two cups and a jug to where it has left.
func (s suite) leave() {
	s.Helper()
	for _, use := range []func(app.Store) error{
		receive("CUP", 5, "note 1"), receive("JUG", 1, "note 1"),
		reserve(stock.Line{SKU: "CUP", Quantity: 2}, stock.Line{SKU: "JUG", Quantity: 1}), deduct,
	} {
		if _, err := s.do(use); err != nil {
			s.Fatal(err)
		}
	}
}

func restocked(_ *testing.T, s suite) {
	s.leave()
	cup := stock.Line{SKU: "CUP", Quantity: 1}
	s.expect(takeBack(cup), ofReturn("returned", 1, `[{"sku":"CUP","quantity":1}]`), answered(2, "restock", "DONE", ""))
	s.level(stock.Level{SKU: "CUP", OnHand: 4, Deducted: 1, Received: 5, Version: 1})
	s.expect(takeBack(cup), answered(3, "restock", "DONE", ""))
	s.reservation([]stock.Line{cup})
	s.expect(withdraw, ofReturn("withdrawn", 4, `[{"sku":"CUP","quantity":1}]`), answered(5, "withdrawStock", "UNDONE", ""))
	s.level(stock.Level{SKU: "CUP", OnHand: 3, Deducted: 2, Received: 5, Version: 1})
	s.reservation(nil)
	s.expect(withdraw, answered(6, "withdrawStock", "UNDONE", ""))
	s.expect(takeBack(cup), answered(7, "restock", "REFUSED", "The return was called off."))
}

// reservation holds what returns have brought back of the order.
func (s suite) reservation(returned []stock.Line) {
	s.Helper()
	if _, err := s.do(func(store app.Store) error {
		r, err := store.Reservation(context.Background(), orderID)
		if !slices.Equal(returned, r.Returned) || r.Status != "DEDUCTED" || len(r.Lines) != 2 {
			s.Errorf("%+v, want %v returned", r, returned)
		}
		return err
	}); err != nil {
		s.Fatal(err)
	}
}

func refused(_ *testing.T, s suite) {
	s.leave()
	none := "None of POT is with the customer."
	s.expect(takeBack(stock.Line{SKU: "CUP", Quantity: 1}, stock.Line{SKU: "POT", Quantity: 1}), answered(1, "restock", "REFUSED", none))
	s.level(stock.Level{SKU: "CUP", OnHand: 3, Deducted: 2, Received: 5, Version: 1})
	s.expect(takeBack(stock.Line{SKU: "CUP", Quantity: 1}), answered(2, "restock", "REFUSED", none))
	s.expect(withdraw, answered(3, "withdrawStock", "UNDONE", ""))
}

func calledOff(_ *testing.T, s suite) {
	s.expect(withdraw, answered(1, "withdrawStock", "UNDONE", ""))
	s.leave()
	s.expect(takeBack(stock.Line{SKU: "CUP", Quantity: 1}), answered(2, "restock", "REFUSED", "The return was called off."))
	s.level(stock.Level{SKU: "CUP", OnHand: 3, Deducted: 2, Received: 5, Version: 1})
}

func thousandLines(_ *testing.T, s suite) {
	lines := make([]stock.Line, 1000)
	if _, err := s.do(func(store app.Store) error {
		for i := range lines {
			lines[i] = stock.Line{SKU: fmt.Sprintf("SKU-%d", 999-i), Quantity: 3}
			if err := receive(lines[i].SKU, 10, "note 1")(store); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		s.Fatal(err)
	}
	for _, use := range []func(app.Store) error{reserve(lines...), deduct} {
		if facts, err := s.do(use); err != nil || len(facts) != 1 {
			s.Fatalf("%d facts, %v", len(facts), err)
		}
	}
	for _, line := range lines {
		s.level(stock.Level{SKU: line.SKU, OnHand: 7, Deducted: 3, Received: 10, Version: 1})
	}
}

func nothingBehind(_ *testing.T, s suite) {
	broken := errors.New("broken")
	if _, err := s.do(func(store app.Store) error {
		if err := receive("CUP", 5, "note 1")(store); err != nil {
			return err
		}
		return broken
	}); !errors.Is(err, broken) {
		s.Fatal(err)
	}
	s.level(stock.Level{SKU: "CUP"})
	s.expect(receive("CUP", 5, "note 1"), `stock.received CUP 1 {"sku":"CUP","quantity":5,"reference":"note 1","onHand":5}`)
}
