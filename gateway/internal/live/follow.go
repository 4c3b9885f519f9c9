package live

import (
	"context"
	"errors"
	"strconv"
	"time"

	"quadrille.dev/gateway/internal/acl"
	"quadrille.dev/gateway/internal/ending"
	"quadrille.dev/gateway/internal/fault"
	"quadrille.dev/gateway/internal/graph/model"
	"quadrille.dev/gateway/internal/position"
)

// Follow tells how an order changes, until ctx ends: first the present state, or, with since, the facts numbered above it; then
// each fact when it is known. While chronicle does not answer, nothing comes, and nothing is lost. The order must exist and be
// the viewer's to see. Before the channel is closed, ended is told why: the cause of ctx's end, or a fault.
func (h *Hub) Follow(ctx context.Context, order string, since *int64, ended func(error)) <-chan *model.OrderChange {
	return stream(ctx, ended, func(changes chan<- *model.OrderChange) error {
		feed, leave := h.join(order)
		defer leave()
		return follow(ctx, feed, since, changes)
	})
}

// stream runs a subscription, and tells why it ends unless its client has gone.
func stream[T any](ctx context.Context, ended func(error), run func(changes chan<- T) error) <-chan T {
	changes := make(chan T)
	ending.Begin(ctx)
	go func() {
		defer func() {
			close(changes)
			ending.Ready(ctx) // for the reason,
			ending.Ready(ctx) // and for the end
		}()
		if err := run(changes); !errors.Is(err, context.Canceled) {
			ended(err)
		}
	}()
	return changes
}

func follow(ctx context.Context, feed *feed, since *int64, changes chan<- *model.OrderChange) error {
	seen, err := feed.fresh(ctx)
	if err != nil {
		return err
	}
	next := len(seen.facts)
	if since != nil {
		next = int(*since)
	} else if err := tell(ctx, changes, &model.OrderChange{Sequence: int32(next), Order: seen.present}); err != nil {
		return err
	}
	for {
		for ; next < len(seen.facts); next++ {
			if err := tell(ctx, changes, change(seen.facts[next], seen.present)); err != nil {
				return err
			}
		}
		select {
		case <-seen.renewed:
			seen = feed.look()
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func change(fact acl.NumberedFact, order *model.Order) *model.OrderChange {
	return &model.OrderChange{Sequence: int32(fact.Sequence), Fact: fact.Fact, Order: order}
}

// tell hands over a change of an order, after which a lost stream can be resumed.
func tell(ctx context.Context, changes chan<- *model.OrderChange, change *model.OrderChange) error {
	withdraw := position.Offer(ctx, strconv.Itoa(int(change.Sequence)))
	err := hand(ctx, changes, change)
	if err != nil {
		withdraw()
	}
	return err
}

// hand gives a change to a subscriber, who has to take it in time.
func hand[T any](ctx context.Context, changes chan<- T, change T) error {
	ending.Ready(ctx)
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case changes <- change:
		return nil
	case <-late.C:
		return fault.TooSlow()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
