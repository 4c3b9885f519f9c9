package rpc

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"quadrille.dev/platform/audit"
	pricingv1 "quadrille.dev/schema/rpc/pricing/v1"
	"quadrille.dev/services/pricing/internal/app"
	"quadrille.dev/services/pricing/internal/pricelist"
)

// CreatePromotion adds a promotion code.
func (p *Pricing) CreatePromotion(
	ctx context.Context, request *pricingv1.CreatePromotionRequest,
) (*pricingv1.CreatePromotionResponse, error) {
	if err := operatorsOnly(ctx); err != nil {
		return nil, err
	}
	promotion, faults := p.readPromotion(request)
	if len(faults) == 0 {
		err := p.Database.Act(ctx, func(store app.Store) (entry audit.Entry, err error) {
			faults, err = app.Promote(ctx, store, promotion)
			return entryOf(ctx, "promotion.created", promotion.Code, sentence(promotion), p.now()), err
		})
		if err != nil {
			return nil, err
		}
	}
	if len(faults) > 0 {
		return &pricingv1.CreatePromotionResponse{UserErrors: refuse(faults)}, nil
	}
	return &pricingv1.CreatePromotionResponse{Promotion: promotionMessage(promotion)}, nil
}

// sentence tells what a promotion gives.
func sentence(promotion pricelist.Promotion) string {
	return fmt.Sprintf("Created promotion %s, which takes off %d.%02d %%.", promotion.Code, promotion.BasisPoints/100, promotion.BasisPoints%100)
}

func (p *Pricing) readPromotion(request *pricingv1.CreatePromotionRequest) (pricelist.Promotion, []pricelist.Fault) {
	promotion := pricelist.Promotion{
		Code: pricelist.ReadCode(request.Code), BasisPoints: int64(request.BasisPoints), StartsAt: p.now(),
	}
	var faults []pricelist.Fault
	read := func(field string, given *timestamppb.Timestamp, set func(time.Time)) {
		switch {
		case given == nil:
		case given.CheckValid() != nil:
			faults = append(faults, pricelist.Fault{
				Reason: pricelist.Malformed, Message: "The time must lie in the years 1 to 9999.", Path: []string{field},
			})
		default:
			set(given.AsTime().Truncate(time.Microsecond))
		}
	}
	read("startsAt", request.StartsAt, func(at time.Time) { promotion.StartsAt = at })
	read("endsAt", request.EndsAt, func(at time.Time) { promotion.EndsAt = &at })
	return promotion, faults
}

func promotionMessage(promotion pricelist.Promotion) *pricingv1.Promotion {
	message := &pricingv1.Promotion{
		Code: promotion.Code, BasisPoints: int32(promotion.BasisPoints), StartsAt: timestamppb.New(promotion.StartsAt),
	}
	if promotion.EndsAt != nil {
		message.EndsAt = timestamppb.New(*promotion.EndsAt)
	}
	return message
}
