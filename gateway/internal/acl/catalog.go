package acl

import (
	"context"
	"strings"
	"time"

	"quadrille.dev/gateway/internal/graph/model"
	catalogv1 "quadrille.dev/schema/rpc/catalog/v1"
	"quadrille.dev/schema/rpc/catalog/v1/catalogv1connect"
)

// Catalog knows products.
type Catalog struct {
	rpc catalogv1connect.CatalogServiceClient
}

// NewCatalog makes a client of catalog.
func NewCatalog(rpc catalogv1connect.CatalogServiceClient) *Catalog { return &Catalog{rpc} }

// BySKU answers products by SKU, retired ones included; those that do not exist are missing.
func (c *Catalog) BySKU(ctx context.Context, skus []string) (map[string]*model.Product, error) {
	products, err := inParts(skus, atOnce, func(part []string) ([]*model.Product, error) {
		return c.get(ctx, &catalogv1.GetProductsRequest{Skus: part})
	})
	found := make(map[string]*model.Product, len(products))
	for _, product := range model.GatherProducts(products) {
		found[product.SKU] = product
	}
	return found, err
}

// ByID answers products by id, retired ones included; those that do not exist are missing.
func (c *Catalog) ByID(ctx context.Context, ids []string) (map[string]*model.Product, error) {
	products, err := inParts(ids, atOnce, func(part []string) ([]*model.Product, error) {
		return c.get(ctx, &catalogv1.GetProductsRequest{Ids: part})
	})
	found := make(map[string]*model.Product, len(products))
	for _, product := range model.GatherProducts(products) {
		found[product.Key] = product
	}
	return found, err
}

func (c *Catalog) get(ctx context.Context, request *catalogv1.GetProductsRequest) ([]*model.Product, error) {
	answer, err := c.rpc.GetProducts(ctx, request)
	if err != nil {
		return nil, failure(ctx, "catalog", err)
	}
	defer answer.ReturnToVTPool()
	told, now := make([]model.Product, len(answer.GetProducts())), time.Now()
	products := make([]*model.Product, len(told))
	for i, p := range answer.GetProducts() {
		products[i] = product(&told[i], p, now)
	}
	return products, nil
}

// Search answers a page of the products on sale.
func (c *Catalog) Search(ctx context.Context, page Page, search, category string) (*model.ProductConnection, error) {
	answer, err := c.rpc.SearchProducts(ctx, &catalogv1.SearchProductsRequest{
		Page: page.request(), Search: search, Category: category,
	})
	if err != nil {
		return nil, failure(ctx, "catalog", err)
	}
	defer answer.ReturnToVTPool()
	count := len(answer.GetEdges())
	connection := &model.ProductConnection{
		Edges: make([]*model.ProductEdge, count), Nodes: make([]*model.Product, count), TotalCount: answer.GetPageInfo().GetTotalCount(),
	}
	cursors, products, edges, now := make([]string, count), make([]model.Product, count), make([]model.ProductEdge, count), time.Now()
	for i, edge := range answer.GetEdges() {
		cursors[i] = edge.GetCursor()
		connection.Nodes[i] = product(&products[i], edge.GetProduct(), now)
		edges[i] = model.ProductEdge{Cursor: edge.GetCursor(), Node: connection.Nodes[i]}
		connection.Edges[i] = &edges[i]
	}
	model.GatherProducts(connection.Nodes)
	connection.PageInfo = page.info(answer.GetPageInfo().GetHasNextPage(), cursors)
	return connection, nil
}

// Categories answers the categories of products on sale.
func (c *Catalog) Categories(ctx context.Context) ([]model.Category, error) {
	answer, err := c.rpc.ListCategories(ctx, &catalogv1.ListCategoriesRequest{})
	if err != nil {
		return nil, failure(ctx, "catalog", err)
	}
	categories := make([]model.Category, len(answer.GetCategories()))
	for i, category := range answer.GetCategories() {
		categories[i] = model.Category{Name: category.GetName(), ProductCount: category.GetProducts()}
	}
	return categories, nil
}

// List puts a product on sale.
func (c *Catalog) List(ctx context.Context, input model.ListProductInput) (*model.ListProductPayload, error) {
	answer, err := c.rpc.ListProduct(ctx, &catalogv1.ListProductRequest{
		Sku: input.SKU, Name: input.Name, Description: input.Description, Category: input.Category, ImageUrl: input.ImageURL,
	})
	if err != nil {
		return nil, failure(ctx, "catalog", err)
	}
	refused, err := refusals("catalog", answer.GetUserErrors())
	return &model.ListProductPayload{Product: changed(answer.GetProduct()), UserErrors: refused}, err
}

// Update changes a product.
func (c *Catalog) Update(ctx context.Context, input model.UpdateProductInput) (*model.UpdateProductPayload, error) {
	id, wrong := key(model.KindProduct, input.ID, "id")
	if wrong != nil {
		return &model.UpdateProductPayload{UserErrors: wrong}, nil
	}
	answer, err := c.rpc.UpdateProduct(ctx, &catalogv1.UpdateProductRequest{
		Id: id, Name: input.Name, Description: input.Description, Category: input.Category, ImageUrl: input.ImageURL,
	})
	if err != nil {
		return nil, failure(ctx, "catalog", err)
	}
	refused, err := refusals("catalog", answer.GetUserErrors())
	return &model.UpdateProductPayload{Product: changed(answer.GetProduct()), UserErrors: refused}, err
}

// Retire takes a product off sale.
func (c *Catalog) Retire(ctx context.Context, input model.RetireProductInput) (*model.RetireProductPayload, error) {
	id, wrong := key(model.KindProduct, input.ID, "id")
	if wrong != nil {
		return &model.RetireProductPayload{UserErrors: wrong}, nil
	}
	answer, err := c.rpc.RetireProduct(ctx, &catalogv1.RetireProductRequest{Id: id})
	if err != nil {
		return nil, failure(ctx, "catalog", err)
	}
	refused, err := refusals("catalog", answer.GetUserErrors())
	return &model.RetireProductPayload{Product: changed(answer.GetProduct()), UserErrors: refused}, err
}

// SKU is a SKU as all contexts write it.
func SKU(given string) string { return strings.ToUpper(given) }

func changed(p *catalogv1.Product) *model.Product {
	if p == nil {
		return nil
	}
	return model.GatherProducts([]*model.Product{product(new(model.Product), p, time.Now())})[0]
}

// product writes a product, as it was told, into one of ours.
func product(into *model.Product, p *catalogv1.Product, now time.Time) *model.Product {
	*into = model.Product{
		ID:          model.GlobalID(model.KindProduct, p.GetId()),
		Key:         p.GetId(),
		SKU:         p.GetSku(),
		Name:        p.GetName(),
		Description: p.GetDescription(),
		Category:    p.GetCategory(),
		ImageURL:    p.ImageUrl,
		Retired:     p.GetRetired(),
		AsOf:        now,
	}
	return into
}
