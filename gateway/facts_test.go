package gateway

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/gateway/internal/graph/model"
)

const inspection = `query($id: ID!) { order(id: $id) { timeline(first: 100) { nodes {
	sequence recordedAt payload traceId traceUrl effect { state steps { context name from to } }
	deliveries { context state attempts at error } } } } }`

func TestAPageOfFactsCostsOneCallToChronicleAndToEachContextThatReacts(t *testing.T) {
	w := newWorld(t, "TRACE_URL=https://traces.test/{traceId}")
	w.chronicle.record(98)
	got := w.ask(olga, inspection, map[string]any{"id": id(3, 1)})
	if len(got.Errors) > 0 {
		t.Fatal(got.Errors)
	}
	want := map[string]int{
		"ordering.v1.OrderingService/GetOrders":          1,
		"chronicle.v1.ChronicleService/GetTimeline":      1,
		"chronicle.v1.ChronicleService/InspectFacts":     1,
		"operations.v1.OperationsService/ListDeliveries": 3, // inventory, billing and fulfillment hear of order.placed
	}
	if diff := cmp.Diff(want, w.called()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	first := map[string]any{
		"sequence": 1.0, "recordedAt": "2026-03-01T12:00:01Z", "payload": `{"name":"***"}`, "traceId": "4bf92f3577b34da6a3ce929d0e0e4736",
		"traceUrl": "https://traces.test/4bf92f3577b34da6a3ce929d0e0e4736",
		"effect": map[string]any{"state": "RUNNING", "steps": []any{
			map[string]any{"context": "billing", "name": "charge", "from": "RUNNING", "to": "DONE"},
		}},
		"deliveries": []any{
			map[string]any{"context": "billing", "state": "PARKED", "attempts": 10.0, "at": "2026-03-01T12:00:00Z", "error": "broken"},
			map[string]any{"context": "fulfillment", "state": "HANDLED", "attempts": 1.0, "at": "2026-03-01T12:00:00Z", "error": nil},
			map[string]any{"context": "inventory", "state": "HANDLED", "attempts": 1.0, "at": "2026-03-01T12:00:00Z", "error": nil},
		},
	}
	if diff := cmp.Diff(first, got.at("order", "timeline", "nodes", 0)); diff != "" {
		t.Errorf("the first fact (-want +got):\n%s", diff)
	}
	last := got.at("order", "timeline", "nodes", 99).(map[string]any)
	unknown := map[string]any{"context": "inventory", "state": "UNKNOWN", "attempts": nil, "at": nil, "error": nil}
	if diff := cmp.Diff(unknown, last["deliveries"].([]any)[2]); diff != "" || last["traceId"] != nil || last["traceUrl"] != nil {
		t.Errorf("the last fact is %v (-want +got):\n%s", last, diff)
	}
}

func TestATimelineCostsNoMoreThanWasAskedFor(t *testing.T) {
	w := newWorld(t)
	order := map[string]any{"id": id(3, 1)}
	for document, procedure := range map[string]string{
		`query($id: ID!) { order(id: $id) { timeline(first: 9) { nodes { summary sequence recordedAt } } } }`: "",
		`query($id: ID!) { order(id: $id) { timeline(first: 9) { nodes { deliveries { state } } } } }`:        "chronicle.v1.ChronicleService/InspectFacts",
		`query($id: ID!) { order(id: $id) { timeline(first: 9) { nodes { payload effect { state } } } } }`:    "operations.v1.OperationsService/ListDeliveries",
	} {
		if got := w.ask(olga, document, order); len(got.Errors) > 0 {
			t.Fatal(got.Errors)
		}
		calls := w.called()
		if calls[procedure] > 0 || procedure == "" && len(calls) != 2 {
			t.Errorf("%s: %v", document, calls)
		}
	}
	// A customer who asks for what is the operators' gets the rest, and nobody is asked for it.
	got := w.ask(ada, inspection, order)
	if len(got.Errors) != 2*5 || got.at("order", "timeline", "nodes", 1, "sequence") != 2.0 {
		t.Errorf("data %v, errors %v", got.Data, got.failures())
	}
	if calls := w.called(); len(calls) != 2 {
		t.Errorf("calls: %v", calls)
	}
}

func TestDeliveriesOfContextsThatAnswerStandBesideThoseThatDoNot(t *testing.T) {
	w := newWorld(t)
	w.setDown("billing", true)
	got := w.ask(olga, `query($id: ID!) { order(id: $id) { timeline(first: 2) { nodes { summary deliveries { context state } } } } }`,
		map[string]any{"id": id(3, 1)})
	want := []any{map[string]any{"context": "fulfillment", "state": "UNKNOWN"}, map[string]any{"context": "inventory", "state": "UNKNOWN"}}
	if diff := cmp.Diff(want, got.at("order", "timeline", "nodes", 1, "deliveries")); diff != "" {
		t.Errorf("deliveries (-want +got):\n%s", diff)
	}
	failures := []string{"order.timeline.nodes.0.deliveries: CONTEXT_UNAVAILABLE", "order.timeline.nodes.1.deliveries: CONTEXT_UNAVAILABLE"}
	if diff := cmp.Diff(failures, sorted(got.failures())); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]any{"billing"}, got.Extensions["degraded"]); diff != "" {
		t.Errorf("degraded (-want +got):\n%s", diff)
	}
}

