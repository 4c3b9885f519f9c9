package eventtest_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"quadrille.dev/schema"
	"quadrille.dev/schema/eventtest"
)

func TestEveryExampleIsValid(t *testing.T) {
	for _, event := range schema.Events() {
		for i, example := range event.Examples {
			if err := eventtest.Validate(event.Name, event.Version, example); err != nil {
				t.Errorf("example %d: %v", i, err)
			}
		}
	}
}

// Each example is spoilt in every member in turn: taken away where the schema requires it, and replaced by a value of another type.
func TestSpoiltExamplesAreRefused(t *testing.T) {
	for _, event := range schema.Events() {
		var declared struct {
			Required []string `json:"required"`
		}
		if err := json.Unmarshal(event.Schema, &declared); err != nil {
			t.Fatal(err)
		}
		for i, example := range event.Examples {
			for _, name := range declared.Required {
				without := members(t, example)
				delete(without, name)
				refused(t, event, without, fmt.Sprintf("example %d without %s", i, name))
			}
			for name := range members(t, example) {
				wrong := members(t, example)
				wrong[name] = json.RawMessage(`false`)
				refused(t, event, wrong, fmt.Sprintf("example %d with a wrong %s", i, name))
			}
		}
	}
}

func members(t *testing.T, example json.RawMessage) map[string]json.RawMessage {
	t.Helper()
	var members map[string]json.RawMessage
	if err := json.Unmarshal(example, &members); err != nil {
		t.Fatal(err)
	}
	return members
}

func refused(t *testing.T, event schema.Event, payload map[string]json.RawMessage, what string) {
	t.Helper()
	body, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	if eventtest.Validate(event.Name, event.Version, body) == nil {
		t.Errorf("%s v%d: %s is accepted", event.Name, event.Version, what)
	}
}

func TestOptionalFieldsMayBeAdded(t *testing.T) {
	for _, event := range schema.Events() {
		more := members(t, event.Examples[0])
		more["addedLater"] = json.RawMessage(`{"any":"thing"}`)
		body, err := json.Marshal(more)
		if err != nil {
			t.Fatal(err)
		}
		if err := eventtest.Validate(event.Name, event.Version, body); err != nil {
			t.Error(err)
		}
	}
}

func TestValidateRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		fact    string
		version int
		data    string
	}{
		"an unknown fact":    {"ordering.order.forgotten", 1, `{}`},
		"an unknown version": {"ordering.order.settled", 99, `{"orderId":"01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01"}`},
		"a broken payload":   {"ordering.order.settled", 1, `{"orderId":`},
		"a malformed id":     {"ordering.order.settled", 1, `{"orderId":"order one"}`},
		"a malformed time": {
			"pricing.price.changed", 1,
			`{"sku":"A","listPrice":{"minorUnits":1,"currency":"GBP"},"tierDiscounts":{"STANDARD":0,"PREMIUM":0,"VIP":0},"changedAt":"today"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if eventtest.Validate(test.fact, test.version, []byte(test.data)) == nil {
				t.Error("accepted")
			}
		})
	}
}

func TestExamples(t *testing.T) {
	if len(eventtest.Examples("ordering.order.placed", 1)) < 2 {
		t.Error("no examples of ordering.order.placed v1")
	}
	if eventtest.Examples("ordering.order.placed", 99) != nil {
		t.Error("examples of a version that does not exist")
	}
}
