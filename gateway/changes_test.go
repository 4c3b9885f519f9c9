package gateway

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/gateway/internal/graph/model"
)

// follow subscribes with a document of its own; the acknowledgement is awaited first.
func (s *socket) follow(document string, variables map[string]any) {
	s.t.Helper()
	if f := s.next(); f.Type != "connection_ack" {
		s.t.Fatalf("connected: %+v", f)
	}
	payload, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		s.t.Fatal(err)
	}
	s.send(frame{ID: "1", Type: "subscribe", Payload: payload})
}

const sagaChanged = `subscription ($filter: SagaFilter) {
	sagaChanged(filter: $filter) { sequence fact { id } saga { id state subject { ... on Order { number } } } }
}`

func TestOperatorsFollowAllSagas(t *testing.T) {
	w := newWorld(t)
	everything, theirs := w.dial(w.token(olga)), w.dial(w.token(olga))
	everything.follow(sagaChanged, nil)
	theirs.follow(sagaChanged, map[string]any{"filter": map[string]any{"state": "STUCK"}})
	w.awaitSubscriptions(2)
	w.chronicle.record(1)
	w.called()
	w.signals.send(graces, 3)
	got := everything.change()
	if diff := cmp.Diff(map[string]any{
		"sequence": 3.0, "fact": map[string]any{"id": id(4, 3)},
		"saga": map[string]any{"id": model.GlobalID("Saga", graces), "state": "RUNNING", "subject": got.at("sagaChanged", "saga", "subject")},
	}, got.at("sagaChanged")); diff != "" || got.at("sagaChanged", "saga", "subject", "number") == nil {
		t.Errorf("change (-want +got):\n%s", diff)
	}
	if calls := w.called(); calls["chronicle.v1.ChronicleService/GetTimeline"] != 1 || calls["chronicle.v1.ChronicleService/GetSagas"] != 1 {
		t.Errorf("calls: %v", calls)
	}
	if diff := cmp.Diff([]string{"next 2", "complete 2"}, theirs.ask("2", "{ viewer { email } }")); diff != "" {
		t.Errorf("told of what does not pass (-want +got):\n%s", diff)
	}
}

// awaitSubscriptions waits until so many go on, which nothing tells a client whose subscription begins with silence.
func (w *world) awaitSubscriptions(want int) {
	w.t.Helper()
	for until := time.Now().Add(10 * time.Second); w.gateway.hub.Followers() != want; time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			w.t.Fatalf("%d follow all sagas", w.gateway.hub.Followers())
		}
	}
}

const stockChanged = `subscription ($skus: [String!]!) { stockChanged(skus: $skus) { sku availability { available status } } }`

func TestEverybodyFollowsStock(t *testing.T) {
	w := newWorld(t)
	s := w.dial("")
	s.follow(stockChanged, map[string]any{"skus": []string{sku(3), strings.ToLower(sku(12)), sku(3)}})
	expect := func(sku string, available int, status string) {
		t.Helper()
		want := map[string]any{"sku": sku, "availability": map[string]any{"available": float64(available), "status": status}}
		if diff := cmp.Diff(want, s.change().at("stockChanged")); diff != "" {
			t.Errorf("change (-want +got):\n%s", diff)
		}
	}
	expect(sku(3), 3, "LOW_STOCK")
	expect(sku(12), 12, "IN_STOCK")
	w.called()
	for n := range 3 {
		w.signals.from("inventory", "stock.level", fmt.Sprintf(`{"sku":%q,"available":%d}`, sku(3), 2-n))
		expect(sku(3), 2-n, map[bool]string{true: "OUT_OF_STOCK", false: "LOW_STOCK"}[n == 2])
	}
	// None is for these; one, perhaps, looks for what was signalled before anybody listened.
	if calls := w.called(); calls["inventory.v1.InventoryService/GetAvailability"] > 1 {
		t.Errorf("calls: %v", calls)
	}
	w.signals.reconnect("inventory")
	expect(sku(3), 3, "LOW_STOCK")
}

func TestStreamsThatAreRefused(t *testing.T) {
	w := newWorld(t)
	for name, test := range map[string]struct {
		token, document string
		variables       map[string]any
		want            string
	}{
		"all sagas as a customer":   {w.token(ada), sagaChanged, nil, "sagaChanged: FORBIDDEN"},
		"all sagas without a token": {"", sagaChanged, nil, "sagaChanged: UNAUTHENTICATED"},
		"no SKU":                    {"", stockChanged, map[string]any{"skus": []string{}}, "stockChanged: OUT_OF_RANGE"},
		"too many SKUs":             {"", stockChanged, map[string]any{"skus": make([]string, 101)}, "stockChanged: OUT_OF_RANGE"},
	} {
		t.Run(name, func(t *testing.T) {
			s := w.dial(test.token)
			s.t = t
			s.follow(test.document, test.variables)
			if got := s.change(); got.brief() != test.want {
				t.Errorf("got %q, want %q", got.brief(), test.want)
			}
		})
	}
}

func TestASagaIsRead(t *testing.T) {
	w := newWorld(t)
	for name, test := range map[string]struct {
		who       uuid.UUID
		arguments string
		want      []string
	}{
		"one's own":                 {ada, `id: "` + model.GlobalID("Saga", id(3, 1)) + `"`, nil},
		"by its order":              {ada, `id: "` + model.GlobalID("Order", id(3, 1)) + `"`, nil},
		"by a bare id":              {ada, `id: "` + id(3, 1) + `"`, nil},
		"any, as an operator":       {olga, `id: "` + graces + `"`, nil},
		"not waited for":            {ada, `id: "` + id(3, 1) + `", until: SETTLED, waitSeconds: 0`, nil},
		"someone else's":            {ada, `id: "` + graces + `"`, []string{"saga: FORBIDDEN"}},
		"someone else's, to settle": {ada, `id: "` + graces + `", until: SETTLED`, []string{"saga: FORBIDDEN"}},
		"without a token":           {uuid.Nil, `id: "` + id(3, 1) + `"`, []string{"saga: UNAUTHENTICATED"}},
		"an id of something else":   {ada, `id: "` + model.GlobalID("Product", id(1, 1)) + `"`, []string{"saga: BAD_USER_INPUT"}},
		"for too long":              {ada, `id: "` + id(3, 1) + `", until: SETTLED, waitSeconds: 26`, []string{"saga: OUT_OF_RANGE"}},
		"for less than nothing":     {ada, `id: "` + id(3, 1) + `", until: SETTLED, waitSeconds: -1`, []string{"saga: OUT_OF_RANGE"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := w.ask(test.who, `{ saga(`+test.arguments+`) { state } }`, nil)
			if diff := cmp.Diff(test.want, got.failures()); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
			if state := got.at("saga", "state"); test.want == nil && state != "RUNNING" {
				t.Errorf("state %v", state)
			}
		})
	}
}

func TestASagaIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	got := make(chan answer, 1)
	begun := time.Now()
	go func() { got <- w.ask(ada, `{ saga(id: "`+id(3, 1)+`", until: SETTLED) { state } }`, nil) }()
	for w.gateway.hub.Waiters(id(3, 1)) == 0 {
		time.Sleep(time.Millisecond)
	}
	w.chronicle.setState("COMPLETED")
	w.signals.send(id(3, 1), 3)
	if a := <-got; a.at("saga", "state") != "COMPLETED" || time.Since(begun) > 10*time.Second {
		t.Errorf("after %s: %+v", time.Since(begun), a)
	}
}
