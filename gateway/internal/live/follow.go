package live

import (
	"context"
	"errors"
	"strconv"
	"time"

	"quadrille.dev/gateway/internal/ending"
	"quadrille.dev/gateway/internal/fault"
	"quadrille.dev/gateway/internal/graph/model"
	"quadrille.dev/gateway/internal/position"
)

// Follow tells how an order changes, until ctx ends: first the present state, or, with since, the facts numbered above it; then
// each fact when it is known. While chronicle does not answer, nothing comes, and nothing is lost. The order must exist and be
// the viewer's to see. Before the channel is closed, ended is told why: the cause of ctx's end, or a fault.
func (h *Hub) Follow(ctx context.Context, order string, since *int64, ended func(error)) <-chan *model.OrderChange {
	return follow(ctx, h, order, h.loadOrder, since, ended, func(sequence int32, fact *model.Fact, present subject) *model.OrderChange {
		return &model.OrderChange{Sequence: sequence, Fact: fact, Order: present.order}
	})
}

// FollowReturn tells how a return changes, as Follow does of an order.
func (h *Hub) FollowReturn(ctx context.Context, key string, since *int64, ended func(error)) <-chan *model.ReturnChange {
	return follow(ctx, h, key, h.loadReturn, since, ended, func(sequence int32, fact *model.Fact, present subject) *model.ReturnChange {
		return &model.ReturnChange{Sequence: sequence, Fact: fact, Return: present.goods}
	})
}

// follow tells changes as change makes them, of what load reads by a key.
func follow[C any](
	ctx context.Context, h *Hub, key string, load func(context.Context, string) (subject, error), since *int64, ended func(error),
	change func(sequence int32, fact *model.Fact, present subject) C,
) <-chan C {
	return stream(ctx, ended, func(changes chan<- C) error {
		feed, leave := h.join(key, load)
		defer leave()
		return feed.follow(ctx, since, func(sequence int32, fact *model.Fact, present subject) error {
			return tell(ctx, changes, sequence, change(sequence, fact, present))
		})
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

// follow tells the present state, or with since the facts above it, and then each fact.
func (f *feed) follow(ctx context.Context, since *int64, tell func(int32, *model.Fact, subject) error) error {
	seen, err := f.fresh(ctx)
	if err != nil {
		return err
	}
	next := len(seen.facts)
	if since != nil {
		next = int(*since)
	} else if err := tell(int32(next), nil, seen.present); err != nil {
		return err
	}
	for {
		for ; next < len(seen.facts); next++ {
			fact := seen.facts[next]
			if err := tell(fact.Sequence, fact, seen.present); err != nil {
				return err
			}
		}
		select {
		case <-seen.renewed:
			seen = f.look()
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// tell hands over a change, after which a lost stream can be resumed.
func tell[C any](ctx context.Context, changes chan<- C, sequence int32, change C) error {
	withdraw := position.Offer(ctx, strconv.Itoa(int(sequence)))
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
