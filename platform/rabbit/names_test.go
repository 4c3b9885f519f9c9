package rabbit_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/testkit"
)

// page is where a context's page in the console is.
const page = "http://127.0.0.1:8080/console/contexts/inventory"

// connections answers what the management console shows of connections: their properties by the last word of their name.
func connections(t *testing.T, amqpURL string) map[string]map[string]any {
	t.Helper()
	var listed []struct {
		Properties map[string]any `json:"client_properties"`
	}
	look(t, amqpURL, "vhosts", "/connections", &listed)
	byRole := map[string]map[string]any{}
	role := regexp.MustCompile(`^inventory@[^ ]+#\d+ (publisher|consumer)$`)
	for _, c := range listed {
		name, _ := c.Properties["connection_name"].(string)
		if found := role.FindStringSubmatch(name); found != nil {
			byRole[found[1]] = map[string]any{"information": c.Properties["information"], "console": c.Properties["console"]}
		}
	}
	return byRole
}

type consumer struct {
	Tag       string         `json:"consumer_tag"`
	Arguments map[string]any `json:"arguments"`
	Queue     struct {
		Name string `json:"name"`
	} `json:"queue"`
}

// consumers answers what the management console shows of consumers: their arguments, by queue and tag without what is random in them.
func consumers(t *testing.T, amqpURL string) map[string]map[string]any {
	t.Helper()
	var listed []consumer
	look(t, amqpURL, "consumers", "", &listed)
	byName := map[string]map[string]any{}
	for _, c := range listed {
		byName[withoutIDs.ReplaceAllString(c.Queue.Name+": "+c.Tag, "")] = c.Arguments
	}
	return byName
}

var withoutIDs = regexp.MustCompile(`@[^ ]+#\d+|[. ][0-9a-f]{8}\b`)

// TestAPersonSeesWhoIsConnectedAndWhatFor looks at what the management console shows.
func TestAPersonSeesWhoIsConnectedAndWhatFor(t *testing.T) {
	t.Parallel()
	amqpURL := testkit.RabbitMQ(t)
	broker := rabbit.New(rabbit.Config{URL: amqpURL, Name: "inventory", Console: page})
	t.Cleanup(broker.Close)
	publisher(t, broker)
	consume(t, broker, "inventory.stock.deducted")
	_, connected := listen(t, broker, "inventory", "#")
	receive(t, connected, "connection")
	wantConnections := map[string]map[string]any{
		"publisher": {"information": "declares what belongs to inventory, and publishes what it says", "console": page},
		"consumer":  {"information": "brings inventory what it listens to", "console": page},
	}
	eventually(t, "both connections are known", func() bool { return len(connections(t, amqpURL)) == 2 })
	if diff := cmp.Diff(wantConnections, connections(t, amqpURL)); diff != "" {
		t.Error(diff)
	}
	wantConsumers := map[string]map[string]any{
		"inventory.inbox: inventory inbox":                           {"console": page},
		"inventory.signal.inventory: inventory signals of inventory": {"console": page},
	}
	eventually(t, "both consumers are known", func() bool { return len(consumers(t, amqpURL)) == 2 })
	if diff := cmp.Diff(wantConsumers, consumers(t, amqpURL)); diff != "" {
		t.Error(diff)
	}
}

func TestAPersonSeesWhoReadsTheStream(t *testing.T) {
	t.Parallel()
	amqpURL := testkit.RabbitMQ(t)
	urlOf := importDefinitions(t, amqpURL)
	chronicle := open(t, urlOf("chronicle"), "chronicle")
	e, body := placed(1)
	publish(t, publisher(t, open(t, urlOf("ordering"), "ordering")), e, body)
	reading, seen := make(chan struct{}), make(chan struct{})
	run(t, func(ctx context.Context) error {
		return chronicle.ReadStream(ctx, e.Time.Add(-rabbit.StreamKeeps), func([]byte) error {
			close(reading)
			<-seen
			return nil
		})
	})
	t.Cleanup(func() { close(seen) })
	receive(t, reading, "fact of the stream")
	eventually(t, "the reader is known", func() bool {
		_, known := consumers(t, amqpURL)["chronicle.stream: chronicle replay"]
		return known
	})
}

func TestTheVirtualHostSaysWhatItIs(t *testing.T) {
	t.Parallel()
	amqpURL := testkit.RabbitMQ(t)
	importDefinitions(t, amqpURL)
	var got struct {
		Description string `json:"description"`
	}
	if look(t, amqpURL, "vhosts", "", &got); got.Description != "Quadrille: facts, commands and signals of all contexts" {
		t.Errorf("description %q", got.Description)
	}
}

// TestOperatorsLookAtEverythingAndIntoOneQueue does what the pages of the management console do.
func TestOperatorsLookAtEverythingAndIntoOneQueue(t *testing.T) {
	t.Parallel()
	amqpURL := testkit.RabbitMQ(t)
	operator, err := url.Parse(importDefinitions(t, amqpURL)(rabbit.Operator))
	if err != nil {
		t.Fatal(err)
	}
	where := vhost(t, amqpURL)
	const peek = `{"count": 1, "ackmode": "ack_requeue_true", "encoding": "auto"}`
	policy, err := json.Marshal(rabbit.TopologyOf("inventory", nil).Policies[0])
	if err != nil {
		t.Fatal(err)
	}
	const may, mayNot = true, false
	const message = `{"routing_key": "stock.reserved.v1", "payload": "{}", "payload_encoding": "string", "properties": {}}`
	for _, c := range []struct {
		method, path, body string
		want               bool
	}{
		{http.MethodGet, "/api/overview", "", may},
		{http.MethodGet, "/api/connections", "", may},
		{http.MethodGet, "/api/channels", "", may},
		{http.MethodGet, "/api/exchanges" + where, "", may},
		{http.MethodGet, "/api/queues" + where, "", may},
		{http.MethodGet, "/api/queues" + where + "/inventory.inbox/bindings", "", may},
		{http.MethodPost, "/api/queues" + where + "/operator.recent/get", peek, may},
		{http.MethodPost, "/api/queues" + where + "/inventory.inbox/get", peek, mayNot},
		{http.MethodPost, "/api/queues" + where + "/inventory.dead/get", peek, mayNot},
		{http.MethodDelete, "/api/queues" + where + "/inventory.inbox/contents", "", mayNot},
		{http.MethodDelete, "/api/queues" + where + "/operator.recent", "", mayNot},
		{http.MethodPost, "/api/exchanges" + where + "/inventory.events/publish", message, mayNot},
		{http.MethodPut, "/api/policies" + where + "/inventory.dead", string(policy), mayNot},
		{http.MethodGet, "/api/definitions", "", mayNot},
		{http.MethodGet, "/api/users", "", mayNot},
	} {
		status, answer := testkit.ManageAs(t, operator.User, c.method, c.path, c.body)
		refused := status == http.StatusUnauthorized || status == http.StatusBadRequest && strings.Contains(string(answer), "ACCESS_REFUSED")
		if c.want && status != http.StatusOK || !c.want && !refused {
			t.Errorf("%s %s: %d %s", c.method, c.path, status, answer)
		}
	}
}
