package cache

import (
	"context"
	"slices"

	"quadrille.dev/gateway/internal/graph/model"
	"quadrille.dev/gateway/internal/viewer"
)

// categories are those of all products on sale, which are kept as one.
type categories []model.Category

// allCategories is the one key that they are kept under.
const allCategories = "all"

// Categories answers the categories of products on sale. If catalog does not answer they are what is kept.
func (g *Goods) Categories(ctx context.Context) ([]*model.Category, error) {
	if g.off {
		all, err := g.catalog.Categories(viewer.Nobody(ctx))
		return copied(all), err
	}
	answer, err := g.categories.get(ctx, []string{allCategories})
	found := answer[allCategories]
	if !found.there {
		return nil, err
	}
	return copied(found.value), err
}

// copied makes copies for one answer.
func copied(kept categories) []*model.Category {
	if kept == nil {
		return nil
	}
	copies := slices.Clone(kept)
	all := make([]*model.Category, len(copies))
	for i := range copies {
		all[i] = &copies[i]
	}
	return all
}

func (g *Goods) readCategories(ctx context.Context, _ []string) (map[string]categories, error) {
	all, err := g.catalog.Categories(ctx)
	return map[string]categories{allCategories: all}, err
}
