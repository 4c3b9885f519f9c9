package acl

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	catalogv1 "quadrille.dev/schema/rpc/catalog/v1"
	"quadrille.dev/schema/rpc/catalog/v1/catalogv1connect"
	"quadrille.dev/services/ordering/internal/app"
)

func productV1(e event.Envelope) (app.Product, error) {
	data, err := event.Data[struct {
		ProductID uuid.UUID `json:"productId"`
		SKU       string    `json:"sku"`
	}](e)
	if err != nil {
		return app.Product{}, err
	}
	if data.ProductID == uuid.Nil || data.SKU == "" {
		return app.Product{}, errors.New("no productId or no sku")
	}
	return app.Product{ID: data.ProductID, SKU: strings.ToUpper(data.SKU)}, nil
}

func productRetiredV1(e event.Envelope) (app.Product, error) {
	product, err := productV1(e)
	product.Retired = true
	return product, err
}

// Catalog asks catalog.
type Catalog struct {
	Client catalogv1connect.CatalogServiceClient
}

// OnSale has the SKUs that exist and are not retired.
func (c Catalog) OnSale(ctx context.Context, skus []string) (map[string]bool, error) {
	answer, err := c.Client.GetProducts(ctx, &catalogv1.GetProductsRequest{Skus: skus})
	if err != nil {
		return nil, fmt.Errorf("ask catalog for products: %w", err)
	}
	onSale := make(map[string]bool, len(answer.Products))
	for _, product := range answer.Products {
		onSale[product.Sku] = onSale[product.Sku] || !product.Retired
	}
	return onSale, nil
}
