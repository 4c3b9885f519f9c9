package history

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/money"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/returns"
)

// visa is how it is paid.
const visa = "pm_card_visa"

// kept is how each event is kept. A change here is a new schema version, with an upcast from the old one.
var kept = map[string]struct {
	event order.Event
	data  string
}{
	"placed": {
		order.Placed{Placement: order.Placement{
			Number:     "Q-00000001",
			CustomerID: order.CustomerID{UUID: uuid.MustParse("01940000-0000-7000-8000-0000000000aa")},
			Lines: []order.Line{{
				SKU: "CUP", Quantity: 2,
				UnitPrice: money.Money{Minor: 425, Currency: "GBP"}, LineTotal: money.Money{Minor: 850, Currency: "GBP"},
			}},
			Discount:        money.Money{Minor: 50, Currency: "GBP"},
			Total:           money.Money{Minor: 800, Currency: "GBP"},
			ShippingAddress: order.Address{Name: "Ada", Street: "1 Row", City: "London", PostalCode: "N1", CountryCode: "GB"},
			PaymentToken:    visa,
			PricedFrom:      order.Cached,
			PromotionCodes:  []string{"SPRING"},
			Deadline:        time.Date(2026, 3, 1, 12, 15, 0, 250_000_000, time.UTC),
		}},
		`{"number":"Q-00000001","customerId":"01940000-0000-7000-8000-0000000000aa","lines":[{"sku":"CUP","quantity":2,` +
			`"unitPrice":{"minorUnits":425,"currency":"GBP"},"lineTotal":{"minorUnits":850,"currency":"GBP"}}],` +
			`"discount":{"minorUnits":50,"currency":"GBP"},"total":{"minorUnits":800,"currency":"GBP"},` +
			`"shippingAddress":{"name":"Ada","street":"1 Row","city":"London","postalCode":"N1","countryCode":"GB"},` +
			`"paymentToken":"pm_card_visa","pricedFrom":"CACHED","promotionCodes":["SPRING"],"deadline":"2026-03-01T12:15:00.25Z"}`,
	},
	"fulfilled": {order.Fulfilled{}, `{}`},
	"cancelled": {
		order.Cancelled{Reason: order.TimedOut, Detail: "late", By: order.BySystem},
		`{"reason":"TIMED_OUT","detail":"late","by":"SYSTEM"}`,
	},
	"settled": {order.Settled{}, `{}`},
	"stockRejected": {
		order.StockRejected{Missing: []order.Shortage{{SKU: "CUP", Requested: 2, Available: 1}}},
		`{"missing":[{"sku":"CUP","requested":2,"available":1}]}`,
	},
	"stockDeducted":     {order.StockDeducted{}, `{}`},
	"stockReleased":     {order.StockReleased{}, `{}`},
	"stockReinstated":   {order.StockReinstated{}, `{}`},
	"paymentDeclined":   {order.PaymentDeclined{Reason: "no funds"}, `{"reason":"no funds"}`},
	"paymentVoided":     {order.PaymentVoided{}, `{}`},
	"paymentRefunded":   {order.PaymentRefunded{}, `{}`},
	"shipmentFailed":    {order.ShipmentFailed{Reason: "no such place"}, `{"reason":"no such place"}`},
	"shipmentCancelled": {order.ShipmentCancelled{}, `{}`},
}

// keptOfReturns is the same for returns.
var keptOfReturns = map[string]struct {
	event returns.Event
	data  string
}{
	"requested": {
		returns.Requested{Request: returns.Request{
			OrderID:     order.ID{UUID: uuid.MustParse("01940000-0000-7000-8000-000000000001")},
			OrderNumber: "Q-00000001",
			CustomerID:  order.CustomerID{UUID: uuid.MustParse("01940000-0000-7000-8000-0000000000aa")},
			Lines:       []returns.Line{{SKU: "CUP", Quantity: 2}},
			Refund:      money.Money{Minor: 800, Currency: "GBP"},
			Reason:      "a crack",
		}},
		`{"orderId":"01940000-0000-7000-8000-000000000001","orderNumber":"Q-00000001",` +
			`"customerId":"01940000-0000-7000-8000-0000000000aa","lines":[{"sku":"CUP","quantity":2}],` +
			`"refund":{"minorUnits":800,"currency":"GBP"},"reason":"a crack"}`,
	},
	"stepStarted": {returns.StepStarted{Step: "pickup"}, `{"step":"pickup"}`},
	"commanded": {
		returns.Commanded{Command: returns.ArrangePickup, Attempt: 2, Patience: 30 * time.Second},
		`{"command":"arrangePickup","attempt":2,"patience":30000000000}`,
	},
	"stepCompleted": {returns.StepCompleted{Step: "pickup", Reference: "QC-1"}, `{"step":"pickup","reference":"QC-1"}`},
	"stepFailed": {
		returns.StepFailed{Step: "restock", Cause: returns.TimedOut, Reason: "silence"},
		`{"step":"restock","cause":"TIMED_OUT","reason":"silence"}`,
	},
	"undoRefused":     {returns.UndoRefused{Step: "restock", Reason: "sold"}, `{"step":"restock","reason":"sold"}`},
	"stepCompensated": {returns.StepCompensated{Step: "restock", By: returns.ByOperator}, `{"step":"restock","by":"OPERATOR"}`},
	"completed":       {returns.Completed{}, `{}`},
	"compensated":     {returns.Compensated{}, `{}`},
	"needsOperator": {
		returns.NeedsOperator{Step: "restock", Attempts: 10, Reason: "sold"}, `{"step":"restock","attempts":10,"reason":"sold"}`,
	},
}

