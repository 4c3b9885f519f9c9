package outbox

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	// maxWindow is how many facts may be unconfirmed; beyond it only latency grows.
	maxWindow = 500
	// depth is how many rows of one aggregate are read ahead.
	depth = 20
	// maxRows is how many rows are held in memory.
	maxRows = 2 * maxWindow
	// grace is how long the end waits for confirms.
	grace = 2 * time.Second
	// The outbox is read this often without being woken; the longer it was empty, the less often.
	minPoll, maxPoll = 50 * time.Millisecond, time.Second
)

// session is one stretch of publishing, over one ownership and one channel. Its state belongs to the goroutine of run;
// a turn in the database goes on beside it, one at a time.
type session struct {
	relay     *Relay
	own       holding
	from      looking
	publisher channel

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

	// since is when this became the only session that reads, of the partitions that it has. Whoever began to append before may have been
	// read by another.
	since time.Time
	// counted is how many rows were handed over since countedSince.
	counted      int
	countedSince time.Time
	// fellBehind is when there were last too many for more to be handed over.
	fellBehind time.Time
	// highest is the highest position that a turn has read.
	highest int64
	// taken are the positions of rows that were handed over during the turn that is going on, which may read them too.
	taken []int64

	// tail is where the next turn reads; looks find what it would pass over.
	tail       tail
	looks      chan look
	looking    bool
	nextLook   *time.Timer
	nextSearch time.Time

	turns chan turn
	// partitions are those of the last turn; the ownership's own belong to the turn that is going on.
	partitions []int16
	// removing and noting are what the turn that is going on was told.
	removing []int64
	noting   []failure
	busy     bool
	due      bool
	// proven is when the partitions were last known to be owned.
	proven time.Time
	poll   time.Duration
	watch  *bindingWatch
	worked bool
	patrol patrol
}

func newSession(r *Relay, own holding, publisher channel) *session {
	return &session{
		relay: r, own: own, from: r, publisher: publisher,
		lanes: map[aggregate][]row{}, resting: map[aggregate]bool{}, returned: map[string]string{},
		tail: newTail(), looks: make(chan look, 1), nextLook: time.NewTimer(lookEvery), nextSearch: time.Now().Add(searchEvery),
		turns: make(chan turn, 1), due: true, poll: minPoll,
		watch:  newBindingWatch(r),
		patrol: newPatrol(),
		since:  time.Now(),
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
	defer s.endPatrol()
	defer s.relay.handover.open.Store(false)
	ended := ctx.Done()
	for {
		s.relay.handover.open.Store(ctx.Err() == nil && s.keepsUp())
		if ctx.Err() == nil {
			if err := s.publish(); err != nil {
				return err
			}
		}
		if ctx.Err() != nil && !s.done.empty() {
			s.due = true
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
		case next := <-s.relay.handover.rows:
			s.takeAll(next)
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
			if s.poll > minPoll {
				s.poll = minPoll
				poll.Reset(s.poll)
			}
		case <-s.patrol.timer.C:
			if err := s.goRound(time.Now()); err != nil {
				return err
			}
		case reason := <-s.publisher.Closed():
			return fmt.Errorf("publish: %w", closeReason(reason))
		case <-s.nextLook.C:
			s.look(work)
		case l := <-s.looks:
			s.seen(l)
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
