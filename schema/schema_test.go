package schema_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/schema"
)

var contexts = []string{
	"billing", "catalog", "chronicle", "customers", "fulfillment", "inventory", "ordering", "pricing",
}

func TestEveryEventDeclaresWhatReadersNeed(t *testing.T) {
	for _, event := range schema.Events() {
		t.Run(fmt.Sprintf("%s.v%d", event.Name, event.Version), func(t *testing.T) {
			if want := fmt.Sprintf("https://quadrille.dev/schema/events/%s.v%d.json", event.Name, event.Version); event.ID != want {
				t.Errorf("$id is %q, want %q", event.ID, want)
			}
			if event.Title == "" || event.Description == "" {
				t.Error("title or description is missing")
			}
			if !strings.HasPrefix(event.Name, event.Owner+".") || !slices.Contains(contexts, event.Owner) {
				t.Errorf("owner is %q", event.Owner)
			}
			if want := "at least once; ordered within the aggregate by sequence, not across aggregates"; event.Delivery != want {
				t.Errorf("delivery is %q, want %q", event.Delivery, want)
			}
			for _, consumer := range event.Consumers {
				if !slices.Contains(contexts, consumer) || consumer == "chronicle" {
					t.Errorf("consumer %q is not a context that reacts", consumer)
				}
			}
			if len(event.Examples) < 2 {
				t.Errorf("%d examples, want at least 2", len(event.Examples))
			}
		})
	}
}

// What operators do is told in the same way by every context, so that one log can be made of it.
func TestEveryContextTellsAlikeWhatOperatorsDo(t *testing.T) {
	told := map[string]string{}
	for _, event := range schema.Events() {
		if context, is := strings.CutSuffix(event.Name, ".operator.acted"); is && event.Version == 1 {
			told[context] = strings.ReplaceAll(strings.ReplaceAll(
				string(event.Schema), `"`+context+`"`, `"context"`), "/"+context+".operator", "/context.operator")
		}
	}
	for _, context := range contexts {
		if told[context] == "" || told[context] != told[contexts[0]] {
			t.Errorf("%s tells it differently, or not at all", context)
		}
	}
}

func TestStyles(t *testing.T) {
	used := map[schema.Style]int{}
	for _, event := range schema.Events() {
		switch event.Style {
		case schema.Notification, schema.StateTransfer, schema.Delta, schema.Command:
			used[event.Style]++
		default:
			t.Errorf("%s v%d: style %q", event.Name, event.Version, event.Style)
		}
	}
	for _, style := range []schema.Style{schema.Notification, schema.StateTransfer, schema.Delta, schema.Command} {
		if used[style] == 0 {
			t.Errorf("no event is a %s", style)
		}
	}
}

// Commands and their answers are for one context alone, and go to its own exchanges.
func TestWhatIsForOneContextAlone(t *testing.T) {
	for _, event := range schema.Events() {
		if event.Addressed() && len(event.Consumers) != 1 {
			t.Errorf("%s is for %v", event.Name, event.Consumers)
		}
	}
	exchanges := map[string]string{}
	for _, event := range schema.Events() {
		exchanges[event.Name] = event.Exchange()
	}
	for name, want := range map[string]string{
		"ordering.order.placed": "ordering.events", "ordering.return.restock": "inventory.commands",
		"inventory.restock.answered": "ordering.replies",
	} {
		if exchanges[name] != want {
			t.Errorf("%s goes to %s, want %s", name, exchanges[name], want)
		}
	}
}

func TestWhatUndoesSomethingIsKnown(t *testing.T) {
	events := map[string]schema.Event{}
	for _, event := range schema.Events() {
		events[event.Name] = event
	}
	for _, event := range schema.Events() {
		if undone := events[event.Undoes]; event.Undoes != "" &&
			(undone.Owner != event.Owner || undone.Style != event.Style || undone.Compensation() || event.Saga != nil) {
			t.Errorf("%s undoes %q", event.Name, event.Undoes)
		}
	}
	for name, want := range map[string]bool{
		"ordering.order.placed": false, "billing.payment.declined": false, "fulfillment.shipment.cancelled": true, "billing.payment.voided": true,
		"ordering.order.cancelled": true, "ordering.return.stepCompensated": true, "ordering.return.refund": false,
		"ordering.return.cancelRefund": true, "inventory.stock.withdrawn": true, "pricing.price.changed": false,
	} {
		if got := events[name].Compensation(); got != want {
			t.Errorf("%s compensates: %t, want %t", name, got, want)
		}
	}
}

func TestPersonalPaths(t *testing.T) {
	personal := map[string][][]string{}
	for _, event := range schema.Events() {
		if event.Personal != nil {
			personal[fmt.Sprintf("%s.v%d", event.Name, event.Version)] = event.Personal
		}
	}
	want := map[string][][]string{
		"ordering.order.cancelled.v1":  {{"detail"}},
		"ordering.return.requested.v1": {{"reason"}},
		"ordering.order.placed.v1": {
			{"payment", "token"},
			{"shippingAddress", "city"},
			{"shippingAddress", "name"},
			{"shippingAddress", "postalCode"},
			{"shippingAddress", "street"},
		},
		"customers.customer.profiled.v1": {{"email"}, {"name"}},
		"customers.customer.profiled.v2": {{"email"}, {"name"}, {"phone"}},
		"customers.customer.updated.v1":  {{"changes", "*", "new"}, {"changes", "*", "old"}},
	}
	if diff := cmp.Diff(want, personal); diff != "" {
		t.Error(diff)
	}
}

func TestImpersonalFacts(t *testing.T) {
	impersonal := schema.Impersonal()
	for fact, want := range map[string]bool{
		"ordering.order.placed": false, "customers.customer.profiled": false, "customers.customer.registered": true,
		"billing.payment.captured": true, "ordering.order.fulfilled": true,
	} {
		if got := slices.Contains(impersonal, fact); got != want {
			t.Errorf("%s is impersonal: %t", fact, got)
		}
	}
}

func TestConsumersJoinsVersions(t *testing.T) {
	consumers := schema.Consumers()
	if diff := cmp.Diff([]string{"billing", "fulfillment", "inventory"}, consumers["ordering.order.placed"]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"ordering"}, consumers["customers.customer.profiled"]); diff != "" {
		t.Error(diff)
	}
	if _, listed := consumers["inventory.stock.received"]; !listed {
		t.Error("a fact that nobody reacts to is not listed")
	}
}
