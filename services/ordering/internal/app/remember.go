package app

import (
	"context"
	"fmt"
	"time"

	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/quote"
)

// Announcement is a price, and when pricing said so.
type Announcement struct {
	Price quote.Price
	Said  time.Time
}

// RememberProduct keeps what the catalog said of a product.
func RememberProduct(ctx context.Context, store Store, product Product, _ time.Time) error {
	if err := store.KeepProduct(ctx, product); err != nil {
		return fmt.Errorf("keep product %s: %w", product.SKU, err)
	}
	return nil
}

// RememberPrice keeps an announced price, which is also a sign of life of pricing's.
func RememberPrice(ctx context.Context, store Store, announced Announcement, at time.Time) error {
	if err := store.KeepPrice(ctx, announced.Price); err != nil {
		return fmt.Errorf("keep price of %s: %w", announced.Price.SKU, err)
	}
	return HearPricing(ctx, store, announced.Said, at)
}

// HearPricing notes that pricing was alive when it said something, which cannot be later than now.
func HearPricing(ctx context.Context, store Reader, said, at time.Time) error {
	if said.After(at) {
		said = at
	}
	if err := store.HeardPricing(ctx, said); err != nil {
		return fmt.Errorf("note that pricing is alive: %w", err)
	}
	return nil
}

// RememberTier keeps a customer's tier; what says nothing of the tier changes nothing.
func RememberTier(ctx context.Context, store Store, tier CustomerTier, _ time.Time) error {
	if tier.Tier == "" {
		return nil
	}
	if err := store.KeepTier(ctx, tier); err != nil {
		return fmt.Errorf("keep tier of customer %s: %w", tier.Customer, err)
	}
	return nil
}

// RememberErasure keeps that no orders of a customer are taken any more.
func RememberErasure(ctx context.Context, store Store, customer order.CustomerID, _ time.Time) error {
	if err := store.KeepErased(ctx, customer); err != nil {
		return fmt.Errorf("keep that customer %s is erased: %w", customer, err)
	}
	return nil
}

// Erase blanks what is personal in a customer's orders.
func Erase(ctx context.Context, store Store, customer order.CustomerID, _ time.Time) error {
	if err := store.Erase(ctx, customer); err != nil {
		return fmt.Errorf("erase customer %s: %w", customer, err)
	}
	return nil
}
