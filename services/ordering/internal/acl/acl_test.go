package acl_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/money"
	"quadrille.dev/schema/eventtest"
	"quadrille.dev/services/ordering/internal/acl"
	"quadrille.dev/services/ordering/internal/memory"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/quote"
	"quadrille.dev/services/ordering/internal/returns"
)

var (
	at   = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	pace = returns.Pace{Patience: time.Minute, Tries: 3, UndoTries: 3}
)

// visa is how it is paid.
const visa = "pm_card_visa"

// versions is what each fact is known in.
func versions(fact string) []int {
	if fact == "customers.customer.profiled" {
		return []int{1, 2}
	}
	return []int{1}
}

// envelope is a fact as its publisher sends it.
func envelope(fact string, version int, sequence int64, data any) event.Envelope {
	return event.New(context.Background(), event.Fact{Name: fact, Version: version, Subject: "subject", Sequence: sequence, At: at, Data: data})
}

// deliver handles a fact in a store that knows the orders and returns of the schemas' examples, and answers whether that changed anything.
func deliver(t *testing.T, fact event.Envelope) (changed bool, err error) {
	t.Helper()
	store := memory.New(acl.Published)
	price := money.Money{Minor: 1, Currency: "GBP"}
	for _, id := range []string{"01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01", "01996f3a-9d44-7b10-8f27-c1d05e7a4b02"} {
		blank := order.Order{ID: order.ID{UUID: uuid.MustParse(id)}}
		events, err := blank.Place(order.Placement{
			Lines:    []order.Line{{SKU: "CUP-BONE-01", Quantity: 1, UnitPrice: price, LineTotal: price}},
			Discount: money.Money{Currency: "GBP"}, Total: price,
		})
		if err == nil {
			err = store.Save(t.Context(), blank, at, events...)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{"01996f60-2b10-7a3c-8d55-0c4e7b9a1e01", "01996f61-77e4-7f02-b6a8-51d3c0e92f02"} {
		var about struct{ Command returns.Command }
		_ = json.Unmarshal(fact.Data, &about) // what is no answer is about no command
		blank := returns.Return{ID: returns.ID{UUID: uuid.MustParse(id)}}
		if err := store.SaveReturn(t.Context(), blank, at, waitingFor(about.Command)...); err != nil {
			t.Fatal(err)
		}
	}
	before := text(t, store.State())
	err = acl.Routes(pace).Handle(t.Context(), store, fact, at)
	return before != text(t, store.State()), err
}

// waitingFor is what has happened to a return that waits for the answer to a command.
func waitingFor(command returns.Command) []returns.Event {
	events := []returns.Event{returns.Requested{}}
	for _, step := range returns.Steps {
		events = append(events, returns.StepStarted{Step: step.Name}, returns.Commanded{Command: step.Do, Attempt: 1})
		switch command {
		case step.Do:
			return events
		case step.Undo:
			failed := returns.StepFailed{Step: step.Name, Cause: returns.TimedOut}
			return append(events, failed, returns.Commanded{Command: step.Undo, Attempt: 1})
		default:
			events = append(events, returns.StepCompleted{Step: step.Name})
		}
	}
	return events
}

// Whatever the publishers' schemas give as examples is understood, and changes something; but for what says nothing of tiers.
func TestNeighboursExamplesAreUnderstood(t *testing.T) {
	for _, fact := range acl.Routes(pace).Facts() {
		for _, version := range versions(fact) {
			examples := eventtest.Examples(fact, version)
			if len(examples) == 0 {
				t.Errorf("%s v%d has no examples", fact, version)
			}
			for _, example := range examples {
				changed, err := deliver(t, envelope(fact, version, 1, example))
				if err != nil {
					t.Errorf("%s v%d: %v", fact, version, err)
				}
				mute := version == 1 && strings.HasPrefix(fact, "customers.") && !strings.Contains(string(example), `"tier"`)
				if changed == (mute && fact != "customers.customer.erased") {
					t.Errorf("%s v%d: changed something: %t; by %s", fact, version, changed, example)
				}
			}
		}
	}
}

func text(t *testing.T, state any) string {
	t.Helper()
	encoded, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

func TestUnknownVersionsAreRefused(t *testing.T) {
	for _, fact := range acl.Routes(pace).Facts() {
		if _, err := deliver(t, envelope(fact, 99, 1, map[string]any{})); err == nil || !strings.Contains(err.Error(), "UNKNOWN_EVENT_VERSION") {
			t.Errorf("%s v99: %v", fact, err)
		}
	}
}

// A payload that lacks what ordering relies on, or has it in another type, is refused and changes nothing.
func TestUnreadablePayloadsAreRefused(t *testing.T) {
	for _, fact := range acl.Routes(pace).Facts() {
		for _, version := range versions(fact) {
			for _, data := range []string{
				`{}`, `[]`, `null`, `"text"`, `{"orderId":7,"productId":7,"sku":7,"customerId":7}`,
				`{"orderId":"x","productId":"x","customerId":"x","sku":""}`,
			} {
				changed, err := deliver(t, envelope(fact, version, 1, json.RawMessage(data)))
				if err == nil || !strings.Contains(err.Error(), "UNREADABLE_EVENT") {
					t.Errorf("%s v%d %s: %v", fact, version, data, err)
				}
				if changed {
					t.Errorf("%s v%d %s changed something", fact, version, data)
				}
			}
		}
	}
	for fact, data := range map[string]string{
		"pricing.price.changed":       `{"sku":"A","listPrice":{"minorUnits":1,"currency":"GBP"},"tierDiscounts":{"VIP":10001}}`,
		"customers.customer.updated":  `{"customerId":"01996f1e-0b7d-7a33-b1c9-5e4f2a6d8c11","changes":[{"field":"tier","new":"KING"}]}`,
		"inventory.stock.rejected":    `{"orderId":"01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01","missing":[{}]}`,
		"customers.customer.profiled": `{"customerId":"x"}`,
		"fulfillment.pickup.answered": `{"returnId":"01996f60-2b10-7a3c-8d55-0c4e7b9a1e01","command":"restock","outcome":"DONE"}`,
		"inventory.restock.answered":  `{"returnId":"01996f60-2b10-7a3c-8d55-0c4e7b9a1e01","command":"restock","outcome":"PERHAPS"}`,
	} {
		if _, err := deliver(t, envelope(fact, 1, 1, json.RawMessage(data))); err == nil || !strings.Contains(err.Error(), "UNREADABLE_EVENT") {
			t.Errorf("%s %s: %v", fact, data, err)
		}
	}
}

// A change that is told in both versions takes effect once, and nothing goes backwards, in whatever order the facts come.
func TestVersionsSideBySide(t *testing.T) {
	customer := uuid.MustParse("01940000-0000-7000-8000-0000000000aa")
	facts := []event.Envelope{
		envelope("customers.customer.profiled", 1, 2, map[string]any{"customerId": customer, "name": "Ada"}),
		envelope("customers.customer.profiled", 2, 3, map[string]any{"customerId": customer, "tier": "PREMIUM"}),
		envelope("customers.customer.updated", 1, 4, map[string]any{
			"customerId": customer, "changes": []any{map[string]any{"field": "tier", "old": "PREMIUM", "new": "VIP"}},
		}),
		envelope("customers.customer.updated", 1, 5, map[string]any{
			"customerId": customer, "changes": []any{map[string]any{"field": "tier", "old": "***", "new": "***"}},
		}),
	}
	for _, inOrder := range permutations(facts) {
		store := memory.New(acl.Published)
		for _, fact := range append(inOrder, inOrder[0]) {
			if err := acl.Routes(pace).Handle(t.Context(), store, fact, at); err != nil {
				t.Fatal(err)
			}
		}
		known, err := store.Known(t.Context(), order.CustomerID{UUID: customer}, nil)
		if known.Tier != quote.VIP || err != nil {
			t.Errorf("tier %s, %v after %v", known.Tier, err, inOrder)
		}
	}
}

func permutations(facts []event.Envelope) [][]event.Envelope {
	if len(facts) == 0 {
		return [][]event.Envelope{nil}
	}
	var all [][]event.Envelope
	for i, first := range facts {
		for _, rest := range permutations(slices.Concat(facts[:i], facts[i+1:])) {
			all = append(all, append([]event.Envelope{first}, rest...))
		}
	}
	return all
}

func TestSignsOfLife(t *testing.T) {
	if said, err := acl.AliveAt([]byte(`{"at":"2026-03-01T12:00:00Z"}`)); !said.Equal(at) || err != nil {
		t.Errorf("got %s, %v", said, err)
	}
	for _, rubbish := range []string{``, `{}`, `{"at":"yesterday"}`} {
		if said, err := acl.AliveAt([]byte(rubbish)); err == nil {
			t.Errorf("%s is read as %s", rubbish, said)
		}
	}
}
