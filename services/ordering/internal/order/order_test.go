package order_test

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/money"
	"quadrille.dev/services/ordering/internal/order"
)

var (
	at = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)
	id = order.ID{UUID: uuid.MustParse("01940000-0000-7000-8000-000000000001")}
)

// visa is how it is paid.
const visa = "pm_card_visa"

func gbp(minor int64) money.Money { return money.Money{Minor: minor, Currency: "GBP"} }

func placement() order.Placement {
	return order.Placement{
		Number:          "Q-00000001",
		CustomerID:      order.CustomerID{UUID: uuid.MustParse("01940000-0000-7000-8000-0000000000aa")},
		Lines:           []order.Line{{SKU: "CUP", Quantity: 2, UnitPrice: gbp(425), LineTotal: gbp(850)}},
		Discount:        gbp(50),
		Total:           gbp(800),
		ShippingAddress: order.Address{Name: "Ada", Street: "1 Row", City: "London", PostalCode: "N1", CountryCode: "GB"},
		PaymentToken:    visa,
		PricedFrom:      order.Live,
		PromotionCodes:  []string{"SPRING"},
		Deadline:        at.Add(15 * time.Minute),
	}
}

// placed is an order after its placing and whatever else happened.
func placed(t *testing.T, more ...func(order.Order) []order.Event) order.Order {
	t.Helper()
	events, err := order.Order{ID: id}.Place(placement())
	if err != nil {
		t.Fatal(err)
	}
	o := order.Order{ID: id}.After(at, events...)
	for _, happen := range more {
		o = o.After(at, happen(o)...)
	}
	return o
}

var (
	missing = []order.Shortage{{SKU: "CUP", Requested: 2, Available: 1}}

	rejected        = func(o order.Order) []order.Event { return o.StockRejected(missing) }
	deducted        = order.Order.StockDeducted
	released        = order.Order.StockReleased
	reinstated      = order.Order.StockReinstated
	declined        = func(o order.Order) []order.Event { return o.PaymentDeclined("no funds") }
	voided          = order.Order.PaymentVoided
	refunded        = order.Order.PaymentRefunded
	failed          = func(o order.Order) []order.Event { return o.ShipmentFailed("no such place") }
	shipmentStopped = order.Order.ShipmentCancelled
	expired         = func(o order.Order) []order.Event { return o.Expire(at.Add(15 * time.Minute)) }
	expiredEarly    = func(o order.Order) []order.Event { return o.Expire(at.Add(14 * time.Minute)) }
	cancelled       = func(o order.Order) []order.Event { return mayFail(o.Cancel(order.ByCustomer, "changed my mind")) }
)

func mayFail(events []order.Event, err error) []order.Event {
	if err != nil && !errors.Is(err, order.ErrFulfilled) {
		panic(err)
	}
	return events
}

