package app

import (
	"context"

	"quadrille.dev/services/pricing/internal/pricelist"
)

// Promote adds a promotion, or answers why not.
func Promote(ctx context.Context, store Store, promotion pricelist.Promotion) ([]pricelist.Fault, error) {
	if faults := promotion.Check(); len(faults) > 0 {
		return faults, nil
	}
	added, err := store.AddPromotion(ctx, promotion)
	if err == nil && !added {
		return []pricelist.Fault{{
			Reason: pricelist.CodeTaken, Message: "The code is already in use.", Path: []string{"code"},
		}}, nil
	}
	return nil, err
}
