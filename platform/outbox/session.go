package outbox

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	amqp "github.com/rabbitmq/amqp091-go"

	"quadrille.dev/platform/rabbit"
)

const (
	// maxWindow is how many facts may be unconfirmed; beyond it only latency grows.
	maxWindow = 500
	// depth is how many rows of one aggregate are read ahead.
	depth = 20
	// maxRows is how many rows are held in memory.
	maxRows = 2 * maxWindow
	// maxUnproven is how old the proof of ownership may be; locks outlive a process that is frozen by more than that.
	maxUnproven = 10 * time.Second
	// grace is how long the end waits for confirms.
	grace = 2 * time.Second
	// The outbox is read this often without being woken; the longer it was empty, the less often.
	minPoll, maxPoll = 50 * time.Millisecond, time.Second
)

// session is one stretch of publishing, over one ownership and one channel. Its state belongs to the goroutine of run;
// a turn in the database goes on beside it, one at a time.
type session struct {
	relay     *Relay
	own       *ownership
	publisher *rabbit.Publisher

	// lanes hold the rows in memory, each aggregate's in order; only the first of a lane may be in flight.
	lanes map[aggregate][]row
	rows  int
	// ready are the lanes whose first row may be published.
	ready []aggregate
	// flight are the published rows without a confirm, in order.
	flight []flying
	// returned are the reasons of returns whose confirm is still to come.
	returned map[string]string
	done     outcome
	// resting are aggregates with a failure that is not noted yet: what a turn reads of them came too early.
	resting map[aggregate]bool

	turns  chan turn
	noting []failure
	busy   bool
	due    bool
	// proven is when the partitions were last known to be owned.
	proven time.Time
	poll   time.Duration
	watch  *bindingWatch
	worked bool
}

type flying struct {
	row     row
	confirm *amqp.DeferredConfirmation
}

type turn struct {
	begun time.Time
	rows  []row
	full  bool
	err   error
}

func newSession(r *Relay, own *ownership, publisher *rabbit.Publisher) *session {
	return &session{
		relay: r, own: own, publisher: publisher,
		lanes: map[aggregate][]row{}, resting: map[aggregate]bool{}, returned: map[string]string{},
		turns: make(chan turn, 1), due: true, poll: minPoll,
		watch: newBindingWatch(r),
	}
}

// run publishes until something fails or ctx ends; then it waits for what is unconfirmed, for a moment.
func (s *session) run(ctx context.Context) error {
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer s.finish(stop)
	defer s.watch.stop(stop)
	defer s.bound(ctx, stop)()
	poll := time.NewTimer(s.poll)
	defer poll.Stop()
	ended := ctx.Done()
	for {
		if ctx.Err() == nil {
			if err := s.publish(); err != nil {
				return err
			}
		}
		s.begin(work)
		if ctx.Err() != nil && len(s.flight) == 0 && !s.busy {
			return nil
		}
		select {
		case <-ended:
			ended = nil
		case <-work.Done():
			return nil
		case <-s.relay.wake:
			s.due = true
		case <-poll.C:
			s.due = true
			poll.Reset(s.poll)
		case t := <-s.turns:
			if err := s.take(t); err != nil {
				return err
			}
			poll.Reset(s.poll)
		case <-s.nextConfirm():
			if err := s.settle(); err != nil {
				return err
			}
		case reason := <-s.publisher.Closed():
			return fmt.Errorf("publish: %w", closeReason(reason))
		case <-s.watch.due():
			s.watch.ask(work)
		case answer := <-s.watch.answers:
			s.watch.take(answer)
		}
	}
}

// bound ends all that still goes on some time after ctx, even a Publish that waits for a broker that reads nothing.
func (s *session) bound(ctx context.Context, stop context.CancelFunc) (release func()) {
	over := make(chan struct{})
	var waiting sync.WaitGroup
	waiting.Go(func() {
		select {
		case <-ctx.Done():
		case <-over:
			return
		}
		select {
		case <-time.After(grace):
			stop()
			s.publisher.Abort()
		case <-over:
		}
	})
	return func() {
		close(over)
		waiting.Wait()
	}
}

// publish fills the window from the lanes that are ready. After a time without proof that the partitions are still owned it
// waits for one: the process may have been frozen meanwhile.
func (s *session) publish() error {
	if time.Since(s.proven) > maxUnproven {
		s.due = true
		return nil
	}
	for len(s.ready) > 0 && len(s.flight) < s.relay.window && !s.publisher.Blocked() && !s.watch.paused {
		next := s.lanes[s.ready[0]][0]
		s.ready = s.ready[1:]
		confirm, err := s.send(next)
		switch {
		case errors.Is(err, rabbit.ErrUnpublishable):
			s.fail(next, err.Error())
		case err != nil:
			return fmt.Errorf("publish %s: %w", next.id, err)
		default:
			s.flight = append(s.flight, flying{next, confirm})
		}
	}
	return nil
}

