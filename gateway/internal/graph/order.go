package graph

import (
	"context"
	"fmt"

	"quadrille.dev/gateway/internal/acl"
	"quadrille.dev/gateway/internal/graph/model"
)

type order struct{ *Resolver }

func (r order) Reservation(ctx context.Context, orders []*model.Order) ([]*model.Reservation, error) {
	return ofOrders("reservation", r.Inventory.Reservations).resolve(ctx, orders)
}

func (r order) Payment(ctx context.Context, orders []*model.Order) ([]*model.Payment, error) {
	accounts, err := r.accounts(ctx, orders)
	payments := make([]*model.Payment, len(accounts))
	for i, account := range accounts {
		payments[i] = account.Payment
	}
	return payments, err
}

func (r order) Invoice(ctx context.Context, orders []*model.Order) ([]*model.Invoice, error) {
	accounts, err := r.accounts(ctx, orders)
	invoices := make([]*model.Invoice, len(accounts))
	for i, account := range accounts {
		invoices[i] = account.Invoice
	}
	return invoices, err
}

func (r order) accounts(ctx context.Context, orders []*model.Order) ([]acl.Account, error) {
	return ofOrders("account", r.Billing.Accounts).resolve(ctx, orders)
}

func (r order) Shipment(ctx context.Context, orders []*model.Order) ([]*model.Shipment, error) {
	return ofOrders("shipment", r.Fulfillment.Shipments).resolve(ctx, orders)
}

func (r order) Saga(ctx context.Context, orders []*model.Order) ([]*model.Saga, error) {
	return ofOrders("saga", r.Chronicle.Sagas).resolve(ctx, orders)
}

func (r order) Timeline(ctx context.Context, of *model.Order, first int32, after *string) (*model.FactConnection, error) {
	page, err := page(first, after)
	if err != nil {
		return nil, err
	}
	timelines, err := ofOrders(fmt.Sprintf("timeline of %d after %s", page.First, page.After),
		func(ctx context.Context, orders []string) (map[string]*model.FactConnection, error) {
			return r.Chronicle.Timelines(ctx, orders, page)
		}).all(ctx, of)
	return timelines[of.Key], err
}

func (r order) Customer(ctx context.Context, orders []*model.Order) ([]*model.Customer, error) {
	return batch[*model.Order, *model.Customer]{
		name: "customer", siblings: orderSiblings, key: orderCustomer, read: r.Customers.ByID,
	}.resolve(ctx, orders)
}

func ofOrders[V any](name string, read func(context.Context, []string) (map[string]V, error)) batch[*model.Order, V] {
	return batch[*model.Order, V]{name: name, siblings: orderSiblings, key: orderKey, read: read}
}

func orderSiblings(o *model.Order) *model.OrderSiblings { return o.Siblings }
func orderKey(o *model.Order) string                    { return o.Key }
func orderCustomer(o *model.Order) string               { return o.CustomerKey }

type orderLine struct{ *Resolver }

func (r orderLine) Product(ctx context.Context, lines []*model.OrderLine) ([]*model.Product, error) {
	return batch[*model.OrderLine, *model.Product]{
		name:     "product",
		siblings: func(l *model.OrderLine) *model.OrderLineSiblings { return l.Siblings },
		key:      func(l *model.OrderLine) string { return l.SKU },
		read:     r.Goods.BySKU,
	}.resolve(ctx, lines)
}

func (r query) Order(ctx context.Context, id string) (*model.Order, error) {
	key, err := model.Key(model.KindOrder, id)
	if err != nil {
		return nil, err
	}
	return r.order(ctx, key)
}

// order is one order; nil when there is none.
func (r *Resolver) order(ctx context.Context, key string) (*model.Order, error) {
	orders, err := r.Ordering.ByID(ctx, []string{key})
	if err != nil {
		return nil, err
	}
	if orders.Forbidden[key] {
		return nil, foreign()
	}
	return orders.Found[key], nil
}

func (r query) Quote(ctx context.Context, input model.QuoteInput) (*model.Quote, error) {
	return r.Ordering.Quote(ctx, input)
}
