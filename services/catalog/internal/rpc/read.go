package rpc

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"connectrpc.com/connect"
	"github.com/google/uuid"

	catalogv1 "quadrille.dev/schema/rpc/catalog/v1"
	pagev1 "quadrille.dev/schema/rpc/page/v1"
	"quadrille.dev/services/catalog/internal/postgres"
)

// The limits of what can be asked for at once.
const (
	mostProducts  = 1000
	mostOnPage    = 100
	longestSearch = 200
)

// GetProducts answers products in the order asked for, by id and then by SKU.
func (c *Catalog) GetProducts(
	ctx context.Context, request *catalogv1.GetProductsRequest,
) (*catalogv1.GetProductsResponse, error) {
	if len(request.Ids)+len(request.Skus) > mostProducts {
		return nil, connect.NewError(connect.CodeInvalidArgument, errors.New("more than 1,000 products"))
	}
	ids := make([]uuid.UUID, 0, len(request.Ids))
	for _, text := range request.Ids {
		if id, err := uuid.Parse(text); err == nil {
			ids = append(ids, id)
		}
	}
	skus := make([]string, len(request.Skus))
	for i, sku := range request.Skus {
		skus[i] = strings.ToUpper(sku)
	}
	response := &catalogv1.GetProductsResponse{}
	if len(ids) > 0 {
		products, err := c.Database.ByID(ctx, ids)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			if p, exists := products[id]; exists {
				response.Products = append(response.Products, message(p))
			}
		}
	}
	if len(skus) > 0 {
		products, err := c.Database.BySKU(ctx, skus)
		if err != nil {
			return nil, err
		}
		for _, sku := range skus {
			if p, exists := products[sku]; exists {
				response.Products = append(response.Products, message(p))
			}
		}
	}
	return response, nil
}

// SearchProducts answers a page of products on sale.
func (c *Catalog) SearchProducts(
	ctx context.Context, request *catalogv1.SearchProductsRequest,
) (*catalogv1.SearchProductsResponse, error) {
	switch first := request.GetPage().GetFirst(); {
	case first < 1 || first > mostOnPage:
		return nil, connect.NewError(connect.CodeInvalidArgument, errors.New("a page has 1 to 100 products"))
	case utf8.RuneCountInString(request.Search) > longestSearch:
		return nil, connect.NewError(connect.CodeInvalidArgument, errors.New("a search has at most 200 characters"))
	case strings.ContainsRune(request.Search+request.Category, 0):
		return nil, connect.NewError(connect.CodeInvalidArgument, errors.New("a search is plain text"))
	}
	page, err := c.Database.Search(ctx, postgres.Search{
		Words: strings.Fields(request.Search), Category: request.Category,
		First: int(request.Page.First), After: request.Page.After,
	})
	if errors.Is(err, postgres.ErrCursor) {
		return nil, connect.NewError(connect.CodeInvalidArgument, err)
	}
	if err != nil {
		return nil, err
	}
	response := &catalogv1.SearchProductsResponse{PageInfo: &pagev1.PageInfo{HasNextPage: page.More, TotalCount: page.Total}}
	for _, p := range page.Products {
		edge := &catalogv1.SearchProductsResponse_Edge{Cursor: postgres.Cursor(p), Product: message(p)}
		response.Edges = append(response.Edges, edge)
	}
	return response, nil
}

// ListCategories answers the categories of products on sale.
func (c *Catalog) ListCategories(
	ctx context.Context, _ *catalogv1.ListCategoriesRequest,
) (*catalogv1.ListCategoriesResponse, error) {
	categories, err := c.Database.Categories(ctx)
	if err != nil {
		return nil, err
	}
	response := &catalogv1.ListCategoriesResponse{}
	for _, category := range categories {
		response.Categories = append(response.Categories, &catalogv1.ListCategoriesResponse_Category{
			Name: category.Name, Products: category.Products,
		})
	}
	return response, nil
}
