package rabbit

import (
	"context"
	"fmt"
	"sync"

	"github.com/google/uuid"
	amqp "github.com/rabbitmq/amqp091-go"
)

// Delivery is a message from the context's inbox.
type Delivery struct {
	message  amqp.Delivery
	session  context.Context
	settling *settling
}

// Body is the message's.
func (d Delivery) Body() []byte { return d.message.Body }

// Ack removes the message from the queue, with others that are acknowledged soon after. If that does not get through, the message comes again.
func (d Delivery) Ack() { d.settling.ack(d.message.DeliveryTag) }

// Stale tells that the message's channel is gone: it comes again, and this copy need not be handled.
func (d Delivery) Stale() bool { return d.session.Err() != nil }

// Consume subscribes the context to facts and hands over the messages of its inbox, up to prefetch of them unacknowledged,
// until ctx ends. It survives lost connections, closed channels, and consumers that the broker cancels. In the end it
// returns without giving the unacknowledged messages back: settled is called first, to wait for those in hand, and then the broker is told of
// all that are acknowledged.
func (b *Broker) Consume(ctx context.Context, facts []string, prefetch int, handle func(Delivery), settled func()) error {
	reconnect.Repeat(ctx, func() (bool, error) {
		return b.consumeOnce(ctx, facts, prefetch, handle, settled)
	}, func(failures int, err error) {
		b.log.Warn("consumer interrupted", "failures", failures, "error", err)
	})
	return nil
}

func (b *Broker) consumeOnce(
	ctx context.Context, facts []string, prefetch int, handle func(Delivery), settled func(),
) (consumed bool, err error) {
	conn, err := b.consuming.connection(ctx)
	if err != nil {
		return false, err
	}
	if err := b.declareOwn(conn); err != nil {
		return false, err
	}
	session, end := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	defer running.Wait()
	defer end()
	running.Go(func() { b.watchPolicies(session) })
	running.Go(func() { b.subscribe(session, conn, TopologyOf(b.config.Name, facts).Subscriptions) })
	ch, deliveries, err := b.openInbox(conn, prefetch)
	if err != nil {
		return false, err
	}
	defer closeChannel(ch)
	settling := newSettling(ch, prefetch)
	defer settling.flush()
	for {
		select {
		case message, open := <-deliveries:
			if !open {
				return true, fmt.Errorf("consume %s: %w", InboxQueue(b.config.Name), amqp.ErrClosed)
			}
			settling.take(message.DeliveryTag)
			handle(Delivery{message, session, settling})
		case <-ctx.Done():
			settled()
			return true, nil
		}
	}
}

func (b *Broker) openInbox(conn *amqp.Connection, prefetch int) (*amqp.Channel, <-chan amqp.Delivery, error) {
	ch, err := conn.Channel()
	if err != nil {
		return nil, nil, fmt.Errorf("open channel: %w", err)
	}
	queue := InboxQueue(b.config.Name)
	if err := ch.Qos(prefetch, 0, false); err != nil {
		closeChannel(ch)
		return nil, nil, fmt.Errorf("limit %s: %w", queue, err)
	}
	tag := fullName(b.config.Name, "inbox "+uuid.NewString()[:8])
	deliveries, err := ch.Consume(queue, tag, false, false, false, false, b.config.table())
	if err != nil {
		closeChannel(ch)
		return nil, nil, fmt.Errorf("consume %s: %w", queue, err)
	}
	return ch, deliveries, nil
}
