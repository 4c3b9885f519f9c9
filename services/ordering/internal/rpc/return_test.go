package rpc_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"quadrille.dev/platform/testkit"
	orderingv1 "quadrille.dev/schema/rpc/ordering/v1"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/returns"
)

// fulfilled is an order of two CUPs that is fulfilled.
func (s *shop) fulfilled(ctx context.Context) *orderingv1.Order {
	s.Helper()
	placed := s.placed(ctx, asking())
	s.hear(placed.Id, app.HearStockDeducted)
	return placed
}

func returning(order string, cups int32) *orderingv1.RequestReturnRequest {
	return &orderingv1.RequestReturnRequest{
		OrderId: order, Lines: []*orderingv1.LineInput{{Sku: "CUP", Quantity: cups}}, Reason: "a crack", IdempotencyKey: uuid.NewString(),
	}
}

// returned requests a return that is accepted.
func (s *shop) returned(ctx context.Context, req *orderingv1.RequestReturnRequest) *orderingv1.Return {
	s.Helper()
	answer, err := s.RequestReturn(ctx, req)
	if err != nil || len(answer.UserErrors) > 0 {
		s.Fatal(err, answer)
	}
	return answer.Return
}

// answer has a return be answered.
func (s *shop) answer(id string, command returns.Command, outcome returns.Outcome) {
	s.Helper()
	heard := app.ReturnAnswer{
		Return: returns.ID{UUID: uuid.MustParse(id)}, Answer: returns.Answer{Command: command, Outcome: outcome, Reference: "R-1", Reason: "no"},
	}
	s.do(func(store app.Store) error { return app.HearAnswer(s.Pace)(s.Context(), store, heard, s.now) })
}

// silence has a return wait in vain.
func (s *shop) silence() {
	s.Helper()
	s.now = s.now.Add(time.Hour)
	s.do(func(store app.Store) error {
		_, err := app.TimeOut(s.Context(), store, s.Pace, s.now, 10)
		return err
	})
}

// stalled is a return that needs an operator.
func (s *shop) stalled(ctx context.Context) *orderingv1.Return {
	s.Helper()
	r := s.returned(ctx, returning(s.fulfilled(ctx).Id, 1))
	s.answer(r.Id, returns.ArrangePickup, returns.Done)
	s.answer(r.Id, returns.Restock, returns.Refused)
	s.silence()
	return r
}

func (s *shop) getReturn(ctx context.Context, id string) *orderingv1.Return {
	s.Helper()
	answer, err := s.GetReturns(ctx, &orderingv1.GetReturnsRequest{Ids: []string{id}})
	if err != nil || len(answer.Returns) != 1 {
		s.Fatal(err, answer)
	}
	return answer.Returns[0]
}

func TestRequestReturn(t *testing.T) {
	s := open(t)
	placed := s.fulfilled(s.ada())
	req := returning(placed.Id, 1)
	req.Lines = append(req.Lines, &orderingv1.LineInput{Sku: " cup", Quantity: 1})
	var got *orderingv1.Return
	for _, replayed := range []bool{false, true} {
		answer, err := s.RequestReturn(s.ada(), req)
		if err != nil || answer.Replayed != replayed {
			t.Fatal(err, answer)
		}
		want := &orderingv1.Return{
			Id: answer.Return.Id, OrderId: placed.Id, CustomerId: ada.String(), State: "RUNNING",
			Lines: []*orderingv1.ReturnLine{{Sku: "CUP", Quantity: 2}}, Refund: pounds(850), Reason: "a crack", RequestedAt: timestamppb.New(at),
			Steps: []*orderingv1.ReturnStep{
				{Context: "fulfillment", Name: "pickup", State: "RUNNING", StartedAt: timestamppb.New(at), Attempts: 1},
				{Context: "inventory", Name: "restock", State: "PENDING"},
				{Context: "billing", Name: "refund", State: "PENDING"},
			},
		}
		if diff := cmp.Diff(want, answer.Return, protocmp.Transform()); diff != "" {
			t.Error("(-want +got):\n" + diff)
		}
		if got != nil && got.Id != answer.Return.Id {
			t.Errorf("returns %s and %s", got.Id, answer.Return.Id)
		}
		got = answer.Return
	}
	req.Reason = "none"
	answer, err := s.RequestReturn(s.ada(), req)
	want := []string{"IDEMPOTENCY_CONFLICT idempotencyKey idempotencyKey=" + req.IdempotencyKey}
	if diff := cmp.Diff(want, said(answer.GetUserErrors())); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if s.rows("returns") != 1 || s.rows("return_timers") != 1 || len(testkit.Audited(t, s.db)) != 0 {
		t.Errorf("%d returns, %d timers", s.rows("returns"), s.rows("return_timers"))
	}
}

