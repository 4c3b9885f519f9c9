package rpc

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"quadrille.dev/platform/money"
	moneyv1 "quadrille.dev/schema/rpc/money/v1"
	orderingv1 "quadrille.dev/schema/rpc/ordering/v1"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/problem"
)

func userErrors(problems []problem.Problem) []*problemv1.UserError {
	errs := make([]*problemv1.UserError, len(problems))
	for i, p := range problems {
		errs[i] = &problemv1.UserError{Code: string(p.Code), Message: p.Message, Path: p.Path, Details: p.Details}
	}
	return errs
}

// wire is an order as callers see it: all but the payment token.
func wire(o order.Order) *orderingv1.Order {
	return &orderingv1.Order{
		Id:          o.ID.String(),
		Number:      o.Number,
		CustomerId:  o.CustomerID.String(),
		Status:      string(o.Status),
		PlacedAt:    timestamppb.New(o.PlacedAt),
		FulfilledAt: moment(o.FulfilledAt),
		PricedFrom:  pricedFrom(o.PricedFrom),
		Lines:       lines(o.Lines),
		Discount:    amount(o.Discount),
		Total:       amount(o.Total),
		ShippingAddress: &orderingv1.Address{
			Name: o.ShippingAddress.Name, Street: o.ShippingAddress.Street, City: o.ShippingAddress.City,
			PostalCode: o.ShippingAddress.PostalCode, CountryCode: o.ShippingAddress.CountryCode,
		},
		Cancellation: cancellation(o),
		Deadline:     timestamppb.New(o.Deadline),
	}
}

func cancellation(o order.Order) *orderingv1.Cancellation {
	if o.Status != order.StatusCancelled {
		return nil
	}
	return &orderingv1.Cancellation{
		Reason:      string(o.Cancellation.Reason),
		Detail:      o.Cancellation.Detail,
		CancelledBy: string(o.Cancellation.By),
		CancelledAt: timestamppb.New(o.Cancellation.At),
		Settled:     o.Cancellation.Settled,
	}
}

func moment(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func lines(all []order.Line) []*orderingv1.Line {
	wired := make([]*orderingv1.Line, len(all))
	for i, line := range all {
		wired[i] = &orderingv1.Line{
			Sku: line.SKU, Quantity: line.Quantity, UnitPrice: amount(line.UnitPrice), LineTotal: amount(line.LineTotal),
		}
	}
	return wired
}

func amount(m money.Money) *moneyv1.Money {
	return &moneyv1.Money{MinorUnits: m.Minor, CurrencyCode: m.Currency}
}

func pricedFrom(from order.PricedFrom) orderingv1.PricedFrom {
	switch from {
	case order.Live:
		return orderingv1.PricedFrom_PRICED_FROM_LIVE
	case order.Cached:
		return orderingv1.PricedFrom_PRICED_FROM_CACHED
	}
	return orderingv1.PricedFrom_PRICED_FROM_UNSPECIFIED
}
