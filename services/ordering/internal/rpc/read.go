package rpc

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"

	"quadrille.dev/platform/serve"
	orderingv1 "quadrille.dev/schema/rpc/ordering/v1"
	pagev1 "quadrille.dev/schema/rpc/page/v1"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
)

const (
	maxIDs  = 1_000
	maxPage = 100
)

func invalid(format string, args ...any) error {
	return connect.NewError(connect.CodeInvalidArgument, fmt.Errorf(format, args...))
}

// GetOrders answers the orders that the caller may see, each once.
func (h *Handler) GetOrders(ctx context.Context, req *orderingv1.GetOrdersRequest) (*orderingv1.GetOrdersResponse, error) {
	if len(req.Ids) > maxIDs {
		return nil, invalid("%d ids, at most %d", len(req.Ids), maxIDs)
	}
	orders, err := h.Books.Orders(ctx, distinct(req.Ids, func(id uuid.UUID) order.ID { return order.ID{UUID: id} }))
	if err != nil {
		return nil, err
	}
	caller := serve.CallerFrom(ctx)
	answer := &orderingv1.GetOrdersResponse{}
	for _, o := range orders {
		if caller.MaySee(o.CustomerID.UUID) {
			answer.Orders = append(answer.Orders, wire(o))
		} else {
			answer.ForbiddenIds = append(answer.ForbiddenIds, o.ID.String())
		}
	}
	return answer, nil
}

// distinct reads ids; what is no id names nothing.
func distinct[ID any](texts []string, as func(uuid.UUID) ID) []ID {
	ids := make([]ID, 0, len(texts))
	seen := make(map[uuid.UUID]bool, len(texts))
	for _, text := range texts {
		if id, err := uuid.Parse(text); err == nil && !seen[id] {
			seen[id] = true
			ids = append(ids, as(id))
		}
	}
	return ids
}

// ListOrders answers a page of a customer's orders.
func (h *Handler) ListOrders(ctx context.Context, req *orderingv1.ListOrdersRequest) (*orderingv1.ListOrdersResponse, error) {
	customer, err := uuid.Parse(req.CustomerId)
	if err != nil {
		return nil, invalid("customer_id is not a UUID")
	}
	if !serve.CallerFrom(ctx).MaySee(customer) {
		return nil, connect.NewError(connect.CodePermissionDenied, errors.New("somebody else's orders"))
	}
	page, err := readPage(req.Page)
	if err != nil {
		return nil, err
	}
	list, err := h.Books.OrdersOf(ctx, customerOf(customer), page)
	if err != nil {
		return nil, err
	}
	answer := &orderingv1.ListOrdersResponse{PageInfo: &pagev1.PageInfo{HasNextPage: list.More, TotalCount: int32(list.Total)}}
	for _, o := range list.Orders {
		edge := &orderingv1.ListOrdersResponse_Edge{Cursor: cursor(app.Position{PlacedAt: o.PlacedAt, ID: o.ID}), Order: wire(o)}
		answer.Edges = append(answer.Edges, edge)
	}
	return answer, nil
}

func readPage(req *pagev1.PageRequest) (app.Page, error) {
	first := int(req.GetFirst())
	if first < 1 || first > maxPage {
		return app.Page{}, invalid("first is %d, not from 1 to %d", first, maxPage)
	}
	if req.GetAfter() == "" {
		return app.Page{First: first}, nil
	}
	after, err := base64.RawURLEncoding.DecodeString(req.GetAfter())
	if err != nil || len(after) != 8+len(uuid.Nil) || int64(binary.BigEndian.Uint64(after)) < 0 {
		return app.Page{}, invalid("after is not a cursor")
	}
	return app.Page{First: first, After: app.Position{
		PlacedAt: time.UnixMicro(int64(binary.BigEndian.Uint64(after))).UTC(),
		ID:       order.ID{UUID: uuid.UUID(after[8:])},
	}}, nil
}

// cursor is a position that stays valid while orders come.
func cursor(p app.Position) string {
	bare := binary.BigEndian.AppendUint64(nil, uint64(p.PlacedAt.UnixMicro()))
	return base64.RawURLEncoding.EncodeToString(append(bare, p.ID.UUID[:]...))
}
