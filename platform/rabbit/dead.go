package rabbit

import (
	"context"
	"errors"
	"fmt"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// burialTimeout is after what time without a confirm a dead letter is published again, over another channel.
const burialTimeout = 15 * time.Second

// Bury moves a delivery to the context's dead letters, with the reason in its headers, and acknowledges it once it has
// arrived there. After a failure all that the context owns is declared again, so that the next attempt finds what was missing.
func (b *Broker) Bury(ctx context.Context, d Delivery, reason string) error {
	conn, err := b.publishing.connection(ctx)
	if err != nil {
		return err
	}
	if err := b.publishDead(ctx, conn, epitaph(d.message, reason)); err != nil {
		return errors.Join(err, b.declareOwn(conn))
	}
	d.Ack()
	return nil
}

func (b *Broker) publishDead(ctx context.Context, conn *amqp.Connection, letter amqp.Publishing) error {
	ch, err := conn.Channel()
	if err != nil {
		return fmt.Errorf("open channel: %w", err)
	}
	defer closeChannel(ch)
	if err := ch.Confirm(false); err != nil {
		return fmt.Errorf("ask for confirms: %w", err)
	}
	returns := ch.NotifyReturn(make(chan amqp.Return, 1))
	confirmation, err := ch.PublishWithDeferredConfirm(DeadQueue(b.config.Name), "", true, false, letter)
	if err != nil {
		return fmt.Errorf("publish dead letter: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, burialTimeout)
	defer cancel()
	acked, err := confirmation.WaitContext(ctx)
	if err != nil {
		return fmt.Errorf("await confirm of dead letter: %w", err)
	}
	if !acked || len(returns) > 0 {
		return fmt.Errorf("publish dead letter: %s did not take it", DeadQueue(b.config.Name))
	}
	return nil
}

// epitaph is the message as it came, and what was wrong with it.
func epitaph(message amqp.Delivery, reason string) amqp.Publishing {
	headers := amqp.Table{
		"x-reason":      reason,
		"x-exchange":    message.Exchange,
		"x-routing-key": message.RoutingKey,
		"x-buried-at":   time.Now().UTC().Format(time.RFC3339),
	}
	if number, has := message.Headers[orderNumber]; has {
		headers[orderNumber] = number
	}
	return amqp.Publishing{
		Headers:       headers,
		ContentType:   message.ContentType,
		DeliveryMode:  amqp.Persistent,
		CorrelationId: message.CorrelationId,
		MessageId:     message.MessageId,
		Timestamp:     message.Timestamp,
		Type:          message.Type,
		AppId:         message.AppId,
		Body:          message.Body,
	}
}
