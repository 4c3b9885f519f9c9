package ordering_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/money"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/schema/eventtest"
	"quadrille.dev/services/ordering"
)

const deadline = 15 * time.Minute

var (
	at       = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	orderID  = uuid.MustParse("01940000-0000-7000-8000-000000000001")
	customer = uuid.MustParse("01940000-0000-7000-8000-0000000000aa")

	_ testkit.Participant = ordering.Participant(deadline)
)

// visa is how it is paid.
const visa = "pm_card_visa"

func placement() ordering.Placement {
	price := money.Money{Minor: 425, Currency: "GBP"}
	return ordering.Placement{
		Number:          "Q-00000001",
		CustomerID:      ordering.CustomerID{UUID: customer},
		Lines:           []ordering.Line{{SKU: "CUP", Quantity: 1, UnitPrice: price, LineTotal: price}},
		Discount:        money.Money{Currency: "GBP"},
		Total:           price,
		ShippingAddress: ordering.Address{Name: "Ada", Street: "1 Row", City: "London", PostalCode: "N1", CountryCode: "GB"},
		PaymentToken:    visa,
		PricedFrom:      "LIVE",
	}
}

// fact is a neighbour's fact, told as often as times says: apart from that it says the same.
func fact(name string, times int64) event.Envelope {
	data := map[string]any{"orderId": orderID, "reason": "why"}
	if name == "inventory.stock.rejected" {
		data["missing"] = []map[string]any{{"sku": "CUP", "requested": 1, "available": 0}}
	}
	return event.New(context.Background(), event.Fact{
		Name: name, Version: 1, Subject: orderID.String(), Sequence: int64(slices.Index(ordering.Facts(), name))*1000 + times, At: at, Data: data,
	})
}

// stage has a participant play, holds what it publishes against the schemas, and collects it.
type stage struct {
	*testing.T
	*ordering.Player
	said []string
	last int64
}

func enter(t *testing.T) *stage {
	t.Helper()
	s := &stage{T: t, Player: ordering.Participant(deadline)}
	s.hear(s.Place(t.Context(), orderID, placement(), at))
	return s
}

func (s *stage) hear(published []event.Envelope, err error) {
	s.Helper()
	if err != nil && !errors.Is(err, ordering.ErrFulfilled) {
		s.Fatal(err)
	}
	for _, p := range published {
		if err := eventtest.Validate(p.Name(), p.DataVersion, p.Data); err != nil {
			s.Error(err)
		}
		if p.Sequence <= s.last || p.Subject != orderID.String() || p.CorrelationID != orderID.String() {
			s.Errorf("%s has sequence %d after %d, subject %s, correlation %s", p.Name(), p.Sequence, s.last, p.Subject, p.CorrelationID)
		}
		s.last = p.Sequence
		s.said = append(s.said, strings.TrimPrefix(p.Name(), "ordering.order."))
	}
}

// play does one step: a fact, or a command.
func (s *stage) play(step string, times int64) {
	s.Helper()
	switch step {
	case "customer cancels":
		s.hear(s.Cancel(s.Context(), orderID, false, "changed my mind", at))
	case "operator cancels":
		s.hear(s.Cancel(s.Context(), orderID, true, "fraud", at))
	case "deadline passes":
		s.hear(s.Fire(s.Context(), at.Add(deadline)))
	default:
		s.hear(s.Deliver(s.Context(), fact(step, times), at))
	}
}

// permutations calls f with every order of items.
func permutations(items []string, f func([]string)) {
	if len(items) == 0 {
		f(nil)
		return
	}
	for i, first := range items {
		permutations(slices.Concat(items[:i], items[i+1:]), func(rest []string) { f(append([]string{first}, rest...)) })
	}
}

// branches are all ways for a saga to end. first is what comes before everything else, because it decides; rest comes in any order.
var branches = map[string]struct {
	first, rest []string
	status      string
	said        string
}{
	"fulfilled": {
		rest:   []string{"inventory.stock.deducted"},
		status: "FULFILLED", said: "placed fulfilled",
	},
	"fulfilled, and cancelled too late": {
		first:  []string{"inventory.stock.deducted"},
		rest:   []string{"customer cancels", "operator cancels", "deadline passes"},
		status: "FULFILLED", said: "placed fulfilled",
	},
	"out of stock": {
		rest:   []string{"inventory.stock.rejected", "billing.payment.voided", "fulfillment.shipment.cancelled"},
		status: "CANCELLED", said: "placed cancelled settled",
	},
	"out of stock, while the customer cancels": {
		rest: []string{
			"inventory.stock.rejected", "customer cancels", "deadline passes", "billing.payment.voided", "fulfillment.shipment.cancelled",
		},
		status: "CANCELLED", said: "placed cancelled settled",
	},
	"payment declined": {
		rest:   []string{"billing.payment.declined", "inventory.stock.released", "fulfillment.shipment.cancelled"},
		status: "CANCELLED", said: "placed cancelled settled",
	},
	"carrier refuses": {
		rest:   []string{"fulfillment.shipment.failed", "billing.payment.refunded", "inventory.stock.released"},
		status: "CANCELLED", said: "placed cancelled settled",
	},
	"cancelled before anything was done": {
		rest:   []string{"customer cancels", "billing.payment.voided", "fulfillment.shipment.cancelled", "inventory.stock.released"},
		status: "CANCELLED", said: "placed cancelled settled",
	},
	"cancelled after the charge": {
		rest:   []string{"operator cancels", "billing.payment.refunded", "fulfillment.shipment.cancelled", "inventory.stock.released"},
		status: "CANCELLED", said: "placed cancelled settled",
	},
	"cancelled while the goods leave": {
		first: []string{"customer cancels"},
		rest: []string{
			"inventory.stock.deducted", "billing.payment.refunded", "fulfillment.shipment.cancelled", "inventory.stock.reinstated",
		},
		status: "CANCELLED", said: "placed cancelled settled",
	},
	"too late": {
		rest:   []string{"deadline passes", "billing.payment.voided", "fulfillment.shipment.cancelled", "inventory.stock.released"},
		status: "CANCELLED", said: "placed cancelled settled",
	},
	"too late, while the goods leave": {
		first: []string{"deadline passes"},
		rest: []string{
			"inventory.stock.deducted", "billing.payment.refunded", "fulfillment.shipment.cancelled", "inventory.stock.reinstated",
		},
		status: "CANCELLED", said: "placed cancelled settled",
	},
}

