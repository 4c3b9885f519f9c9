package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	amqp "github.com/rabbitmq/amqp091-go"

	"quadrille.dev/platform/testkit"
	pricingv1 "quadrille.dev/schema/rpc/pricing/v1"
)

// queued places orders by commands: the customer is told as soon as the broker has the first, and then each context does its part when it
// takes its command from its queue, and sends the next one. A command that fails stays in its queue until it does not. It is what the product is
// compared with, and no part of it; there, returns are made by commands.
type queued struct {
	parts   *synchronous
	channel *amqp.Channel
}

// command is what is done next for an order.
type command struct {
	Order uuid.UUID
	SKU   string
	Total int64
}

// again is the pause before a command is tried again.
const again = 20 * time.Millisecond

// newQueued does for orders what a synchronous order does, with the same parts.
func newQueued(b *testing.B, parts *synchronous) *queued {
	b.Helper()
	conn, err := amqp.Dial(testkit.RabbitMQ(b))
	if err != nil {
		b.Fatal(err)
	}
	q := &queued{parts: parts}
	q.channel = confirming(b, conn)
	steps := []struct {
		queue, next string
		do          func(context.Context, *command) error
	}{{"price", "charge", q.price}, {"charge", "reserve", q.charge}, {"reserve", "save", q.reserve}, {"save", "", q.save}}
	for _, step := range steps {
		if _, err := q.channel.QueueDeclare(step.queue, true, false, false, false, amqp.Table{"x-queue-type": "quorum"}); err != nil {
			b.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	var working sync.WaitGroup
	for _, step := range steps {
		channel := confirming(b, conn)
		commands, err := channel.Consume(step.queue, "", false, false, false, false, nil)
		if err != nil {
			b.Fatal(err)
		}
		working.Go(func() {
			for delivery := range commands {
				err := obey(ctx, channel, delivery.Body, step.next, step.do)
				for ; err != nil && ctx.Err() == nil; err = obey(ctx, channel, delivery.Body, step.next, step.do) {
					time.Sleep(again)
				}
				_ = delivery.Ack(false) // or it comes again, in an experiment that is over
			}
		})
	}
	b.Cleanup(func() {
		stop()
		_ = conn.Close()
		working.Wait()
	})
	return q
}

func confirming(b *testing.B, conn *amqp.Connection) *amqp.Channel {
	b.Helper()
	channel, err := conn.Channel()
	if err != nil {
		b.Fatal(err)
	}
	if err := channel.Confirm(false); err != nil {
		b.Fatal(err)
	}
	if err := channel.Qos(1, 0, false); err != nil {
		b.Fatal(err)
	}
	return channel
}

// place hands the first command over, or tells why it could not.
func (q *queued) place(ctx context.Context, sku string) error {
	return send(ctx, q.channel, "price", command{Order: uuid.New(), SKU: sku})
}

func send(ctx context.Context, channel *amqp.Channel, queue string, next command) error {
	body, err := json.Marshal(next)
	if err != nil {
		return err
	}
	confirm, err := channel.PublishWithDeferredConfirmWithContext(ctx, "", queue, true, false,
		amqp.Publishing{DeliveryMode: amqp.Persistent, Body: body})
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	if taken, err := confirm.WaitContext(ctx); err != nil || !taken {
		return errors.Join(errors.New("the broker did not take it"), err)
	}
	return nil
}

// obey does what a command says, and sends the next one.
func obey(ctx context.Context, channel *amqp.Channel, body []byte, next string, do func(context.Context, *command) error) error {
	ctx, cancel := context.WithTimeout(asAnOrder(ctx), 5*time.Second)
	defer cancel()
	var told command
	if err := json.Unmarshal(body, &told); err != nil {
		return err
	}
	if err := do(ctx, &told); err != nil || next == "" {
		return err
	}
	return send(ctx, channel, next, told)
}

func (q *queued) price(ctx context.Context, told *command) error {
	quote, err := q.parts.pricing.Quote(ctx, &pricingv1.QuoteRequest{Lines: []*pricingv1.QuoteRequest_Line{{Sku: told.SKU, Quantity: 1}}})
	if err == nil {
		told.Total = quote.Total.GetMinorUnits()
	}
	return err
}

func (q *queued) charge(ctx context.Context, told *command) error {
	return ask(ctx, q.parts.client, q.parts.payment+"/v1/payment_intents", told.Order, charge(told.Order, told.Total))
}

func (q *queued) reserve(ctx context.Context, told *command) error {
	return ask(ctx, q.parts.client, q.parts.reserving, told.Order, url.Values{"sku": {told.SKU}})
}

func (q *queued) save(ctx context.Context, told *command) error {
	_, err := q.parts.orders.Exec(ctx, `INSERT INTO saved VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, told.Order, told.SKU, told.Total)
	return err
}
