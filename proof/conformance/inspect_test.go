package conformance

import (
	"slices"
	"strings"
	"testing"
	"time"

	"quadrille.dev/proof/system"
	"quadrille.dev/stack/client"
)

// delivered is what became of a fact in a context.
type delivered struct {
	Context, State string
	Attempts       int
	At             time.Time
}

// seen is what operators see of a fact.
type seen struct {
	Type, Payload string
	Sequence      int
	RecordedAt    time.Time
	Effect        struct {
		State string
		Steps []struct{ Name, From, To string }
	}
	Deliveries []delivered
}

// inspected waits until all that hear of an order's facts have handled them, and answers the facts.
func inspected(t *testing.T, olga *client.Client, order string) []seen {
	t.Helper()
	waits := func(fact seen) bool {
		return slices.ContainsFunc(fact.Deliveries, func(d delivered) bool { return d.State != "HANDLED" })
	}
	for until := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		var data struct {
			Order struct {
				Timeline struct{ Nodes []seen }
			}
		}
		err := olga.Do(t.Context(), `query ($id: ID!) { order(id: $id) { timeline(first: 100) { nodes {
			type payload sequence recordedAt effect { state steps { name from to } } deliveries { context state attempts at } } } } }`,
			map[string]any{"id": order}, &data)
		if err != nil {
			t.Fatal(err)
		}
		facts := data.Order.Timeline.Nodes
		if len(facts) > 0 && !slices.ContainsFunc(facts, waits) {
			return facts
		}
		if time.Now().After(until) {
			t.Fatalf("not everybody has handled what they heard: %+v", facts)
		}
	}
}

func whatHappenedIsInspectedByOperators(t *testing.T) {
	t.Parallel()
	ada, olga, sku := quadrille.As(t, system.Ada), quadrille.As(t, system.Olga), sell(t, 5)
	order := place(t, ada, system.Wish{SKU: sku})
	system.Rest(t, ada, order, patience)
	for i, fact := range inspected(t, olga, order) {
		if fact.Sequence != i+1 || fact.RecordedAt.IsZero() || fact.Effect.State == "" {
			t.Errorf("fact %d is %+v", i, fact)
		}
		for _, delivery := range fact.Deliveries {
			if delivery.Attempts < 1 || delivery.At.IsZero() {
				t.Errorf("%s is %+v", fact.Type, delivery)
			}
		}
		switch fact.Type {
		case "ordering.order.placed":
			if !strings.Contains(fact.Payload, sku) || !strings.Contains(fact.Payload, `"***"`) || strings.Contains(fact.Payload, "pm_card") || len(fact.Deliveries) != 3 {
				t.Errorf("placed: %+v", fact)
			}
		case "billing.payment.captured":
			if steps := fact.Effect.Steps; len(steps) == 0 || steps[0].Name != "charge" || steps[0].To != "DONE" {
				t.Errorf("captured: %+v", fact)
			}
		}
	}
	var data struct {
		Sagas struct {
			Nodes []struct{ Kind, State string }
		}
		Choreography []struct {
			Type       string
			LastMinute *int
		}
		Contexts   []struct{ Name, QueueURL string }
		Categories []struct{ ProductCount int }
	}
	err := olga.Do(t.Context(), `query ($sku: String!) {
		sagas(filter: {states: [COMPLETED, STUCK], about: {sku: $sku}}, first: 10) { nodes { kind state } }
		choreography { type lastMinute } contexts { name queueUrl } categories { productCount } }`, map[string]any{"sku": strings.ToLower(sku)}, &data)
	if err != nil {
		t.Fatal(err)
	}
	if sagas := data.Sagas.Nodes; len(sagas) != 1 || sagas[0].Kind != "ORDER" || sagas[0].State != "COMPLETED" {
		t.Errorf("sagas about %s: %+v", sku, sagas)
	}
	for _, fact := range data.Choreography {
		if fact.Type == "ordering.order.placed" && (fact.LastMinute == nil || *fact.LastMinute == 0) {
			t.Error("no order was placed within the last minute")
		}
	}
	for _, context := range data.Contexts {
		if (context.Name == "gateway") == strings.HasSuffix(context.QueueURL, "/"+context.Name+".inbox") {
			t.Errorf("the queue of %s is at %q", context.Name, context.QueueURL)
		}
	}
	if len(data.Categories) == 0 || data.Categories[0].ProductCount == 0 {
		t.Errorf("categories are %+v", data.Categories)
	}
}
