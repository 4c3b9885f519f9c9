package rabbit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"quadrille.dev/platform/event"
)

// Publisher publishes a context's facts with confirms. It is for one goroutine, and useless after its channel has closed.
type Publisher struct {
	conn     *amqp.Connection
	wire     *timed
	ch       *amqp.Channel
	link     *link
	exchange string
	app      string
	returns  chan amqp.Return
	closed   chan *amqp.Error
	left     bool
}

// Publisher opens a channel for up to window unconfirmed facts, after the context's topology was declared on its connection.
func (b *Broker) Publisher(ctx context.Context, window int) (*Publisher, error) {
	conn, wire, err := b.publishing.wired(ctx)
	if err != nil {
		return nil, err
	}
	ch, err := conn.Channel()
	if err != nil {
		return nil, fmt.Errorf("open channel: %w", err)
	}
	if err := ch.Confirm(false); err != nil {
		closeChannel(ch)
		return nil, fmt.Errorf("ask for confirms: %w", err)
	}
	return &Publisher{
		conn: conn, wire: wire, ch: ch, link: b.publishing, exchange: EventsExchange(b.config.Name), app: b.config.Name,
		// The client drops a return that nobody takes within five seconds. There cannot be more returns than unconfirmed
		// messages, so none has to wait.
		returns: ch.NotifyReturn(make(chan amqp.Return, window)),
		closed:  ch.NotifyClose(make(chan *amqp.Error, 1)),
	}, nil
}

// maxBody is what every supported version of RabbitMQ takes; a larger message would close the channel.
const maxBody = 16<<20 - 1

// ErrUnpublishable is the reason why a fact cannot be published by anyone at any time.
var ErrUnpublishable = errors.New("cannot be published")

// Together sends what f publishes in few packets, which spares both ends a system call for each fact. It fails as f does, or when not all
// has left.
func (p *Publisher) Together(f func() error) error {
	p.wire.gather()
	return errors.Join(f(), p.wire.release())
}

// Publish sends a fact, whose JSON is body, as mandatory and persistent, to the exchange that it is for or else to the context's own. It has arrived when the confirmation is an ack and
// Returned does not list it.
func (p *Publisher) Publish(routingKey string, fact event.Envelope, body []byte) (*amqp.DeferredConfirmation, error) {
	for _, short := range []string{routingKey, fact.Type, fact.CorrelationID, fact.To, fact.ReplyTo} {
		if len(short) > 255 {
			return nil, fmt.Errorf("%w: %.40q… is longer than 255 bytes", ErrUnpublishable, short)
		}
	}
	if len(body) > maxBody {
		return nil, fmt.Errorf("%w: %d bytes", ErrUnpublishable, len(body))
	}
	return p.ch.PublishWithDeferredConfirm(cmp.Or(fact.To, p.exchange), routingKey, true, false, amqp.Publishing{
		Headers:       Headers(fact),
		ContentType:   event.ContentType,
		DeliveryMode:  amqp.Persistent,
		CorrelationId: fact.CorrelationID,
		ReplyTo:       fact.ReplyTo,
		MessageId:     fact.ID.String(),
		Timestamp:     fact.Time,
		Type:          fact.Type,
		AppId:         p.app,
		Body:          body,
	})
}

// orderNumber is the header by which people who look into a queue recognise an order.
const orderNumber = "order-number"

// Headers are those of a fact's message.
func Headers(fact event.Envelope) amqp.Table {
	if fact.OrderNumber == "" {
		return nil
	}
	return amqp.Table{orderNumber: fact.OrderNumber}
}

// Return is a fact that no queue is bound for.
type Return struct{ MessageID, Reason string }

// Returned answers what has come back since it was last called. The broker returns a message before it confirms it, so the
// return of a confirmed message is here.
func (p *Publisher) Returned() []Return {
	var returned []Return
	for {
		select {
		case r, open := <-p.returns:
			if !open {
				return returned
			}
			returned = append(returned, Return{r.MessageId, fmt.Sprintf("returned: %d %s", r.ReplyCode, r.ReplyText)})
		default:
			return returned
		}
	}
}

// Blocked tells whether the broker takes no messages at present.
func (p *Publisher) Blocked() bool { return p.link.blocked.Load() }

// Open tells whether confirmations still mean what they say: when a channel closes, the client resolves all that are
// outstanding as nacks.
func (p *Publisher) Open() bool { return !p.ch.IsClosed() }

// Closed yields why the channel closed, or is closed itself.
func (p *Publisher) Closed() <-chan *amqp.Error { return p.closed }

// Close ends the channel, or the connection if the broker does not answer.
func (p *Publisher) Close() {
	if p.Blocked() { // Nobody would answer.
		p.Abort()
		return
	}
	if p.left {
		return
	}
	late := time.AfterFunc(closeTimeout, p.Abort)
	defer late.Stop()
	closeChannel(p.ch)
}

// Leave has the channel end whenever the broker says so: one that waits for a queue without a leader may take a minute. The connection
// goes on meanwhile.
func (p *Publisher) Leave() {
	p.left = true
	go closeChannel(p.ch)
}

// Abort ends the connection that all publishing shares, and with it whatever waits for a broker that reads nothing.
func (p *Publisher) Abort() { _ = p.conn.CloseDeadline(time.Now().Add(closeTimeout)) }
