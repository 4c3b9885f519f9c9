package outbox

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/rabbit"
)

// RelayConfig is what a Relay works with.
type RelayConfig struct {
	DB     *postgres.DB
	Broker *rabbit.Broker
	// Consumers maps each fact of the context to the queues that must get it; the relay pauses while one of these bindings is
	// missing. Nil trusts that all are there.
	Consumers map[string][]string
	// Ownership is how long a relay that is not heard of, as when its process is frozen, keeps its partitions; 30 seconds unless set. It
	// is not to be shorter than LeastOwnership.
	Ownership time.Duration
	// Patience is how long a fact may be without the broker's confirm before it is published again over another channel; 15 seconds
	// unless set.
	Patience time.Duration
	// Log is slog.Default() unless set.
	Log *slog.Logger
}

// Relay hands the rows of an outbox to the broker, at least once and in order within each aggregate. Several relays may work
// on one outbox: each partition has one owner at a time.
type Relay struct {
	config RelayConfig
	log    *slog.Logger
	wake   chan struct{}
	// handover brings rows that were appended in this process.
	handover *handover
	// window is how many facts may be unconfirmed; see suspect.
	window int
	// paused is why nothing is published; see bindingWatch.
	paused atomic.Pointer[string]
	// oldest is since when the first fact of the flight is without a confirm, in nanoseconds of Unix; 0 if there is none.
	oldest atomic.Int64
	// stalls is how often channels were given up; see giveUp.
	stalls atomic.Int64
	// published is how many facts have arrived.
	published atomic.Uint64
	apart     *apart
}

// appending is what a relay waits for.
const appending postgres.Deed = "append to outbox"

// NewRelay makes a relay that is handed what transactions of the database's InTx have appended, or is woken by them.
func NewRelay(config RelayConfig) *Relay {
	config.Ownership = cmp.Or(config.Ownership, defaultOwnership)
	config.Patience = cmp.Or(config.Patience, defaultPatience)
	r := &Relay{
		config: config,
		log:    cmp.Or(config.Log, slog.Default()).With("component", "outbox"),
		wake:   make(chan struct{}, 1),
		window: maxWindow,
		apart:  newApart(),
	}
	r.handover = newHandover(r.Wake)
	config.DB.AfterCommitOf(appending, r.handover)
	return r
}

// Wake tells the relay that there may be something to publish. It never blocks.
func (r *Relay) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

var again = rabbit.Backoff{First: 100 * time.Millisecond, Most: 5 * time.Second}

// Run publishes until ctx ends, then waits a moment for what is unconfirmed. No failure ends it: what was unconfirmed is
// published again, under the same ids.
func (r *Relay) Run(ctx context.Context) error {
	var retrying sync.WaitGroup
	defer retrying.Wait()
	retrying.Go(func() { r.retry(ctx) })
	again.Repeat(ctx, func() (bool, error) { return r.session(ctx) }, func(failures int, err error) {
		r.log.Warn("relay interrupted", "failures", failures, "error", err)
	})
	return nil
}

// session publishes until something fails.
func (r *Relay) session(ctx context.Context) (worked bool, err error) {
	own, err := claim(ctx, r.config.DB, r.config.Ownership)
	if err != nil {
		return false, err
	}
	defer own.release()
	publisher, err := r.config.Broker.Publisher(ctx, maxWindow)
	if err != nil {
		return false, err
	}
	defer publisher.Close()
	s := newSession(r, own, wire{publisher})
	err = s.run(ctx)
	r.suspect(ctx, s, err)
	r.giveUp(ctx, s, err)
	return s.worked, err
}

// Paused is why the relay publishes nothing although it could: the bindings that are missing, in words. It is empty while it publishes.
func (r *Relay) Paused() string {
	if reason := r.paused.Load(); reason != nil {
		return *reason
	}
	return ""
}

// Published is how many facts the broker has taken since the relay was made.
func (r *Relay) Published() uint64 { return r.published.Load() }

// Backlog is how many facts are not confirmed yet, and the age of the oldest.
func (r *Relay) Backlog(ctx context.Context) (rows int64, oldest time.Duration, err error) {
	var seconds float64
	err = r.config.DB.QueryRow(ctx, `
		SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8 FROM outbox`,
	).Scan(&rows, &seconds)
	if err != nil {
		return 0, 0, fmt.Errorf("count outbox: %w", err)
	}
	return rows, time.Duration(seconds * float64(time.Second)), nil
}
