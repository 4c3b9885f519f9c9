package backup

import (
	"context"
	"fmt"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/rabbit"
)

const (
	// window is how many messages may be unconfirmed.
	window = 500
	// patience is how long they may be; what was sent twice is known to who gets it, so that a restore can be run again.
	patience = time.Minute
	// reader is what people who look into RabbitMQ meanwhile read of the connection.
	reader = "quadrille restore"
)

// queues sends contexts what they have heard before, straight into their inboxes: nobody else hears of it.
type queues struct {
	ch      *amqp.Channel
	pending []*amqp.DeferredConfirmation
}

func openQueues(conn *amqp.Connection) (*queues, error) {
	ch, err := conn.Channel()
	if err != nil {
		return nil, fmt.Errorf("open channel: %w", err)
	}
	if err := ch.Confirm(false); err != nil {
		return nil, fmt.Errorf("ask for confirms: %w", err)
	}
	return &queues{ch: ch}, nil
}

func (q *queues) send(ctx context.Context, name string, fact event.Envelope, body []byte) error {
	confirmation, err := q.ch.PublishWithDeferredConfirmWithContext(ctx, "", rabbit.InboxQueue(name), true, false, amqp.Publishing{
		Headers: rabbit.Headers(fact), ContentType: event.ContentType, DeliveryMode: amqp.Persistent, CorrelationId: fact.CorrelationID,
		MessageId: fact.ID.String(), Timestamp: fact.Time, Type: fact.Type, AppId: fact.Context(), Body: body,
	})
	if err != nil {
		return fmt.Errorf("send %s to %s: %w", fact.ID, name, err)
	}
	if q.pending = append(q.pending, confirmation); len(q.pending) < window {
		return nil
	}
	return q.settle(ctx)
}

// settle waits until all that was sent is confirmed.
func (q *queues) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for _, confirmation := range q.pending {
		arrived, err := confirmation.WaitContext(ctx)
		if err != nil {
			return fmt.Errorf("await confirms of RabbitMQ, perhaps an inbox has no leader: %w", err)
		}
		if !arrived {
			return fmt.Errorf("send facts again: RabbitMQ did not take them all")
		}
	}
	q.pending = q.pending[:0]
	return nil
}