func TestReturningIsRefused(t *testing.T) {
	s := open(t)
	placed, fulfilled := s.placed(s.ada(), asking()), s.fulfilled(s.ada())
	s.returned(s.ada(), returning(fulfilled.Id, 1))
	before := s.rows("requests")
	change := func(change func(*orderingv1.RequestReturnRequest)) *orderingv1.RequestReturnRequest {
		req := returning(fulfilled.Id, 1)
		change(req)
		return req
	}
	for name, test := range map[string]struct {
		ctx  context.Context
		req  *orderingv1.RequestReturnRequest
		want []string
	}{
		"not fulfilled":              {s.ada(), returning(placed.Id, 1), []string{"NOT_FULFILLED orderId"}},
		"somebody else's":            {s.bob(), returning(fulfilled.Id, 1), []string{"FORBIDDEN orderId"}},
		"of nobody":                  {s.bob(), returning(uuid.NewString(), 1), []string{"FORBIDDEN orderId"}},
		"of nobody, for an operator": {s.olga(), returning(uuid.NewString(), 1), []string{"NOT_FOUND orderId"}},
		"more than is left":          {s.ada(), returning(fulfilled.Id, 2), []string{"RETURN_EXCEEDS_PURCHASE lines.0.quantity sku=CUP returnable=1"}},
		"more than is left, in merged lines, and what was not bought": {
			s.ada(), change(func(req *orderingv1.RequestReturnRequest) {
				req.Lines = append([]*orderingv1.LineInput{{Sku: "JUG", Quantity: 1}}, append(req.Lines, req.Lines...)...)
			}),
			[]string{"UNKNOWN_PRODUCT lines.0.sku sku=JUG", "RETURN_EXCEEDS_PURCHASE lines.1.quantity sku=CUP returnable=1"},
		},
		"no lines":      {s.ada(), change(func(req *orderingv1.RequestReturnRequest) { req.Lines = nil }), []string{"REQUIRED lines"}},
		"none":          {s.ada(), returning(fulfilled.Id, 0), []string{"OUT_OF_RANGE lines.0.quantity"}},
		"too many":      {s.ada(), returning(fulfilled.Id, 10_001), []string{"OUT_OF_RANGE lines.0.quantity"}},
		"malformed id":  {s.ada(), returning("Q-1", 1), []string{"MALFORMED orderId"}},
		"no order":      {s.ada(), returning("", 1), []string{"REQUIRED orderId"}},
		"no key":        {s.ada(), change(func(req *orderingv1.RequestReturnRequest) { req.IdempotencyKey = "" }), []string{"REQUIRED idempotencyKey"}},
		"a long reason": {s.ada(), change(func(req *orderingv1.RequestReturnRequest) { req.Reason = strings.Repeat("ä", 501) }), []string{"OUT_OF_RANGE reason"}},
	} {
		answer, err := s.RequestReturn(test.ctx, test.req)
		if diff := cmp.Diff(test.want, said(answer.GetUserErrors())); diff != "" || err != nil || answer.Return != nil {
			t.Errorf("%s: %v, %v (-want +got):\n%s", name, answer, err, diff)
		}
	}
	if _, err := s.RequestReturn(s.service(), returning(fulfilled.Id, 1)); connect.CodeOf(err) != connect.CodePermissionDenied {
		t.Errorf("a service: %v", err)
	}
	if s.rows("returns") != 1 || s.rows("requests") != before {
		t.Errorf("%d returns, %d requests", s.rows("returns"), s.rows("requests"))
	}
}

