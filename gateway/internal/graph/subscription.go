package graph

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"quadrille.dev/gateway/internal/acl"
	"quadrille.dev/gateway/internal/ending"
	"quadrille.dev/gateway/internal/fault"
	"quadrille.dev/gateway/internal/graph/model"
	"quadrille.dev/gateway/internal/position"
	"quadrille.dev/gateway/internal/viewer"
)

// OrderChanged ends with an error when the viewer's token expires or the changes are not taken in time.
func (r subscription) OrderChanged(ctx context.Context, id string, since *int32) (<-chan *model.OrderChange, error) {
	asking, _ := viewer.From(ctx)
	key, err := followable(ctx, model.KindOrder, id, r.order)
	if err != nil {
		return nil, err
	}
	after, err := resume(ctx, since)
	if err != nil {
		return nil, err
	}
	return r.Live.Follow(ending.Until(ctx, asking.ExpiresAt), key, after, func(err error) { ending.Because(ctx, err) }), nil
}

// ReturnChanged ends as OrderChanged does.
func (r subscription) ReturnChanged(ctx context.Context, id string, since *int32) (<-chan *model.ReturnChange, error) {
	asking, _ := viewer.From(ctx)
	key, err := followable(ctx, model.KindReturn, id, r.returned)
	if err != nil {
		return nil, err
	}
	after, err := resume(ctx, since)
	if err != nil {
		return nil, err
	}
	return r.Live.FollowReturn(ending.Until(ctx, asking.ExpiresAt), key, after, func(err error) { ending.Because(ctx, err) }), nil
}

// SagaChanged is for operators, who see every saga.
func (r subscription) SagaChanged(ctx context.Context, filter *model.SagaFilter) (<-chan *model.SagaChange, error) {
	wanted, possible, err := query(r).sagaFilter(ctx, filter)
	if err != nil {
		return nil, err
	}
	passes := func(s *model.Saga) bool { return possible && wanted.Passes(s) }
	asking, _ := viewer.From(ctx)
	return r.Live.FollowSagas(ending.Until(ctx, asking.ExpiresAt), passes, func(err error) { ending.Because(ctx, err) }), nil
}

// StockChanged is for everybody, as availability is.
func (r subscription) StockChanged(ctx context.Context, skus []string) (<-chan *model.StockChange, error) {
	if len(skus) == 0 || len(skus) > most {
		return nil, fault.TooMany("There are %d SKUs; it must be 1 to %d.", len(skus), most)
	}
	wanted := make([]string, len(skus))
	for i, sku := range skus {
		wanted[i] = acl.SKU(sku)
	}
	slices.Sort(wanted)
	asking, _ := viewer.From(ctx)
	ctx = ending.Until(ctx, asking.ExpiresAt)
	return r.Stock.Follow(ctx, slices.Compact(wanted), func(err error) { ending.Because(ctx, err) }), nil
}

// followable is the key of an order or return that exists and that the viewer may see.
func followable[T comparable](ctx context.Context, kind, id string, read func(context.Context, string) (T, error)) (string, error) {
	key, err := model.Key(kind, id)
	if err != nil {
		return "", err
	}
	found, err := read(ctx, key)
	if err != nil {
		return "", err
	}
	if found == *new(T) {
		return "", fault.Missing("There is no such %s.", strings.ToLower(kind))
	}
	return key, mayHave(ctx, found)
}

// resume is the number of the last fact that a subscriber knows; nil when it knows none. A stream that was lost is resumed where it
// broke, whatever it was begun with.
func resume(ctx context.Context, since *int32) (*int64, error) {
	if last := position.Last(ctx); last != "" {
		number, err := strconv.ParseInt(last, 10, 32)
		if err != nil || number < 0 {
			return nil, fault.BadInput("%q is not the id of an event of this subscription.", last)
		}
		return &number, nil
	}
	if since == nil {
		return nil, nil
	}
	if *since < 0 {
		return nil, fault.TooMany("since is %d; sequences are counted from 1.", *since)
	}
	return new(int64(*since)), nil
}
