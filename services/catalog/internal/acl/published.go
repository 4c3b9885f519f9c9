// Package acl is the anti-corruption layer of catalog: it puts what happened into the words that other contexts know. As
// catalog reacts to no neighbour, there are no words of theirs.
package acl

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/catalog/internal/product"
)

// Facts lists what catalog publishes.
func Facts() []string {
	return []string{"catalog.product.listed", "catalog.product.updated", "catalog.product.retired"}
}

type (
	listedV1 struct {
		ProductID   uuid.UUID `json:"productId"`
		SKU         string    `json:"sku"`
		Name        string    `json:"name"`
		Description string    `json:"description"`
		Category    string    `json:"category"`
		ImageURL    string    `json:"imageUrl,omitempty"`
	}
	updatedV1 struct {
		ProductID uuid.UUID  `json:"productId"`
		SKU       string     `json:"sku"`
		Changes   []changeV1 `json:"changes"`
	}
	changeV1 struct {
		Field string  `json:"field"`
		Old   *string `json:"old"`
		New   *string `json:"new"`
	}
	retiredV1 struct {
		ProductID uuid.UUID `json:"productId"`
		SKU       string    `json:"sku"`
	}
)

// Published is the fact that an event becomes, the last of p.
func Published(p product.Product, e product.Event, at time.Time) event.Fact {
	fact := event.Fact{Version: 1, Subject: p.ID.String(), Sequence: p.Version, At: at}
	switch e := e.(type) {
	case product.Listed:
		fact.Name, fact.Data = "catalog.product.listed", listedV1{
			ProductID: p.ID, SKU: p.SKU,
			Name: e.Name, Description: e.Description, Category: e.Category, ImageURL: e.ImageURL,
		}
	case product.Updated:
		updated := updatedV1{ProductID: p.ID, SKU: p.SKU}
		for _, c := range e.Changes {
			updated.Changes = append(updated.Changes, changeV1{string(c.Field), value(c.Field, c.Old), value(c.Field, c.New)})
		}
		fact.Name, fact.Data = "catalog.product.updated", updated
	case product.Retired:
		fact.Name, fact.Data = "catalog.product.retired", retiredV1{ProductID: p.ID, SKU: p.SKU}
	default:
		panic(fmt.Sprintf("publish %T", e))
	}
	return fact
}

// value is null for an image that there is not; other fields can be empty, but are always there.
func value(field product.Field, text string) *string {
	if field == product.ImageURL && text == "" {
		return nil
	}
	return &text
}