func TestFactsInStreamsAreInspectedAnew(t *testing.T) {
	w := newWorld(t)
	document := `subscription($id: ID!) { orderChanged(id: $id, since: 0) { fact { sequence payload deliveries { context } } } }`
	for range 2 {
		s := w.dial(w.token(olga))
		s.follow(document, map[string]any{"id": id(3, 1)})
		for sequence := range 2 {
			fact := s.change().at("orderChanged", "fact").(map[string]any)
			if fact["sequence"] != float64(sequence+1) || fact["payload"] != `{"name":"***"}` || len(fact["deliveries"].([]any)) != 3 {
				t.Errorf("got %v", fact)
			}
		}
	}
	if calls := w.called(); calls["operations.v1.OperationsService/ListDeliveries"] != 2*2*3 {
		t.Errorf("calls: %v", calls)
	}
	customers := w.dial(w.token(ada))
	customers.follow(document, map[string]any{"id": id(3, 1)})
	want := []string{"fact.deliveries: FORBIDDEN", "fact.payload: FORBIDDEN"}
	if diff := cmp.Diff(want, sorted(customers.change().failures())); diff != "" {
		t.Errorf("a customer gets (-want +got):\n%s", diff)
	}
}

func TestAFactByItsIDIsInspected(t *testing.T) {
	w := newWorld(t)
	got := w.ask(olga, `{ nodes(ids: ["`+id(4, 1)+`", "`+id(5, 2)+`"]) { ... on Fact { id payload deliveries { state } } } }`, nil)
	if len(got.Errors) > 0 || got.at("nodes", 1, "payload") != `{"name":"***"}` || got.at("nodes", 0, "deliveries", 2, "state") != "HANDLED" {
		t.Errorf("data %v, errors %v", got.Data, got.failures())
	}
	if calls := w.called(); calls["chronicle.v1.ChronicleService/InspectFacts"] != 1 || calls["operations.v1.OperationsService/ListDeliveries"] != 3 {
		t.Errorf("calls: %v", calls)
	}
}

func TestQueuesAndTracesHaveAddressesWhereThatIsConfigured(t *testing.T) {
	inboxes := func(settings ...string) []any {
		w := newWorld(t, settings...)
		w.setDown("pricing", true)
		got := w.ask(olga, `{ contexts { queueUrl } }`, nil)
		var all []any
		for _, context := range got.at("contexts").([]any) {
			all = append(all, context.(map[string]any)["queueUrl"])
		}
		return all
	}
	for i, address := range inboxes() {
		if address != nil {
			t.Errorf("%d is at %v", i, address)
		}
	}
	got := inboxes("RABBITMQ_CONSOLE_URL=http://127.0.0.1:15672", "AMQP_URL=amqp://127.0.0.1/quadrille")
	if got[2] != "http://127.0.0.1:15672/#/queues/quadrille/pricing.inbox" || got[8] != nil {
		t.Errorf("inboxes are at %v", got)
	}
}

