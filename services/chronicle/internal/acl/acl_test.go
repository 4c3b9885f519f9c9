package acl_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/schema"
	"quadrille.dev/schema/eventtest"

	"quadrille.dev/services/chronicle/internal/acl"
	"quadrille.dev/services/chronicle/internal/app"
	"quadrille.dev/services/chronicle/internal/saga"
)

var at = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

func envelope(name string, version int, data json.RawMessage) event.Envelope {
	return event.New(context.Background(), event.Fact{
		Name: name, Version: version, Subject: "01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01", Sequence: 1,
		CorrelationID: "01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01", At: at, Data: data,
	})
}

func read(t *testing.T, e event.Envelope) app.Fact {
	t.Helper()
	fact, err := acl.Read(e)
	if err != nil {
		t.Fatal(err)
	}
	return fact
}

// personal answers the values at the paths that a schema marks.
func personal(value any, path []string) []string {
	if len(path) == 0 {
		if s, ok := value.(string); ok && s != "" {
			return []string{s}
		}
		return nil
	}
	var values []string
	switch value := value.(type) {
	case map[string]any:
		values = personal(value[path[0]], path[1:])
	case []any:
		for _, element := range value {
			values = append(values, personal(element, path[1:])...)
		}
	}
	return values
}

func TestNothingPersonalIsKeptOrSaid(t *testing.T) {
	checked := 0
	for _, declared := range schema.Events() {
		for _, example := range declared.Examples {
			fact := read(t, envelope(declared.Name, declared.Version, example))
			summary := acl.Summary(fact.Envelope)
			var payload any
			if err := json.Unmarshal(example, &payload); err != nil {
				t.Fatal(err)
			}
			for _, path := range declared.Personal {
				for _, value := range personal(payload, path) {
					checked++
					if bytes.Contains(fact.Envelope, []byte(value)) || strings.Contains(summary, value) {
						t.Errorf("%s v%d keeps or says %q", declared.Name, declared.Version, value)
					}
				}
			}
		}
	}
	if checked < 20 {
		t.Errorf("only %d personal values were looked for", checked)
	}
}

func TestWhatIsNotPersonalIsKeptAsItWas(t *testing.T) {
	e := envelope("billing.payment.captured", 1, eventtest.Examples("billing.payment.captured", 1)[0])
	e.CausationID, e.TraceParent = uuid.NewString(), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	want, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(read(t, e).Envelope)); diff != "" {
		t.Error(diff)
	}
}

