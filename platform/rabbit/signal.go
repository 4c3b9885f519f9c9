package rabbit

import (
	"context"
	"encoding/json"
	"fmt"

	amqp "github.com/rabbitmq/amqp091-go"
)

// signalBuffer is how many signals may wait to be sent; more are dropped.
const signalBuffer = 1024

type signal struct {
	key  string
	body []byte
}

// Signal publishes to the context's signals, best effort: transient, unconfirmed, dropped when too many wait for a
// connection. It never blocks. The routing key is aggregate and fact, such as "saga.changed"; the message is JSON.
func (b *Broker) Signal(_ context.Context, key string, message any) {
	body, err := json.Marshal(message)
	if err != nil {
		b.log.Error("signal is not JSON", "key", key, "error", err)
		return
	}
	select {
	case b.signals <- signal{key, body}:
	default:
	}
}

// sendSignals sends from a goroutine of its own, so that a broker that takes nothing holds up nobody.
func (b *Broker) sendSignals(root context.Context) {
	sender := signalSender{broker: b}
	for {
		select {
		case s := <-b.signals:
			sender.sendAll(root, s)
		case <-root.Done():
			return
		}
	}
}

// signalSender has the channel that signals go over; none before the first, or when it has closed.
type signalSender struct {
	broker *Broker
	ch     *amqp.Channel
	wire   *timed
}

// sendAll sends a signal, and in the same packets those that wait by then. What cannot be sent is lost.
func (s *signalSender) sendAll(root context.Context, first signal) {
	if s.open(root) != nil || s.broker.publishing.blocked.Load() {
		return
	}
	s.wire.gather()
	s.send(root, first)
	for range len(s.broker.signals) {
		s.send(root, <-s.broker.signals)
	}
	_ = s.wire.release()
}

func (s *signalSender) open(root context.Context) error {
	if s.ch != nil && !s.ch.IsClosed() {
		return nil
	}
	conn, wire, err := s.broker.publishing.wired(root)
	if err != nil {
		return err
	}
	ch, err := conn.Channel()
	if err != nil {
		return fmt.Errorf("open channel: %w", err)
	}
	s.ch, s.wire = ch, wire
	return nil
}

func (s *signalSender) send(root context.Context, signal signal) {
	_ = s.ch.PublishWithContext(root, SignalsExchange(s.broker.config.Name), signal.key, false, false, amqp.Publishing{
		ContentType: "application/json", DeliveryMode: amqp.Transient, AppId: s.broker.config.Name, Type: signal.key, Body: signal.body,
	})
}

// Listen hands over the signals of another context that match key, from an exclusive queue that lives as long as the
// connection, until ctx ends. Signals sent while there is no connection are lost; reconnected is called after each
// (re)connection, so that the listener can catch up by other means.
func (b *Broker) Listen(ctx context.Context, context, key string, reconnected func(), handle func(key string, message []byte)) error {
	reconnect.Repeat(ctx, func() (bool, error) {
		return b.listenOnce(ctx, context, key, reconnected, handle)
	}, func(failures int, err error) {
		b.log.Warn("signals interrupted", "from", context, "failures", failures, "error", err)
	})
	return nil
}

func (b *Broker) listenOnce(
	ctx context.Context, context, key string, reconnected func(), handle func(key string, message []byte),
) (listened bool, err error) {
	ch, err := b.consuming.channel(ctx)
	if err != nil {
		return false, err
	}
	defer closeChannel(ch)
	signals, err := b.openOwn(ch, context, []Binding{{Source: SignalsExchange(context), RoutingKey: key}})
	if err != nil {
		return false, err
	}
	if reconnected != nil {
		reconnected()
	}
	for {
		select {
		case message, open := <-signals:
			if !open {
				return true, fmt.Errorf("listen to %s: %w", context, amqp.ErrClosed)
			}
			handle(message.RoutingKey, message.Body)
		case <-ctx.Done():
			return true, nil
		}
	}
}
