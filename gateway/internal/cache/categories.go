package cache

import (
	"context"

	"quadrille.dev/gateway/internal/graph/model"
)

// categories are those of all products on sale, which are kept as one.
type categories []model.Category

// allCategories is the one key that they are kept under.
const allCategories = "all"

// Categories answers the categories of products on sale. If catalog does not answer they are what is kept.
func (g *Goods) Categories(ctx context.Context) ([]*model.Category, error) {
	answer, err := g.categories.get(ctx, []string{allCategories})
	found := answer[allCategories]
	if !found.there {
		return nil, err
	}
	all := make([]*model.Category, len(found.value))
	for i, category := range found.value {
		all[i] = new(category)
	}
	return all, err
}

func (g *Goods) readCategories(ctx context.Context, _ []string) (map[string]categories, error) {
	all, err := g.catalog.Categories(ctx)
	return map[string]categories{allCategories: all}, err
}