func TestBlottingKeepsTheRest(t *testing.T) {
	for name, test := range map[string]struct {
		fact    string
		version int
		data    string
		want    string
	}{
		"a known version": {
			"customers.customer.profiled", 2,
			`{"customerId":"c","name":"Ada","email":"a@b.c","phone":null,"tier":"VIP"}`,
			`{"customerId":"c","email":"***","name":"***","phone":null,"tier":"VIP"}`,
		},
		"elements of a list": {
			"customers.customer.updated", 1,
			`{"customerId":"c","changes":[{"field":"name","old":"A","new":"B"}]}`,
			`{"changes":[{"field":"name","new":"***","old":"***"}],"customerId":"c"}`,
		},
		"a version that is not known": {
			"customers.customer.profiled", 99,
			`{"name":{"first":"Ada","last":"Lovelace"},"score":12345678901234567890}`,
			`{"name":{"first":"***","last":"***"},"score":12345678901234567890}`,
		},
		"another shape than the schema's": {"customers.customer.updated", 99, `{"changes":"none"}`, `{"changes":"***"}`},
		"a fact that is not known":        {"loyalty.card.stamped", 1, `{"name":"Ada","stamps":3}`, `{"name":"***","stamps":3}`},
	} {
		t.Run(name, func(t *testing.T) {
			var kept event.Envelope
			if err := json.Unmarshal(read(t, envelope(test.fact, test.version, json.RawMessage(test.data))).Envelope, &kept); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(kept.Data)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSummaries(t *testing.T) {
	for _, test := range []struct{ fact, data, want string }{
		{"ordering.order.cancelled", `{"reason":"PAYMENT_DECLINED","cancelledBy":"SYSTEM"}`, "Cancelled: PAYMENT_DECLINED by SYSTEM"},
		{"inventory.stock.reserved", `{"lines":[{},{},{}]}`, "Reserved 3 lines"},
		{"inventory.stock.released", `{"lines":[]}`, "Released nothing: nothing was reserved"},
		{"inventory.stock.released", `{"lines":[{}]}`, "Released 1 line"},
		{
			"inventory.stock.rejected", `{"missing":[{"sku":"A"},{"sku":"B"},{"sku":"C"},{"sku":"D"},{"sku":"E"}]}`,
			"Reserved nothing: short of A, B, C and 2 more",
		},
		{"billing.payment.captured", `{"amount":{"minorUnits":1240,"currency":"GBP"}}`, "Charged 12.40 GBP"},
		{"billing.payment.captured", `{"amount":"a lot"}`, "Payment captured"},
		{"ordering.return.stepCompleted", `{"step":"pickup","context":"fulfillment","reference":"QC-7"}`, "Fulfillment did the step pickup: QC-7"},
		{"ordering.return.stepCompleted", `{"step":"restock","context":"inventory","reference":""}`, "Inventory did the step restock"},
		{
			"ordering.return.stepFailed", `{"step":"pickup","context":"fulfillment","cause":"REFUSED","reason":"Not there."}`,
			"Fulfillment refused the step pickup: Not there",
		},
		{
			"ordering.return.stepFailed", `{"step":"refund","context":"billing","cause":"TIMED_OUT","reason":""}`,
			"Billing did not answer whether it does the step refund",
		},
		{
			"ordering.return.needsOperator", `{"step":"restock","context":"inventory","attempts":10,"reason":"Only 1 of MUG is left."}`,
			"Inventory did not undo the step restock: Only 1 of MUG is left, after 10 tries",
		},
		{"loyalty.card.stamped", `{"stamps":3}`, "loyalty.card.stamped, version 1"},
	} {
		fact := read(t, envelope(test.fact, 1, json.RawMessage(test.data)))
		if got := acl.Summary(fact.Envelope); got != test.want {
			t.Errorf("%s %s is told as %q, want %q", test.fact, test.data, got, test.want)
		}
	}
	if got := acl.Summary([]byte("{")); got != "A fact that cannot be read" {
		t.Errorf("what is no envelope is told as %q", got)
	}
}

// The titles are what is said of facts that cannot be told in detail; of the known ones more is said.
func TestEveryFactIsTold(t *testing.T) {
	for _, declared := range schema.Events() {
		if declared.Addressed() {
			continue // chronicle does not hear it
		}
		for _, example := range declared.Examples {
			summary := acl.Summary(read(t, envelope(declared.Name, declared.Version, example)).Envelope)
			if summary == "" || summary == declared.Title || strings.Contains(summary, "\n") {
				t.Errorf("%s v%d is told as %q", declared.Name, declared.Version, summary)
			}
		}
	}
}

func TestOrderIsReadFromItsSchemasExamples(t *testing.T) {
	for i, example := range eventtest.Examples("ordering.order.placed", 1) {
		var payload struct {
			OrderID    string
			Number     string
			CustomerID uuid.UUID
			Deadline   time.Time
		}
		if err := json.Unmarshal(example, &payload); err != nil {
			t.Fatal(err)
		}
		want := &saga.Order{ID: payload.OrderID, Number: payload.Number, Customer: payload.CustomerID, Deadline: payload.Deadline}
		if diff := cmp.Diff(want, read(t, envelope("ordering.order.placed", 1, example)).Order); diff != "" {
			t.Errorf("example %d:\n%s", i, diff)
		}
	}
}

func TestReturnIsReadFromItsSchemasExamples(t *testing.T) {
	requested := read(t, envelope("ordering.return.requested", 1, eventtest.Examples("ordering.return.requested", 1)[0]))
	want := &saga.Order{
		ID: "01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01", Number: "Q-00001234", Customer: uuid.MustParse("01996f1e-0b7d-7a33-b1c9-5e4f2a6d8c11"),
	}
	if diff := cmp.Diff(want, requested.Order); diff != "" {
		t.Error(diff)
	}
	started := read(t, envelope("ordering.return.stepStarted", 1, eventtest.Examples("ordering.return.stepStarted", 1)[0]))
	if started.Process != acl.Processes()["RETURN"] || started.Step != "pickup" || started.Remark {
		t.Errorf("a step is read as %+v", started)
	}
	issued := read(t, envelope("billing.creditnote.issued", 1, eventtest.Examples("billing.creditnote.issued", 1)[0]))
	if issued.Process != acl.Processes()["RETURN"] || !issued.Remark {
		t.Errorf("a credit note is read as %+v", issued)
	}
}

func TestWhatCannotBeUnderstoodIsReadAllTheSame(t *testing.T) {
	for name, e := range map[string]event.Envelope{
		"an unknown fact":    envelope("loyalty.card.stamped", 1, json.RawMessage(`{}`)),
		"an unknown version": envelope("ordering.order.placed", 99, json.RawMessage(`{"number":7}`)),
		"no data":            envelope("ordering.order.placed", 1, nil),
		"odd strings":        envelope("catalog.product.listed", 1, json.RawMessage("{\"name\":\"\\u0000 \xff\"}")),
	} {
		t.Run(name, func(t *testing.T) {
			e.CausationID = "nobody\x00"
			fact := read(t, e)
			if fact.Name != e.Name() || fact.Version != e.DataVersion || strings.Contains(fact.CausationID, "\x00") {
				t.Errorf("read as %s v%d, caused by %q", fact.Name, fact.Version, fact.CausationID)
			}
			if fact.Order != nil {
				t.Errorf("reads an order: %v", fact.Order)
			}
		})
	}
}

func TestProcessIsFoundByNameInEveryVersion(t *testing.T) {
	for _, declared := range schema.Events() {
		process := acl.ProcessOf(declared.Name)
		if (process != nil) != (declared.Saga != nil) {
			t.Errorf("%s: in a process: %t, declared: %t", declared.Name, process != nil, declared.Saga != nil)
		}
	}
	if process := acl.Processes()["ORDER"]; process == nil || process.Kind != "ORDER" {
		t.Error("there is no process ORDER")
	}
}

func TestSignal(t *testing.T) {
	fact := read(t, envelope("ordering.order.settled", 1, json.RawMessage(`{"orderId":"o"}`)))
	body, err := json.Marshal(acl.Changed(saga.Saga{ID: "o", Sequence: 12}, fact))
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`{"saga":"o","sequence":12,"fact":{"id":"%s","type":"ordering.order.settled","context":"ordering",`+
		`"occurredAt":"2026-03-01T10:00:00Z"}}`, fact.ID)
	if diff := cmp.Diff(want, string(body)); diff != "" {
		t.Error(diff)
	}
}