func TestChoreographyTellsHowOftenEachMessageCame(t *testing.T) {
	w := newWorld(t)
	document := `{ choreography { type context consumers style exchange routingKey compensation lastMinute } }`
	got := w.ask(olga, document, nil)
	if len(got.Errors) > 0 {
		t.Fatal(got.Errors)
	}
	if diff := cmp.Diff(map[string]int{"chronicle.v1.ChronicleService/CountFacts": 1}, w.called()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	facts := map[any]map[string]any{}
	for _, one := range got.at("choreography").([]any) {
		fact := one.(map[string]any)
		if facts[fact["type"]] != nil {
			t.Errorf("%s is there twice", fact["type"])
		}
		facts[fact["type"]] = fact
	}
	for _, want := range []map[string]any{
		{
			"type": "ordering.order.placed", "context": "ordering", "consumers": []any{"billing", "fulfillment", "inventory"}, "style": "STATE_TRANSFER",
			"exchange": "ordering.events", "routingKey": "order.placed.*", "compensation": false, "lastMinute": 60.0,
		},
		{
			"type": "billing.payment.refunded", "context": "billing", "consumers": []any{"inventory", "ordering"}, "style": "STATE_TRANSFER",
			"exchange": "billing.events", "routingKey": "payment.refunded.*", "compensation": true, "lastMinute": 0.0,
		},
		{
			"type": "ordering.return.withdrawStock", "context": "ordering", "consumers": []any{"inventory"}, "style": "COMMAND",
			"exchange": "inventory.commands", "routingKey": "return.withdrawStock.*", "compensation": true, "lastMinute": nil,
		},
	} {
		if diff := cmp.Diff(want, facts[want["type"]]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", want["type"], diff)
		}
	}
}

func TestChoreographyStandsWithoutChronicle(t *testing.T) {
	w := newWorld(t)
	w.setDown("chronicle", true)
	got := w.ask(olga, `{ choreography { type lastMinute } }`, nil)
	if got.at("choreography", 9, "type") == nil || got.at("choreography", 9, "lastMinute") != nil ||
		len(got.Errors) == 0 || got.Errors[0].Extensions["code"] != "CONTEXT_UNAVAILABLE" || got.Errors[0].Extensions["context"] != "chronicle" {
		t.Errorf("data %v, errors %v", got.Data, got.failures())
	}
	w.called()
	if got := w.ask(olga, `{ choreography { type } }`, nil); len(got.Errors) > 0 || len(w.called()) > 0 {
		t.Errorf("without a count: %v", got.failures())
	}
}

func TestCategoriesAreForEverybody(t *testing.T) {
	w := newWorld(t)
	got := w.ask(uuid.Nil, `{ categories { name productCount } }`, nil)
	if diff := cmp.Diff([]any{map[string]any{"name": "Things", "productCount": 99.0}}, got.at("categories")); diff != "" || len(got.Errors) > 0 {
		t.Errorf("%v, categories (-want +got):\n%s", got.failures(), diff)
	}
}

func TestSagasAreFollowedByStatesAndSKU(t *testing.T) {
	w := newWorld(t)
	s := w.dial(w.token(olga))
	s.follow(sagaChanged, map[string]any{"filter": map[string]any{"states": []string{"RUNNING", "STUCK"}, "about": map[string]any{"sku": "sku-002"}}})
	other := w.dial(w.token(olga))
	other.follow(sagaChanged, map[string]any{"filter": map[string]any{"about": map[string]any{"sku": "sku-003"}}})
	w.awaitSubscriptions(2)
	w.signals.send(graces, w.chronicle.record(1))
	if got := s.change(); got.at("sagaChanged", "saga", "id") != model.GlobalID("Saga", graces) {
		t.Errorf("change %v", got)
	}
	if diff := cmp.Diff([]string{"next 2", "complete 2"}, other.ask("2", "{ viewer { email } }")); diff != "" {
		t.Errorf("told of what does not pass (-want +got):\n%s", diff)
	}
}

func TestWhatHappenedInASagaIsToldByChronicleAlone(t *testing.T) {
	w := newWorld(t)
	w.setDown("ordering", true)
	got := w.ask(olga, `query($id: ID!) { saga(id: $id) { subject { __typename } timeline(first: 2) { totalCount nodes { summary } } } }`,
		map[string]any{"id": id(3, 1)})
	if nodes, _ := got.at("saga", "timeline", "nodes").([]any); len(nodes) != 2 {
		t.Errorf("data %v", got.Data)
	}
	if diff := cmp.Diff([]string{"saga.subject: CONTEXT_UNAVAILABLE"}, got.failures()); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	if calls := w.called(); calls["chronicle.v1.ChronicleService/GetTimeline"] != 1 {
		t.Errorf("calls: %v", calls)
	}
}
