// Package product is something that is sold, from being listed to being retired.
package product

import (
	"github.com/google/uuid"
)

// Product is something that is sold.
type Product struct {
	ID  uuid.UUID
	SKU string
	Details
	Retired bool
	// Version counts the events.
	Version int64
}

// Details are what is said of a product and may change.
type Details struct {
	Name, Description, Category string
	// ImageURL is empty for none.
	ImageURL string
}

// List puts a product on sale.
func List(id uuid.UUID, sku string, details Details) (Product, Event) {
	return Product{ID: id, SKU: sku, Details: details, Version: 1}, Listed{Details: details}
}

// Update changes what is said of the product. When nothing is different nothing happens.
func (p *Product) Update(revised Details) []Event {
	var changes []Change
	for _, c := range []struct {
		field    Field
		old, new string
	}{
		{Name, p.Name, revised.Name},
		{Description, p.Description, revised.Description},
		{Category, p.Category, revised.Category},
		{ImageURL, p.ImageURL, revised.ImageURL},
	} {
		if c.old != c.new {
			changes = append(changes, Change{Field: c.field, Old: c.old, New: c.new})
		}
	}
	if len(changes) == 0 {
		return nil
	}
	p.Details = revised
	p.Version++
	return []Event{Updated{Changes: changes}}
}

// Retire takes the product off sale for ever. Doing so again changes nothing.
func (p *Product) Retire() []Event {
	if p.Retired {
		return nil
	}
	p.Retired = true
	p.Version++
	return []Event{Retired{}}
}
