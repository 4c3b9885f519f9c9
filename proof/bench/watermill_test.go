package bench

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	wamqp "github.com/ThreeDotsLabs/watermill-amqp/v3/pkg/amqp"
	wsql "github.com/ThreeDotsLabs/watermill-sql/v4/pkg/sql"
	"github.com/ThreeDotsLabs/watermill/components/forwarder"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/jackc/pgx/v5"
)

// forwarded is the rate of Watermill's forwarder with all messages stored before: the same messages, into a queue of the same kind, with
// confirms and mandatory, in order.
func forwarded(b *testing.B, n int) float64 {
	p := newPost(b)
	quiet := watermill.NopLogger{}
	subscriber, err := wsql.NewSubscriber(wsql.BeginnerFromPgx(p.db.Pool), wsql.SubscriberConfig{
		SchemaAdapter: wsql.DefaultPostgreSQLSchema{}, OffsetsAdapter: wsql.DefaultPostgreSQLOffsetsAdapter{},
		PollInterval: 10 * time.Millisecond, InitializeSchema: true,
	}, quiet)
	if err != nil {
		b.Fatal(err)
	}
	config := forwarder.Config{ForwarderTopic: "outbox"}
	if err := subscriber.SubscribeInitialize(config.ForwarderTopic); err != nil {
		b.Fatal(err)
	}
	err = p.db.InTx(b.Context(), func(tx pgx.Tx) error {
		stored, err := wsql.NewPublisher(wsql.TxFromPgx(tx), wsql.PublisherConfig{SchemaAdapter: wsql.DefaultPostgreSQLSchema{}}, quiet)
		if err != nil {
			return err
		}
		enveloped := forwarder.NewPublisher(stored, forwarder.PublisherConfig{ForwarderTopic: config.ForwarderTopic})
		for _, fact := range facts(n) {
			body, err := json.Marshal(fact)
			if err != nil {
				return err
			}
			if err := enveloped.Publish(exchange, message.NewMessage(fact.ID.String(), body)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	amqpConfig := wamqp.NewDurablePubSubConfig(p.amqpURL, nil)
	amqpConfig.Exchange.Type = "topic"
	amqpConfig.Publish.GenerateRoutingKey = func(string) string { return routingKey }
	amqpConfig.Publish.ConfirmDelivery, amqpConfig.Publish.Mandatory, amqpConfig.Publish.ChannelPoolSize = true, true, 1
	publisher, err := wamqp.NewPublisher(amqpConfig, quiet)
	if err != nil {
		b.Fatal(err)
	}
	forwarding, err := forwarder.NewForwarder(subscriber, publisher, quiet, config)
	if err != nil {
		b.Fatal(err)
	}
	ended := make(chan error, 1)
	rate := p.rate(n, func() { go func() { ended <- forwarding.Run(context.Background()) }() })
	if err := forwarding.Close(); err != nil {
		b.Error(err)
	}
	if err := <-ended; err != nil {
		b.Error(err)
	}
	if err := publisher.Close(); err != nil {
		b.Error(err)
	}
	return rate
}
