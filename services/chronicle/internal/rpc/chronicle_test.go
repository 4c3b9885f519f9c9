package rpc_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	"quadrille.dev/platform/serve"
	chroniclev1 "quadrille.dev/schema/rpc/chronicle/v1"
	pagev1 "quadrille.dev/schema/rpc/page/v1"

	"quadrille.dev/services/chronicle/internal/acl"
	"quadrille.dev/services/chronicle/internal/app"
	"quadrille.dev/services/chronicle/internal/rpc"
	"quadrille.dev/services/chronicle/internal/saga"
)

var (
	start = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	ada   = uuid.MustParse("01996f1e-0b7d-7a33-b1c9-5e4f2a6d8c11")
	grace = uuid.MustParse("01996f1e-4f02-7d58-96aa-0d7b3c1e9f12")
)

// shelf is an archive in memory. It remembers the last search.
type shelf struct {
	sagas []saga.Saga
	facts map[string][]app.Recorded
	log   []app.Acted
	query app.Query
	page  app.Page
	asked []uuid.UUID
	which app.Which
	// counts are answered, and since when was asked.
	counts map[string]int64
	since  time.Time
}

func (s *shelf) SKUs(_ context.Context, ids []string) (map[string][]string, error) {
	skus := map[string][]string{}
	for _, id := range ids {
		skus[id] = []string{"SKU of " + id}
	}
	return skus, nil
}

func (s *shelf) Counts(_ context.Context, since time.Time) (map[string]int64, error) {
	s.since = since
	return s.counts, nil
}

func (s *shelf) Sagas(_ context.Context, ids []string) (found []saga.Saga, err error) {
	for _, id := range ids {
		for _, kept := range s.sagas {
			if kept.ID == id {
				found = append(found, kept)
			}
		}
	}
	return found, nil
}

func (s *shelf) Search(_ context.Context, query app.Query, page app.Page) ([]saga.Saga, int, error) {
	s.query, s.page = query, page
	return slices.Clone(s.sagas[:min(len(s.sagas), page.First)]), len(s.sagas), nil
}

func (s *shelf) Read(_ context.Context, which app.Which, after int64, first int) ([]app.Arrived, error) {
	s.which = which
	var facts []app.Arrived
	for arrival := after + 1; arrival <= 5 && len(facts) < first; arrival++ {
		facts = append(facts, app.Arrived{Arrival: arrival, Envelope: fmt.Appendf(nil, "%d", arrival)})
	}
	return facts, nil
}

func (s *shelf) Facts(_ context.Context, ids []string, after int64, first int) (map[string][]app.Recorded, error) {
	part := map[string][]app.Recorded{}
	for _, id := range ids {
		for _, fact := range s.facts[id] {
			if fact.Sequence > after && fact.Sequence <= after+int64(first) {
				part[id] = append(part[id], fact)
			}
		}
	}
	return part, nil
}

func (s *shelf) FactsByID(_ context.Context, ids []uuid.UUID) (found []app.Recorded, err error) {
	for _, facts := range s.facts {
		for _, fact := range facts {
			if slices.Contains(ids, fact.ID) {
				found = append(found, fact)
			}
		}
	}
	return found, nil
}

func (s *shelf) Audit(_ context.Context, ids []uuid.UUID, page app.Page) ([]app.Acted, int, error) {
	s.asked = ids
	s.page = page
	return slices.Clone(s.log[:min(len(s.log), page.First)]), len(s.log), nil
}

// keep puts a saga with n facts on the shelf; an order without a customer is one that was not heard of yet.
func (s *shelf) keep(id string, customer uuid.UUID, n int) {
	kept := saga.Saga{ID: id, Process: acl.Processes()["ORDER"]}
	for i := range n {
		fact := saga.Fact{Name: "inventory.stock.reserved", At: start}
		if i == 0 && customer != uuid.Nil {
			fact = saga.Fact{Name: "ordering.order.placed", At: start, Order: &saga.Order{
				Number: "Q-" + id, Customer: customer, Deadline: start.Add(15 * time.Minute),
			}}
		}
		kept = kept.Hear(fact, start.Add(time.Duration(i)*time.Second))
		s.facts[id] = append(s.facts[id], app.Recorded{
			ID: uuid.New(), Name: fact.Name, Context: "ordering", CorrelationID: id, At: start, Sequence: int64(i + 1), Envelope: []byte(id),
		})
	}
	s.sagas = append(s.sagas, kept)
}

