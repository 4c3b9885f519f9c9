package chaos

import (
	"context"
	"fmt"
	"slices"

	amqp "github.com/rabbitmq/amqp091-go"

	"quadrille.dev/platform/rabbit"
)

// tap keeps a copy of every fact, as it travelled, to publish it again.
type tap struct {
	url   string
	facts []copied
	known map[string]bool
}

// copied is a message, and where it was published.
type copied struct {
	exchange, key string
	message       amqp.Publishing
}

// tapQueue holds the copies until they are fetched.
const tapQueue = "chaos.tap"

// openTap begins to copy.
func openTap(url string) (*tap, error) {
	t := &tap{url: url, known: map[string]bool{}}
	return t, t.with(func(ch *amqp.Channel) error {
		if _, err := ch.QueueDeclare(tapQueue, true, false, false, false, nil); err != nil {
			return fmt.Errorf("declare %s: %w", tapQueue, err)
		}
		for _, context := range rabbit.Contexts {
			if err := ch.QueueBind(tapQueue, "#", rabbit.EventsExchange(context), false, nil); err != nil {
				return fmt.Errorf("bind %s: %w", tapQueue, err)
			}
		}
		return nil
	})
}

// with uses a channel of its own, since the broker is killed now and then.
func (t *tap) with(use func(*amqp.Channel) error) error {
	conn, err := amqp.Dial(t.url)
	if err != nil {
		return fmt.Errorf("connect to the broker: %w", err)
	}
	defer conn.Close()
	ch, err := conn.Channel()
	if err != nil {
		return fmt.Errorf("open channel: %w", err)
	}
	return use(ch)
}

// fetch takes in what was copied since it was last called.
func (t *tap) fetch() error {
	return t.with(func(ch *amqp.Channel) error {
		for {
			d, some, err := ch.Get(tapQueue, true)
			if err != nil {
				return fmt.Errorf("fetch copies: %w", err)
			}
			if !some {
				return nil
			}
			if !t.known[d.MessageId] {
				t.known[d.MessageId] = true
				t.facts = append(t.facts, copyOf(d))
			}
		}
	})
}

func copyOf(d amqp.Delivery) copied {
	return copied{d.Exchange, d.RoutingKey, amqp.Publishing{
		Headers: d.Headers, ContentType: d.ContentType, DeliveryMode: d.DeliveryMode, CorrelationId: d.CorrelationId,
		MessageId: d.MessageId, Timestamp: d.Timestamp, Type: d.Type, AppId: d.AppId, Body: d.Body,
	}}
}

// publish publishes facts once more, and returns when the broker has all of them.
func (t *tap) publish(ctx context.Context, facts []copied) error {
	return t.with(func(ch *amqp.Channel) error {
		if err := ch.Confirm(false); err != nil {
			return fmt.Errorf("ask for confirms: %w", err)
		}
		var confirms []*amqp.DeferredConfirmation
		for _, f := range facts {
			confirm, err := ch.PublishWithDeferredConfirm(f.exchange, f.key, false, false, f.message)
			if err != nil {
				return fmt.Errorf("publish a copy: %w", err)
			}
			confirms = append(confirms, confirm)
		}
		for _, confirm := range confirms {
			if acked, err := confirm.WaitContext(ctx); err != nil || !acked {
				return fmt.Errorf("publish a copy: acked %t, %w", acked, err)
			}
		}
		return nil
	})
}

// fetchSome takes in what was copied, and returns when that is some facts in all.
func (t *tap) fetchSome(ctx context.Context, some int) error {
	return await(ctx, "facts to publish again", func(context.Context) (bool, error) {
		err := t.fetch()
		return len(t.facts) >= some, err
	})
}

// duplicate publishes the latest facts a second time, while the first may still be under way.
func (t *Trial) duplicate(ctx context.Context, fault Fault) error {
	if err := t.tap.fetchSome(ctx, fault.Count); err != nil {
		return err
	}
	return t.again(ctx, t.tap.facts[len(t.tap.facts)-fault.Count:])
}

// deliverLate publishes facts again that are from all times, the latest first.
func (t *Trial) deliverLate(ctx context.Context, fault Fault) error {
	if err := t.tap.fetchSome(ctx, fault.Count); err != nil {
		return err
	}
	late := make([]copied, fault.Count)
	for i := range late {
		late[i] = t.tap.facts[i*len(t.tap.facts)/fault.Count]
	}
	slices.Reverse(late)
	return t.again(ctx, late)
}

func (t *Trial) again(ctx context.Context, facts []copied) error {
	t.count("facts published again", len(facts))
	return t.tap.publish(ctx, facts)
}
