// Package rpc answers catalog's callers.
package rpc

import (
	"context"
	"errors"
	"fmt"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/serve"
	catalogv1 "quadrille.dev/schema/rpc/catalog/v1"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"
	"quadrille.dev/services/catalog/internal/app"
	"quadrille.dev/services/catalog/internal/postgres"
	"quadrille.dev/services/catalog/internal/product"
)

// Catalog implements catalog.v1.CatalogService. Everyone may read.
type Catalog struct {
	Database *postgres.Database
	Now      func() time.Time
	NewID    func() uuid.UUID
}

// ListProduct puts a product on sale.
func (c *Catalog) ListProduct(
	ctx context.Context, request *catalogv1.ListProductRequest,
) (*catalogv1.ListProductResponse, error) {
	if err := operatorsOnly(ctx); err != nil {
		return nil, err
	}
	sku, wrong := product.ReadSKU(request.Sku)
	details, more := product.Details{
		Name: request.Name, Description: request.Description, Category: request.Category, ImageURL: request.GetImageUrl(),
	}.Tidy()
	if wrong = append(wrong, more...); len(wrong) > 0 {
		return &catalogv1.ListProductResponse{UserErrors: refuse(wrong)}, nil
	}
	id := c.NewID()
	p, err := c.act(ctx, "product.listed", "Listed", func(store app.Store) (product.Product, error) {
		return app.List(ctx, store, id, sku, details, c.Now())
	})
	if errors.Is(err, app.ErrSKUTaken) {
		return &catalogv1.ListProductResponse{UserErrors: []*problemv1.UserError{
			{Code: "SKU_TAKEN", Message: "The SKU is already listed.", Path: []string{"sku"}},
		}}, nil
	}
	if err != nil {
		return nil, err
	}
	return &catalogv1.ListProductResponse{Product: message(p)}, nil
}

// UpdateProduct changes the fields that are set; an empty image URL takes the image away.
func (c *Catalog) UpdateProduct(
	ctx context.Context, request *catalogv1.UpdateProductRequest,
) (*catalogv1.UpdateProductResponse, error) {
	if err := operatorsOnly(ctx); err != nil {
		return nil, err
	}
	id := readID(request.Id)
	p, err := c.act(ctx, "product.updated", "Updated", func(store app.Store) (product.Product, error) {
		return app.Update(ctx, store, id, func(details product.Details) (product.Details, error) {
			return revise(details, request)
		}, c.Now())
	})
	var faulty faultyError
	switch {
	case errors.As(err, &faulty):
		return &catalogv1.UpdateProductResponse{UserErrors: refuse(faulty)}, nil
	case errors.Is(err, app.ErrNotFound):
		return &catalogv1.UpdateProductResponse{UserErrors: notFound()}, nil
	case err != nil:
		return nil, err
	}
	return &catalogv1.UpdateProductResponse{Product: message(p)}, nil
}

// RetireProduct takes a product off sale.
func (c *Catalog) RetireProduct(
	ctx context.Context, request *catalogv1.RetireProductRequest,
) (*catalogv1.RetireProductResponse, error) {
	if err := operatorsOnly(ctx); err != nil {
		return nil, err
	}
	id := readID(request.Id)
	p, err := c.act(ctx, "product.retired", "Retired", func(store app.Store) (product.Product, error) {
		return app.Retire(ctx, store, id, c.Now())
	})
	if errors.Is(err, app.ErrNotFound) {
		return &catalogv1.RetireProductResponse{UserErrors: notFound()}, nil
	}
	if err != nil {
		return nil, err
	}
	return &catalogv1.RetireProductResponse{Product: message(p)}, nil
}

// readID is the id that no product has for what is no id.
func readID(text string) uuid.UUID {
	id, err := uuid.Parse(text)
	if err != nil {
		return uuid.Nil
	}
	return id
}

// act runs what the caller does to a product, audited as action and told by verb.
func (c *Catalog) act(
	ctx context.Context, action, verb string, use func(app.Store) (product.Product, error),
) (p product.Product, err error) {
	err = c.Database.Act(ctx, func(store app.Store) (entry audit.Entry, err error) {
		p, err = use(store)
		return audit.Entry{
			ID: c.NewID(), Actor: serve.CallerFrom(ctx).Actor(), Action: action, Target: p.SKU,
			Detail: fmt.Sprintf("%s product %s.", verb, p.SKU), At: c.Now(),
		}, err
	})
	return p, err
}

func operatorsOnly(ctx context.Context) error {
	if !serve.CallerFrom(ctx).IsOperator() {
		return connect.NewError(connect.CodePermissionDenied, errors.New("only operators change the catalog"))
	}
	return nil
}
