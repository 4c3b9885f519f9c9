package product

// Event is what happened to a product: Listed, Updated or Retired.
type Event interface{ event() }

type (
	// Listed says that the product is on sale.
	Listed struct{ Details }
	// Updated says what is different.
	Updated struct{ Changes []Change }
	// Retired says that the product is off sale for ever.
	Retired struct{}
)

func (Listed) event()  {}
func (Updated) event() {}
func (Retired) event() {}

// Change is one field's value before and after.
type Change struct {
	Field    Field
	Old, New string
}

// Field names what is said of a product.
type Field string

// The fields.
const (
	SKU         Field = "sku"
	Name        Field = "name"
	Description Field = "description"
	Category    Field = "category"
	ImageURL    Field = "imageUrl"
)
