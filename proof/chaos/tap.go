package chaos

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

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
	defer func() { _ = conn.CloseDeadline(time.Now().Add(2 * time.Second)) }()
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

// unconfirmed is how long a copy may be without a confirm before it is published again over a new connection.
const unconfirmed = 20 * time.Second

// publish publishes facts once more, and returns when the broker has all of them. What it does not confirm, or refuses, is published
// again over a new connection until ctx ends; stalls is how often that was because confirms did not come.
func (t *tap) publish(ctx context.Context, facts []copied) (stalls int, err error) {
	for {
		left, err := t.attempt(ctx, facts)
		if len(left) == 0 {
			return stalls, nil
		}
		facts = left
		if errors.Is(err, errNoConfirm) {
			stalls++
		}
		if sleep(ctx, time.Second) != nil {
			return stalls, fmt.Errorf("publish %d copies, without a confirm %d times: %w", len(left), stalls, err)
		}
	}
}

var errNoConfirm = errors.New("the broker neither takes nor refuses them")

// attempt publishes facts, and answers those that did not arrive for all that is known, and why the first of them did not.
func (t *tap) attempt(ctx context.Context, facts []copied) (left []copied, reason error) {
	ctx, cancel := context.WithTimeout(ctx, unconfirmed)
	defer cancel()
	arrived := 0
	err := t.with(func(ch *amqp.Channel) error {
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
		for i, confirm := range confirms {
			acked, err := confirm.WaitContext(ctx)
			if err != nil {
				return errNoConfirm
			}
			if !acked {
				return errors.New("publish a copy: refused, or the connection was lost")
			}
			arrived = i + 1
		}
		return nil
	})
	return facts[arrived:], err
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
	stalls, err := t.tap.publish(ctx, facts)
	if stalls > 0 {
		t.count("times that a channel got no confirms", stalls)
	}
	if err == nil {
		return nil
	}
	headless, askErr := t.headless(context.WithoutCancel(ctx))
	if askErr != nil {
		return errors.Join(err, askErr)
	}
	return fmt.Errorf("%w; queues without a leader: %v", err, headless)
}

// headless names the queues of the system for which the broker has nobody who would take a message.
func (t *Trial) headless(ctx context.Context) ([]string, error) {
	var queues []rabbit.QueueState
	if err := t.manage(ctx, http.MethodGet, "/api/queues/"+t.vhost+"?columns="+rabbit.QueueColumns, "", &queues); err != nil {
		return nil, err
	}
	var names []string
	for _, q := range queues {
		if q.Headless() {
			names = append(names, q.Name)
		}
	}
	return names, nil
}
