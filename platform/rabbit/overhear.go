package rabbit

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	amqp "github.com/rabbitmq/amqp091-go"
)

// Overhearing is what a program that keeps no inbox wants to hear of a context while it runs: every instance hears everything, and
// nothing of what is said while it has no connection.
type Overhearing struct {
	// Context is who is listened to.
	Context string
	// Facts and Signals are binding keys: "price.*.*" and "stock.level".
	Facts, Signals []string
	// Began is called when all that is said from now on will be heard, Ended when that is no longer so. A broker that falls silent is
	// noticed after two heartbeats.
	Began, Ended func()
	// Handle hears a message with its routing key. It must not wait for anything.
	Handle func(key string, message []byte)
}

// Overhear listens, from an exclusive queue that lives as long as the connection, until ctx ends.
func (b *Broker) Overhear(ctx context.Context, o Overhearing) error {
	reconnect.Repeat(ctx, func() (bool, error) {
		return b.overhearOnce(ctx, o)
	}, func(failures int, err error) {
		b.log.Warn("overhearing interrupted", "from", o.Context, "failures", failures, "error", err)
	})
	return nil
}

func (b *Broker) overhearOnce(ctx context.Context, o Overhearing) (heard bool, err error) {
	ch, err := b.consuming.channel(ctx)
	if err != nil {
		return false, err
	}
	defer closeChannel(ch)
	messages, err := b.openOwn(ch, o.Context, o.bindings())
	if err != nil {
		return false, err
	}
	o.Began()
	defer o.Ended()
	for {
		select {
		case message, open := <-messages:
			if !open {
				return true, fmt.Errorf("listen to %s: %w", o.Context, amqp.ErrClosed)
			}
			o.Handle(message.RoutingKey, message.Body)
		case <-ctx.Done():
			return true, nil
		}
	}
}

// bindings lead to a queue that has no name yet.
func (o Overhearing) bindings() []Binding {
	var bindings []Binding
	for _, key := range o.Facts {
		bindings = append(bindings, Binding{Source: EventsExchange(o.Context), RoutingKey: key})
	}
	for _, key := range o.Signals {
		bindings = append(bindings, Binding{Source: SignalsExchange(o.Context), RoutingKey: key})
	}
	return bindings
}

// openOwn declares an exclusive queue for what is heard of a context, with these bindings, and consumes it.
func (b *Broker) openOwn(ch *amqp.Channel, of string, bindings []Binding) (<-chan amqp.Delivery, error) {
	if len(bindings) == 0 {
		return nil, errors.New("nothing to listen to")
	}
	// Asked first, so that no queue is left over on the connection when an exchange is missing.
	for _, binding := range bindings {
		if err := ch.ExchangeDeclarePassive(binding.Source, "topic", true, false, false, false, nil); err != nil {
			return nil, fmt.Errorf("find %s: %w", binding.Source, err)
		}
	}
	id := uuid.NewString()[:8]
	queue, err := ch.QueueDeclare(signalQueue(b.config.Name, of+"."+id), false, true, true, false, nil)
	if err != nil {
		return nil, fmt.Errorf("declare queue for %s: %w", bindings[0].Source, err)
	}
	for _, binding := range bindings {
		binding.Destination = queue.Name
		if err := bind(ch, binding); err != nil {
			return nil, err
		}
	}
	tag := fullName(b.config.Name, "signals of "+of+" "+id)
	messages, err := ch.Consume(queue.Name, tag, true, true, false, false, b.config.table())
	if err != nil {
		return nil, fmt.Errorf("consume %s: %w", queue.Name, err)
	}
	return messages, nil
}
