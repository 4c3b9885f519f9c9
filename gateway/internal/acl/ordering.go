package acl

import (
	"context"
	"strings"

	"quadrille.dev/gateway/internal/graph/model"
	orderingv1 "quadrille.dev/schema/rpc/ordering/v1"
	"quadrille.dev/schema/rpc/ordering/v1/orderingv1connect"
)

// Ordering knows orders and returns.
type Ordering struct {
	rpc orderingv1connect.OrderingServiceClient
}

// NewOrdering makes a client of ordering.
func NewOrdering(rpc orderingv1connect.OrderingServiceClient) *Ordering { return &Ordering{rpc} }

// Orders are orders by id. Those that do not exist are missing; Forbidden are those that exist and belong to somebody else.
type Orders struct {
	Found     map[string]*model.Order
	Forbidden map[string]bool
}

// ByID answers orders by id.
func (o *Ordering) ByID(ctx context.Context, ids []string) (Orders, error) {
	orders := Orders{Found: map[string]*model.Order{}, Forbidden: map[string]bool{}}
	all, err := inParts(ids, atOnce, func(part []string) ([]*model.Order, error) {
		answer, err := o.rpc.GetOrders(ctx, &orderingv1.GetOrdersRequest{Ids: part})
		defer answer.ReturnToVTPool()
		for _, id := range answer.GetForbiddenIds() {
			orders.Forbidden[id] = true
		}
		told, book := make([]*model.Order, len(answer.GetOrders())), newOrderBook(answer.GetOrders())
		for i, one := range answer.GetOrders() {
			told[i] = book.order(one)
		}
		return told, failure(ctx, "ordering", err)
	})
	for _, one := range model.GatherOrders(all) {
		orders.Found[one.Key] = one
	}
	return orders, err
}

// OfCustomer answers a page of a customer's orders.
func (o *Ordering) OfCustomer(ctx context.Context, customer string, page Page) (*model.OrderConnection, error) {
	answer, err := o.rpc.ListOrders(ctx, &orderingv1.ListOrdersRequest{CustomerId: customer, Page: page.request()})
	if err != nil {
		return nil, failure(ctx, "ordering", err)
	}
	defer answer.ReturnToVTPool()
	count := len(answer.GetEdges())
	connection := &model.OrderConnection{
		Edges: make([]*model.OrderEdge, count), Nodes: make([]*model.Order, count), TotalCount: answer.GetPageInfo().GetTotalCount(),
	}
	orders, cursors, edges := make([]*orderingv1.Order, count), make([]string, count), make([]model.OrderEdge, count)
	for i, edge := range answer.GetEdges() {
		orders[i], cursors[i] = edge.GetOrder(), edge.GetCursor()
	}
	book := newOrderBook(orders)
	for i, one := range orders {
		connection.Nodes[i] = book.order(one)
		edges[i] = model.OrderEdge{Cursor: cursors[i], Node: connection.Nodes[i]}
		connection.Edges[i] = &edges[i]
	}
	model.GatherOrders(connection.Nodes)
	connection.PageInfo = page.info(answer.GetPageInfo().GetHasNextPage(), cursors)
	return connection, nil
}

// Quote prices lines.
func (o *Ordering) Quote(ctx context.Context, input model.QuoteInput) (*model.Quote, error) {
	answer, err := o.rpc.Quote(ctx, &orderingv1.QuoteRequest{Lines: wanted(input.Lines), PromotionCodes: input.PromotionCodes})
	if err != nil {
		return nil, failure(ctx, "ordering", err)
	}
	quote := &model.Quote{
		Lines:    make([]*model.QuoteLine, len(answer.GetLines())),
		Discount: amount(answer.GetDiscount()),
		Total:    amount(answer.GetTotal()),
	}
	for i, line := range answer.GetLines() {
		quote.Lines[i] = &model.QuoteLine{
			SKU: line.GetSku(), Quantity: line.GetQuantity(),
			UnitPrice: amount(line.GetUnitPrice()), LineTotal: amount(line.GetLineTotal()),
		}
	}
	if answer.GetPricedFrom() != orderingv1.PricedFrom_PRICED_FROM_UNSPECIFIED {
		quote.PricedFrom = new(pricedFrom(answer.GetPricedFrom()))
	}
	quote.UserErrors, err = refusals("ordering", answer.GetUserErrors())
	return quote, err
}

// Place places an order.
func (o *Ordering) Place(ctx context.Context, input model.PlaceOrderInput) (*model.PlaceOrderPayload, error) {
	request := &orderingv1.PlaceOrderRequest{
		IdempotencyKey:     input.IdempotencyKey,
		Lines:              wanted(input.Lines),
		ShippingAddress:    destination(input.ShippingAddress),
		PromotionCodes:     input.PromotionCodes,
		PaymentToken:       input.Payment.Card.Token,
		RefuseIfOutOfStock: input.RefuseIfOutOfStock,
	}
	if input.OnBehalfOf != nil {
		customer, wrong := key(model.KindCustomer, *input.OnBehalfOf, "onBehalfOf")
		if wrong != nil {
			return &model.PlaceOrderPayload{UserErrors: wrong}, nil
		}
		request.OnBehalfOf = customer
	}
	answer, err := o.rpc.PlaceOrder(ctx, request)
	if err != nil {
		return nil, failure(ctx, "ordering", err)
	}
	refused, err := refusals("ordering", answer.GetUserErrors())
	return &model.PlaceOrderPayload{Order: alone(answer.GetOrder()), Replayed: answer.GetReplayed(), UserErrors: refused}, err
}