func stock() *shelf {
	s := &shelf{facts: map[string][]app.Recorded{}}
	s.keep("ada's", ada, 3)
	s.keep("grace's", grace, 1)
	s.keep("nobody's", uuid.Nil, 1)
	return s
}

func handler(s *shelf, now time.Time) *rpc.Chronicle {
	told := func(envelope []byte) string { return "told: " + string(envelope) }
	return rpc.New(s, told, acl.Inspect, 5*time.Minute, func() time.Time { return now })
}

func as(caller serve.Caller) context.Context { return serve.WithCaller(context.Background(), caller) }

var (
	customer = serve.Caller{ID: ada, Roles: []string{serve.Customer}}
	operator = serve.Caller{ID: uuid.New(), Roles: []string{serve.Operator}}
	service  = serve.Caller{Service: "gateway"}
	nobody   = serve.Caller{}
)

func TestWhoSeesWhat(t *testing.T) {
	for name, test := range map[string]struct {
		caller serve.Caller
		want   []string
	}{
		"a customer": {customer, []string{"ada's"}},
		"operators":  {operator, []string{"nobody's", "ada's", "grace's"}},
		"services":   {service, []string{"nobody's", "ada's", "grace's"}},
		"nobody":     {nobody, nil},
	} {
		t.Run(name, func(t *testing.T) {
			ids := []string{"nobody's", "ada's", "unknown", "grace's"}
			sagas, err := handler(stock(), start).GetSagas(as(test.caller), &chroniclev1.GetSagasRequest{Ids: ids})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range sagas.GetSagas() {
				got = append(got, s.GetId())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("sagas:\n%s", diff)
			}
			timelines, err := handler(stock(), start).GetTimeline(as(test.caller), &chroniclev1.GetTimelineRequest{SagaIds: ids, First: 10})
			if err != nil {
				t.Fatal(err)
			}
			got = nil
			for _, timeline := range timelines.GetTimelines() {
				got = append(got, timeline.GetSagaId())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("timelines:\n%s", diff)
			}
		})
	}
}

func TestListingIsForOperators(t *testing.T) {
	for _, caller := range []serve.Caller{customer, service, nobody} {
		_, err := handler(stock(), start).ListSagas(as(caller), &chroniclev1.ListSagasRequest{Page: &pagev1.PageRequest{First: 1}})
		if connect.CodeOf(err) != connect.CodePermissionDenied {
			t.Errorf("%+v gets %v", caller, err)
		}
	}
}

func TestSagaIsPresented(t *testing.T) {
	response, err := handler(stock(), start).GetSagas(as(operator), &chroniclev1.GetSagasRequest{Ids: []string{"ada's"}})
	if err != nil {
		t.Fatal(err)
	}
	s := response.GetSagas()[0]
	got := []string{
		s.GetKind(), s.GetState(), s.GetOrderNumber(), s.GetCustomerId(), fmt.Sprint(s.GetSequence()), fmt.Sprint(s.GetWaitingFor()),
		s.GetNextAction(), s.GetDeadline().AsTime().Format(time.TimeOnly), s.GetStartedAt().AsTime().Format(time.TimeOnly),
		s.GetLastFactAt().AsTime().Format(time.TimeOnly),
	}
	want := []string{
		"ORDER", "RUNNING", "Q-ada's", ada.String(), "3",
		"[billing.invoice.issued billing.payment.captured billing.payment.declined]",
		"Billing issues the invoice; billing charges the payment provider.", "10:15:00", "10:00:00", "10:00:02",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	step := s.GetSteps()[0]
	if len(s.GetSteps()) != 9 || step.GetContext() != "ordering" || step.GetName() != "place" || step.GetState() != "DONE" ||
		!step.GetFinishedAt().AsTime().Equal(start) || s.GetSteps()[8].GetFinishedAt() != nil {
		t.Errorf("steps are %v", s.GetSteps())
	}
}

func TestTheSKUsOfSagasAreToldToThoseWhoAsk(t *testing.T) {
	for asked, want := range map[bool][]string{true: {"SKU of ada's"}, false: nil} {
		response, err := handler(stock(), start).GetSagas(as(operator), &chroniclev1.GetSagasRequest{Ids: []string{"ada's"}, WithSkus: asked})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, response.GetSagas()[0].GetSkus()); diff != "" {
			t.Errorf("asked: %t (-want +got):\n%s", asked, diff)
		}
	}
}

