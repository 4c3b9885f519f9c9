package cache

import (
	"context"
	"fmt"

	"quadrille.dev/gateway/internal/acl"
	"quadrille.dev/gateway/internal/graph/model"
	"quadrille.dev/gateway/internal/viewer"
)

// listing is a page of products.
type listing struct {
	products []model.Product
	cursors  []string
	info     model.PageInfo
	total    int32
}

// Search answers a page of the products on sale. Pages of a search for words are not kept: there are as many as there are words, and people
// type what they like.
func (g *Goods) Search(ctx context.Context, page acl.Page, search, category string) (*model.ProductConnection, error) {
	if search != "" {
		return g.catalog.Search(ctx, page, search, category)
	}
	if g.off {
		return g.catalog.Search(viewer.Nobody(ctx), page, "", category)
	}
	key := pageKey(page, category)
	answer, err := g.pages.get(ctx, []string{key})
	if found := answer[key]; found.there {
		return found.value.connection(found), err
	}
	return nil, err
}

func (g *Goods) readPages(ctx context.Context, keys []string) (map[string]listing, error) {
	pages := make(map[string]listing, len(keys))
	for _, key := range keys {
		page, category, err := readPageKey(key)
		if err != nil {
			return nil, err
		}
		bySKU, byID := g.bySKU.mark(), g.byID.mark()
		answer, err := g.catalog.Search(ctx, page, "", category)
		if err != nil {
			return nil, err
		}
		pages[key] = listed(answer)
		g.bySKU.put(bySKU, named(pages[key].products, func(p model.Product) string { return p.SKU }))
		g.byID.put(byID, named(pages[key].products, func(p model.Product) string { return p.Key }))
	}
	return pages, nil
}

// pageKey names a page, so that readPageKey knows it by its name.
func pageKey(page acl.Page, category string) string {
	return fmt.Sprintf("%d %q %q", page.First, page.After, category)
}

func readPageKey(key string) (page acl.Page, category string, err error) {
	if _, err := fmt.Sscanf(key, "%d %q %q", &page.First, &page.After, &category); err != nil {
		return page, "", fmt.Errorf("read key of a page: %w", err)
	}
	return page, category, nil
}

func listed(connection *model.ProductConnection) listing {
	page := listing{info: *connection.PageInfo, total: connection.TotalCount}
	for _, edge := range connection.Edges {
		product := *edge.Node
		product.Siblings = nil
		page.products, page.cursors = append(page.products, product), append(page.cursors, edge.Cursor)
	}
	return page
}

func named(products []model.Product, name func(model.Product) string) map[string]model.Product {
	all := make(map[string]model.Product, len(products))
	for _, product := range products {
		all[name(product)] = product
	}
	return all
}

// connection is a page for one answer.
func (l listing) connection(f found[listing]) *model.ProductConnection {
	connection := &model.ProductConnection{
		Edges: []*model.ProductEdge{}, Nodes: []*model.Product{}, PageInfo: new(l.info), TotalCount: l.total,
	}
	for i, product := range l.products {
		node := new(product)
		node.AsOf, node.Stale = f.asOf, f.stale
		connection.Nodes = append(connection.Nodes, node)
		connection.Edges = append(connection.Edges, &model.ProductEdge{Cursor: l.cursors[i], Node: node})
	}
	model.GatherProducts(connection.Nodes)
	return connection
}
