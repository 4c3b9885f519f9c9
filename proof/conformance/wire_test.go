package conformance

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	amqp "github.com/rabbitmq/amqp091-go"

	"quadrille.dev/platform/event"
	"quadrille.dev/proof/system"
	"quadrille.dev/schema"
	"quadrille.dev/schema/eventtest"
	"quadrille.dev/stack/client"
)

// whatTravelsKeepsToItsSchema reads every message that all the other tests have brought about, as it travelled.
func whatTravelsKeepsToItsSchema(t *testing.T) {
	said, exchanges := map[string]bool{}, map[string]string{}
	for _, e := range schema.Events() {
		exchanges[e.Name] = e.Exchange()
	}
	for _, message := range stream(t) {
		fact, err := event.Decode(message.Body)
		if err != nil {
			t.Error(err)
			continue
		}
		if _, on := forged.Load(fact.ID); on {
			continue
		}
		said[fmt.Sprintf("%s v%d", fact.Name(), fact.DataVersion)] = true
		if err := eventtest.Validate(fact.Name(), fact.DataVersion, fact.Data); err != nil {
			t.Error(err)
		}
		if message.Exchange != exchanges[fact.Name()] || message.RoutingKey != fact.RoutingKey() {
			t.Errorf("%s v%d came from %s as %s", fact.Name(), fact.DataVersion, message.Exchange, message.RoutingKey)
		}
	}
	if !said["ordering.order.placed v1"] {
		t.Skip("no order was placed") // -run may have chosen none of the others
	}
	// The newest versions come last, and are what is published.
	newest := map[string]string{}
	for _, e := range schema.Events() {
		newest[e.Name] = fmt.Sprintf("%s v%d", e.Name, e.Version)
	}
	for _, name := range slices.Sorted(maps.Keys(newest)) {
		_, fact, _ := strings.Cut(name, ".")
		if !said[newest[name]] && cmp.Or(saidElsewhere[name], saidElsewhere[fact]) == "" {
			t.Errorf("nobody has said %s: say it here, or name the test that holds it against its schema", newest[name])
		}
	}
}

// saidElsewhere are facts, of one context or of every, that do not happen here, or not each time, and which test holds them against
// their schemas.
var saidElsewhere = map[string]string{
	"operator.acted":                 "platform/audit",
	"chronicle.saga.stuck":           "services/chronicle/internal/postgres: watch_test.go",
	"fulfillment.shipment.delivered": "services/fulfillment: every exploration",
	"fulfillment.shipment.stalled":   "services/fulfillment/internal/app/storetest",
	"inventory.stock.reinstated":     "services/inventory: TestFactsInEveryOrderAndTwice",
	// Answers are not in the stream.
	"billing.refund.answered":      "services/billing: explore_refund_test.go",
	"fulfillment.pickup.answered":  "services/fulfillment: explore_test.go",
	"inventory.restock.answered":   "services/inventory: returns_test.go",
	"ordering.return.cancelRefund": "services/ordering: internal/acl/published_test.go",
}

// aShopIsKept brings about what keepers of a shop, and customers who do not order, bring about.
func aShopIsKept(t *testing.T) {
	t.Parallel()
	ada, olga := quadrille.As(t, system.Ada), quadrille.As(t, system.Olga)
	var listed struct {
		ListProduct struct{ Product struct{ ID string } }
	}
	change(t, olga, `mutation ($input: ListProductInput!) { listProduct(input: $input) { product { id } userErrors { code } } }`,
		map[string]any{"sku": "KEPT-" + uuid.NewString()[:8], "name": "Lamp", "description": "", "category": "Proof"}, &listed)
	id := listed.ListProduct.Product.ID
	change(t, olga, `mutation ($input: UpdateProductInput!) { updateProduct(input: $input) { userErrors { code message } } }`,
		map[string]any{"id": id, "description": "It shines."}, nil)
	change(t, olga, `mutation ($input: RetireProductInput!) { retireProduct(input: $input) { userErrors { code message } } }`,
		map[string]any{"id": id}, nil)
	change(t, ada, `mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { userErrors { code message } } }`,
		map[string]any{"phone": "+44 20 7946 0958"}, nil)

	chronicle := quadrille.Database(t, "chronicle")
	late := time.After(patience)
	for look := time.Tick(50 * time.Millisecond); ; {
		var recorded int
		if err := chronicle.QueryRow(t.Context(), `
			SELECT count(DISTINCT name) FROM facts
			WHERE name IN ('catalog.product.updated', 'catalog.product.retired', 'customers.customer.updated')`).Scan(&recorded); err != nil {
			t.Fatal(err)
		}
		if recorded == 3 {
			return
		}
		select {
		case <-look:
		case <-late:
			t.Fatalf("chronicle has recorded %d of 3 facts", recorded)
		}
	}
}

// change sends a mutation that must not be refused, and reads its answer into data unless that is nil.
func change(t *testing.T, c *client.Client, document string, input map[string]any, data any) {
	t.Helper()
	var answer json.RawMessage
	if err := c.Do(t.Context(), document, map[string]any{"input": input}, &answer); err != nil {
		t.Fatal(err)
	}
	var refused map[string]struct{ UserErrors []client.UserError }
	if err := json.Unmarshal(answer, &refused); err != nil {
		t.Fatal(err)
	}
	for name, payload := range refused {
		if len(payload.UserErrors) > 0 {
			t.Fatalf("%s: %+v", name, payload.UserErrors)
		}
	}
	if data != nil {
		if err := json.Unmarshal(answer, data); err != nil {
			t.Fatal(err)
		}
	}
}

// stream is every fact that chronicle has recorded, from the queue that keeps a week of them.
func stream(t *testing.T) map[uuid.UUID]amqp.Delivery {
	t.Helper()
	conn, err := amqp.Dial(quadrille.AMQPURL("chronicle"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ch, err := conn.Channel()
	if err != nil {
		t.Fatal(err)
	}
	if err := ch.Qos(500, 0, false); err != nil {
		t.Fatal(err)
	}
	deliveries, err := ch.Consume("chronicle.stream", "", false, false, false, false, amqp.Table{"x-stream-offset": "first"})
	if err != nil {
		t.Fatal(err)
	}
	var recorded int
	if err := quadrille.Database(t, "chronicle").QueryRow(t.Context(), `SELECT count(*) FROM facts`).Scan(&recorded); err != nil {
		t.Fatal(err)
	}
	messages := map[uuid.UUID]amqp.Delivery{}
	late := time.After(patience)
	for len(messages) < recorded {
		select {
		case message := <-deliveries:
			id, err := uuid.Parse(message.MessageId)
			if err != nil {
				t.Fatalf("message %q: %v", message.MessageId, err)
			}
			messages[id] = message
			if err := message.Ack(false); err != nil {
				t.Fatal(err)
			}
		case <-late:
			t.Fatalf("%d of %d facts that chronicle has recorded are in the stream", len(messages), recorded)
		}
	}
	return messages
}
