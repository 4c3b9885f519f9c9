package outbox

import (
	"context"

	amqp "github.com/rabbitmq/amqp091-go"

	"quadrille.dev/platform/rabbit"
)

// What a session works with, in as few words as it needs; when it does what is its own affair.
type (
	// holding is partitions that are held, and what is read of them and noted in one turn; *ownership is.
	holding interface {
		turn(ctx context.Context, q question) (reading, error)
		held() []int16
	}
	// looking is what is looked for beside the turns; *Relay does.
	looking interface {
		look(ctx context.Context, l *look, partitions []int16, q question) error
		search(ctx context.Context, l *look, partitions []int16, q question) error
	}
	// channel is what rows are published over; wire is.
	channel interface {
		Together(f func() error) error
		publish(r row) (confirmation, error)
		Returned() []rabbit.Return
		Blocked() bool
		Open() bool
		Closed() <-chan *amqp.Error
		Leave()
		Abort()
	}
	// confirmation is what the broker says of a row; *amqp.DeferredConfirmation is.
	confirmation interface {
		Done() <-chan struct{}
		Acked() bool
	}
)

// wire is a channel to the broker.
type wire struct{ *rabbit.Publisher }

func (w wire) publish(r row) (confirmation, error) {
	fact, err := r.fact()
	if err != nil {
		return nil, err
	}
	confirm, err := w.Publish(r.routingKey, fact, r.envelope)
	if err != nil {
		return nil, err
	}
	return confirm, nil
}
