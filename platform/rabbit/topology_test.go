package rabbit_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/platform/rabbit"
)

func TestTopologyOfASubscriber(t *testing.T) {
	got := rabbit.TopologyOf("inventory", []string{"ordering.order.placed", "billing.payment.declined", "ordering.return.restock"})
	want := rabbit.Topology{
		Exchanges: []rabbit.Exchange{
			{Name: "inventory.events", Type: "topic"},
			{Name: "inventory.signals", Type: "topic"},
			{Name: "inventory.dead", Type: "fanout"},
			{Name: "inventory.commands", Type: "topic"},
		},
		Queues: []rabbit.Queue{
			{Name: "inventory.dead", Arguments: map[string]any{"x-queue-type": "quorum", "x-delivery-limit": int64(100_000)}},
			{
				Name:      "inventory.inbox",
				Arguments: map[string]any{"x-queue-type": "quorum", "x-delivery-limit": int64(100_000)},
				Former: map[string]any{
					"x-queue-type": "quorum", "x-delivery-limit": int64(100_000), "x-overflow": "reject-publish",
					"x-dead-letter-exchange": "inventory.dead", "x-dead-letter-strategy": "at-least-once",
				},
			},
		},
		Policies: []rabbit.Policy{
			{
				Name: "inventory.dead", Pattern: `^inventory\.dead$`, ApplyTo: "queues",
				Definition: map[string]any{"delivery-limit": int64(100_000)},
			},
			{
				Name: "inventory.inbox", Pattern: `^inventory\.inbox$`, ApplyTo: "queues",
				Definition: map[string]any{
					"delivery-limit": int64(100_000), "overflow": "reject-publish",
					"dead-letter-exchange": "inventory.dead", "dead-letter-strategy": "at-least-once",
				},
			},
		},
		Bindings: []rabbit.Binding{{Source: "inventory.dead", Destination: "inventory.dead"}},
		Subscriptions: []rabbit.Binding{
			{Source: "ordering.events", Destination: "inventory.inbox", RoutingKey: "order.placed.*"},
			{Source: "billing.events", Destination: "inventory.inbox", RoutingKey: "payment.declined.*"},
			{Source: "inventory.commands", Destination: "inventory.inbox", RoutingKey: "return.restock.*"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What one context asks of another, and is answered, has exchanges of its own where there is any.
func TestWhatIsForOneContextAloneGoesToItsOwnExchanges(t *testing.T) {
	for context, want := range map[string][]string{
		"billing": {"billing.commands"}, "fulfillment": {"fulfillment.commands"}, "inventory": {"inventory.commands"},
		"ordering": {"ordering.replies"}, "pricing": nil, "chronicle": nil,
	} {
		var got []string
		for _, exchange := range rabbit.TopologyOf(context, nil).Exchanges[3:] {
			got = append(got, exchange.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", context, diff)
		}
	}
	queues := rabbit.QueuesOf("ordering", map[string][]string{"ordering.return.restock": {"inventory"}})
	if diff := cmp.Diff([]string{"chronicle.stream", "operator.recent", "inventory.inbox"}, queues["ordering.return.restock"]); diff != "" {
		t.Errorf("a command: %s", diff)
	}
	queues = rabbit.QueuesOf("billing", map[string][]string{"billing.refund.answered": {"ordering"}})
	if diff := cmp.Diff([]string{"operator.recent", "ordering.inbox"}, queues["billing.refund.answered"]); diff != "" {
		t.Errorf("an answer: %s", diff)
	}
}

func TestTheRecorderHearsEveryContextTwice(t *testing.T) {
	heard := map[string]map[string]bool{}
	for _, b := range rabbit.TopologyOf("chronicle", []string{"#"}).Subscriptions {
		if strings.HasSuffix(b.Source, ".commands") {
			continue
		}
		if b.RoutingKey != "#" && b.Destination != "operator.recent" {
			t.Errorf("%v hears only some facts", b)
		}
		if heard[b.Destination] == nil {
			heard[b.Destination] = map[string]bool{}
		}
		heard[b.Destination][b.Source] = true
	}
	for _, queue := range []string{"chronicle.inbox", "chronicle.stream"} {
		for _, context := range rabbit.Contexts {
			if !heard[queue][context+".events"] {
				t.Errorf("%s does not hear %s", queue, context)
			}
		}
	}
}

func TestOperatorsSeeNothingPersonal(t *testing.T) {
	bound := map[string]bool{}
	for _, b := range rabbit.TopologyOf("chronicle", []string{"#"}).Subscriptions {
		if b.Destination == "operator.recent" {
			bound[b.Source+" "+b.RoutingKey] = true
		}
	}
	for binding, want := range map[string]bool{
		"ordering.events order.fulfilled.*": true, "billing.events payment.captured.*": true, "customers.events customer.registered.*": true,
		"ordering.events order.placed.*": false, "customers.events customer.profiled.*": false, "customers.events customer.updated.*": false,
		"ordering.events #": false, "customers.events #": false,
	} {
		if bound[binding] != want {
			t.Errorf("operator.recent is bound to %s: %t", binding, !want)
		}
	}
}

func TestPermissionsAreTheLeast(t *testing.T) {
	members := map[string]rabbit.Member{
		"inventory": {Facts: []string{"ordering.order.placed"}},
		"ordering":  {Facts: []string{"inventory.stock.deducted"}, Signals: []string{"pricing"}},
		"chronicle": {Facts: []string{"#"}},
		"pricing":   {},
		"gateway":   {Signals: []string{"chronicle"}, Overhears: []string{"pricing"}, ListensOnly: true},
	}
	permissions := map[string]rabbit.Permission{}
	for _, p := range rabbit.Define("quadrille", members).Permissions {
		permissions[p.User] = p
	}
	for _, c := range []struct {
		user, right, name string
		want              bool
	}{
		{"inventory", "write", "inventory.events", true},
		{"inventory", "write", "ordering.events", false},
		{"inventory", "write", "amq.default", false},
		{"inventory", "write", "ordering.replies", true},
		{"inventory", "write", "billing.commands", false},
		{"inventory", "read", "ordering.replies", false},
		{"ordering", "write", "billing.commands", true},
		{"ordering", "write", "billing.events", false},
		{"pricing", "write", "ordering.replies", false},
		{"chronicle", "read", "billing.commands", true},
		{"inventory", "write", "inventory.eventsX", false},
		{"inventory", "read", "ordering.events", true},
		{"inventory", "read", "ordering.inbox", false},
		{"inventory", "read", "billing.events", false},
		{"inventory", "configure", "inventory.inbox", true},
		{"inventory", "configure", "ordering.inbox", false},
		{"inventory", "configure", "operator.recent", false},
		{"ordering", "read", "pricing.signals", true},
		{"ordering", "configure", "ordering.signal.1", true},
		{"ordering", "configure", "gateway.signal.1", false},
		{"chronicle", "read", "pricing.events", true},
		{"chronicle", "configure", "operator.recent", true},
		{"gateway", "read", "chronicle.signals", true},
		{"gateway", "read", "chronicle.events", false},
		{"gateway", "read", "pricing.events", true},
		{"gateway", "read", "pricing.inbox", false},
		{"gateway", "write", "chronicle.signals", false},
		{"gateway", "configure", "gateway.signal.1", true},
		{"gateway", "configure", "gateway.events", false},
		{"gateway", "configure", "", false},
		{"operator", "read", "operator.recent", true},
		{"operator", "read", "inventory.inbox", false},
		{"operator", "write", "operator.recent", false},
		{"operator", "configure", "operator.recent", false},
	} {
		p := permissions[c.user]
		pattern := map[string]string{"configure": p.Configure, "write": p.Write, "read": p.Read}[c.right]
		if got := regexp.MustCompile(pattern).MatchString(c.name); got != c.want {
			t.Errorf("%s may %s %q: %t (by %s), want %t", c.user, c.right, c.name, got, pattern, c.want)
		}
	}
}

func TestQueuesAndFactsComeFromTheSameDeclaration(t *testing.T) {
	consumers := map[string][]string{
		"ordering.order.placed":    {"billing", "inventory"},
		"ordering.order.fulfilled": {"fulfillment"},
		"billing.invoice.issued":   {},
	}
	wantQueues := map[string][]string{
		"ordering.order.placed":    {"chronicle.inbox", "chronicle.stream", "billing.inbox", "inventory.inbox"},
		"ordering.order.fulfilled": {"chronicle.inbox", "chronicle.stream", "operator.recent", "fulfillment.inbox"},
	}
	if diff := cmp.Diff(wantQueues, rabbit.QueuesOf("ordering", consumers)); diff != "" {
		t.Error(diff)
	}
	wantFacts := map[string][]string{
		"fulfillment": {"ordering.order.fulfilled"},
		"billing":     {"ordering.order.placed"}, "inventory": {"ordering.order.placed"}, "chronicle": {"#"},
		"catalog": {}, "customers": {}, "ordering": {}, "pricing": {},
	}
	if diff := cmp.Diff(wantFacts, rabbit.FactsOf(consumers)); diff != "" {
		t.Error(diff)
	}
}
