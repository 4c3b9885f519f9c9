package reservation_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/services/inventory/internal/reservation"
	"quadrille.dev/services/inventory/internal/stock"
)

var (
	order    = uuid.MustParse("01940000-0000-7000-8000-000000000001")
	customer = uuid.MustParse("01940000-0000-7000-8000-0000000000aa")
	lines    = []stock.Line{{SKU: "CUP", Quantity: 2}, {SKU: "TEAPOT", Quantity: 1}}
	enough   = map[string]int64{"CUP": 2, "TEAPOT": 1}
)

type input struct {
	name string
	do   func(r *reservation.Reservation) []reservation.Event
}

var (
	place    = input{"place", func(r *reservation.Reservation) []reservation.Event { return r.Reserve(customer, lines, enough) }}
	placeDry = input{"place, too little in stock", func(r *reservation.Reservation) []reservation.Event {
		return r.Reserve(customer, lines, map[string]int64{"CUP": 1})
	}}
	arrange = input{"arrange", (*reservation.Reservation).Deduct}
	unpay   = input{"unpay", (*reservation.Reservation).Release}
)

func TestEveryStateAndInput(t *testing.T) {
	none := []reservation.Event(nil)
	missing := []reservation.Missing{{SKU: "CUP", Requested: 2, Available: 1}, {SKU: "TEAPOT", Requested: 1}}
	for _, c := range []struct {
		before []input
		status reservation.Status
		input  input
		want   reservation.Status
		events []reservation.Event
	}{
		{nil, "PENDING", place, "RESERVED", []reservation.Event{reservation.StockReserved{Lines: lines}}},
		{nil, "PENDING", placeDry, "REJECTED", []reservation.Event{reservation.StockRejected{Missing: missing}}},
		{nil, "PENDING", arrange, "PENDING", none},
		{nil, "PENDING", unpay, "RELEASED", []reservation.Event{reservation.StockReleased{}}},

		{[]input{arrange}, "PENDING", place, "DEDUCTED", []reservation.Event{
			reservation.StockReserved{Lines: lines}, reservation.StockDeducted{Lines: lines},
		}},
		{[]input{arrange}, "PENDING", placeDry, "REJECTED", []reservation.Event{reservation.StockRejected{Missing: missing}}},
		{[]input{arrange}, "PENDING", arrange, "PENDING", none},
		{[]input{arrange}, "PENDING", unpay, "RELEASED", []reservation.Event{reservation.StockReleased{}}},

		{[]input{place}, "RESERVED", place, "RESERVED", none},
		{[]input{place}, "RESERVED", arrange, "DEDUCTED", []reservation.Event{reservation.StockDeducted{Lines: lines}}},
		{[]input{place}, "RESERVED", unpay, "RELEASED", []reservation.Event{reservation.StockReleased{Lines: lines}}},

		{[]input{place, arrange}, "DEDUCTED", place, "DEDUCTED", none},
		{[]input{place, arrange}, "DEDUCTED", arrange, "DEDUCTED", none},
		{[]input{place, arrange}, "DEDUCTED", unpay, "REINSTATED", []reservation.Event{reservation.StockReinstated{Lines: lines}}},

		{[]input{placeDry}, "REJECTED", place, "REJECTED", none},
		{[]input{placeDry}, "REJECTED", arrange, "REJECTED", none},
		{[]input{placeDry}, "REJECTED", unpay, "REJECTED", none},

		{[]input{unpay}, "RELEASED", place, "RELEASED", none},
		{[]input{place, unpay}, "RELEASED", place, "RELEASED", none},
		{[]input{place, unpay}, "RELEASED", arrange, "RELEASED", none},
		{[]input{place, unpay}, "RELEASED", unpay, "RELEASED", none},

		{[]input{place, arrange, unpay}, "REINSTATED", place, "REINSTATED", none},
		{[]input{place, arrange, unpay}, "REINSTATED", arrange, "REINSTATED", none},
		{[]input{place, arrange, unpay}, "REINSTATED", unpay, "REINSTATED", none},
	} {
		t.Run(fmt.Sprintf("%s after %d: %s", c.status, len(c.before), c.input.name), func(t *testing.T) {
			r := reservation.New(order)
			for _, input := range c.before {
				input.do(&r)
			}
			if r.Status != c.status {
				t.Fatalf("starts as %s, want %s", r.Status, c.status)
			}
			version := r.Version
			if diff := cmp.Diff(c.events, c.input.do(&r)); diff != "" {
				t.Error("events (-want +got):\n" + diff)
			}
			if r.Status != c.want || r.Version != version+int64(len(c.events)) {
				t.Errorf("ends as %s, version %d; want %s, %d", r.Status, r.Version, c.want, version+int64(len(c.events)))
			}
		})
	}
}

func TestLateOrderIsKnownByItsCustomer(t *testing.T) {
	r := reservation.New(order)
	r.Release()
	r.Reserve(customer, lines, enough)
	if r.CustomerID != customer || len(r.Lines) != 0 {
		t.Errorf("customer %s, lines %v; want %s and none", r.CustomerID, r.Lines, customer)
	}
}
