package graph

import (
	"context"

	"quadrille.dev/gateway/internal/acl"
	"quadrille.dev/gateway/internal/graph/model"
)

type product struct{ *Resolver }

func (r product) Price(ctx context.Context, products []*model.Product) ([]*model.Price, error) {
	return batch[*model.Product, *model.Price]{
		name: "price", siblings: productSiblings, key: productSKU, read: r.Goods.Prices,
	}.resolve(ctx, products)
}

func (r product) Availability(ctx context.Context, products []*model.Product) ([]*model.Availability, error) {
	return batch[*model.Product, *model.Availability]{
		name: "availability", siblings: productSiblings, key: productSKU, read: r.Goods.Availability,
	}.resolve(ctx, products)
}

func productSiblings(p *model.Product) *model.ProductSiblings { return p.Siblings }
func productSKU(p *model.Product) string                      { return p.SKU }

func (r query) Products(ctx context.Context, first int32, after, search, category *string) (*model.ProductConnection, error) {
	page, err := page(first, after)
	if err != nil {
		return nil, err
	}
	return r.Goods.Search(ctx, page, or(search), or(category))
}

func (r query) Categories(ctx context.Context) ([]*model.Category, error) {
	return r.Goods.Categories(ctx)
}

func (r query) Product(ctx context.Context, by model.ProductBy) (*model.Product, error) {
	if by.SKU != nil {
		sku := acl.SKU(*by.SKU)
		found, err := r.Goods.BySKU(ctx, []string{sku})
		return found[sku], err
	}
	key, err := model.Key(model.KindProduct, *by.ID)
	if err != nil {
		return nil, err
	}
	found, err := r.Goods.ByID(ctx, []string{key})
	return found[key], err
}

// or is what a pointer points at, or the zero value.
func or[T any](pointer *T) T {
	if pointer == nil {
		return *new(T)
	}
	return *pointer
}
