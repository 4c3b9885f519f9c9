package acl

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"quadrille.dev/gateway/internal/graph/model"
	moneyv1 "quadrille.dev/schema/rpc/money/v1"
	pricingv1 "quadrille.dev/schema/rpc/pricing/v1"
	"quadrille.dev/schema/rpc/pricing/v1/pricingv1connect"

	"quadrille.dev/platform/money"
)

// Pricing knows list prices and promotions.
type Pricing struct {
	rpc pricingv1connect.PricingServiceClient
}

// NewPricing makes a client of pricing.
func NewPricing(rpc pricingv1connect.PricingServiceClient) *Pricing { return &Pricing{rpc} }

// Prices answers list prices by SKU; SKUs without a price are missing.
func (p *Pricing) Prices(ctx context.Context, skus []string) (map[string]*model.Price, error) {
	found, now := make(map[string]*model.Price, len(skus)), time.Now()
	err := eachPart(skus, atOnce, func(part []string) error {
		answer, err := p.rpc.GetPrices(ctx, &pricingv1.GetPricesRequest{Skus: part})
		defer answer.ReturnToVTPool()
		told := make([]model.Price, len(answer.GetPrices()))
		for i, price := range answer.GetPrices() {
			told[i] = live(price, now)
			found[price.GetSku()] = &told[i]
		}
		return failure(ctx, "pricing", err)
	})
	return found, err
}

// Change sets a list price.
func (p *Pricing) Change(ctx context.Context, input model.ChangePriceInput) (*model.ChangePricePayload, error) {
	price, wrong := sum(input.Price, "price")
	if wrong != nil {
		return &model.ChangePricePayload{UserErrors: wrong}, nil
	}
	answer, err := p.rpc.ChangePrice(ctx, &pricingv1.ChangePriceRequest{
		Sku: SKU(input.SKU), ListPrice: &moneyv1.Money{MinorUnits: price.Minor, CurrencyCode: price.Currency},
	})
	if err != nil {
		return nil, failure(ctx, "pricing", err)
	}
	payload := &model.ChangePricePayload{}
	if answer.GetPrice() != nil {
		payload.Price = new(live(answer.GetPrice(), time.Now()))
	}
	payload.UserErrors, err = refusals("pricing", answer.GetUserErrors())
	return payload, err
}

// Promote adds a promotion code.
func (p *Pricing) Promote(ctx context.Context, input model.CreatePromotionInput) (*model.CreatePromotionPayload, error) {
	share, wrong := basisPoints(input.PercentOff)
	if wrong != nil {
		return &model.CreatePromotionPayload{UserErrors: wrong}, nil
	}
	request := &pricingv1.CreatePromotionRequest{Code: strings.ToUpper(input.Code), BasisPoints: share}
	if input.StartsAt != nil {
		request.StartsAt = timestamppb.New(*input.StartsAt)
	}
	if input.EndsAt != nil {
		request.EndsAt = timestamppb.New(*input.EndsAt)
	}
	answer, err := p.rpc.CreatePromotion(ctx, request)
	if err != nil {
		return nil, failure(ctx, "pricing", err)
	}
	refused, err := refusals("pricing", answer.GetUserErrors())
	return &model.CreatePromotionPayload{Promotion: promotion(answer.GetPromotion()), UserErrors: refused}, err
}

func live(p *pricingv1.Price, now time.Time) model.Price {
	price := money.Money{Minor: p.GetListPrice().GetMinorUnits(), Currency: p.GetListPrice().GetCurrencyCode()}
	return model.Price{Amount: price.Decimal(), CurrencyCode: price.Currency, AsOf: now}
}

func promotion(p *pricingv1.Promotion) *model.Promotion {
	if p == nil {
		return nil
	}
	return &model.Promotion{
		Code:       p.GetCode(),
		PercentOff: percent(p.GetBasisPoints()),
		StartsAt:   p.GetStartsAt().AsTime(),
		EndsAt:     moment(p.GetEndsAt()),
	}
}

// percent writes hundredths of a per cent with no more decimals than it takes: 1250 is "12.5".
func percent(basisPoints int32) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%d.%02d", basisPoints/100, basisPoints%100), "0"), ".")
}

// basisPoints reads per cent with at most two decimals into hundredths of a per cent.
func basisPoints(percent string) (int32, []model.UserError) {
	whole, fraction, point := strings.Cut(percent, ".")
	if len(fraction) > 2 || (point && fraction == "") || strings.ContainsAny(percent, "+_") {
		return 0, refuse(model.UserErrorCodeMalformed, "This is not a decimal number with at most two decimals.", "percentOff")
	}
	share, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", 2-len(fraction)), 10, 64)
	switch {
	case err != nil && share == 0, whole == "":
		return 0, refuse(model.UserErrorCodeMalformed, "This is not a decimal number with at most two decimals.", "percentOff")
	case err != nil, share > math.MaxInt32, share < math.MinInt32:
		return 0, refuse(model.UserErrorCodeOutOfRange, "The share must be above 0 and at most 100.", "percentOff")
	}
	return int32(share), nil
}
