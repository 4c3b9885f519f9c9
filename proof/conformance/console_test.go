package conformance

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/proof/system"
	"quadrille.dev/stack/local"
)

// whoIsConnectedSaysWhatForAndWhereToLook reads RabbitMQ's own console, as people do who begin there: each context's connections and
// the consumer of its inbox lead to its page in the operator console.
func whoIsConnectedSaysWhatForAndWhereToLook(t *testing.T) {
	t.Parallel()
	want := map[string]string{}
	for name, member := range local.Members() {
		page := quadrille.URL("gateway") + "/console/contexts/" + name
		if !member.ListensOnly {
			want[name+" publisher"] = page
		}
		if len(member.Facts) > 0 {
			want[name+" consumer"], want[rabbit.InboxQueue(name)] = page, page
		}
	}
	system.Await(t, patience, "every connection and consumer shows its page", func(context.Context) (map[string]string, bool, error) {
		pages := pagesShown(t)
		maps.DeleteFunc(pages, func(what, page string) bool { return want[what] == "" })
		return pages, maps.Equal(pages, want), nil
	})
}

// recentFactsAreReadable reads what operators read in operator.recent, by "Get messages": each fact of an order, whoever says it, names
// the order as people do. That of order.placed is personal. It does not run beside others, whose facts would push its own out.
func recentFactsAreReadable(t *testing.T) {
	ada, sku := quadrille.As(t, system.Ada), sell(t, 5)
	order := system.Rest(t, ada, place(t, ada, system.Wish{SKU: sku}), patience)
	system.Await(t, patience, "what was said of "+order.Number+" is there", func(context.Context) (map[string]bool, bool, error) {
		said := map[string]bool{}
		for _, message := range recentFacts(t) {
			if message.Properties.CorrelationID == bare(t, order.ID) {
				said[readable(t, message, order.Number)] = true
			}
		}
		return said, !slices.ContainsFunc(fulfilling, func(name string) bool { return !said[name] }), nil
	})
}

// bare is the UUID in a global id.
func bare(t *testing.T, id string) string {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(id)
	_, bare, found := strings.Cut(string(text), ":")
	if err != nil || !found {
		t.Fatalf("%q is no global id: %v", id, err)
	}
	return bare
}

// fulfilling are facts of an order that is fulfilled.
var fulfilling = []string{
	"inventory.stock.reserved", "billing.payment.captured", "fulfillment.shipment.arranged", "inventory.stock.deducted",
	"ordering.order.fulfilled", "fulfillment.shipment.dispatched",
}

// readable holds a message against what people read of it, and answers the name of its fact.
func readable(t *testing.T, message peeked, number string) string {
	t.Helper()
	fact, err := event.Decode([]byte(message.Payload))
	if err != nil {
		t.Fatal(err)
	}
	p := message.Properties
	if p.Headers.OrderNumber != number || fact.OrderNumber != number || p.CorrelationID != fact.CorrelationID {
		t.Errorf("%s is about order %q, its envelope says %q of %s: want %q", fact.Name(), p.Headers.OrderNumber, fact.OrderNumber,
			fact.CorrelationID, number)
	}
	if p.Type != fact.Type || p.AppID != fact.Context() || p.ContentType != event.ContentType || p.MessageID != fact.ID.String() {
		t.Errorf("%s has properties %+v", fact.Name(), p)
	}
	return fact.Name()
}

// peeked is a message as the management API shows it.
type peeked struct {
	Payload    string `json:"payload"`
	Properties struct {
		Type          string `json:"type"`
		AppID         string `json:"app_id"`
		ContentType   string `json:"content_type"`
		MessageID     string `json:"message_id"`
		CorrelationID string `json:"correlation_id"`
		Headers       struct {
			OrderNumber string `json:"order-number"`
		} `json:"headers"`
	} `json:"properties"`
}

func recentFacts(t *testing.T) []peeked {
	t.Helper()
	administrator, err := url.Parse(testkit.RabbitMQManagement(t))
	if err != nil {
		t.Fatal(err)
	}
	const all = `{"count": 1000, "ackmode": "ack_requeue_true", "encoding": "auto"}`
	status, answer := testkit.ManageAs(t, administrator.User, http.MethodPost, "/api/queues"+vhost()+"/operator.recent/get", all)
	var messages []peeked
	if err := json.Unmarshal(answer, &messages); err != nil || status != http.StatusOK {
		t.Fatalf("answered %d %s, %v", status, answer, err)
	}
	return messages
}

// vhost is the system's, as a part of a path.
func vhost() string {
	amqpURL := quadrille.AMQPURL("ordering")
	return amqpURL[strings.LastIndex(amqpURL, "/"):]
}

// pagesShown are the pages that connections and consumers point to: "billing publisher" and "billing.inbox".
func pagesShown(t *testing.T) map[string]string {
	t.Helper()
	var connections []struct {
		Properties struct {
			Name    string `json:"connection_name"`
			Console string `json:"console"`
		} `json:"client_properties"`
	}
	testkit.Look(t, "/api/vhosts"+vhost()+"/connections", &connections)
	pages := map[string]string{}
	for _, c := range connections {
		context, rest, _ := strings.Cut(c.Properties.Name, "@")
		_, role, _ := strings.Cut(rest, " ")
		pages[context+" "+role] = c.Properties.Console
	}
	var consumers []struct {
		Queue     struct{ Name string } `json:"queue"`
		Arguments struct {
			Console string `json:"console"`
		} `json:"arguments"`
	}
	testkit.Look(t, "/api/consumers"+vhost(), &consumers)
	for _, c := range consumers {
		pages[c.Queue.Name] = c.Arguments.Console
	}
	return pages
}
