package acl_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/personal"
	"quadrille.dev/schema/eventtest"
	"quadrille.dev/services/fulfillment/internal/acl"
	"quadrille.dev/services/fulfillment/internal/memory"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func handle(ctx context.Context, name string, version int, data json.RawMessage) error {
	fact := event.New(ctx, event.Fact{
		Name: name, Version: version, Subject: "s", Sequence: 1, At: noon, Data: data, ReplyTo: "ordering.replies",
	})
	return acl.Routes().Handle(ctx, memory.New(acl.Language()).Store(), fact, noon)
}

func TestEveryFactIsReadAsItsSchemaShowsIt(t *testing.T) {
	for _, name := range acl.Routes().Facts() {
		examples := eventtest.Examples(name, 1)
		if len(examples) == 0 {
			t.Errorf("%s has no examples", name)
		}
		for _, example := range examples {
			if err := handle(t.Context(), name, 1, example); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestWhatIsMissingIsRefused(t *testing.T) {
	whole := string(eventtest.Examples("ordering.order.placed", 1)[0])
	for _, field := range []string{"orderId", "customerId", "shippingAddress", "name", "street", "city", "countryCode"} {
		data := strings.ReplaceAll(whole, `"`+field+`"`, `"other"`)
		var unreadable *inbox.UnreadableError
		if err := handle(t.Context(), "ordering.order.placed", 1, json.RawMessage(data)); !errors.As(err, &unreadable) {
			t.Errorf("without %s: %v", field, err)
		}
	}
	for _, name := range []string{"ordering.order.cancelled", "ordering.order.fulfilled", "billing.payment.captured", "customers.customer.erased"} {
		var unreadable *inbox.UnreadableError
		if err := handle(t.Context(), name, 1, json.RawMessage(`{}`)); !errors.As(err, &unreadable) {
			t.Errorf("%s without orderId: %v", name, err)
		}
	}
}

func TestWhatCannotBeAnsweredIsRefused(t *testing.T) {
	for _, name := range []string{"ordering.return.arrangePickup", "ordering.return.cancelPickup"} {
		whole := eventtest.Examples(name, 1)[0]
		for _, spoilt := range []event.Fact{
			{Data: whole},
			{Data: whole, ReplyTo: "billing.replies"},
			{Data: json.RawMessage(strings.ReplaceAll(string(whole), "returnId", "other")), ReplyTo: "ordering.replies"},
			{Data: json.RawMessage(strings.ReplaceAll(string(whole), "orderId", "other")), ReplyTo: "ordering.replies"},
		} {
			spoilt.Name, spoilt.Version, spoilt.Subject = name, 1, "s"
			var unreadable *inbox.UnreadableError
			err := acl.Routes().Handle(t.Context(), memory.New(acl.Language()).Store(), event.New(t.Context(), spoilt), noon)
			if !errors.As(err, &unreadable) {
				t.Errorf("%s %s to %q: %v", name, spoilt.Data, spoilt.ReplyTo, err)
			}
		}
	}
}

// An order that was blotted before it could be published is heard of, and goes nowhere.
func TestABlottedAddressIsNone(t *testing.T) {
	store := memory.New(acl.Language()).Store()
	blotted := personal.Blot("ordering.order.placed", eventtest.Examples("ordering.order.placed", 1)[0])
	order := "01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01"
	for name, data := range map[string]json.RawMessage{
		"ordering.order.placed": blotted, "billing.payment.captured": json.RawMessage(`{"orderId":"` + order + `"}`),
	} {
		fact := event.New(t.Context(), event.Fact{Name: name, Version: 1, Subject: order, Sequence: 1, At: noon, Data: data})
		if err := acl.Routes().Handle(t.Context(), store, fact, noon); err != nil {
			t.Fatal(err)
		}
	}
	s, err := store.Shipment(t.Context(), shipment.OrderID{UUID: uuid.MustParse(order)})
	if err != nil || s.Status != shipment.Failed || s.Address != (shipment.Address{CountryCode: "GB"}) {
		t.Errorf("%s, to %+v, %v", s.Status, s.Address, err)
	}
}

func TestAnUnknownVersionIsRefused(t *testing.T) {
	var unknown *inbox.UnknownVersionError
	if err := handle(t.Context(), "ordering.order.placed", 99, json.RawMessage(`{}`)); !errors.As(err, &unknown) {
		t.Error(err)
	}
}

func TestWhatIsNobodyElsesBusinessIsNotTold(t *testing.T) {
	within := []shipment.Event{
		shipment.Opened{},
		shipment.OrderPaid{},
		shipment.OrderCancelled{},
		shipment.OrderFulfilled{},
		shipment.CustomerErased{},
		shipment.BookedInVain{},
		shipment.CallIntended{},
		shipment.CallTaken{},
		shipment.AnswerLost{},
		shipment.CallRetried{},
		shipment.OutcomeStated{},
		shipment.CancelledInVain{},
		shipment.StillUnderWay{},
	}
	if told := acl.Published(shipment.New(shipment.OrderID{}), noon, within); len(told) > 0 {
		t.Errorf("told: %v", told)
	}
}