func TestOperatorsReturnForOthers(t *testing.T) {
	s := open(t)
	r := s.returned(s.olga(), returning(s.fulfilled(s.ada()).Id, 2))
	if r.CustomerId != ada.String() {
		t.Errorf("the return is %s's", r.CustomerId)
	}
	if audited := testkit.Audited(t, s.db); len(audited) != 1 ||
		!regexp.MustCompile(`^`+olga.String()+` return\.requested `+r.Id+`: Requested a return of order Q-\d{8}\.$`).MatchString(audited[0]) {
		t.Errorf("audited: %v", audited)
	}
}

func TestGetAndListReturns(t *testing.T) {
	s := open(t)
	adas, bobs := s.fulfilled(s.ada()), s.fulfilled(s.bob())
	first := s.returned(s.ada(), returning(adas.Id, 1))
	s.now = s.now.Add(time.Second)
	second, other := s.returned(s.ada(), returning(adas.Id, 1)), s.returned(s.bob(), returning(bobs.Id, 1))
	all := []string{second.Id, "rubbish", uuid.NewString(), other.Id, first.Id, second.Id}
	for who, test := range map[string]struct {
		ctx                    context.Context
		got, forbidden, listed []string
	}{
		"Ada":       {s.ada(), []string{second.Id, first.Id}, []string{other.Id}, []string{first.Id, second.Id}},
		"Bob":       {s.bob(), []string{other.Id}, []string{second.Id, first.Id}, []string{other.Id}},
		"Olga":      {s.olga(), []string{second.Id, other.Id, first.Id}, nil, []string{first.Id, other.Id, second.Id}},
		"a service": {s.service(), []string{second.Id, other.Id, first.Id}, nil, []string{first.Id, other.Id, second.Id}},
		"nobody":    {t.Context(), nil, []string{second.Id, other.Id, first.Id}, nil},
	} {
		got, err := s.GetReturns(test.ctx, &orderingv1.GetReturnsRequest{Ids: all})
		if diff := cmp.Diff(test.got, ids(got.GetReturns())) + cmp.Diff(test.forbidden, got.GetForbiddenIds()); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", who, err, diff)
		}
		listed, err := s.ListReturns(test.ctx, &orderingv1.ListReturnsRequest{OrderIds: []string{bobs.Id, adas.Id, "rubbish", adas.Id}})
		if diff := cmp.Diff(sorted(test.listed), sorted(ids(listed.GetReturns()))); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", who, err, diff)
		}
	}
	if _, err := s.GetReturns(s.olga(), &orderingv1.GetReturnsRequest{Ids: make([]string, 1001)}); connect.CodeOf(err) != connect.CodeInvalidArgument {
		t.Errorf("1,001 ids: %v", err)
	}
	if _, err := s.ListReturns(s.olga(), &orderingv1.ListReturnsRequest{OrderIds: make([]string, 1001)}); connect.CodeOf(err) != connect.CodeInvalidArgument {
		t.Errorf("1,001 orders: %v", err)
	}
}

func ids(all []*orderingv1.Return) (ids []string) {
	for _, r := range all {
		ids = append(ids, r.Id)
	}
	return ids
}

func sorted(ids []string) []string { return slices.Sorted(slices.Values(ids)) }

func TestReturnsTellHowTheyStand(t *testing.T) {
	s := open(t)
	r := s.getReturn(s.ada(), s.stalled(s.ada()).Id)
	want := []*orderingv1.ReturnStep{
		{
			Context: "fulfillment", Name: "pickup", State: "COMPENSATING", StartedAt: timestamppb.New(at), FinishedAt: timestamppb.New(at), Attempts: 2,
			Reference: "R-1",
		},
		{Context: "inventory", Name: "restock", State: "FAILED", StartedAt: timestamppb.New(at), FinishedAt: timestamppb.New(at), Attempts: 1},
		{Context: "billing", Name: "refund", State: "SKIPPED"},
	}
	if diff := cmp.Diff(want, r.Steps, protocmp.Transform()); diff != "" {
		t.Error("(-want +got):\n" + diff)
	}
	if r.State != "NEEDS_OPERATOR" || r.Failure != "no" || r.EndedAt != nil {
		t.Errorf("%v", r)
	}
	s.answer(r.Id, returns.CancelPickup, returns.Undone)
	if r = s.getReturn(s.ada(), r.Id); r.State != "COMPENSATED" || !r.EndedAt.AsTime().Equal(s.now) {
		t.Errorf("%v", r)
	}
}

