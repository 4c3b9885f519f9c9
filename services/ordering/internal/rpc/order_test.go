package rpc_test

import (
	"context"
	"fmt"
	"regexp"
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
	pagev1 "quadrille.dev/schema/rpc/page/v1"
	"quadrille.dev/services/ordering/internal/app"
)

func cancelling(id string) *orderingv1.CancelOrderRequest {
	return &orderingv1.CancelOrderRequest{OrderId: id, Reason: "changed my mind", IdempotencyKey: uuid.NewString()}
}

func TestQuoteStoresNothing(t *testing.T) {
	s := open(t)
	for who, ctx := range map[string]context.Context{"Ada": s.ada(), "a service": s.service()} {
		got, err := s.Quote(ctx, &orderingv1.QuoteRequest{Lines: []*orderingv1.LineInput{{Sku: "cup", Quantity: 2}}})
		want := &orderingv1.QuoteResponse{
			Lines:    []*orderingv1.Line{{Sku: "CUP", Quantity: 2, UnitPrice: pounds(425), LineTotal: pounds(850)}},
			Discount: pounds(0), Total: pounds(850), PricedFrom: live,
		}
		if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", who, err, diff)
		}
	}
	for want, req := range map[string]*orderingv1.QuoteRequest{
		"REQUIRED lines":                      {},
		"UNKNOWN_PRODUCT lines.0.sku sku=NIX": {Lines: []*orderingv1.LineInput{{Sku: "NIX", Quantity: 1}}},
		"FORBIDDEN onBehalfOf":                {Lines: []*orderingv1.LineInput{{Sku: "CUP", Quantity: 1}}, OnBehalfOf: bob.String()},
	} {
		got, err := s.Quote(s.ada(), req)
		if diff := cmp.Diff([]string{want}, said(got.GetUserErrors())); diff != "" || err != nil || len(got.Lines) > 0 {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
	if s.rows("orders")+s.rows("outbox") != 0 {
		t.Error("something is stored")
	}
}

func TestCancelOrder(t *testing.T) {
	s := open(t)
	for by, ctx := range map[string]context.Context{"CUSTOMER": s.ada(), "OPERATOR": s.olga()} {
		placed := s.placed(s.ada(), asking())
		s.now = s.now.Add(time.Minute)
		req := cancelling(placed.Id)
		for _, replayed := range []bool{false, true} {
			answer, err := s.CancelOrder(ctx, req)
			want := &orderingv1.Cancellation{
				Reason: by + "_REQUEST", Detail: "changed my mind", CancelledBy: by, CancelledAt: timestamppb.New(s.now),
			}
			if diff := cmp.Diff(want, answer.GetOrder().GetCancellation(), protocmp.Transform()); diff != "" || err != nil {
				t.Errorf("%s: %v (-want +got):\n%s", by, err, diff)
			}
			if answer.Replayed != replayed || answer.Order.Status != "CANCELLED" {
				t.Errorf("%s: got %v", by, answer)
			}
		}
		req.Reason = "no longer"
		answer, err := s.CancelOrder(ctx, req)
		want := []string{"IDEMPOTENCY_CONFLICT idempotencyKey idempotencyKey=" + req.IdempotencyKey}
		if diff := cmp.Diff(want, said(answer.GetUserErrors())); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", by, err, diff)
		}
		again, err := s.CancelOrder(ctx, cancelling(placed.Id))
		if err != nil || again.GetReplayed() || again.GetOrder().GetCancellation().GetDetail() != "changed my mind" {
			t.Errorf("%s, under another key: %v, %v", by, again, err)
		}
	}
	if s.rows("outbox") != 5 || s.rows("deadlines") != 0 {
		t.Errorf("%d facts, %d deadlines", s.rows("outbox"), s.rows("deadlines"))
	}
	if audited := testkit.Audited(t, s.db); len(audited) != 1 ||
		!regexp.MustCompile(`^`+olga.String()+` order\.cancelled [0-9a-f-]{36}: Cancelled order Q-\d{8}\.$`).MatchString(audited[0]) {
		t.Errorf("audited: %v", audited)
	}
}

func TestCancellingIsRefused(t *testing.T) {
	s := open(t)
	placed, fulfilled := s.placed(s.ada(), asking()), s.placed(s.ada(), asking())
	s.hear(fulfilled.Id, app.HearStockDeducted)
	nowhere := uuid.NewString()
	for name, test := range map[string]struct {
		ctx  context.Context
		req  *orderingv1.CancelOrderRequest
		want string
	}{
		"fulfilled":                  {s.ada(), cancelling(fulfilled.Id), "ALREADY_FULFILLED orderId"},
		"somebody else's":            {s.bob(), cancelling(placed.Id), "FORBIDDEN orderId"},
		"somebody else's, fulfilled": {s.bob(), cancelling(fulfilled.Id), "FORBIDDEN orderId"},
		"of nobody":                  {s.bob(), cancelling(nowhere), "FORBIDDEN orderId"},
		"of nobody, for an operator": {s.olga(), cancelling(nowhere), "NOT_FOUND orderId"},
		"malformed id":               {s.ada(), cancelling("Q-1"), "MALFORMED orderId"},
		"no key":                     {s.ada(), &orderingv1.CancelOrderRequest{OrderId: placed.Id}, "REQUIRED idempotencyKey"},
		"malformed key":              {s.ada(), &orderingv1.CancelOrderRequest{OrderId: placed.Id, IdempotencyKey: "x"}, "MALFORMED idempotencyKey"},
		"long reason": {
			s.ada(),
			&orderingv1.CancelOrderRequest{OrderId: placed.Id, IdempotencyKey: nowhere, Reason: strings.Repeat("ä", 501)}, "OUT_OF_RANGE reason",
		},
	} {
		answer, err := s.CancelOrder(test.ctx, test.req)
		if diff := cmp.Diff([]string{test.want}, said(answer.GetUserErrors())); diff != "" || err != nil || answer.Order != nil {
			t.Errorf("%s: %v, %v (-want +got):\n%s", name, answer, err, diff)
		}
	}
	if _, err := s.CancelOrder(s.service(), cancelling(placed.Id)); connect.CodeOf(err) != connect.CodePermissionDenied {
		t.Errorf("a service: %v", err)
	}
	if s.rows("outbox") != 3 || s.rows("requests") != 2 {
		t.Errorf("%d facts, %d requests", s.rows("outbox"), s.rows("requests"))
	}
}