func TestEveryFormIsFixed(t *testing.T) {
	for name := range ofOrders {
		held(t, ofOrders, name, kept[name].event, kept[name].data)
	}
	for name := range ofReturns {
		held(t, ofReturns, name, keptOfReturns[name].event, keptOfReturns[name].data)
	}
}

// held holds the form of an event.
func held[E any](t *testing.T, forms forms[E], name string, event E, data string) {
	t.Helper()
	if data == "" {
		t.Errorf("%s is not held", name)
		return
	}
	row, err := encoded(event)
	if err != nil || row.Type != name || row.Schema != 1 || string(row.Data) != data {
		t.Errorf("%s is kept as %s v%d %s, %v", name, row.Type, row.Schema, row.Data, err)
	}
	read, err := forms.decode(row)
	if diff := cmp.Diff(event, read); diff != "" || err != nil {
		t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
	}
}

func encoded(event any) (Row, error) {
	if e, is := event.(order.Event); is {
		return Encode(e)
	}
	return EncodeReturn(event.(returns.Event))
}

// An event that went through two changes of form: first its canceller was named otherwise, then a detail was added.
func TestOldFormsAreLiftedStepByStep(t *testing.T) {
	changed := forms[order.Event]{"cancelled": {
		read: asOrder[order.Cancelled],
		upcasts: []upcast{
			func(data json.RawMessage) (json.RawMessage, error) {
				var old struct{ Reason, Who string }
				err := json.Unmarshal(data, &old)
				return json.RawMessage(`{"reason":"` + old.Reason + `","by":"` + old.Who + `"}`), err
			},
			func(data json.RawMessage) (json.RawMessage, error) {
				var old map[string]string
				err := json.Unmarshal(data, &old)
				old["detail"] = "unrecorded"
				lifted, _ := json.Marshal(old)
				return lifted, err
			},
		},
	}}
	want := order.Cancelled{Reason: order.TimedOut, Detail: "unrecorded", By: order.BySystem}
	for schema, data := range map[int]string{
		1: `{"reason":"TIMED_OUT","who":"SYSTEM"}`,
		2: `{"reason":"TIMED_OUT","by":"SYSTEM"}`,
		3: `{"reason":"TIMED_OUT","by":"SYSTEM","detail":"unrecorded"}`,
	} {
		event, err := changed.decode(Row{Type: "cancelled", Schema: schema, Data: json.RawMessage(data)})
		if diff := cmp.Diff(order.Event(want), event); diff != "" || err != nil {
			t.Errorf("v%d: %v (-want +got):\n%s", schema, err, diff)
		}
	}
	if _, err := changed.decode(Row{Type: "cancelled", Schema: 1, Data: json.RawMessage(`[]`)}); !errors.Is(err, ErrUnreadable) {
		t.Errorf("rubbish in an old form: %v", err)
	}
}

func TestUnknownFormsAreRefused(t *testing.T) {
	for _, row := range []Row{
		{Type: "placed", Schema: 0, Data: json.RawMessage(`{}`)},
		{Type: "placed", Schema: 2, Data: json.RawMessage(`{}`)},
		{Type: "vanished", Schema: 1, Data: json.RawMessage(`{}`)},
		{Type: "placed", Schema: 1, Data: json.RawMessage(`[]`)},
	} {
		if event, err := Decode(row); !errors.Is(err, ErrUnreadable) {
			t.Errorf("%s v%d is read as %v, %v", row.Type, row.Schema, event, err)
		}
		if event, err := DecodeReturn(row); !errors.Is(err, ErrUnreadable) {
			t.Errorf("%s v%d of a return is read as %v, %v", row.Type, row.Schema, event, err)
		}
	}
}