func TestSilenceShowsAsStuck(t *testing.T) {
	last := start.Add(2 * time.Second)
	for now, want := range map[time.Time]string{
		last.Add(5 * time.Minute):                  "RUNNING",
		last.Add(5*time.Minute + time.Microsecond): "STUCK",
	} {
		response, err := handler(stock(), now).GetSagas(as(operator), &chroniclev1.GetSagasRequest{Ids: []string{"ada's"}})
		if err != nil {
			t.Fatal(err)
		}
		s := response.GetSagas()[0]
		if s.GetState() != want || len(s.GetWaitingFor()) == 0 || s.GetNextAction() == "" {
			t.Errorf("%v after its last fact: %s, waiting for %v, next action %q", now.Sub(last), s.GetState(), s.GetWaitingFor(), s.GetNextAction())
		}
	}
}

func TestAStalledStepShowsAsStuckAtOnce(t *testing.T) {
	s := stock()
	s.sagas[0] = s.sagas[0].Hear(saga.Fact{Name: "billing.payment.stalled", At: start.Add(time.Minute)}, start.Add(time.Minute))
	response, err := handler(s, start.Add(time.Minute)).GetSagas(as(operator), &chroniclev1.GetSagasRequest{Ids: []string{"ada's"}})
	if err != nil {
		t.Fatal(err)
	}
	got := response.GetSagas()[0]
	if got.GetState() != "STUCK" || !strings.Contains(got.GetNextAction(), "an operator retries or resolves the step charge") {
		t.Errorf("state %s, next action %q", got.GetState(), got.GetNextAction())
	}
}

