package explore

import (
	"fmt"
	"slices"
	"strings"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/money"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/proof/explore/search"
)

// line is what facts say of an order's lines.
type line struct {
	SKU      string
	Quantity int64
}

// content holds what a fact says against the order that it is about, and against what the outside calls its things.
func (s *stage) content(f *fact) error {
	if f.order < 0 {
		return nil
	}
	said, err := event.Data[struct {
		OrderID                            string
		Amount, Total                      *money.Money
		Lines                              []line
		ChargeID, RefundID, TrackingNumber string
	}](f.Envelope)
	if err != nil {
		return fmt.Errorf("read %s: %w", f.Name(), err)
	}
	total := s.placement(uint32(f.order)).Total
	for _, is := range []struct {
		what string
		true bool
	}{
		{"order", said.OrderID == f.Subject && f.CorrelationID == f.Subject},
		{"amount", said.Amount == nil || *said.Amount == total},
		{"total", said.Total == nil || *said.Total == total},
		{"lines", len(said.Lines) == 0 && !f.said.has(stockReserved|stockDeducted|stockReinstated) || slices.Equal(said.Lines, s.lines(s.Orders[f.order]))},
		{"charge", said.ChargeID == "" || said.ChargeID == s.paid("charge", f.Subject)},
		{"refund", said.RefundID == "" || said.RefundID == s.paid("refund", f.Subject)},
		{"tracking number", said.TrackingNumber == "" || said.TrackingNumber == reference("book", f.Subject)},
	} {
		if !is.true {
			return &search.Breach{Invariant: "content", Detail: fmt.Sprintf("%s says another %s than is so: %s", f.Name(), is.what, f.Data)}
		}
	}
	return nil
}

// contentOfReturn holds what is said of a return against the return that it is about.
func (s *stage) contentOfReturn(f *fact) error {
	if f.ret < 0 {
		return nil
	}
	said, err := event.Data[struct {
		ReturnID, OrderID                           string
		Lines                                       []line
		Reference, RefundID, Step, Command, Outcome string
		Attempts                                    *int
	}](f.Envelope)
	if err != nil {
		return fmt.Errorf("read %s: %w", f.Name(), err)
	}
	r := s.Returns[f.ret]
	pickedUp := said.Step == "pickup" || said.Command == "arrangePickup" && said.Outcome == "DONE"
	for _, is := range []struct {
		what string
		true bool
	}{
		{"return", said.ReturnID == f.Subject && f.CorrelationID == f.Subject},
		{"order", said.OrderID == orderID(uint32(r.Order)).String()},
		{"lines", said.Lines == nil || slices.Equal(said.Lines, s.lines(r.Lines))},
		{"refund", said.RefundID == "" || said.RefundID == "none" || said.RefundID == reference("refund", f.Subject)},
		{"number of attempts", said.Attempts == nil || *said.Attempts == s.UndoTries},
		{"collection", !pickedUp || said.Reference == "" || said.Reference == reference("collect", f.Subject)},
	} {
		if !is.true {
			return &search.Breach{Invariant: "content", Detail: fmt.Sprintf("%s says another %s than is so: %s", f.Name(), is.what, f.Data)}
		}
	}
	return nil
}

func (s *stage) lines(goods Order) []line {
	var lines []line
	for _, sku := range s.skus {
		if quantity := goods[sku]; quantity > 0 {
			lines = append(lines, line{sku, quantity})
		}
	}
	return lines
}

// reference is what the outside calls what it did: by the key, under which it does nothing twice.
func reference(operation, order string) string { return "for-" + operation + "-" + order }

// paid is what a charge or a refund is called, also where there was nothing to pay.
func (s *stage) paid(operation, order string) string {
	if s.Free {
		return "none"
	}
	return reference(operation, order)
}

// asksRightly tells whether a call asks for what its order, or return, is about. How much a return gives back is held against what it says.
func (s *stage) asksRightly(call testkit.Call) bool {
	i, ofReturn := s.returns[call.Subject]
	if !ofReturn {
		return call.Argument == s.argument(call)
	}
	order := uint32(s.Returns[i].Order)
	switch call.Operation {
	case "collect":
		return call.Argument == s.address(order)
	case "refund":
		return strings.HasPrefix(call.Argument, reference("charge", orderID(order).String())+" ")
	default:
		return call.Argument == ""
	}
}

// argument is what a call has to ask for.
func (s *stage) argument(call testkit.Call) string {
	placement := s.placement(uint32(s.orders[call.Subject]))
	amount := fmt.Sprintf(" %d %s", placement.Total.Minor, placement.Total.Currency)
	switch call.Operation {
	case "charge":
		return visa + amount
	case "refund":
		return reference("charge", call.Subject) + amount
	case "book":
		return s.address(uint32(s.orders[call.Subject]))
	default:
		return reference("book", call.Subject)
	}
}

// nowhere is an address that is forgotten, but for the country.
const nowhere = `{"" "" "" "" "GB"}`

func (s *stage) address(order uint32) string {
	a := s.placement(order).ShippingAddress
	return fmt.Sprintf("{%q %q %q %q %q}", a.Name, a.Street, a.City, a.PostalCode, a.CountryCode)
}
