package memory

import (
	"cmp"
	"context"
	"time"

	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/quote"
)

// KeepProduct remembers that a product exists, or that it is retired.
func (m *Memory) KeepProduct(_ context.Context, product app.Product) error {
	product.Retired = product.Retired || m.state.Products[product.ID].Retired
	m.state.Products[product.ID] = product
	return nil
}

// KeepPrice remembers the price with the highest sequence.
func (m *Memory) KeepPrice(_ context.Context, price quote.Price) error {
	if known, exists := m.state.Prices[price.SKU]; !exists || known.Sequence < price.Sequence {
		m.state.Prices[price.SKU] = price
	}
	return nil
}

// KeepTier remembers the tier with the highest sequence.
func (m *Memory) KeepTier(_ context.Context, tier app.CustomerTier) error {
	known := m.state.Customers[tier.Customer]
	if known.Sequence < tier.Sequence {
		known.Tier, known.Sequence = tier.Tier, tier.Sequence
		m.state.Customers[tier.Customer] = known
	}
	return nil
}

// HeardPricing keeps the latest moment.
func (m *Memory) HeardPricing(_ context.Context, at time.Time) error {
	if at.After(m.state.Pricing) {
		m.state.Pricing = at
	}
	return nil
}

// Known collects what is known for pricing.
func (m *Memory) Known(_ context.Context, id order.CustomerID, skus []string) (app.Known, error) {
	customer, heard := m.state.Customers[id]
	known := app.Known{
		Heard: heard, Tier: cmp.Or(customer.Tier, quote.Standard), Erased: customer.Erased, PricingHeard: m.state.Pricing,
		OnSale: map[string]bool{}, Prices: map[string]quote.Price{},
	}
	for _, sku := range skus {
		for _, product := range m.state.Products {
			if product.SKU == sku {
				known.OnSale[sku] = known.OnSale[sku] || !product.Retired
			}
		}
		if price, exists := m.state.Prices[sku]; exists {
			known.Prices[sku] = price
		}
	}
	return known, nil
}

// Erased tells whether a customer was erased.
func (m *Memory) Erased(_ context.Context, id order.CustomerID) (bool, error) {
	return m.state.Customers[id].Erased, nil
}

// KeepErased marks a customer.
func (m *Memory) KeepErased(_ context.Context, id order.CustomerID) error {
	erased := m.state.Customers[id]
	erased.Erased = true
	m.state.Customers[id] = erased
	return nil
}

// Erase blanks what is personal in a customer's orders and returns.
func (m *Memory) Erase(ctx context.Context, id order.CustomerID) error {
	if err := m.KeepErased(ctx, id); err != nil {
		return err
	}
	for orderID, events := range m.state.Events {
		if order.Rebuild(orderID, events).CustomerID != id {
			continue
		}
		blanked := make([]order.Recorded, len(events))
		for i, recorded := range events {
			recorded.Event = order.Blank(recorded.Event)
			blanked[i] = recorded
		}
		m.state.Events[orderID] = blanked
	}
	m.eraseReturns(id)
	return nil
}
