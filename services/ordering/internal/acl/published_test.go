package acl_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/money"
	"quadrille.dev/schema"
	"quadrille.dev/schema/eventtest"
	"quadrille.dev/services/ordering/internal/acl"
	"quadrille.dev/services/ordering/internal/memory"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/returns"
)

func gbp(minor int64) money.Money { return money.Money{Minor: minor, Currency: "GBP"} }

var (
	ofOrders = map[string]order.Event{
		"ordering.order.placed": order.Placed{Placement: order.Placement{
			Number: "Q-00000001", Lines: []order.Line{{SKU: "CUP", Quantity: 1, UnitPrice: gbp(425), LineTotal: gbp(425)}},
			Discount: gbp(0), Total: gbp(425), PaymentToken: visa, PricedFrom: order.Cached,
			ShippingAddress: order.Address{Name: "Ada", Street: "1 Row", City: "London", PostalCode: "N1", CountryCode: "GB"},
			PromotionCodes:  []string{}, Deadline: at,
		}},
		"ordering.order.cancelled": order.Cancelled{Reason: order.TimedOut, By: order.BySystem},
		"ordering.order.fulfilled": order.Fulfilled{},
		"ordering.order.settled":   order.Settled{},
	}
	requested = returns.Requested{Request: returns.Request{
		OrderID: order.ID{UUID: uuid.MustParse("01940000-0000-7000-8000-000000000001")}, OrderNumber: "Q-00000001",
		CustomerID: order.CustomerID{UUID: uuid.MustParse("01940000-0000-7000-8000-0000000000aa")},
		Lines:      []returns.Line{{SKU: "CUP", Quantity: 1}}, Refund: gbp(425), Reason: "It has a crack.",
	}}
	ofReturns = map[string]returns.Event{
		"ordering.return.requested":       requested,
		"ordering.return.stepStarted":     returns.StepStarted{Step: "pickup"},
		"ordering.return.stepCompleted":   returns.StepCompleted{Step: "restock"},
		"ordering.return.stepFailed":      returns.StepFailed{Step: "refund", Cause: returns.Refusal, Reason: "too much"},
		"ordering.return.stepCompensated": returns.StepCompensated{Step: "pickup", By: returns.ByOperator},
		"ordering.return.completed":       returns.Completed{},
		"ordering.return.compensated":     returns.Compensated{},
		"ordering.return.needsOperator":   returns.NeedsOperator{Step: "restock", Attempts: 10},
		"ordering.return.arrangePickup":   returns.Commanded{Command: returns.ArrangePickup, Attempt: 1},
		"ordering.return.cancelPickup":    returns.Commanded{Command: returns.CancelPickup, Attempt: 1},
		"ordering.return.restock":         returns.Commanded{Command: returns.Restock, Attempt: 1},
		"ordering.return.withdrawStock":   returns.Commanded{Command: returns.WithdrawStock, Attempt: 1},
		"ordering.return.refund":          returns.Commanded{Command: returns.Refund, Attempt: 1},
		"ordering.return.cancelRefund":    returns.Commanded{Command: returns.CancelRefund, Attempt: 1},
	}
)

// published is the fact or command that an event is, as the 3rd of its aggregate.
func published(name string) (event.Fact, bool) {
	if e, is := ofOrders[name]; is {
		o := order.Order{ID: order.ID{UUID: uuid.New()}}
		o.Number = requested.OrderNumber
		return acl.Published.Order(o, order.Recorded{Version: 3, At: at, Event: e})
	}
	r := returns.Return{ID: returns.ID{UUID: uuid.New()}}.After(at, requested)
	return acl.Published.Return(r, returns.Recorded{Version: 3, At: at, Event: ofReturns[name]})
}

// What is published is what the schemas promise: nothing missing, nothing of a type that it should not be, and at the exchange that they
// name.
func TestPublishedKeepsToTheSchemas(t *testing.T) {
	exchanges := map[string]string{}
	for _, e := range schema.Events() {
		if e.Addressed() {
			exchanges[e.Name] = e.Exchange()
		}
	}
	for _, name := range acl.Facts() {
		fact, public := published(name)
		if !public || fact.Name != name || fact.Sequence != 3 || fact.CorrelationID != fact.Subject || fact.OrderNumber != requested.OrderNumber {
			t.Errorf("%s is published as %+v", name, fact)
			continue
		}
		envelope := event.New(t.Context(), fact)
		if err := eventtest.Validate(name, envelope.DataVersion, envelope.Data); err != nil {
			t.Error(err)
		}
		if fact.To != exchanges[name] || (fact.ReplyTo == "ordering.replies") != (fact.To != "") {
			t.Errorf("%s goes to %q, and is answered at %q", name, fact.To, fact.ReplyTo)
		}
	}
	for _, heard := range []order.Event{order.StockDeducted{}, order.PaymentVoided{}, order.ShipmentFailed{}} {
		if fact, public := acl.Published.Order(order.Order{}, order.Recorded{Event: heard}); public {
			t.Errorf("%T is published as %s", heard, fact.Name)
		}
	}
	if fact, public := acl.Published.Return(returns.Return{}, returns.Recorded{Event: returns.UndoRefused{}}); public {
		t.Errorf("a refusal is published as %s", fact.Name)
	}
}

// What was told is what is recalled of it, by an ordering that has forgotten everything.
func TestWhatWasToldIsRecalled(t *testing.T) {
	told := returns.Return{ID: returns.ID{UUID: uuid.New()}}
	forgetful := memory.New(acl.Published)
	for i, e := range []returns.Event{
		requested,
		returns.StepStarted{Step: "pickup"},
		returns.Commanded{Command: returns.ArrangePickup, Attempt: 1},
		returns.Commanded{Command: returns.ArrangePickup, Attempt: 2},
		returns.StepCompleted{Step: "pickup", Reference: "QC-1"},
		returns.StepStarted{Step: "restock"},
		returns.Commanded{Command: returns.Restock, Attempt: 1},
		returns.StepFailed{Step: "restock", Cause: returns.TimedOut, Reason: "silence"},
		returns.Commanded{Command: returns.WithdrawStock, Attempt: 1},
		returns.NeedsOperator{Step: "restock", Attempts: 1},
		returns.StepCompensated{Step: "restock", By: returns.ByOperator},
		returns.Commanded{Command: returns.CancelPickup, Attempt: 1},
		returns.StepCompensated{Step: "pickup", By: returns.ByContext},
		returns.Compensated{},
	} {
		when := at.AddDate(0, 0, i)
		recorded := told.Record(when, e)
		told = told.After(when, e)
		fact, public := acl.Published.Return(told, recorded[0])
		if !public {
			t.Fatalf("%T is not published", e)
		}
		for range 2 {
			if err := acl.Recalled().Handle(t.Context(), forgetful, event.New(t.Context(), fact), when); err != nil {
				t.Fatal(err)
			}
		}
		recalled, err := forgetful.Return(t.Context(), told.ID)
		if diff := cmp.Diff(told, recalled); diff != "" || err != nil {
			t.Fatalf("after %T: %v (-told +recalled):\n%s", e, err, diff)
		}
	}
}
