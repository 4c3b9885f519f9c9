package graph

import (
	"context"

	"quadrille.dev/gateway/internal/acl"
	"quadrille.dev/gateway/internal/graph/model"
	"quadrille.dev/gateway/internal/viewer"
)

type customer struct{ *Resolver }

func (r customer) Orders(ctx context.Context, of *model.Customer, first int32, after *string) (*model.OrderConnection, error) {
	page, err := page(first, after)
	if err != nil {
		return nil, err
	}
	return r.Ordering.OfCustomer(ctx, of.Key, page)
}

type viewerFields struct{ *Resolver }

func (r viewerFields) Customer(ctx context.Context, of *model.Viewer) (*model.Customer, error) {
	if of.Known != nil {
		return of.Known, nil
	}
	if asking, known := viewer.From(ctx); !known || !asking.IsCustomer() {
		return nil, nil
	}
	found, err := r.Customers.ByID(ctx, []string{of.ID})
	return found[of.ID], err
}

func (r query) Viewer(ctx context.Context) (*model.Viewer, error) {
	asking, known := viewer.From(ctx)
	if !known {
		return nil, nil
	}
	return &model.Viewer{
		ID: asking.ID.String(), Email: asking.Email, Name: asking.Name, Roles: acl.Roles(asking.Roles),
	}, nil
}