// Cancel cancels an order.
func (o *Ordering) Cancel(ctx context.Context, input model.CancelOrderInput) (*model.CancelOrderPayload, error) {
	id, wrong := key(model.KindOrder, input.OrderID, "orderId")
	if wrong != nil {
		return &model.CancelOrderPayload{UserErrors: wrong}, nil
	}
	answer, err := o.rpc.CancelOrder(ctx, &orderingv1.CancelOrderRequest{
		OrderId: id, Reason: input.Reason, IdempotencyKey: input.IdempotencyKey,
	})
	if err != nil {
		return nil, failure(ctx, "ordering", err)
	}
	refused, err := refusals("ordering", answer.GetUserErrors())
	return &model.CancelOrderPayload{Order: alone(answer.GetOrder()), Replayed: answer.GetReplayed(), UserErrors: refused}, err
}

func wanted(lines []*model.OrderLineInput) []*orderingv1.LineInput {
	wanted := make([]*orderingv1.LineInput, len(lines))
	for i, line := range lines {
		wanted[i] = &orderingv1.LineInput{Sku: line.SKU, Quantity: line.Quantity}
	}
	return wanted
}

func destination(a *model.AddressInput) *orderingv1.Address {
	return &orderingv1.Address{
		Name: a.Name, Street: a.Street, City: a.City, PostalCode: a.PostalCode, CountryCode: a.CountryCode,
	}
}

func alone(o *orderingv1.Order) *model.Order {
	if o == nil {
		return nil
	}
	return model.GatherOrders([]*model.Order{newOrderBook([]*orderingv1.Order{o}).order(o)})[0]
}

// orderBook has room for orders.
type orderBook struct {
	sums
	orders    slab[model.Order]
	addresses slab[model.Address]
	lines     slab[model.OrderLine]
	listed    slab[*model.OrderLine]
}

func newOrderBook(orders []*orderingv1.Order) *orderBook {
	count, lines := len(orders), 0
	for _, one := range orders {
		lines += len(one.GetLines())
	}
	return &orderBook{
		sums{make([]model.Money, 2*count+2*lines)},
		make([]model.Order, count), make([]model.Address, count), make([]model.OrderLine, lines), make([]*model.OrderLine, lines),
	}
}

func (b *orderBook) order(o *orderingv1.Order) *model.Order {
	lines := take(&b.listed, len(o.GetLines()))
	for i, line := range o.GetLines() {
		lines[i] = b.lines.next()
		*lines[i] = model.OrderLine{
			SKU: line.GetSku(), Quantity: line.GetQuantity(),
			UnitPrice: b.amount(line.GetUnitPrice()), LineTotal: b.amount(line.GetLineTotal()),
		}
	}
	order, address, to := b.orders.next(), b.addresses.next(), o.GetShippingAddress()
	*address = model.Address{
		Name: to.GetName(), Street: to.GetStreet(), City: to.GetCity(),
		PostalCode: to.GetPostalCode(), CountryCode: to.GetCountryCode(),
	}
	*order = model.Order{
		ID:              model.GlobalID(model.KindOrder, o.GetId()),
		Key:             o.GetId(),
		CustomerKey:     o.GetCustomerId(),
		Number:          o.GetNumber(),
		Status:          model.OrderStatus(o.GetStatus()),
		PlacedAt:        o.GetPlacedAt().AsTime(),
		FulfilledAt:     moment(o.GetFulfilledAt()),
		PricedFrom:      pricedFrom(o.GetPricedFrom()),
		Cancellation:    cancellation(o.GetCancellation()),
		Lines:           lines,
		Discount:        b.amount(o.GetDiscount()),
		Total:           b.amount(o.GetTotal()),
		ShippingAddress: address,
	}
	return order
}

func cancellation(c *orderingv1.Cancellation) *model.Cancellation {
	if c == nil {
		return nil
	}
	return &model.Cancellation{
		Reason:      model.CancellationReason(c.GetReason()),
		Detail:      optional(c.GetDetail()),
		CancelledBy: model.Canceller(c.GetCancelledBy()),
		CancelledAt: c.GetCancelledAt().AsTime(),
		Settled:     c.GetSettled(),
	}
}

func pricedFrom(from orderingv1.PricedFrom) model.PricedFrom {
	return model.PricedFrom(strings.TrimPrefix(from.String(), "PRICED_FROM_"))
}
