package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/stack/local"
)

// topology is what a broker consists of, one text for each part that says all of it: "queue inventory.inbox" durable, {…}.
type topology map[string]string

func (t topology) exchange(name, kind string, durable bool) {
	t["exchange "+name] = fmt.Sprintf("%s, durable %t", kind, durable)
}

func (t topology) queue(name string, durable bool, arguments map[string]any) {
	text, err := json.Marshal(arguments)
	if err != nil {
		panic(err) // arguments come from JSON
	}
	t["queue "+name] = fmt.Sprintf("durable %t, %s", durable, text)
}

func (t topology) policy(name, pattern string, definition map[string]any) {
	text, err := json.Marshal(definition)
	if err != nil {
		panic(err) // definitions come from JSON
	}
	t["policy "+name] = fmt.Sprintf("for %s, %s", pattern, text)
}

func (t topology) binding(exchange, queue, key string) {
	t[fmt.Sprintf("binding of %s to %s by %q", queue, exchange, key)] = "there"
}

// drift names every difference between the topology that was declared and another.
func drift(declared, other topology) []string {
	var differences []string
	for _, part := range slices.Sorted(maps.Keys(declared)) {
		switch is, there := other[part]; {
		case !there:
			differences = append(differences, part+" is missing")
		case is != declared[part]:
			differences = append(differences, fmt.Sprintf("%s is %s, not %s", part, is, declared[part]))
		}
	}
	for _, part := range slices.Sorted(maps.Keys(other)) {
		if _, known := declared[part]; !known {
			differences = append(differences, part+" is declared by nobody")
		}
	}
	return differences
}

