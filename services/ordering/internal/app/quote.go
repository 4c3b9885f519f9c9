package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/problem"
	"quadrille.dev/services/ordering/internal/quote"
)

// Catalog can be asked what is on sale. An error means that it did not answer.
type Catalog interface {
	// OnSale has, of the SKUs asked for, those that are on sale.
	OnSale(ctx context.Context, skus []string) (map[string]bool, error)
}

// Pricing can be asked for prices. An error means that it did not answer, or nothing that can be used.
type Pricing interface {
	Quote(ctx context.Context, basket quote.Basket, tier quote.Tier) (quote.Quote, []problem.Problem, error)
}

// Quoter prices baskets: for Quote and for PlaceOrder alike.
type Quoter struct {
	Store     Reader
	Catalog   Catalog
	Pricing   Pricing
	Customers Customers
	Log       *slog.Logger
}

// trustedFor is how long announced prices are good when nothing is heard of pricing. A price that did not change does not age.
const trustedFor = time.Hour

// Quote prices a basket for a customer of whom something is known, as of the products in it, or tells what is wrong with it. It is not to be
// called in a transaction.
func (q Quoter) Quote(ctx context.Context, known Known, customer order.CustomerID, basket quote.Basket, at time.Time) (
	quote.Quote, []problem.Problem, error,
) {
	if known.Erased {
		return quote.Quote{}, nil, fmt.Errorf("quote for customer %s: %w", customer, ErrErased)
	}
	if problems := q.notOnSale(ctx, basket, known); len(problems) > 0 {
		return quote.Quote{}, problems, nil
	}
	priced, problems, err := q.Pricing.Quote(ctx, basket, known.Tier)
	if err == nil {
		return priced, problems, q.heard(ctx, known, at)
	}
	if ctx.Err() != nil {
		return quote.Quote{}, nil, fmt.Errorf("ask pricing: %w", ctx.Err())
	}
	return q.remembered(ctx, basket, known, at, err)
}

// notOnSale finds lines without a product on sale. A SKU that was never heard of is asked of the catalog once, and only its own
// answer makes the SKU unknown.
func (q Quoter) notOnSale(ctx context.Context, basket quote.Basket, known Known) []problem.Problem {
	var unheard []string
	for _, line := range basket.Lines {
		if _, heard := known.OnSale[line.SKU]; !heard {
			unheard = append(unheard, line.SKU)
		}
	}
	if len(unheard) > 0 {
		q.askCatalog(ctx, unheard, known.OnSale)
	}
	var problems []problem.Problem
	for _, line := range basket.Lines {
		if onSale, certain := known.OnSale[line.SKU]; certain && !onSale {
			problems = append(problems, problem.UnknownSKU(line.Index, line.SKU))
		}
	}
	return problems
}

func (q Quoter) askCatalog(ctx context.Context, skus []string, onSale map[string]bool) {
	answer, err := q.Catalog.OnSale(ctx, skus)
	if err != nil {
		q.Log.WarnContext(ctx, "the catalog did not say whether products exist", "skus", len(skus), "error", err)
		return
	}
	for _, sku := range skus {
		onSale[sku] = answer[sku]
	}
}

// heard notes an answer of pricing's, but not every one within seconds.
func (q Quoter) heard(ctx context.Context, known Known, at time.Time) error {
	if at.Sub(known.PricingHeard) < 10*time.Second {
		return nil
	}
	return HearPricing(ctx, q.Store, at, at)
}

func (q Quoter) remembered(ctx context.Context, basket quote.Basket, known Known, at time.Time, silent error) (
	quote.Quote, []problem.Problem, error,
) {
	if age := at.Sub(known.PricingHeard); age > trustedFor {
		q.Log.WarnContext(ctx, "no price: pricing is silent for too long", "heard", known.PricingHeard, "error", silent)
		return quote.Quote{}, []problem.Problem{problem.NoPrice()}, nil
	}
	priced, err := quote.Remembered(basket, known.Tier, known.Prices)
	if err != nil {
		q.Log.WarnContext(ctx, "no price: pricing is silent and not all is known", "reason", err, "error", silent)
		return quote.Quote{}, []problem.Problem{problem.NoPrice()}, nil
	}
	q.Log.WarnContext(ctx, "announced prices were used", "error", silent)
	return priced, nil, nil
}