// Somebody else's order and no order at all look the same to a customer.
func TestRefusalsDoNotLeak(t *testing.T) {
	s := open(t)
	placed := s.placed(s.ada(), asking())
	others, err := s.CancelOrder(s.bob(), cancelling(placed.Id))
	if err != nil {
		t.Fatal(err)
	}
	nobodys, err := s.CancelOrder(s.bob(), cancelling(uuid.NewString()))
	if diff := cmp.Diff(others, nobodys, protocmp.Transform()); diff != "" || err != nil {
		t.Errorf("%v (-somebody's +nobody's):\n%s", err, diff)
	}
}

func TestGetOrders(t *testing.T) {
	s := open(t)
	adas, bobs := s.placed(s.ada(), asking()), s.placed(s.bob(), asking())
	s.hear(bobs.Id, app.HearStockDeducted)
	ids := []string{bobs.Id, "rubbish", uuid.NewString(), adas.Id, bobs.Id}
	for who, test := range map[string]struct {
		ctx               context.Context
		orders, forbidden []string
	}{
		"Ada":       {s.ada(), []string{adas.Id + " PLACED"}, []string{bobs.Id}},
		"Bob":       {s.bob(), []string{bobs.Id + " FULFILLED"}, []string{adas.Id}},
		"Olga":      {s.olga(), []string{bobs.Id + " FULFILLED", adas.Id + " PLACED"}, nil},
		"a service": {s.service(), []string{bobs.Id + " FULFILLED", adas.Id + " PLACED"}, nil},
		"nobody":    {t.Context(), nil, []string{bobs.Id, adas.Id}},
	} {
		answer, err := s.GetOrders(test.ctx, &orderingv1.GetOrdersRequest{Ids: ids})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, o := range answer.Orders {
			got = append(got, o.Id+" "+o.Status)
			if (o.Status == "FULFILLED") != (o.FulfilledAt != nil) {
				t.Errorf("%s at %s", o.Status, o.FulfilledAt)
			}
		}
		if diff := cmp.Diff(test.orders, got) + cmp.Diff(test.forbidden, answer.ForbiddenIds); diff != "" {
			t.Errorf("%s (-want +got):\n%s", who, diff)
		}
	}
	_, err := s.GetOrders(s.olga(), &orderingv1.GetOrdersRequest{Ids: make([]string, 1001)})
	if connect.CodeOf(err) != connect.CodeInvalidArgument {
		t.Errorf("1,001 ids: %v", err)
	}
}

func listing(customer string, first int32, after string) *orderingv1.ListOrdersRequest {
	return &orderingv1.ListOrdersRequest{CustomerId: customer, Page: &pagev1.PageRequest{First: first, After: after}}
}

func TestListOrders(t *testing.T) {
	s := open(t)
	var want []string
	for range 5 {
		s.now = s.now.Add(time.Microsecond)
		want = append([]string{s.placed(s.ada(), asking()).Id}, want...)
	}
	s.placed(s.bob(), asking())
	got, after := []string{}, ""
	for page := range 3 {
		answer, err := s.ListOrders(s.ada(), listing(ada.String(), 2, after))
		if err != nil {
			t.Fatal(err)
		}
		if info := answer.PageInfo; info.TotalCount != int32(5+page) || info.HasNextPage != (page < 2) {
			t.Errorf("page %d: %v", page, info)
		}
		for _, edge := range answer.Edges {
			got, after = append(got, edge.Order.Id), edge.Cursor
		}
		// An order that comes meanwhile moves nothing but the count.
		s.now = s.now.Add(time.Second)
		s.placed(s.ada(), asking())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("(-want +got):\n" + diff)
	}
}

func TestListingIsRefused(t *testing.T) {
	s := open(t)
	for name, test := range map[string]struct {
		ctx  context.Context
		req  *orderingv1.ListOrdersRequest
		want connect.Code
	}{
		"somebody else's": {s.bob(), listing(ada.String(), 1, ""), connect.CodePermissionDenied},
		"no customer":     {s.ada(), listing("", 1, ""), connect.CodeInvalidArgument},
		"no page":         {s.ada(), &orderingv1.ListOrdersRequest{CustomerId: ada.String()}, connect.CodeInvalidArgument},
		"a long page":     {s.ada(), listing(ada.String(), 101, ""), connect.CodeInvalidArgument},
		"no cursor":       {s.ada(), listing(ada.String(), 1, "x"), connect.CodeInvalidArgument},
		"no such moment":  {s.ada(), listing(ada.String(), 1, "wA"+strings.Repeat("A", 30)), connect.CodeInvalidArgument},
	} {
		if answer, err := s.ListOrders(test.ctx, test.req); connect.CodeOf(err) != test.want {
			t.Errorf("%s: got %v, %v", name, answer, err)
		}
	}
	if _, err := s.ListOrders(s.olga(), listing(ada.String(), 1, "")); err != nil {
		t.Error(fmt.Errorf("an operator: %w", err))
	}
}
