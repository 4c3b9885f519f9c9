package outbox

import (
	"cmp"
	"context"
	"errors"
	"time"

	"quadrille.dev/platform/rabbit"
)

const (
	// defaultPatience is longer than a broker that works takes for a confirm, and shorter than people take to notice.
	defaultPatience = 15 * time.Second
	// patrolEvery is how often the flight is looked at; sooner again while its first fact has been without a confirm for that long.
	patrolEvery = time.Second
	patrolSoon  = 20 * time.Millisecond
	// asking bounds the question which queues have no leader.
	asking = 2 * time.Second
)

// errUnconfirmed ends a session whose channel gets no confirms.
var errUnconfirmed = errors.New("the broker confirms nothing")

// patrol looks after the facts that are in flight while the first of them gets no confirm.
type patrol struct {
	timer *time.Timer
	last  time.Time
	// excused is up to when nothing could have been confirmed: the broker was blocked, or this process was frozen.
	excused time.Time
}

func newPatrol() patrol { return patrol{timer: time.NewTimer(patrolEvery), last: time.Now()} }

func (s *session) endPatrol() {
	s.patrol.timer.Stop()
	s.relay.oldest.Store(0)
}

// goRound settles what was confirmed behind facts that were not, so that these hold up nobody else before they fill the window. Its
// error is errUnconfirmed when facts have been without a confirm for longer than the relay's patience.
func (s *session) goRound(now time.Time) error {
	p := &s.patrol
	if s.publisher.Blocked() || now.Sub(p.last) > 3*patrolEvery {
		p.excused = now
	}
	p.last = now
	p.timer.Reset(patrolEvery)
	if len(s.flight) == 0 {
		s.relay.oldest.Store(0)
		return nil
	}
	s.relay.oldest.Store(s.flight[0].since.UnixNano())
	if now.Sub(s.flight[0].since) < patrolEvery {
		return nil
	}
	p.timer.Reset(patrolSoon)
	if err := s.settleBehind(); err != nil {
		return err
	}
	if len(s.overdue(now)) > 0 {
		return errUnconfirmed
	}
	return nil
}

func (s *session) settleBehind() error {
	var settled, waiting []flying
	for _, f := range s.flight {
		if isClosed(f.confirm.Done()) {
			settled = append(settled, f)
		} else {
			waiting = append(waiting, f)
		}
	}
	s.flight = waiting
	return s.conclude(settled)
}

// overdue are the facts of the flight that were without a confirm for too long.
func (s *session) overdue(now time.Time) []flying {
	for i, f := range s.flight {
		since := f.since
		if since.Before(s.patrol.excused) {
			since = s.patrol.excused
		}
		if now.Sub(since) <= s.relay.config.Patience {
			return s.flight[:i]
		}
	}
	return s.flight
}

// giveUp leaves a channel that gets no confirms, and says which facts wait. A queue that confirms nothing holds up everything on the
// channel, so each of the routing keys is tried over a channel of its own, and what is not confirmed there either is set apart. If none is,
// the connection is given up too, and they are tried over another.
func (r *Relay) giveUp(ctx context.Context, s *session, err error) {
	if !errors.Is(err, errUnconfirmed) || ctx.Err() != nil {
		return
	}
	r.stalls.Add(1)
	s.publisher.Leave()
	oldest := s.flight[0]
	silent, all := r.sift(ctx, s.flight)
	if all {
		s.publisher.Abort()
		silent, _ = r.sift(ctx, s.flight)
	}
	leaderless, askErr := r.leaderless(ctx)
	r.log.Warn("no confirm from the broker: publishing again over a new channel",
		"overdue", len(s.overdue(time.Now())), "unconfirmed", len(s.flight), "for", time.Since(oldest.since).Round(time.Millisecond).String(),
		"exchange", cmp.Or(oldest.row.exchange, rabbit.EventsExchange(r.config.Broker.Name())), "routingKey", oldest.row.routingKey,
		"aggregate", oldest.row.aggregate.source+" "+oldest.row.aggregate.subject, "id", oldest.row.id,
		"setApart", silent, "queuesWithoutLeader", leaderless, "askError", askErr)
}

func (r *Relay) leaderless(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, asking)
	defer cancel()
	return r.config.Broker.Leaderless(ctx)
}

// Unconfirmed is for how long the oldest fact that was published has been without a confirm, on the present channel.
func (r *Relay) Unconfirmed() time.Duration {
	if since := r.oldest.Load(); since != 0 {
		return time.Since(time.Unix(0, since))
	}
	return 0
}

// Stalls is how often a channel was given up because it got no confirms.
func (r *Relay) Stalls() int64 { return r.stalls.Load() }
