// Package rpc answers pricing's callers.
package rpc

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/money"
	"quadrille.dev/platform/serve"
	moneyv1 "quadrille.dev/schema/rpc/money/v1"
	pricingv1 "quadrille.dev/schema/rpc/pricing/v1"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"
	"quadrille.dev/services/pricing/internal/app"
	"quadrille.dev/services/pricing/internal/postgres"
	"quadrille.dev/services/pricing/internal/pricelist"
)

// Pricing implements pricing.v1.PricingService. Everyone may read.
type Pricing struct {
	Database *postgres.Database
	Now      func() time.Time
}

// mostPrices is how many prices can be asked for at once.
const mostPrices = 1000

// GetPrices answers list prices in the order asked for.
func (p *Pricing) GetPrices(ctx context.Context, request *pricingv1.GetPricesRequest) (*pricingv1.GetPricesResponse, error) {
	if len(request.Skus) > mostPrices {
		return nil, connect.NewError(connect.CodeInvalidArgument, errors.New("more than 1,000 SKUs"))
	}
	skus := make([]string, len(request.Skus))
	for i, sku := range request.Skus {
		skus[i] = strings.ToUpper(sku)
	}
	prices, err := p.Database.Prices(ctx, skus)
	if err != nil {
		return nil, err
	}
	response := &pricingv1.GetPricesResponse{}
	for _, sku := range skus {
		if price, priced := prices[sku]; priced {
			response.Prices = append(response.Prices, priceMessage(price))
		}
	}
	return response, nil
}

// ChangePrice sets a list price.
func (p *Pricing) ChangePrice(
	ctx context.Context, request *pricingv1.ChangePriceRequest,
) (*pricingv1.ChangePriceResponse, error) {
	if err := operatorsOnly(ctx); err != nil {
		return nil, err
	}
	sku, faults := pricelist.ReadSKU(request.Sku)
	list := money.Money{Minor: request.GetListPrice().GetMinorUnits(), Currency: request.GetListPrice().GetCurrencyCode()}
	if request.ListPrice == nil {
		faults = append(faults, pricelist.Fault{
			Reason: pricelist.Required, Message: "The price is missing.", Path: []string{"price"},
		})
	} else {
		faults = append(faults, pricelist.CheckList(list)...)
	}
	if len(faults) > 0 {
		return &pricingv1.ChangePriceResponse{UserErrors: refuse(faults)}, nil
	}
	var price pricelist.Price
	at := p.now()
	err := p.Database.Act(ctx, func(store app.Store) (entry audit.Entry, err error) {
		price, err = app.Change(ctx, store, sku, list, at)
		return entryOf(ctx, "price.changed", sku, fmt.Sprintf("Set the list price of %s to %s.", sku, list), at), err
	})
	if err != nil {
		return nil, err
	}
	return &pricingv1.ChangePriceResponse{Price: priceMessage(price)}, nil
}

// now is no finer than what the database keeps.
func (p *Pricing) now() time.Time { return p.Now().UTC().Truncate(time.Microsecond) }

// entryOf is the audit's entry of what the caller does.
func entryOf(ctx context.Context, action, target, detail string, at time.Time) audit.Entry {
	return audit.Entry{
		ID: uuid.Must(uuid.NewV7()), Actor: serve.CallerFrom(ctx).Actor(), Action: action, Target: target, Detail: detail, At: at,
	}
}

func operatorsOnly(ctx context.Context) error {
	if !serve.CallerFrom(ctx).IsOperator() {
		return connect.NewError(connect.CodePermissionDenied, errors.New("only operators set prices"))
	}
	return nil
}

func priceMessage(price pricelist.Price) *pricingv1.Price {
	return &pricingv1.Price{Sku: price.SKU, ListPrice: moneyMessage(price.List), ChangedAt: timestamppb.New(price.ChangedAt)}
}

func moneyMessage(m money.Money) *moneyv1.Money {
	return &moneyv1.Money{MinorUnits: m.Minor, CurrencyCode: m.Currency}
}

func refuse(faults []pricelist.Fault) []*problemv1.UserError {
	refused := make([]*problemv1.UserError, len(faults))
	for i, fault := range faults {
		refused[i] = &problemv1.UserError{Code: string(fault.Reason), Message: fault.Message, Path: fault.Path}
	}
	return refused
}
