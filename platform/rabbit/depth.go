package rabbit

import (
	"context"
	"fmt"
)

// Depth is the number of messages that are ready in a queue of the context. It asks on a channel of its own, because the
// question closes the channel when there is no such queue.
func (b *Broker) Depth(ctx context.Context, queue string) (int64, error) {
	ch, err := b.consuming.channel(ctx)
	if err != nil {
		return 0, err
	}
	defer closeChannel(ch)
	q, err := ch.QueueDeclarePassive(queue, true, false, false, false, nil)
	if err != nil {
		return 0, fmt.Errorf("ask for %s: %w", queue, err)
	}
	return int64(q.Messages), nil
}
