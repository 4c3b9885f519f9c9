package rpc_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/serve"
	"quadrille.dev/schema/eventtest"
	chroniclev1 "quadrille.dev/schema/rpc/chronicle/v1"

	"quadrille.dev/services/chronicle/internal/acl"
	"quadrille.dev/services/chronicle/internal/app"
	"quadrille.dev/services/chronicle/internal/saga"
)

const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

// whole puts an order on the shelf that has heard these facts, and answers their ids.
func (s *shelf) whole(t *testing.T, names ...string) (order string, ids []string) {
	t.Helper()
	order = uuid.NewString()
	kept := saga.Saga{ID: order, Process: acl.Processes()["ORDER"]}
	for i, name := range names {
		e := event.New(t.Context(), event.Fact{
			Name: name, Version: 1, Subject: order, Sequence: int64(i + 1), CorrelationID: order, At: start.Add(time.Duration(i) * time.Second),
			Data: eventtest.Examples(name, 1)[0],
		})
		if i == 0 {
			e.TraceParent = traceparent
		}
		fact, err := acl.Read(e)
		if err != nil {
			t.Fatal(err)
		}
		kept = kept.Hear(fact.Heard(), fact.At)
		s.facts[order] = append(s.facts[order], app.Recorded{
			ID: fact.ID, Name: name, CorrelationID: order, Sequence: int64(i + 1), RecordedAt: fact.At, Envelope: fact.Envelope,
		})
		ids = append(ids, fact.ID.String())
	}
	s.sagas = append(s.sagas, kept)
	return order, ids
}

func TestFactsAreInspectedWithWhatEachChanged(t *testing.T) {
	s := stock()
	_, ids := s.whole(t, "ordering.order.placed", "inventory.stock.reserved", "chronicle.saga.stuck", "billing.payment.stalled", "billing.payment.captured")
	response, err := handler(s, start).InspectFacts(as(operator), &chroniclev1.InspectFactsRequest{Ids: append(ids[1:], ids[0], uuid.NewString())})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, fact := range response.GetFacts() {
		var told strings.Builder
		told.WriteString(fact.GetEffect().GetState())
		for _, step := range fact.GetEffect().GetSteps() {
			fmt.Fprintf(&told, " %s.%s %s-%s", step.GetContext(), step.GetName(), step.GetFrom(), step.GetTo())
		}
		got[fact.GetId()] = told.String()
		if !json.Valid([]byte(fact.GetPayload())) || (fact.GetTraceId() != "") != (fact.GetId() == ids[0]) {
			t.Errorf("inspected %v", fact)
		}
	}
	want := map[string]string{
		ids[0]: "RUNNING ordering.place RUNNING-DONE inventory.reserve PENDING-RUNNING billing.invoice PENDING-RUNNING",
		ids[1]: "RUNNING inventory.reserve RUNNING-DONE billing.charge PENDING-RUNNING",
		ids[2]: "RUNNING",
		ids[3]: "STUCK",
		ids[4]: "RUNNING billing.charge RUNNING-DONE fulfillment.arrange PENDING-RUNNING",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("effects (-want +got):\n%s", diff)
	}
}

func TestWhatAFactCarriesIsMasked(t *testing.T) {
	s := stock()
	_, ids := s.whole(t, "ordering.order.placed")
	response, err := handler(s, start).InspectFacts(as(service), &chroniclev1.InspectFactsRequest{Ids: ids})
	if err != nil || len(response.GetFacts()) != 1 {
		t.Fatalf("%v, %v", response, err)
	}
	fact := response.GetFacts()[0]
	if fact.GetTraceId() != "4bf92f3577b34da6a3ce929d0e0e4736" {
		t.Errorf("trace %q", fact.GetTraceId())
	}
	var payload struct {
		Number  string `json:"number"`
		Payment any    `json:"payment"`
		Address struct {
			Name string `json:"name"`
		} `json:"shippingAddress"`
	}
	if err := json.Unmarshal([]byte(fact.GetPayload()), &payload); err != nil {
		t.Fatal(err)
	}
	if payload.Number == "" || payload.Address.Name != "***" || strings.Contains(fact.GetPayload(), "pm_card") {
		t.Errorf("payload %s", fact.GetPayload())
	}
}

func TestFactsAreInspectedAndCountedForOperatorsAndServices(t *testing.T) {
	s := stock()
	for name, test := range map[string]struct {
		caller serve.Caller
		want   connect.Code
	}{
		"a customer": {customer, connect.CodePermissionDenied}, "nobody": {nobody, connect.CodePermissionDenied},
		"operators": {operator, 0}, "services": {service, 0},
	} {
		ids := []string{s.facts["ada's"][0].ID.String()}
		_, inspected := handler(stock(), start).InspectFacts(as(test.caller), &chroniclev1.InspectFactsRequest{Ids: ids})
		_, counted := handler(s, start).CountFacts(as(test.caller), &chroniclev1.CountFactsRequest{Seconds: 60})
		for _, err := range []error{inspected, counted} {
			if err == nil != (test.want == 0) || err != nil && connect.CodeOf(err) != test.want {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestFactsAreCountedUntilNow(t *testing.T) {
	s := stock()
	s.counts = map[string]int64{"ordering.order.placed": 3, "billing.payment.captured": 2}
	response, err := handler(s, start).CountFacts(as(operator), &chroniclev1.CountFactsRequest{Seconds: 60})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, count := range response.GetCounts() {
		got = append(got, fmt.Sprint(count.GetType(), " ", count.GetCount()))
	}
	if diff := cmp.Diff([]string{"billing.payment.captured 2", "ordering.order.placed 3"}, got); diff != "" || !s.since.Equal(start.Add(-time.Minute)) {
		t.Errorf("since %s (-want +got):\n%s", s.since, diff)
	}
}

func TestBadRequestsAboutFacts(t *testing.T) {
	h := handler(stock(), start)
	inspect := func(ids ...string) error {
		_, err := h.InspectFacts(as(operator), &chroniclev1.InspectFactsRequest{Ids: ids})
		return err
	}
	count := func(seconds int32) error {
		_, err := h.CountFacts(as(operator), &chroniclev1.CountFactsRequest{Seconds: seconds})
		return err
	}
	for name, err := range map[string]error{
		"no id": inspect("rubbish"), "too many": inspect(make([]string, 1001)...), "no time": count(0), "too long": count(3601),
	} {
		if connect.CodeOf(err) != connect.CodeInvalidArgument {
			t.Errorf("%s: %v", name, err)
		}
	}
}