func TestFilter(t *testing.T) {
	since := start.Add(-5 * time.Minute)
	for name, test := range map[string]struct {
		request *chroniclev1.ListSagasRequest
		want    app.Query
	}{
		"none": {&chroniclev1.ListSagasRequest{}, app.Query{}},
		"completed": {
			&chroniclev1.ListSagasRequest{State: "COMPLETED"}, app.Query{States: []saga.State{"COMPLETED"}, StuckSince: since},
		},
		"running": {
			&chroniclev1.ListSagasRequest{State: "RUNNING"}, app.Query{States: []saga.State{"RUNNING"}, StuckSince: since},
		},
		"stuck": {&chroniclev1.ListSagasRequest{State: "STUCK"}, app.Query{Stuck: true, StuckSince: since}},
		"whatever wants looking at": {
			&chroniclev1.ListSagasRequest{States: []string{"STUCK", "NEEDS_OPERATOR", "COMPENSATING"}},
			app.Query{States: []saga.State{"NEEDS_OPERATOR", "COMPENSATING"}, Stuck: true, StuckSince: since},
		},
		"returns that need an operator": {
			&chroniclev1.ListSagasRequest{State: "NEEDS_OPERATOR", Kind: "RETURN"},
			app.Query{States: []saga.State{"NEEDS_OPERATOR"}, Kind: "RETURN", StuckSince: since},
		},
		"with a line of": {&chroniclev1.ListSagasRequest{Sku: "TEA"}, app.Query{SKU: "TEA"}},
		"number and customer": {
			&chroniclev1.ListSagasRequest{OrderNumber: "Q-1", CustomerId: ada.String()}, app.Query{OrderNumber: "Q-1", Customer: ada},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := stock()
			test.request.Page = &pagev1.PageRequest{First: 2}
			if _, err := handler(s, start).ListSagas(as(operator), test.request); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, s.query); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A return that needs an operator shows so, however long nothing was heard of it, and names its order.
func TestAReturnThatNeedsAnOperatorShowsSo(t *testing.T) {
	s := stock()
	kept := saga.Saga{ID: "r", Process: acl.Processes()["RETURN"]}
	for i, fact := range []saga.Fact{
		{Name: "ordering.return.requested", Order: &saga.Order{ID: "o", Number: "Q-7", Customer: ada}},
		{Name: "ordering.return.stepStarted", Step: "pickup"},
		{Name: "ordering.return.stepFailed", Step: "pickup"},
		{Name: "ordering.return.needsOperator", Step: "pickup"},
	} {
		fact.At = start.Add(time.Duration(i) * time.Second)
		kept = kept.Hear(fact, fact.At)
	}
	s.sagas = append(s.sagas, kept)
	response, err := handler(s, start.Add(24*time.Hour)).GetSagas(as(serve.Caller{ID: grace, Roles: []string{serve.Customer}}), &chroniclev1.GetSagasRequest{Ids: []string{"r"}})
	if err != nil || len(response.GetSagas()) != 0 {
		t.Errorf("somebody else's return is answered: %v, %v", response, err)
	}
	response, err = handler(s, start.Add(24*time.Hour)).GetSagas(as(customer), &chroniclev1.GetSagasRequest{Ids: []string{"r"}})
	if err != nil || len(response.GetSagas()) != 1 {
		t.Fatalf("%v, %v", response, err)
	}
	got := response.GetSagas()[0]
	if got.GetKind() != "RETURN" || got.GetState() != "NEEDS_OPERATOR" || got.GetOrderId() != "o" || got.GetOrderNumber() != "Q-7" || got.GetDeadline() != nil {
		t.Errorf("got %v", got)
	}
}

func TestPagesFollowTheCursor(t *testing.T) {
	s := stock()
	h := handler(s, start)
	first, err := h.ListSagas(as(operator), &chroniclev1.ListSagasRequest{Page: &pagev1.PageRequest{First: 2}})
	if err != nil {
		t.Fatal(err)
	}
	if len(first.GetEdges()) != 2 || !first.GetPageInfo().GetHasNextPage() || first.GetPageInfo().GetTotalCount() != 3 {
		t.Fatalf("first page: %v", first)
	}
	cursor := first.GetEdges()[1].GetCursor()
	if _, err := h.ListSagas(as(operator), &chroniclev1.ListSagasRequest{Page: &pagev1.PageRequest{First: 3, After: cursor}}); err != nil {
		t.Fatal(err)
	}
	if want := (app.Position{At: s.sagas[1].StartedAt, ID: s.sagas[1].ID}); s.page.After != want {
		t.Errorf("the next page is after %v, want %v", s.page.After, want)
	}
	all, err := h.ListSagas(as(operator), &chroniclev1.ListSagasRequest{Page: &pagev1.PageRequest{First: 3}})
	if err != nil || all.GetPageInfo().GetHasNextPage() {
		t.Errorf("a page that holds all has a next one: %v, %v", all, err)
	}
}

func TestTimelineInParts(t *testing.T) {
	s := stock()
	s.facts["ada's"] = append(s.facts["ada's"], app.Recorded{Sequence: 4, CorrelationID: "ada's"})
	for _, test := range []struct {
		after, first int
		want         []int64
		more         bool
	}{
		{0, 2, []int64{1, 2}, true},
		{2, 2, []int64{3}, false},
		{3, 2, nil, false},
	} {
		response, err := handler(s, start).GetTimeline(as(customer), &chroniclev1.GetTimelineRequest{
			SagaIds: []string{"ada's"}, First: int32(test.first), AfterSequence: int64(test.after),
		})
		if err != nil {
			t.Fatal(err)
		}
		timeline := response.GetTimelines()[0]
		var got []int64
		for _, fact := range timeline.GetFacts() {
			got = append(got, fact.GetSequence())
			if fact.GetSummary() != "told: ada's" {
				t.Errorf("summary is %q", fact.GetSummary())
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("after %d:\n%s", test.after, diff)
		}
		if timeline.GetHasNextPage() != test.more || timeline.GetTotalCount() != 3 {
			t.Errorf("after %d: has next page %t, total %d", test.after, timeline.GetHasNextPage(), timeline.GetTotalCount())
		}
	}
}

func TestBadRequests(t *testing.T) {
	h := handler(stock(), start)
	list := func(request *chroniclev1.ListSagasRequest) error {
		_, err := h.ListSagas(as(operator), request)
		return err
	}
	timeline := func(request *chroniclev1.GetTimelineRequest) error {
		_, err := h.GetTimeline(as(operator), request)
		return err
	}
	_, tooMany := h.GetSagas(as(operator), &chroniclev1.GetSagasRequest{Ids: make([]string, 1001)})
	one := &pagev1.PageRequest{First: 1}
	for name, err := range map[string]error{
		"too many sagas":     tooMany,
		"no page":            list(&chroniclev1.ListSagasRequest{}),
		"a page too large":   list(&chroniclev1.ListSagasRequest{Page: &pagev1.PageRequest{First: 101}}),
		"no cursor":          list(&chroniclev1.ListSagasRequest{Page: &pagev1.PageRequest{First: 1, After: "?"}}),
		"a cursor of naught": list(&chroniclev1.ListSagasRequest{Page: &pagev1.PageRequest{First: 1, After: "YQ"}}),
		"an unknown state":   list(&chroniclev1.ListSagasRequest{Page: one, State: "ASLEEP"}),
		"one among others":   list(&chroniclev1.ListSagasRequest{Page: one, States: []string{"RUNNING", "ASLEEP"}}),
		"state and states":   list(&chroniclev1.ListSagasRequest{Page: one, State: "RUNNING", States: []string{"STUCK"}}),
		"a customer's name":  list(&chroniclev1.ListSagasRequest{Page: one, CustomerId: "ada"}),
		"too many timelines": timeline(&chroniclev1.GetTimelineRequest{SagaIds: make([]string, 101), First: 1}),
		"no facts":           timeline(&chroniclev1.GetTimelineRequest{First: 0}),
		"too many facts":     timeline(&chroniclev1.GetTimelineRequest{First: 1001}),
		"before the first":   timeline(&chroniclev1.GetTimelineRequest{First: 1, AfterSequence: -1}),
	} {
		if connect.CodeOf(err) != connect.CodeInvalidArgument {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFactsAreReadPageByPageByOperatorsAndServices(t *testing.T) {
	from, to := start, start.Add(time.Hour)
	for name, caller := range map[string]serve.Caller{"operator": operator, "service": service, "customer": customer, "nobody": nobody} {
		t.Run(name, func(t *testing.T) {
			s := stock()
			request := &chroniclev1.ReadFactsRequest{
				From: timestamppb.New(from), To: timestamppb.New(to), Types: []string{"pricing.price.changed"}, First: 2,
			}
			var got []string
			for more := true; more; more = request.GetAfter() != 0 {
				response, err := handler(s, start).ReadFacts(as(caller), request)
				if may := name == "operator" || name == "service"; !may {
					if connect.CodeOf(err) != connect.CodePermissionDenied {
						t.Errorf("got %v", err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				for _, envelope := range response.GetEnvelopes() {
					got = append(got, string(envelope))
				}
				request.After = response.GetNext()
			}
			if diff := cmp.Diff([]string{"1", "2", "3", "4", "5"}, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(app.Which{From: from, To: to, Names: request.GetTypes()}, s.which); diff != "" {
				t.Error(diff)
			}
		})
	}
}