func TestOperatorsRetryAndResolve(t *testing.T) {
	s := open(t)
	r := s.stalled(s.ada())
	retried, err := s.RetryReturn(s.olga(), &orderingv1.RetryReturnRequest{ReturnId: r.Id})
	if err != nil || retried.GetReturn().GetState() != "COMPENSATING" || len(retried.GetUserErrors()) > 0 {
		t.Fatal(err, retried)
	}
	retried, err = s.RetryReturn(s.olga(), &orderingv1.RetryReturnRequest{ReturnId: r.Id})
	if diff := cmp.Diff([]string{"NOT_STALLED returnId"}, said(retried.GetUserErrors())); diff != "" || err != nil {
		t.Errorf("once more: %v (-want +got):\n%s", err, diff)
	}
	s.silence()
	resolve := &orderingv1.ResolveReturnRequest{ReturnId: r.Id, Reason: "The carrier says so on the telephone."}
	resolved, err := s.ResolveReturn(s.olga(), resolve)
	if err != nil || resolved.GetReturn().GetState() != "COMPENSATED" || len(resolved.GetUserErrors()) > 0 {
		t.Fatal(err, resolved)
	}
	resolved, err = s.ResolveReturn(s.olga(), resolve)
	if diff := cmp.Diff([]string{"NOT_STALLED returnId"}, said(resolved.GetUserErrors())); diff != "" || err != nil {
		t.Errorf("once more: %v (-want +got):\n%s", err, diff)
	}
	number := s.order(r.OrderId).Number
	want := []string{
		olga.String() + " return.resolved " + r.Id + ": Resolved the return of order " + number + ": The carrier says so on the telephone.",
		olga.String() + " return.retried " + r.Id + ": Retried the return of order " + number + ".",
	}
	if diff := cmp.Diff(want, sorted(testkit.Audited(t, s.db))); diff != "" {
		t.Error("audited (-want +got):\n" + diff)
	}
}

func (s *shop) order(id string) *orderingv1.Order {
	s.Helper()
	answer, err := s.GetOrders(s.olga(), &orderingv1.GetOrdersRequest{Ids: []string{id}})
	if err != nil || len(answer.Orders) != 1 {
		s.Fatal(err, answer)
	}
	return answer.Orders[0]
}

func TestOperatingIsRefused(t *testing.T) {
	s := open(t)
	running := s.returned(s.ada(), returning(s.fulfilled(s.ada()).Id, 1))
	for name, test := range map[string]struct{ id, reason, retry, resolve string }{
		"running":       {running.Id, "so", "NOT_STALLED returnId", "NOT_STALLED returnId"},
		"no return":     {uuid.NewString(), "so", "NOT_FOUND returnId", "NOT_FOUND returnId"},
		"malformed":     {"x", "so", "MALFORMED returnId", "MALFORMED returnId"},
		"no reason":     {running.Id, " ", "NOT_STALLED returnId", "REQUIRED reason"},
		"a long reason": {running.Id, strings.Repeat("ä", 501), "NOT_STALLED returnId", "OUT_OF_RANGE reason"},
	} {
		retried, err := s.RetryReturn(s.olga(), &orderingv1.RetryReturnRequest{ReturnId: test.id})
		if diff := cmp.Diff([]string{test.retry}, said(retried.GetUserErrors())); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
		resolved, err := s.ResolveReturn(s.olga(), &orderingv1.ResolveReturnRequest{ReturnId: test.id, Reason: test.reason})
		if diff := cmp.Diff([]string{test.resolve}, said(resolved.GetUserErrors())); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	for who, ctx := range map[string]context.Context{"Ada": s.ada(), "a service": s.service(), "nobody": t.Context()} {
		_, retried := s.RetryReturn(ctx, &orderingv1.RetryReturnRequest{ReturnId: running.Id})
		_, resolved := s.ResolveReturn(ctx, &orderingv1.ResolveReturnRequest{ReturnId: running.Id, Reason: "so"})
		if connect.CodeOf(retried) != connect.CodePermissionDenied || connect.CodeOf(resolved) != connect.CodePermissionDenied {
			t.Errorf("%s: %v, %v", who, retried, resolved)
		}
	}
	if audited := testkit.Audited(t, s.db); len(audited) > 0 {
		t.Errorf("audited: %v", audited)
	}
}
