package acl_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/schema/eventtest"
	"quadrille.dev/services/fulfillment/internal/acl"
	"quadrille.dev/services/fulfillment/internal/memory"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func handle(ctx context.Context, name string, version int, data json.RawMessage) error {
	fact := event.New(ctx, event.Fact{Name: name, Version: version, Subject: "s", Sequence: 1, At: noon, Data: data})
	return acl.Routes().Handle(ctx, memory.New(acl.Published).Store(), fact, noon)
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
	for _, name := range []string{"ordering.order.cancelled", "ordering.order.fulfilled", "billing.payment.captured"} {
		var unreadable *inbox.UnreadableError
		if err := handle(t.Context(), name, 1, json.RawMessage(`{}`)); !errors.As(err, &unreadable) {
			t.Errorf("%s without orderId: %v", name, err)
		}
	}
}

func TestAnUnknownVersionIsRefused(t *testing.T) {
	var unknown *inbox.UnknownVersionError
	if err := handle(t.Context(), "ordering.order.placed", 99, json.RawMessage(`{}`)); !errors.As(err, &unknown) {
		t.Error(err)
	}
}
