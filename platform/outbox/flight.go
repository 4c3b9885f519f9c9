package outbox

import (
	"errors"
	"fmt"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"go.opentelemetry.io/otel/trace"

	"quadrille.dev/platform/rabbit"
)

// flying is a row that is published and has no confirm yet.
type flying struct {
	row     row
	confirm confirmation
	since   time.Time
	// span is nil unless it is kept.
	span trace.Span
}

// unproven is which part of the time for which locks outlive a frozen process the proof of ownership may be old.
const unproven = 3

// publish fills the window from the lanes that are ready. After a time without proof that the partitions are still owned it
// waits for one: the process may have been frozen meanwhile.
func (s *session) publish() error {
	if time.Since(s.proven) > s.relay.config.Ownership/unproven {
		s.due = true
		return nil
	}
	if !s.room() {
		return nil
	}
	return s.publisher.Together(s.fill)
}

// room tells whether there is anything that may be published now.
func (s *session) room() bool {
	return len(s.ready) > 0 && len(s.flight) < s.relay.window && !s.publisher.Blocked() && !s.watch.paused
}

func (s *session) fill() error {
	for s.room() {
		next := s.lanes[s.ready[0]][0]
		s.ready = s.ready[1:]
		if s.relay.apart.has(next.routingKey) {
			s.putOff(next, "a queue that it is for confirms nothing")
			continue
		}
		confirm, err := s.publisher.publish(next)
		switch {
		case errors.Is(err, rabbit.ErrUnpublishable):
			s.fail(next, err.Error())
		case err != nil:
			return fmt.Errorf("publish %s: %w", next.id, err)
		default:
			s.flight = append(s.flight, flying{next, confirm, time.Now(), startSpan(next)})
		}
	}
	return nil
}

// nextConfirm is ready when the oldest row in flight is confirmed.
func (s *session) nextConfirm() <-chan struct{} {
	if len(s.flight) == 0 {
		return nil
	}
	return s.flight[0].confirm.Done()
}

// settle takes the confirmed rows off the front of the flight.
func (s *session) settle() error {
	var settled []flying
	for len(s.flight) > 0 && isClosed(s.flight[0].confirm.Done()) {
		settled = append(settled, s.flight[0])
		s.flight = s.flight[1:]
	}
	return s.conclude(settled)
}

// conclude says of confirmed rows what became of them. A row has arrived when it was confirmed and not returned.
func (s *session) conclude(settled []flying) error {
	// A return comes before its confirm, so these may belong to rows that are still in flight.
	for _, r := range s.publisher.Returned() {
		s.returned[r.MessageID] = r.Reason
	}
	for _, f := range settled {
		reason, back := s.returned[f.row.id.String()]
		delete(s.returned, f.row.id.String())
		switch {
		case !f.confirm.Acked() && !s.publisher.Open():
			return fmt.Errorf("await confirm of %s: %w", f.row.id, closeReason(<-s.publisher.Closed()))
		case !f.confirm.Acked():
			f.landed("refused by the broker")
			s.fail(f.row, "refused by the broker")
		case back:
			f.landed(reason)
			s.fail(f.row, reason)
		default:
			f.landed("")
			s.arrive(f.row)
		}
	}
	return nil
}

func (s *session) arrive(r row) {
	s.worked = true
	s.relay.published.Add(1)
	s.relay.window = min(2*s.relay.window, maxWindow)
	s.done.arrived = append(s.done.arrived, r.position)
	lane := s.lanes[r.aggregate][1:]
	s.rows--
	if len(lane) == 0 {
		delete(s.lanes, r.aggregate)
		s.tail.emptied(r.aggregate, r.sequence)
		return
	}
	s.lanes[r.aggregate] = lane
	s.ready = append(s.ready, r.aggregate)
}

func (s *session) fail(r row, reason string) {
	s.relay.log.Warn("fact not taken", "id", r.id, "routingKey", r.routingKey, "attempts", r.attempts+1, "error", reason)
	s.putOff(r, reason)
}

// putOff forgets the aggregate's rows: it rests, and they are read again later.
func (s *session) putOff(r row, reason string) {
	s.done.failures = append(s.done.failures, failure{r, reason})
	s.resting[r.aggregate] = true
	s.rows -= len(s.lanes[r.aggregate])
	delete(s.lanes, r.aggregate)
	s.tail.forget(r.aggregate)
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func closeReason(reason *amqp.Error) error {
	if reason == nil {
		return amqp.ErrClosed
	}
	return reason
}