func TestDecisions(t *testing.T) {
	type happening = func(order.Order) []order.Event
	stopped := order.Cancelled{Reason: order.CustomerRequest, Detail: "changed my mind", By: order.ByCustomer}
	for name, test := range map[string]struct {
		before []happening
		then   happening
		want   []order.Event
	}{
		"the goods have left":       {nil, deducted, []order.Event{order.StockDeducted{}, order.Fulfilled{}}},
		"they have left, once more": {[]happening{deducted}, deducted, nil},
		"they leave too late":       {[]happening{cancelled}, deducted, []order.Event{order.StockDeducted{}}},
		"there are too few": {nil, rejected, []order.Event{
			order.StockRejected{Missing: missing},
			order.Cancelled{Reason: order.OutOfStock, Detail: "CUP: 2 ordered, 1 available", By: order.BySystem},
		}},
		"the customer cannot pay": {nil, declined, []order.Event{
			order.PaymentDeclined{Reason: "no funds"},
			order.Cancelled{Reason: order.Declined, Detail: "no funds", By: order.BySystem},
		}},
		"no carrier goes there": {nil, failed, []order.Event{
			order.ShipmentFailed{Reason: "no such place"},
			order.Cancelled{Reason: order.Undeliverable, Detail: "no such place", By: order.BySystem},
		}},
		"the deadline passes": {nil, expired, []order.Event{
			order.Cancelled{Reason: order.TimedOut, Detail: "not fulfilled by 2026-03-01T12:15:00Z", By: order.BySystem},
		}},
		"the deadline is yet to come":                   {nil, expiredEarly, nil},
		"the deadline passes after the goods have left": {[]happening{deducted}, expired, nil},
		"the deadline passes twice":                     {[]happening{expired}, expired, nil},
		"the customer cancels":                          {nil, cancelled, []order.Event{stopped}},
		"the customer cancels twice":                    {[]happening{cancelled}, cancelled, nil},
		"the customer cancels too late":                 {[]happening{deducted}, cancelled, nil},
		"a refund is heard of before its cause":         {nil, refunded, []order.Event{order.PaymentRefunded{}}},
		"the last of three ends a cancelled order": {
			[]happening{cancelled, voided, released},
			shipmentStopped,
			[]order.Event{order.ShipmentCancelled{}, order.Settled{}},
		},
		"all three were heard before the cause": {
			[]happening{refunded, released},
			failed,
			[]order.Event{
				order.ShipmentFailed{Reason: "no such place"},
				order.Cancelled{Reason: order.Undeliverable, Detail: "no such place", By: order.BySystem},
				order.Settled{},
			},
		},
		"all three were heard before the customer cancels": {
			[]happening{voided, shipmentStopped, released}, cancelled, []order.Event{stopped, order.Settled{}},
		},
		"a release does not count after the goods have left": {
			[]happening{cancelled, deducted, refunded, shipmentStopped}, released, []order.Event{order.StockReleased{}},
		},
		"goods that have left have to come back": {
			[]happening{cancelled, refunded, shipmentStopped, deducted},
			reinstated,
			[]order.Event{order.StockReinstated{}, order.Settled{}},
		},
		"they come back before it is known that they left": {
			[]happening{cancelled, refunded, shipmentStopped}, reinstated, []order.Event{order.StockReinstated{}, order.Settled{}},
		},
		"a settled order is settled once": {
			[]happening{cancelled, refunded, shipmentStopped, reinstated}, voided, []order.Event{order.PaymentVoided{}},
		},
		"a fulfilled order stays fulfilled": {
			[]happening{deducted}, failed, []order.Event{order.ShipmentFailed{Reason: "no such place"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, test.then(placed(t, test.before...))); diff != "" {
				t.Error("(-want +got):\n" + diff)
			}
		})
	}
}

func TestFulfilledOrderCannotBeCancelled(t *testing.T) {
	if _, err := placed(t, deducted).Cancel(order.ByOperator, ""); !errors.Is(err, order.ErrFulfilled) {
		t.Errorf("got %v, want ErrFulfilled", err)
	}
}

