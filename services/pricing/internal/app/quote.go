package app

import (
	"context"
	"time"

	"quadrille.dev/services/pricing/internal/pricelist"
)

// Quote prices lines for a tier with promotions, or answers why not.
func Quote(
	ctx context.Context, reader Reader, lines []pricelist.Line, tier string, codes []string, at time.Time,
) (pricelist.Quote, []pricelist.Fault, error) {
	if faults := pricelist.CheckOrder(lines, codes); len(faults) > 0 {
		return pricelist.Quote{}, faults, nil
	}
	skus := make([]string, len(lines))
	for i, line := range lines {
		skus[i] = line.SKU
	}
	list, err := reader.List(ctx, skus, codes, at)
	if err != nil {
		return pricelist.Quote{}, nil, err
	}
	return list.Quote(lines, tier, codes)
}
