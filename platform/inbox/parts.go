package inbox

import (
	"context"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/rabbit"
)

// What the loops of a consumer work with; when they do it is their own affair.
type (
	// table is what they do in the database; *Consumer does.
	table interface {
		handle(ctx context.Context, body []byte, fact event.Envelope) error
		handleTogether(messages []message) error
		putAside(ctx context.Context, body []byte, fact event.Envelope, reason error) error
		due(ctx context.Context) ([]uuid.UUID, error)
		retry(ctx context.Context, id uuid.UUID) (mine bool, err error)
		databaseDown(ctx context.Context, err error) bool
		awaitDatabase(ctx context.Context)
	}
	// delivery is a message in hand; delivered is.
	delivery interface {
		Body() []byte
		Ack()
		// ackAll is Ack of several, of which it is one.
		ackAll(deliveries []delivery)
		Stale() bool
		bury(ctx context.Context, reason string) error
	}
)

// delivered is a message that the broker has delivered.
type delivered struct {
	rabbit.Delivery
	broker *rabbit.Broker
}

func (d delivered) bury(ctx context.Context, reason string) error {
	return d.broker.Bury(ctx, d.Delivery, reason)
}

func (d delivered) ackAll(deliveries []delivery) {
	all := make([]rabbit.Delivery, 0, len(deliveries))
	for _, other := range deliveries {
		all = append(all, other.(delivered).Delivery)
	}
	rabbit.AckAll(all)
}
