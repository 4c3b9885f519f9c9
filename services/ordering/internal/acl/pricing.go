package acl

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/money"
	moneyv1 "quadrille.dev/schema/rpc/money/v1"
	pricingv1 "quadrille.dev/schema/rpc/pricing/v1"
	"quadrille.dev/schema/rpc/pricing/v1/pricingv1connect"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/problem"
	"quadrille.dev/services/ordering/internal/quote"
)

func priceChangedV1(e event.Envelope) (app.Announcement, error) {
	data, err := event.Data[struct {
		SKU           string               `json:"sku"`
		ListPrice     money.Money          `json:"listPrice"`
		TierDiscounts map[quote.Tier]int64 `json:"tierDiscounts"`
	}](e)
	switch {
	case err != nil:
		return app.Announcement{}, err
	case data.SKU == "" || data.ListPrice.Currency == "" || data.ListPrice.Minor < 0:
		return app.Announcement{}, errors.New("no sku or no listPrice")
	case data.TierDiscounts == nil:
		return app.Announcement{}, errors.New("no tierDiscounts")
	}
	for tier, discount := range data.TierDiscounts {
		if discount < 0 || discount > 10_000 {
			return app.Announcement{}, fmt.Errorf("tierDiscounts has %d for %s", discount, tier)
		}
	}
	price := quote.Price{SKU: strings.ToUpper(data.SKU), List: data.ListPrice, Discounts: data.TierDiscounts, Sequence: e.Sequence}
	return app.Announcement{Price: price, Said: e.Time}, nil
}

// PricingAlive is the key of pricing's sign of life.
const PricingAlive = "pricing.alive"

// AliveAt reads pricing's sign of life.
func AliveAt(signal []byte) (time.Time, error) {
	var alive struct {
		At time.Time `json:"at"`
	}
	if err := json.Unmarshal(signal, &alive); err != nil {
		return time.Time{}, fmt.Errorf("read %s: %w", PricingAlive, err)
	}
	if alive.At.IsZero() {
		return time.Time{}, fmt.Errorf("read %s: no at", PricingAlive)
	}
	return alive.At, nil
}

// Pricing asks pricing.
type Pricing struct {
	Client pricingv1connect.PricingServiceClient
}

// Quote prices a basket. An answer that does not add up is none.
func (p Pricing) Quote(ctx context.Context, basket quote.Basket, tier quote.Tier) (quote.Quote, []problem.Problem, error) {
	request := &pricingv1.QuoteRequest{Tier: string(tier), PromotionCodes: basket.PromotionCodes}
	for _, line := range basket.Lines {
		request.Lines = append(request.Lines, &pricingv1.QuoteRequest_Line{Sku: line.SKU, Quantity: line.Quantity})
	}
	answer, err := p.Client.Quote(ctx, request)
	if err != nil {
		return quote.Quote{}, nil, fmt.Errorf("ask pricing for a quote: %w", err)
	}
	if len(answer.UserErrors) > 0 {
		return quote.Quote{}, complaints(answer.UserErrors, basket), nil
	}
	priced := quote.Quote{Discount: amount(answer.Discount), Total: amount(answer.Total), PricedFrom: order.Live}
	if answer.Discount == nil {
		priced.Discount.Currency = priced.Total.Currency
	}
	for _, line := range answer.Lines {
		priced.Lines = append(priced.Lines, order.Line{
			SKU: line.Sku, Quantity: line.Quantity, UnitPrice: amount(line.UnitPrice), LineTotal: amount(line.LineTotal),
		})
	}
	if err := priced.Check(basket); err != nil {
		return quote.Quote{}, nil, fmt.Errorf("pricing's quote does not add up: %w", err)
	}
	return priced, nil, nil
}

func amount(m *moneyv1.Money) money.Money {
	return money.Money{Minor: m.GetMinorUnits(), Currency: m.GetCurrencyCode()}
}

// complaints puts pricing's errors at the places of the caller's own input. One that is new to ordering is still a refusal: pricing was
// heard, so that announced prices are no way around it.
func complaints(errs []*problemv1.UserError, basket quote.Basket) []problem.Problem {
	problems := make([]problem.Problem, len(errs))
	for i, e := range errs {
		index, placed := place(e.Path)
		switch {
		case !placed:
			problems[i] = problem.NoPrice()
		case e.Code == string(problem.UnpricedProduct) && index < len(basket.Lines):
			problems[i] = problem.Unpriced(basket.Lines[index].Index)
		case e.Code == string(problem.Malformed) && e.Path[0] == "lines" && index < len(basket.Lines):
			problems[i] = problem.OtherCurrency(basket.Lines[index].Index)
		case e.Code == string(problem.UnknownPromotion) && index < len(basket.PromotionCodes):
			problems[i] = problem.Promotion(index)
		default:
			problems[i] = problem.NoPrice()
		}
	}
	return problems
}

// place is the index in paths such as lines.3.sku.
func place(path []string) (index int, placed bool) {
	if len(path) < 2 {
		return 0, false
	}
	parsed, err := strconv.ParseUint(path[1], 10, 16)
	return int(parsed), err == nil
}