// Every branch with its facts in every order, each delivered again as the same message, as one that says the same, and all once
// more at the end.
func TestFactsInEveryOrderAndTwice(t *testing.T) {
	for name, branch := range branches {
		t.Run(name, func(t *testing.T) {
			permutations(branch.rest, func(rest []string) {
				s := enter(t)
				schedule := slices.Concat(branch.first, rest)
				for i, step := range slices.Concat(schedule, schedule) {
					s.play(step, 1)
					s.play(step, 1)
					s.play(step, int64(i+2))
				}
				status, settled := s.Status(t.Context(), orderID)
				if said := strings.Join(s.said, " "); said != branch.said || status != branch.status || settled != strings.HasSuffix(said, "settled") {
					t.Fatalf("%v: said %q, %s, settled %t", schedule, said, status, settled)
				}
			})
		})
	}
}

// A cancelled order is not settled while one of the three has not said that it is done.
func TestNothingIsSettledTooEarly(t *testing.T) {
	for name, branch := range branches {
		if branch.status != "CANCELLED" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			for missing, step := range branch.rest {
				if step == "customer cancels" || step == "deadline passes" || step == "operator cancels" || step == "inventory.stock.deducted" {
					continue
				}
				s := enter(t)
				for _, step := range slices.Concat(branch.first, branch.rest[:missing], branch.rest[missing+1:]) {
					s.play(step, 1)
				}
				if _, settled := s.Status(t.Context(), orderID); settled {
					t.Errorf("settled without %s", step)
				}
			}
		})
	}
}

func TestDeadlineIsWaitedFor(t *testing.T) {
	s := enter(t)
	s.hear(s.Fire(t.Context(), at.Add(deadline-time.Microsecond)))
	if status, _ := s.Status(t.Context(), orderID); status != "PLACED" {
		t.Errorf("%s before the deadline", status)
	}
}

func TestFactsOfOrdersThatWereNeverPlacedAreRefused(t *testing.T) {
	p := ordering.Participant(deadline)
	before := p.Hash()
	if _, err := p.Deliver(t.Context(), fact("inventory.stock.deducted", 1), at); err == nil {
		t.Error("no error")
	}
	if p.Hash() != before {
		t.Error("something has changed")
	}
}

// The same schedule gives the same state and the same facts, and going back in time gives them again.
func TestOneScheduleGivesOneState(t *testing.T) {
	run := func(p *ordering.Player) ([32]byte, []uuid.UUID) {
		s := &stage{T: t, Player: p}
		var ids []uuid.UUID
		note := func(published []event.Envelope, err error) {
			s.hear(published, err)
			for _, p := range published {
				ids = append(ids, p.ID)
			}
		}
		note(p.Place(t.Context(), orderID, placement(), at))
		for i, step := range []string{"billing.payment.refunded", "inventory.stock.released", "fulfillment.shipment.failed"} {
			note(p.Deliver(t.Context(), fact(step, 1), at.Add(time.Duration(i)*time.Second)))
		}
		note(p.Fire(t.Context(), at.Add(deadline)))
		return p.Hash(), ids
	}
	p := ordering.Participant(deadline)
	empty := p.Snapshot()
	first, facts := run(p)
	p.Restore(empty)
	again, factsAgain := run(p)
	other, otherFacts := run(ordering.Participant(deadline))
	if first != again || first != other || !slices.Equal(facts, factsAgain) || !slices.Equal(facts, otherFacts) {
		t.Errorf("hashes %x, %x and %x; facts %v, %v and %v", first[:4], again[:4], other[:4], facts, factsAgain, otherFacts)
	}
}

// States that differ in one thing heard differ in their hashes, also when the messages had one id.
func TestHashTellsStatesApart(t *testing.T) {
	hashes := map[[32]byte]string{}
	for _, step := range []string{"inventory.stock.released", "inventory.stock.reinstated", "billing.payment.voided", "billing.payment.refunded"} {
		s := enter(t)
		heard := fact(step, 1)
		heard.ID = uuid.MustParse("01940000-0000-7000-8000-00000000000f")
		s.hear(s.Deliver(t.Context(), heard, at))
		if other, seen := hashes[s.Hash()]; seen {
			t.Errorf("%s and %s have one hash", step, other)
		}
		hashes[s.Hash()] = step
	}
}