func (s *session) send(r row) (*amqp.DeferredConfirmation, error) {
	fact, err := r.fact()
	if err != nil {
		return nil, err
	}
	return s.publisher.Publish(r.routingKey, fact, r.envelope)
}

// nextConfirm is ready when the oldest row in flight is confirmed.
func (s *session) nextConfirm() <-chan struct{} {
	if len(s.flight) == 0 {
		return nil
	}
	return s.flight[0].confirm.Done()
}

// settle takes the confirmed rows off the flight. A row has arrived when it was confirmed and not returned.
func (s *session) settle() error {
	var settled []flying
	for len(s.flight) > 0 && isClosed(s.flight[0].confirm.Done()) {
		settled = append(settled, s.flight[0])
		s.flight = s.flight[1:]
	}
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
			s.fail(f.row, "refused by the broker")
		case back:
			s.fail(f.row, reason)
		default:
			s.arrive(f.row)
		}
	}
	return nil
}

func (s *session) arrive(r row) {
	s.worked = true
	s.relay.window = min(2*s.relay.window, maxWindow)
	s.done.arrived = append(s.done.arrived, r.id)
	lane := s.lanes[r.aggregate][1:]
	s.rows--
	if len(lane) == 0 {
		delete(s.lanes, r.aggregate)
		return
	}
	s.lanes[r.aggregate] = lane
	s.ready = append(s.ready, r.aggregate)
}

// fail forgets the aggregate's rows: it rests, and they are read again later.
func (s *session) fail(r row, reason string) {
	s.relay.log.Warn("fact not taken", "id", r.id, "routing_key", r.routingKey, "attempts", r.attempts+1, "error", reason)
	s.done.failures = append(s.done.failures, failure{r, reason})
	s.resting[r.aggregate] = true
	s.rows -= len(s.lanes[r.aggregate])
	delete(s.lanes, r.aggregate)
}

// begin starts a turn when one is due and none is going on.
func (s *session) begin(ctx context.Context) {
	if s.busy || (!s.due && s.done.empty()) {
		return
	}
	done, inMemory, limit := s.done, s.ids(), max(maxRows-s.rows, 0)
	s.busy, s.due, s.done, s.noting = true, false, outcome{}, done.failures
	go func() {
		begun := time.Now()
		rows, err := s.own.turn(ctx, done, inMemory, limit)
		s.turns <- turn{begun, rows, limit > 0 && len(rows) == limit, err}
	}()
}

func (s *session) ids() [][16]byte {
	ids := make([][16]byte, 0, s.rows)
	for _, lane := range s.lanes {
		for _, r := range lane {
			ids = append(ids, r.id)
		}
	}
	return ids
}

// take puts what a turn has read into lanes.
func (s *session) take(t turn) error {
	s.busy = false
	if t.err != nil {
		return t.err
	}
	s.proven = t.begun
	for _, r := range t.rows {
		if s.resting[r.aggregate] {
			continue
		}
		if len(s.lanes[r.aggregate]) == 0 {
			s.ready = append(s.ready, r.aggregate)
		}
		s.lanes[r.aggregate] = append(s.lanes[r.aggregate], r)
		s.rows++
	}
	for _, f := range s.noting {
		delete(s.resting, f.row.aggregate)
	}
	s.due = s.due || t.full
	s.poll = min(2*s.poll, maxPoll)
	if len(t.rows) > 0 {
		s.poll = minPoll
	}
	return nil
}

// finish waits for the turn that is going on: the ownership's connection is for one at a time.
func (s *session) finish(stop context.CancelFunc) {
	stop()
	if s.busy {
		<-s.turns
	}
}

// suspect looks for the one fact that makes the broker close the channel, for which it blames nobody: from then on a single
// fact is in flight, until some have arrived; when the channel closes over a single fact, that fact has failed.
func (r *Relay) suspect(ctx context.Context, s *session, err error) {
	var refused *amqp.Error
	if !errors.As(err, &refused) || !refused.Server || refused.Code != amqp.PreconditionFailed && refused.Code != amqp.ContentTooLarge {
		return
	}
	r.window = 1
	if len(s.flight) != 1 {
		return
	}
	batch := &pgx.Batch{}
	failure{s.flight[0].row, refused.Error()}.note(batch)
	if err := r.config.DB.SendBatch(ctx, batch).Close(); err != nil {
		r.log.Warn("cannot note a failure", "id", s.flight[0].row.id, "error", err)
	}
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
