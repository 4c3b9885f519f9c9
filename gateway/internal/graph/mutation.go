package graph

import (
	"context"

	"quadrille.dev/gateway/internal/acl"
	"quadrille.dev/gateway/internal/graph/model"
	"quadrille.dev/gateway/internal/viewer"
)

func (r mutation) ListProduct(ctx context.Context, input model.ListProductInput) (*model.ListProductPayload, error) {
	defer r.Goods.ProductChanged("", acl.SKU(input.SKU))
	return r.Catalog.List(ctx, input)
}

func (r mutation) UpdateProduct(ctx context.Context, input model.UpdateProductInput) (*model.UpdateProductPayload, error) {
	payload, err := r.Catalog.Update(ctx, input)
	if err == nil && payload.Product != nil {
		r.Goods.ProductChanged(payload.Product.Key, payload.Product.SKU)
	}
	return payload, err
}

func (r mutation) RetireProduct(ctx context.Context, input model.RetireProductInput) (*model.RetireProductPayload, error) {
	payload, err := r.Catalog.Retire(ctx, input)
	if err == nil && payload.Product != nil {
		r.Goods.ProductChanged(payload.Product.Key, payload.Product.SKU)
	}
	return payload, err
}

func (r mutation) ChangePrice(ctx context.Context, input model.ChangePriceInput) (*model.ChangePricePayload, error) {
	defer r.Goods.PriceChanged(acl.SKU(input.SKU))
	return r.Pricing.Change(ctx, input)
}

func (r mutation) CreatePromotion(ctx context.Context, input model.CreatePromotionInput) (*model.CreatePromotionPayload, error) {
	return r.Pricing.Promote(ctx, input)
}

func (r mutation) ReceiveStock(ctx context.Context, input model.ReceiveStockInput) (*model.ReceiveStockPayload, error) {
	defer r.Goods.AvailabilityChanged(acl.SKU(input.SKU))
	return r.Inventory.Receive(ctx, input)
}

func (r mutation) SetCustomerTier(ctx context.Context, input model.SetCustomerTierInput) (*model.SetCustomerTierPayload, error) {
	return r.Customers.SetTier(ctx, input)
}

func (r mutation) EraseCustomer(ctx context.Context, input model.EraseCustomerInput) (*model.EraseCustomerPayload, error) {
	return r.Customers.Erase(ctx, input)
}

func (r mutation) SignIn(ctx context.Context, input model.SignInInput) (*model.SignInPayload, error) {
	return r.Customers.SignIn(ctx, input)
}

func (r mutation) SignInWithToken(ctx context.Context, input model.SignInWithTokenInput) (*model.SignInPayload, error) {
	return r.Customers.SignInWithToken(ctx, input)
}

func (r mutation) RegisterCustomer(ctx context.Context, input model.RegisterCustomerInput) (*model.RegisterCustomerPayload, error) {
	return r.Customers.Register(ctx, input)
}

func (r mutation) UpdateProfile(ctx context.Context, input model.UpdateProfileInput) (*model.UpdateProfilePayload, error) {
	whose, wrong, err := whose(ctx, input.CustomerID)
	if wrong != nil || err != nil {
		return &model.UpdateProfilePayload{UserErrors: wrong}, err
	}
	return r.Customers.UpdateProfile(ctx, whose, input)
}

func (r mutation) AddAddress(ctx context.Context, input model.AddAddressInput) (*model.AddAddressPayload, error) {
	whose, wrong, err := whose(ctx, input.CustomerID)
	if wrong != nil || err != nil {
		return &model.AddAddressPayload{UserErrors: wrong}, err
	}
	return r.Customers.AddAddress(ctx, whose, input.Address)
}

func (r mutation) PlaceOrder(ctx context.Context, input model.PlaceOrderInput) (*model.PlaceOrderPayload, error) {
	if asking, _ := viewer.From(ctx); input.OnBehalfOf != nil && !asking.IsOperator() {
		return &model.PlaceOrderPayload{UserErrors: denied("Only operators may order for others.", "onBehalfOf")}, nil
	}
	return r.Ordering.Place(ctx, input)
}

func (r mutation) CancelOrder(ctx context.Context, input model.CancelOrderInput) (*model.CancelOrderPayload, error) {
	return r.Ordering.Cancel(ctx, input)
}

// whose is the customer that an input names, or else the viewer. A customer may name nobody else.
func whose(ctx context.Context, named *string) (string, []model.UserError, error) {
	asking, err := viewer.Require(ctx)
	if err != nil {
		return "", nil, err
	}
	if named == nil {
		return asking.ID.String(), nil, nil
	}
	key, wrong := model.Key(model.KindCustomer, *named)
	if wrong != nil {
		return "", malformed(wrong, "customerId"), nil
	}
	if !viewer.MaySee(ctx, key) {
		return "", denied("Only operators may change another customer.", "customerId"), nil
	}
	return key, nil, nil
}

func denied(message string, path ...string) []model.UserError {
	return []model.UserError{model.InvalidInputError{Code: model.UserErrorCodeForbidden, Message: message, Path: path}}
}

func malformed(err error, path ...string) []model.UserError {
	return []model.UserError{model.InvalidInputError{Code: model.UserErrorCodeMalformed, Message: err.Error(), Path: path}}
}
