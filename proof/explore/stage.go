package explore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/money"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/proof/explore/search"
	"quadrille.dev/schema/eventtest"
	"quadrille.dev/services/billing"
	"quadrille.dev/services/fulfillment"
	"quadrille.dev/services/inventory"
	door "quadrille.dev/services/ordering"
)

// Moments are few, so that what is equal but for the time of day is equal.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const deadline = 15 * time.Minute

// firstRound is when workers take the calls that are due, and round when the next ones take those whose workers have died.
var firstRound = round(0)

func round(n uint32) time.Time { return noon.Add(time.Duration(n+1) * time.Hour) }

// placedAt is a minute apart, so that orders have deadlines of their own.
func placedAt(order uint32) time.Time { return noon.Add(time.Duration(order) * time.Minute) }

// stage is where a scenario is played: the roles, and the meaning of every number in a world.
type stage struct {
	Scenario
	ctx context.Context
	// interferes is what people and time may do to every order.
	interferes []deed
	player     *door.Player
	roles      [roles]*role
	orders     map[string]int
	facts      []fact
	factNo     map[string]uint32
	calls      []testkit.Call
	callNo     map[testkit.Call]uint32
	skus       []string
	// totals are those of the orders, as arguments of calls name them.
	totals []string
	// tallies and scratch are buffers.
	tallies []tally
	scratch []byte
}

// fact is what one of the roles, or somebody outside, has told.
type fact struct {
	event.Envelope
	// order is the number of the order that it is about, -1 if it is about none.
	order int
	said  said
	// reason is why an order was cancelled.
	reason string
	// after is what it waits for by its schema: of each group, any one fact.
	after [][]string
	// wanted tells who reacts to it.
	wanted [roles]bool
}

func newStage(s Scenario) *stage {
	st := &stage{
		Scenario: s, ctx: context.Background(), orders: map[string]int{}, factNo: map[string]uint32{}, callNo: map[testkit.Call]uint32{},
		tallies: make([]tally, len(s.Orders)),
	}
	for i := range s.Orders {
		st.orders[orderID(uint32(i)).String()] = i
	}
	for sku := range s.Stock {
		st.skus = append(st.skus, sku)
	}
	slices.Sort(st.skus)
	for i := range s.Orders {
		total := st.placement(uint32(i)).Total
		st.totals = append(st.totals, fmt.Sprintf(" %d %s", total.Minor, total.Currency))
	}
	for _, may := range []struct {
		it   bool
		deed deed
	}{{s.Customer, isCancelled}, {s.Operator, isCancelledByOperator}, {s.Deadline, expires}} {
		if may.it {
			st.interferes = append(st.interferes, may.deed)
		}
	}
	st.player = door.Participant(deadline)
	st.roles[ordering] = newRole(st.player, s.Whole, func() (v view) {
		for i := range s.Orders {
			status, settled := st.player.Status(st.ctx, orderID(uint32(i)))
			v.status, v.settled = append(v.status, status), append(v.settled, settled)
		}
		return v
	})
	goods := inventory.Participant(s.Stock)
	st.roles[inventoryRole] = newRole(goods, s.Whole, func() (v view) {
		for _, sku := range st.skus {
			v.stock = append(v.stock, inventory.Look(goods, sku))
		}
		for i := range s.Orders {
			v.status = append(v.status, inventory.Status(goods, orderID(uint32(i))))
		}
		return v
	})
	nothing := func() view { return view{} }
	st.roles[billingRole] = newRole(billing.Participant(), s.Whole, nothing)
	st.roles[fulfillmentRole] = newRole(fulfillment.Participant(), s.Whole, nothing)
	for _, r := range st.roles {
		r.number(nil)
	}
	return st
}

// Begin is the world with goods in stock and nothing ordered: every role is in its first state.
func (s *stage) Begin() *world { return &world{} }

func orderID(n uint32) uuid.UUID    { return numbered(0x01, n) }
func customerID(n uint32) uuid.UUID { return numbered(0xc0, n) }

func numbered(kind byte, n uint32) uuid.UUID {
	id := uuid.MustParse("01940000-0000-7000-8000-000000000000")
	id[14], id[15] = kind, byte(n)
	return id
}

// letters name orders.
func letters(order int) string { return string(rune('A' + order)) }

const visa = "pm_card_visa"

func (s *stage) placement(n uint32) door.Placement {
	placement := door.Placement{
		Number: fmt.Sprintf("Q-%08d", n+1), CustomerID: door.CustomerID{UUID: customerID(n)}, Discount: gbp(0), PaymentToken: visa,
		ShippingAddress: door.Address{Name: "Ada", Street: "1 Row", City: "London", PostalCode: "N1", CountryCode: "GB"}, PricedFrom: "LIVE",
	}
	total := int64(0)
	for _, sku := range s.skus {
		if quantity := s.Orders[n][sku]; quantity > 0 {
			line := door.Line{SKU: sku, Quantity: int32(quantity), UnitPrice: gbp(100), LineTotal: gbp(100 * quantity)}
			placement.Lines = append(placement.Lines, line)
			total += line.LineTotal.Minor
		}
	}
	placement.Total = gbp(total)
	return placement
}

func gbp(minor int64) money.Money { return money.Money{Minor: minor, Currency: "GBP"} }

// fact gives a fact its number. One that breaks its schema is a *search.Breach.
func (s *stage) fact(e event.Envelope) (uint32, error) {
	e.CausationID, e.TraceParent = "", "" // nobody reacts to them
	encoded, err := json.Marshal(e)
	if err != nil {
		return 0, fmt.Errorf("encode %s: %w", e.Name(), err)
	}
	if number, known := s.factNo[string(encoded)]; known {
		return number, nil
	}
	if err := eventtest.Validate(e.Name(), e.DataVersion, e.Data); err != nil {
		return 0, &search.Breach{Invariant: "schema", Detail: err.Error()}
	}
	f := fact{Envelope: e, order: -1, said: names[e.Name()], after: declared()[e.Name()]}
	if order, known := s.orders[e.Subject]; known {
		f.order = order
	}
	if f.said == orderCancelled {
		f.reason = reasonOf(e)
	}
	for i, r := range s.roles {
		f.wanted[i] = slices.Contains(r.Facts(), e.Name())
	}
	number := uint32(len(s.facts))
	s.facts, s.factNo[string(encoded)] = append(s.facts, f), number
	return number, nil
}

func reasonOf(cancelled event.Envelope) string {
	data, _ := event.Data[struct{ Reason string }](cancelled) // it is as its schema says
	return data.Reason
}

func (s *stage) call(c testkit.Call) uint32 {
	number, known := s.callNo[c]
	if !known {
		number = uint32(len(s.calls))
		s.calls, s.callNo[c] = append(s.calls, c), number
	}
	return number
}

// anew is a fact that says the same under another id.
func anew(e event.Envelope) event.Envelope {
	e.ID = uuid.NewSHA1(e.ID, []byte("again"))
	return e
}

func short(name string) string {
	_, rest, _ := strings.Cut(name, ".")
	return rest
}

// expected are refusals that are answers, not failures.
func expected(err error) bool {
	return errors.Is(err, door.ErrFulfilled) || errors.Is(err, door.ErrErased)
}