func TestDriftIsNamed(t *testing.T) {
	t.Parallel()
	declared := topology{}
	declared.exchange("ordering.events", "topic", true)
	declared.queue("inventory.inbox", true, map[string]any{"x-queue-type": "quorum", "x-delivery-limit": 100_000})
	declared.binding("ordering.events", "inventory.inbox", "order.placed.*")
	for name, c := range map[string]struct {
		change func(other topology)
		want   []string
	}{
		"nothing": {func(topology) {}, nil},
		"a missing binding": {
			func(other topology) {
				delete(other, `binding of inventory.inbox to ordering.events by "order.placed.*"`)
			},
			[]string{`binding of inventory.inbox to ordering.events by "order.placed.*" is missing`},
		},
		"a binding by another key": {
			func(other topology) {
				delete(other, `binding of inventory.inbox to ordering.events by "order.placed.*"`)
				other.binding("ordering.events", "inventory.inbox", "order.*")
			},
			[]string{
				`binding of inventory.inbox to ordering.events by "order.placed.*" is missing`,
				`binding of inventory.inbox to ordering.events by "order.*" is declared by nobody`,
			},
		},
		"an extra queue": {
			func(other topology) { other.queue("left.over", true, nil) },
			[]string{"queue left.over is declared by nobody"},
		},
		"a missing queue": {
			func(other topology) { delete(other, "queue inventory.inbox") },
			[]string{"queue inventory.inbox is missing"},
		},
		"a changed argument": {
			func(other topology) {
				other.queue("inventory.inbox", true, map[string]any{"x-queue-type": "quorum", "x-delivery-limit": 20})
			},
			[]string{`queue inventory.inbox is durable true, {"x-delivery-limit":20,"x-queue-type":"quorum"}, ` +
				`not durable true, {"x-delivery-limit":100000,"x-queue-type":"quorum"}`},
		},
		"an exchange of another type": {
			func(other topology) { other.exchange("ordering.events", "fanout", true) },
			[]string{"exchange ordering.events is fanout, durable true, not topic, durable true"},
		},
	} {
		other := maps.Clone(declared)
		c.change(other)
		if diff := cmp.Diff(c.want, drift(declared, other)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

// definitions is the format that RabbitMQ imports and exports.
type definitions struct {
	Exchanges []struct {
		Name    string
		Type    string
		Durable bool
	}
	Queues []struct {
		Name      string
		Durable   bool
		Arguments map[string]any
	}
	Bindings []struct {
		Source      string
		Destination string
		RoutingKey  string `json:"routing_key"`
	}
	Policies []struct {
		Name       string
		Pattern    string
		Definition map[string]any
	}
}

func topologyOf(t *testing.T, text []byte) topology {
	t.Helper()
	var d definitions
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatalf("read definitions: %v", err)
	}
	all := topology{}
	for _, e := range d.Exchanges {
		all.exchange(e.Name, e.Type, e.Durable)
	}
	for _, q := range d.Queues {
		all.queue(q.Name, q.Durable, q.Arguments)
	}
	for _, b := range d.Bindings {
		all.binding(b.Source, b.Destination, b.RoutingKey)
	}
	for _, p := range d.Policies {
		all.policy(p.Name, p.Pattern, p.Definition)
	}
	return all
}

// declared is the topology as the code declares it.
func declared(t *testing.T) topology {
	t.Helper()
	text, err := json.Marshal(rabbit.Define("quadrille", local.Members()))
	if err != nil {
		t.Fatal(err)
	}
	return topologyOf(t, text)
}

func noDrift(t *testing.T, other topology) {
	t.Helper()
	for _, difference := range drift(declared(t), other) {
		t.Error(difference)
	}
}

func file(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile("../../" + path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestTheDefinitionsFileIsWhatContextsDeclare(t *testing.T) {
	t.Parallel()
	noDrift(t, topologyOf(t, file(t, "deploy/rabbitmq/definitions.json")))
}

func TestTheAsyncAPIDocumentIsWhatContextsDeclare(t *testing.T) {
	t.Parallel()
	var document struct {
		Channels map[string]struct {
			Bindings struct {
				AMQP struct {
					Exchange *struct {
						Name, Type string
						Durable    bool
					}
					Queue *struct {
						Name    string
						Durable bool
					}
				}
			}
			Arguments map[string]any                          `json:"x-arguments"`
			Policy    map[string]any                          `json:"x-policy"`
			Bound     []struct{ Exchange, RoutingKey string } `json:"x-bindings"`
		}
	}
	if err := json.Unmarshal(file(t, "schema/asyncapi.json"), &document); err != nil {
		t.Fatal(err)
	}
	described := topology{}
	for _, channel := range document.Channels {
		if e := channel.Bindings.AMQP.Exchange; e != nil {
			described.exchange(e.Name, e.Type, e.Durable)
		}
		if q := channel.Bindings.AMQP.Queue; q != nil {
			described.queue(q.Name, q.Durable, channel.Arguments)
			described.policy(q.Name, "^"+regexp.QuoteMeta(q.Name)+"$", channel.Policy)
			for _, b := range channel.Bound {
				described.binding(b.Exchange, q.Name, b.RoutingKey)
			}
		}
	}
	noDrift(t, described)
}

// live is what a virtual host consists of, but for what goes with a connection.
func live(t *testing.T, amqpURL string) (topology, error) {
	t.Helper()
	vhost := amqpURL[strings.LastIndex(amqpURL, "/")+1:]
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		testkit.RabbitMQManagement(t)+"/api/definitions/"+url.PathEscape(vhost), nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("ask for definitions: %s", response.Status)
	}
	var text json.RawMessage
	if err := json.NewDecoder(response.Body).Decode(&text); err != nil {
		return nil, err
	}
	return topologyOf(t, text), nil
}

// theLiveBrokerIsWhatContextsDeclare looks at the broker that the system was set up on, and runs on.
func theLiveBrokerIsWhatContextsDeclare(t *testing.T) {
	t.Parallel()
	declared, err := live(t, quadrille.AMQPURL("ordering"))
	if err != nil {
		t.Fatal(err)
	}
	noDrift(t, declared)
}

// On a broker where nobody has prepared anything, the contexts declare the same themselves, but for policies, which they have no right to.
func TestContextsDeclareTheTopologyThemselves(t *testing.T) {
	t.Parallel()
	amqpURL := testkit.RabbitMQ(t)
	ctx, cancel := context.WithTimeout(t.Context(), 3*patience)
	var consuming sync.WaitGroup
	defer consuming.Wait()
	defer cancel()
	for name, member := range local.Members() {
		if member.ListensOnly {
			continue
		}
		broker := rabbit.New(rabbit.Config{URL: amqpURL, Name: name})
		defer broker.Close()
		consuming.Go(func() { _ = broker.Consume(ctx, member.Facts, 1, func(rabbit.Delivery) {}, func() {}) })
	}
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	want := declared(t)
	maps.DeleteFunc(want, func(part, _ string) bool { return strings.HasPrefix(part, "policy ") })
	for {
		found, err := live(t, amqpURL)
		differences := drift(want, found)
		if err == nil && len(differences) == 0 {
			return
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			t.Fatalf("the contexts have declared something else, %v:\n%s", err, strings.Join(differences, "\n"))
		}
	}
}
