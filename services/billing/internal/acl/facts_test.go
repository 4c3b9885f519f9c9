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
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/acl"
	"quadrille.dev/services/billing/internal/memory"
	"quadrille.dev/services/billing/internal/party"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func handle(ctx context.Context, name string, version int, data json.RawMessage) error {
	fact := event.New(ctx, event.Fact{Name: name, Version: version, Subject: "s", Sequence: 1, At: noon, ReplyTo: "ordering.replies", Data: data})
	return acl.Routes().Handle(ctx, memory.New(acl.Publisher).Store(), fact, noon)
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
	for _, field := range []string{"orderId", "number", "customerId", "total", "payment", "currency", "token"} {
		data := strings.ReplaceAll(whole, `"`+field+`"`, `"other"`)
		var unreadable *inbox.UnreadableError
		if err := handle(t.Context(), "ordering.order.placed", 1, json.RawMessage(data)); !errors.As(err, &unreadable) {
			t.Errorf("without %s: %v", field, err)
		}
	}
	for _, name := range []string{"ordering.order.cancelled", "inventory.stock.reserved", "fulfillment.shipment.failed"} {
		var unreadable *inbox.UnreadableError
		if err := handle(t.Context(), name, 1, json.RawMessage(`{}`)); !errors.As(err, &unreadable) {
			t.Errorf("%s without orderId: %v", name, err)
		}
	}
	for _, name := range []string{"customers.customer.registered", "customers.customer.updated", "customers.customer.erased"} {
		var unreadable *inbox.UnreadableError
		if err := handle(t.Context(), name, 1, json.RawMessage(`{}`)); !errors.As(err, &unreadable) {
			t.Errorf("%s without customerId: %v", name, err)
		}
	}
	negative := strings.ReplaceAll(whole, `1340`, `-1340`)
	if err := handle(t.Context(), "ordering.order.placed", 1, json.RawMessage(negative)); err == nil {
		t.Error("a negative total was read")
	}
}

// Only what an invoice shows is asked for.
func TestWhichChangesAreNews(t *testing.T) {
	for field, want := range map[string]bool{"name": true, "email": true, "address": true, "phone": false, "tier": false} {
		store := memory.New(acl.Publisher)
		fact := event.New(t.Context(), event.Fact{
			Name: "customers.customer.updated", Version: 1, Subject: "s", Sequence: 3, At: noon, Data: json.RawMessage(
				`{"customerId":"01996f1e-0b7d-7a33-b1c9-5e4f2a6d8c11","changes":[{"field":"` + field + `","old":"a","new":"b"}]}`),
		})
		if err := acl.Routes().Handle(t.Context(), store.Store(), fact, noon); err != nil {
			t.Fatal(err)
		}
		if asked := len(store.Wondering(func(party.Call) bool { return true })) == 1; asked != want {
			t.Errorf("%s: asked %t", field, asked)
		}
	}
}

// An order that was blotted before it could be published is not charged for.
func TestABlottedCardIsNone(t *testing.T) {
	store := memory.New(acl.Publisher).Store()
	blotted := personal.Blot("ordering.order.placed", eventtest.Examples("ordering.order.placed", 1)[0])
	order := "01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01"
	for name, data := range map[string]json.RawMessage{
		"ordering.order.placed": blotted, "inventory.stock.reserved": json.RawMessage(`{"orderId":"` + order + `"}`),
	} {
		fact := event.New(t.Context(), event.Fact{Name: name, Version: 1, Subject: order, Sequence: 1, At: noon, Data: data})
		if err := acl.Routes().Handle(t.Context(), store, fact, noon); err != nil {
			t.Fatal(err)
		}
	}
	a, err := store.Account(t.Context(), account.OrderID{UUID: uuid.MustParse(order)})
	if err != nil || a.Payment.Status != account.Declined || a.Token != "" {
		t.Errorf("%s with %q, %v", a.Payment.Status, a.Token, err)
	}
}

func TestAnUnknownVersionIsRefused(t *testing.T) {
	var unknown *inbox.UnknownVersionError
	if err := handle(t.Context(), "ordering.order.placed", 99, json.RawMessage(`{}`)); !errors.As(err, &unknown) {
		t.Error(err)
	}
}

func TestWhatIsNobodyElsesBusinessIsNotTold(t *testing.T) {
	within := []account.Event{
		account.Opened{},
		account.StockReserved{},
		account.GivenUp{},
		account.CustomerErased{},
		account.CallIntended{},
		account.CallHandedOver{},
		account.AnswerLost{},
		account.CallRetried{},
		account.OutcomeStated{},
		account.ChargedInVain{},
		account.RefundedInVain{},
	}
	if told := acl.Published(account.New(account.OrderID{}), noon, within); len(told) > 0 {
		t.Errorf("told: %v", told)
	}
}
