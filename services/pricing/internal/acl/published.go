// Package acl is the anti-corruption layer of pricing: it puts what happened into the words that other contexts know. As
// pricing reacts to no neighbour, there are no words of theirs.
package acl

import (
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/money"
	"quadrille.dev/services/pricing/internal/pricelist"
)

// Facts lists what pricing publishes.
func Facts() []string { return []string{"pricing.price.changed"} }

type changedV1 struct {
	SKU           string           `json:"sku"`
	ListPrice     money.Money      `json:"listPrice"`
	TierDiscounts map[string]int64 `json:"tierDiscounts"`
	ChangedAt     time.Time        `json:"changedAt"`
}

// Published is the fact that the last change of price becomes.
func Published(price pricelist.Price, changed pricelist.Changed) event.Fact {
	at := price.ChangedAt.UTC().Truncate(time.Microsecond)
	return event.Fact{
		Name: "pricing.price.changed", Version: 1, Subject: price.SKU, Sequence: price.Version, At: at,
		Data: changedV1{SKU: price.SKU, ListPrice: changed.List, TierDiscounts: changed.Off, ChangedAt: at},
	}
}
