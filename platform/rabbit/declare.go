package rabbit

import (
	"context"
	"errors"
	"fmt"

	amqp "github.com/rabbitmq/amqp091-go"
)

// declareOwn declares all that the context owns. What exists already is left as it is; if it differs, other than by arguments that have
// become a policy since, that is an error.
func (b *Broker) declareOwn(conn *amqp.Connection) error {
	topology := TopologyOf(b.config.Name, nil)
	for _, q := range topology.Queues {
		if err := declareQueue(conn, q); err != nil {
			return err
		}
	}
	ch, err := conn.Channel()
	if err != nil {
		return fmt.Errorf("open channel: %w", err)
	}
	defer closeChannel(ch)
	for _, e := range topology.Exchanges {
		if err := ch.ExchangeDeclare(e.Name, e.Type, true, false, false, false, nil); err != nil {
			return fmt.Errorf("declare exchange %s: %w", e.Name, err)
		}
	}
	for _, old := range topology.Withdrawn {
		if err := ch.QueueUnbind(old.Destination, old.RoutingKey, old.Source, nil); err != nil {
			return fmt.Errorf("unbind %s from %s: %w", old.Destination, old.Source, err)
		}
	}
	for _, binding := range topology.Bindings {
		if err := bind(ch, binding); err != nil {
			return err
		}
	}
	return nil
}

func declareQueue(conn *amqp.Connection, q Queue) error {
	err := declareQueueBy(conn, q.Name, q.Arguments)
	if refusal, is := errors.AsType[*amqp.Error](err); is && refusal.Code == amqp.PreconditionFailed && q.Former != nil {
		err = declareQueueBy(conn, q.Name, q.Former)
	}
	return err
}

// declareQueueBy uses a channel of its own, because a queue that differs closes the channel.
func declareQueueBy(conn *amqp.Connection, name string, arguments map[string]any) error {
	ch, err := conn.Channel()
	if err != nil {
		return fmt.Errorf("open channel: %w", err)
	}
	defer closeChannel(ch)
	if _, err := ch.QueueDeclare(name, true, false, false, false, arguments); err != nil {
		return fmt.Errorf("declare queue %s: %w", name, err)
	}
	return nil
}

func bind(ch *amqp.Channel, binding Binding) error {
	if err := ch.QueueBind(binding.Destination, binding.RoutingKey, binding.Source, false, nil); err != nil {
		return fmt.Errorf("bind %s to %s: %w", binding.Destination, binding.Source, err)
	}
	return nil
}

// subscribe binds the context's queues to its neighbours' exchanges. It waits with backoff for a neighbour that has never
// been there, and holds up no other subscription meanwhile. It ends when all are bound, or with the connection or ctx.
func (b *Broker) subscribe(ctx context.Context, conn *amqp.Connection, subscriptions []Binding) {
	for failures := 1; len(subscriptions) > 0 && !conn.IsClosed(); failures++ {
		var missing []Binding
		for _, subscription := range subscriptions {
			if err := bindAlone(conn, subscription); err != nil {
				missing = append(missing, subscription)
				b.log.Warn("subscription waits", "failures", failures, "error", err)
			}
		}
		if subscriptions = missing; len(missing) > 0 && reconnect.Wait(ctx, failures) != nil {
			return
		}
	}
}

// bindAlone uses a channel of its own, because a missing exchange closes the channel.
func bindAlone(conn *amqp.Connection, binding Binding) error {
	ch, err := conn.Channel()
	if err != nil {
		return fmt.Errorf("open channel: %w", err)
	}
	defer closeChannel(ch)
	return bind(ch, binding)
}
