package explore

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"quadrille.dev/platform/event"
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
	// receive has inventory book goods in.
	receive func(sku string, quantity int64) ([]event.Envelope, error)
	roles   [roles]*role
	orders  map[string]int
	returns map[string]int
	facts   []fact
	factNo  map[string]uint32
	// sets are facts that are delivered together.
	sets   [][]uint32
	setNo  map[string]uint32
	calls  []testkit.Call
	callNo map[testkit.Call]uint32
	// fits tells of each call whether it asks for what its order is about.
	fits []bool
	skus []string
	// tallies, accounts and scratch are buffers.
	tallies  []tally
	accounts []account
	scratch  []byte
}

func newStage(s Scenario) *stage {
	s.Tries, s.UndoTries = max(1, s.Tries), max(1, s.UndoTries)
	st := &stage{
		Scenario: s, ctx: context.Background(), orders: map[string]int{}, returns: map[string]int{},
		factNo: map[string]uint32{}, setNo: map[string]uint32{}, callNo: map[testkit.Call]uint32{},
		tallies: make([]tally, len(s.Orders)), accounts: make([]account, len(s.Returns)), skus: slices.Sorted(maps.Keys(s.Stock)),
	}
	for i := range s.Orders {
		st.orders[orderID(uint32(i)).String()] = i
	}
	for i := range s.Returns {
		st.returns[returnID(uint32(i)).String()] = i
	}
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
	s.player = ordering.ParticipantAt(deadline, ordering.Pace{Tries: s.Tries, UndoTries: s.UndoTries})
	s.roles[roleOrdering] = newRole(s.player, s.Whole, func() (v view) {
		for i := range s.Orders {
			status, settled := s.player.Status(s.ctx, orderID(uint32(i)))
			v.status, v.settled = append(v.status, status), append(v.settled, settled)
		}
		for i := range s.Returns {
			v.returns = append(v.returns, s.player.ReturnState(s.ctx, returnID(uint32(i))))
		}
		return v
	})
	goods := inventory.Participant(s.Stock)
	s.receive = func(sku string, quantity int64) ([]event.Envelope, error) {
		return inventory.Receive(s.ctx, goods, sku, quantity, "more", noon)
	}
	s.roles[roleInventory] = newRole(goods, s.Whole, func() (v view) {
		for _, sku := range s.skus {
			v.stock = append(v.stock, inventory.Look(goods, sku))
		}
		for i := range s.Orders {
			v.status = append(v.status, inventory.Status(goods, orderID(uint32(i))))
		}
		for i := range s.Returns {
			v.returns = append(v.returns, inventory.Restocked(goods, returnID(uint32(i))))
		}
		return v
	})
	s.roles[roleBilling] = newRole(billing.Participant(), s.Whole, func() view { return view{} })
	carriage := fulfillment.Participant()
	s.roles[roleFulfillment] = newRole(carriage, s.Whole, func() (v view) {
		for i := range s.Returns {
			v.returns = append(v.returns, fulfillment.Collection(carriage, returnID(uint32(i))))
		}
		return v
	})
}

// Begin is the world with goods in stock, and nothing ordered but what has begun. What must not be on the way there is found by whoever goes
// on from where it was about to happen.
func (s *stage) Begin() *world {
	w := &world{}
	for {
		next := s.undisturbed(w)
		if next == w {
			return w
		}
		w = next
	}
}

// undisturbed is the world after one thing more has happened to the first order that has to; the same if it has got as far as it was to.
func (s *stage) undisturbed(w *world) *world {
	if s.Begun == Unplaced || s.Begun == Fulfilled && s.status(w, 0) == "FULFILLED" {
		return w
	}
	for _, move := range s.Moves(w).Due {
		others := (move.deed == isPlaced || move.deed == isRequested) && (move.deed == isRequested || move.what > 0)
		if next, err := s.Do(w, move); !others && err == nil && next != w {
			return next
		}
	}
	return w
}

// refuses tells errors that are answers to people from failures.
func refuses(now deed, err error) bool {
	switch now {
	case isPlaced:
		return errors.Is(err, ordering.ErrErased)
	case isCancelled, isCancelledByOperator:
		return errors.Is(err, ordering.ErrFulfilled)
	case isRequested:
		var tooMany *ordering.TooManyError
		return errors.Is(err, ordering.ErrNotFulfilled) || errors.As(err, &tooMany)
	default:
		return false
	}
}