func TestOperatorsCancelAsOperators(t *testing.T) {
	events, err := placed(t).Cancel(order.ByOperator, "fraud")
	want := []order.Event{order.Cancelled{Reason: order.OperatorRequest, Detail: "fraud", By: order.ByOperator}}
	if diff := cmp.Diff(want, events); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestAnOrderIsWhatWasPlaced(t *testing.T) {
	want := placement()
	want.Deadline = want.Deadline.Truncate(time.Microsecond)
	if diff := cmp.Diff(want, placed(t).Placement); diff != "" {
		t.Error("(-want +got):\n" + diff)
	}
}

func TestImpossiblePlacementsAreRefused(t *testing.T) {
	for name, spoil := range map[string]func(*order.Placement){
		"no lines":         func(p *order.Placement) { p.Lines = nil },
		"nothing of a SKU": func(p *order.Placement) { p.Lines[0].Quantity = 0 },
		"a SKU twice":      func(p *order.Placement) { p.Lines = append(p.Lines, p.Lines[0]); p.Total = gbp(1650) },
		"nothing, for nothing": func(p *order.Placement) {
			p.Lines[0].Quantity, p.Lines[0].LineTotal, p.Discount, p.Total = 0, gbp(0), gbp(0), gbp(0)
		},
		"a price below nothing": func(p *order.Placement) {
			p.Lines[0].UnitPrice, p.Lines[0].LineTotal = gbp(-1), gbp(-2)
			p.Lines = append(p.Lines, order.Line{SKU: "JUG", Quantity: 1, UnitPrice: gbp(852), LineTotal: gbp(852)})
		},
		"no currency": func(p *order.Placement) {
			p.Lines[0].UnitPrice, p.Lines[0].LineTotal, p.Discount, p.Total = money.Money{}, money.Money{}, money.Money{}, money.Money{}
		},
		"a surcharge":            func(p *order.Placement) { p.Discount, p.Total = gbp(-50), gbp(900) },
		"a discount of no money": func(p *order.Placement) { p.Discount, p.Total = money.Money{}, gbp(850) },
		"a wrong line total":     func(p *order.Placement) { p.Lines[0].LineTotal = gbp(851) },
		"a wrong total":          func(p *order.Placement) { p.Total = gbp(801) },
		"more than all off":      func(p *order.Placement) { p.Discount = gbp(851); p.Total = gbp(-1) },
		"two currencies":         func(p *order.Placement) { p.Discount.Currency = "EUR" },
		"an overflowing price":   func(p *order.Placement) { p.Lines[0].UnitPrice = gbp(1 << 62) },
	} {
		t.Run(name, func(t *testing.T) {
			p := placement()
			spoil(&p)
			if _, err := (order.Order{ID: id}).Place(p); !errors.Is(err, order.ErrImpossible) {
				t.Errorf("got %v, want ErrImpossible", err)
			}
		})
	}
	if _, err := placed(t).Place(placement()); !errors.Is(err, order.ErrImpossible) {
		t.Errorf("placed twice: %v", err)
	}
	if _, err := (order.Order{ID: id}).Cancel(order.ByCustomer, ""); !errors.Is(err, order.ErrImpossible) {
		t.Errorf("cancelled without being placed: %v", err)
	}
}

// Whatever happens in whatever order: one decision for ever, at most one settling, and the history gives the same order.
func TestEveryHistory(t *testing.T) {
	happenings := []func(order.Order) []order.Event{
		rejected, deducted, released, reinstated, declined, voided, refunded, failed, shipmentStopped, expired, cancelled,
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 3_000 {
		o := order.Order{ID: id}
		events := mayFail(o.Place(placement()))
		history := o.Record(at, events...)
		o = o.After(at, events...)
		decisions, settled := 0, 0
		for step := range 1 + random.IntN(25) {
			moment := at.Add(time.Duration(step) * time.Second)
			events := happenings[random.IntN(len(happenings))](o)
			for _, event := range events {
				switch event.(type) {
				case order.Fulfilled, order.Cancelled:
					decisions++
				case order.Settled:
					settled++
				}
			}
			history = append(history, o.Record(moment, events...)...)
			o = o.After(moment, events...)
		}
		if diff := cmp.Diff(o, order.Rebuild(id, history)); diff != "" {
			t.Fatal("rebuilt from its history (-order +rebuilt):\n" + diff)
		}
		if decided := o.Status != order.StatusPlaced; decisions > 1 || settled > 1 || decided != (decisions == 1) {
			t.Fatalf("%d decisions, %d settlings, %s", decisions, settled, o.Status)
		}
		if o.Version != int64(len(history)) || (settled == 1) != o.Cancellation.Settled {
			t.Fatalf("version %d after %d events, %d settlings: %+v", o.Version, len(history), settled, o.Cancellation)
		}
	}
}

func TestBlankKeepsWhatIsNotPersonal(t *testing.T) {
	want := placement()
	want.ShippingAddress = order.Address{CountryCode: "GB"}
	want.PaymentToken = ""
	if diff := cmp.Diff(order.Event(order.Placed{Placement: want}), order.Blank(order.Placed{Placement: placement()})); diff != "" {
		t.Error("(-want +got):\n" + diff)
	}
	said := order.Cancelled{Detail: "Ada is away", By: order.ByCustomer}
	if event := order.Blank(said); event != (order.Cancelled{By: order.ByCustomer}) {
		t.Errorf("blanked to %+v", event)
	}
	failed := order.Cancelled{Detail: "d", By: order.BySystem}
	if event := order.Blank(failed); event != failed {
		t.Errorf("got %v", event)
	}
}
