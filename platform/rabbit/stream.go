package rabbit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	amqp "github.com/rabbitmq/amqp091-go"
)

const (
	// streamKeeps is what a stream is read of, though some older segments of it may be there.
	streamKeeps = 7 * 24 * time.Hour
	// streamPrefetch is how many messages of a stream are under way at once.
	streamPrefetch = 500
	// quiet is after what silence a stream has nothing more to say, when it has just answered and need not look for anything.
	quiet = time.Second
	// empty is after what silence there is nothing to read in a stream.
	empty = 5 * time.Second
	// stalled is after what silence in the midst of a stream something is wrong.
	stalled = 30 * time.Second
)

// ErrStalled means that a stream has fallen silent before its end.
var ErrStalled = errors.New("stream has stalled")

// ReadStream hands over the messages that are in the stream of all facts when it begins, in order, from those on that arrived at a
// moment; the broker knows that to a bunch of messages, so that some earlier ones may come first. It ends when it has read all of them,
// or with the error of each.
func (b *Broker) ReadStream(ctx context.Context, from time.Time, each func(body []byte) error) error {
	conn, err := b.consuming.connection(ctx)
	if err != nil {
		return err
	}
	return ReadStream(ctx, conn, fullName(b.config.Name, "replay"), from, each)
}

// ReadStream does the same over any connection whose user may read the stream, as a consumer whose tag begins with reader.
func ReadStream(ctx context.Context, conn *amqp.Connection, reader string, from time.Time, each func(body []byte) error) error {
	if kept := time.Now().Add(-streamKeeps); from.Before(kept) {
		from = kept
	}
	end, any, err := lastOffset(ctx, conn, reader)
	if err != nil || !any {
		return err
	}
	s, err := openStream(conn, reader, from)
	if err != nil {
		return err
	}
	defer closeChannel(s.ch)
	for wait := empty; ; wait = stalled {
		message, offset, err := s.next(ctx, wait)
		switch {
		case errors.Is(err, ErrStalled) && wait == empty:
			return nil
		case err != nil:
			return err
		case offset <= end:
			if err := each(message.Body); err != nil {
				return err
			}
		}
		if offset >= end {
			return nil
		}
	}
}

// lastOffset finds the last message of the stream; false if there is none. The broker begins with the last bunch of messages, and tells
// by silence that this was all.
func lastOffset(ctx context.Context, conn *amqp.Connection, reader string) (last int64, any bool, err error) {
	s, err := openStream(conn, reader, "last")
	if err != nil {
		return 0, false, err
	}
	defer closeChannel(s.ch)
	ctx, stop := context.WithTimeout(ctx, empty+10*quiet)
	defer stop()
	for wait := empty; ; wait = quiet {
		_, offset, err := s.next(ctx, wait)
		switch {
		case errors.Is(err, ErrStalled), errors.Is(err, context.DeadlineExceeded) && any: // it never ends while others publish
			return last, any, nil
		case err != nil:
			return 0, false, err
		}
		last, any = offset, true
	}
}

// stream is a consumer of the stream of all facts.
type stream struct {
	ch         *amqp.Channel
	deliveries <-chan amqp.Delivery
}

func openStream(conn *amqp.Connection, reader string, offset any) (*stream, error) {
	ch, err := conn.Channel()
	if err != nil {
		return nil, fmt.Errorf("open channel: %w", err)
	}
	if err := ch.Qos(streamPrefetch, 0, false); err != nil {
		closeChannel(ch)
		return nil, fmt.Errorf("limit %s: %w", streamQueue, err)
	}
	deliveries, err := ch.Consume(streamQueue, reader+" "+uuid.NewString()[:8], false, false, false, false, amqp.Table{"x-stream-offset": offset})
	if err != nil {
		closeChannel(ch)
		return nil, fmt.Errorf("consume %s: %w", streamQueue, err)
	}
	return &stream{ch, deliveries}, nil
}

// next answers the next message and its place, or ErrStalled when none comes.
func (s *stream) next(ctx context.Context, wait time.Duration) (message amqp.Delivery, offset int64, err error) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case message, open := <-s.deliveries:
		if !open {
			return amqp.Delivery{}, 0, fmt.Errorf("consume %s: %w", streamQueue, amqp.ErrClosed)
		}
		offset, numbered := message.Headers["x-stream-offset"].(int64)
		if !numbered {
			return amqp.Delivery{}, 0, fmt.Errorf("consume %s: a message has no offset", streamQueue)
		}
		return message, offset, message.Ack(false)
	case <-timer.C:
		return amqp.Delivery{}, 0, ErrStalled
	case <-ctx.Done():
		return amqp.Delivery{}, 0, ctx.Err()
	}
}
