package graph

import (
	"context"

	"quadrille.dev/gateway/internal/ending"
	"quadrille.dev/gateway/internal/fault"
	"quadrille.dev/gateway/internal/graph/model"
	"quadrille.dev/gateway/internal/viewer"
)

// OrderChanged ends with an error when the viewer's token expires or the changes are not taken in time.
func (r subscription) OrderChanged(ctx context.Context, id string, since *int32) (<-chan *model.OrderChange, error) {
	asking, err := viewer.Require(ctx)
	if err != nil {
		return nil, err
	}
	key, err := r.followable(ctx, id)
	if err != nil {
		return nil, err
	}
	var after *int64
	if since != nil {
		if *since < 0 {
			return nil, fault.TooMany("since is %d; sequences are counted from 1.", *since)
		}
		after = new(int64(*since))
	}
	ctx, cancel := context.WithDeadlineCause(ctx, asking.ExpiresAt, fault.NotSignedIn())
	context.AfterFunc(ctx, cancel)
	return r.Live.Follow(ctx, key, after, func(err error) { ending.Because(ctx, err) }), nil
}

// followable is the key of an order that exists and that the viewer may see.
func (r subscription) followable(ctx context.Context, id string) (string, error) {
	key, err := model.Key(model.KindOrder, id)
	if err != nil {
		return "", err
	}
	order, err := r.order(ctx, key)
	if err != nil {
		return "", err
	}
	if order == nil {
		return "", fault.Missing("There is no such order.")
	}
	return key, nil
}
