package explore

import (
	"context"
	"errors"
	"slices"
	"time"

	"quadrille.dev/platform/testkit"
	"quadrille.dev/services/billing"
	"quadrille.dev/services/fulfillment"
	"quadrille.dev/services/inventory"
	"quadrille.dev/services/ordering"
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
	player     *ordering.Player
	roles      [roles]*role
	orders     map[string]int
	facts      []fact
	factNo     map[string]uint32
	calls      []testkit.Call
	callNo     map[testkit.Call]uint32
	// fits tells of each call whether it asks for what its order is about.
	fits []bool
	skus []string
	// tallies and scratch are buffers.
	tallies []tally
	scratch []byte
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
	for _, may := range []struct {
		it   bool
		deed deed
	}{{s.Customer, isCancelled}, {s.Operator, isCancelledByOperator}, {s.Deadline, expires}} {
		if may.it {
			st.interferes = append(st.interferes, may.deed)
		}
	}
	st.enter()
	for _, r := range st.roles {
		r.number(nil)
	}
	return st
}

// enter has the contexts enter, each with what the invariants look at.
func (s *stage) enter() {
	s.player = ordering.Participant(deadline)
	s.roles[roleOrdering] = newRole(s.player, s.Whole, func() (v view) {
		for i := range s.Orders {
			status, settled := s.player.Status(s.ctx, orderID(uint32(i)))
			v.status, v.settled = append(v.status, status), append(v.settled, settled)
		}
		return v
	})
	goods := inventory.Participant(s.Stock)
	s.roles[roleInventory] = newRole(goods, s.Whole, func() (v view) {
		for _, sku := range s.skus {
			v.stock = append(v.stock, inventory.Look(goods, sku))
		}
		for i := range s.Orders {
			v.status = append(v.status, inventory.Status(goods, orderID(uint32(i))))
		}
		return v
	})
	nothing := func() view { return view{} }
	s.roles[roleBilling] = newRole(billing.Participant(), s.Whole, nothing)
	s.roles[roleFulfillment] = newRole(fulfillment.Participant(), s.Whole, nothing)
}

// Begin is the world with goods in stock and nothing ordered: every role is in its first state.
func (s *stage) Begin() *world { return &world{} }

// refuses tells errors that are answers to people from failures.
func refuses(now deed, err error) bool {
	switch now {
	case isPlaced:
		return errors.Is(err, ordering.ErrErased)
	case isCancelled, isCancelledByOperator:
		return errors.Is(err, ordering.ErrFulfilled)
	default:
		return false
	}
}
