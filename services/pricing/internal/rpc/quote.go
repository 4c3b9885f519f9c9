package rpc

import (
	"context"
	"fmt"
	"strings"

	"connectrpc.com/connect"

	pricingv1 "quadrille.dev/schema/rpc/pricing/v1"
	"quadrille.dev/services/pricing/internal/app"
	"quadrille.dev/services/pricing/internal/pricelist"
)

// Quote prices an order. A tier that is left out is STANDARD.
func (p *Pricing) Quote(ctx context.Context, request *pricingv1.QuoteRequest) (*pricingv1.QuoteResponse, error) {
	tier := request.Tier
	switch tier {
	case "":
		tier = "STANDARD"
	case "STANDARD", "PREMIUM", "VIP":
	default:
		return nil, connect.NewError(connect.CodeInvalidArgument, fmt.Errorf("tier %q", tier))
	}
	lines := make([]pricelist.Line, len(request.Lines))
	for i, line := range request.Lines {
		lines[i] = pricelist.Line{SKU: strings.ToUpper(strings.TrimSpace(line.GetSku())), Quantity: int64(line.GetQuantity())}
	}
	codes := make([]string, len(request.PromotionCodes))
	for i, code := range request.PromotionCodes {
		codes[i] = pricelist.ReadCode(code)
	}
	quote, faults, err := app.Quote(ctx, p.Database, lines, tier, codes, p.now())
	if err != nil {
		return nil, err
	}
	if len(faults) > 0 {
		return &pricingv1.QuoteResponse{UserErrors: refuse(faults)}, nil
	}
	return quoteMessage(quote), nil
}

func quoteMessage(quote pricelist.Quote) *pricingv1.QuoteResponse {
	response := &pricingv1.QuoteResponse{
		Lines:    make([]*pricingv1.QuoteResponse_Line, len(quote.Lines)),
		Discount: moneyMessage(quote.Discount),
		Total:    moneyMessage(quote.Total),
	}
	for i, line := range quote.Lines {
		response.Lines[i] = &pricingv1.QuoteResponse_Line{
			Sku: line.SKU, Quantity: int32(line.Quantity),
			UnitPrice: moneyMessage(line.Unit), LineTotal: moneyMessage(line.Total),
		}
	}
	return response
}
