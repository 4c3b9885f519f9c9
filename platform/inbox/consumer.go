package inbox

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/rabbit"
)

// Config is what a Consumer works with. Zero values of the optional fields stand for what their comments say.
type Config struct {
	DB     *postgres.DB
	Broker *rabbit.Broker
	// Log is slog.Default() unless set.
	Log *slog.Logger
	// DoubtBefore is when the database was last restored from a backup: what follows from facts of orders and returns
	// that began before is in doubt (event.InDoubt), and from others that happened before. Nothing is, if it is zero. A message that was sent
	// before may be repeated (event.MayRepeat).
	DoubtBefore time.Time
	// Metrics gets how long facts take; nowhere unless set.
	Metrics prometheus.Registerer
	// Now is the clock that handlers are told; time.Now unless set.
	Now func() time.Time
	// Prefetch is how many messages are in hand at once; 64 unless set.
	Prefetch int
	// Workers is how many transactions run at once; 8 unless set, and fewer than the database has connections.
	Workers int
	// Together is how many messages that wait are handled in one transaction, or else each in its own, and none lingers; 1 unless set. Of
	// those that handle several, one runs at a time while it is not slow.
	Together int
	// Patience is how long a message that fails is tried again before it is set aside; ten seconds unless set.
	Patience time.Duration
	// Retry paces the attempts at what is set aside; 1 s doubling to 5 min unless set.
	Retry rabbit.Backoff
	// Attempts is after how many a message is parked; 10 unless set. The tries of Patience count as one.
	Attempts int
}

func (c Config) withDefaults() Config {
	c.Log = cmp.Or(c.Log, slog.Default()).With("component", "inbox")
	if c.Now == nil {
		c.Now = time.Now
	}
	c.Prefetch = cmp.Or(c.Prefetch, 64)
	c.Workers = cmp.Or(c.Workers, 8)
	c.Together = cmp.Or(c.Together, 1)
	c.Patience = cmp.Or(c.Patience, 10*time.Second)
	c.Retry = cmp.Or(c.Retry, rabbit.Backoff{First: time.Second, Most: 5 * time.Minute})
	c.Attempts = cmp.Or(c.Attempts, 10)
	return c
}

// after tells how a message stands that has failed so many times, and when it is tried again.
func (c Config) after(attempts int, reason error) (state string, rest time.Duration) {
	if permanent(reason) || attempts >= c.Attempts {
		return "PARKED", 0
	}
	return "RETRYING", c.Retry.Delay(attempts)
}

// Consumer brings the facts of a context's inbox to its routes. Each takes effect once, in the transaction that also records
// it, and maybe others, as handled. Facts with one subject are handled one after the other, in the order of arrival.
type Consumer[S any] struct {
	config  Config
	name    string
	routes  Routes[S]
	bind    func(pgx.Tx) S
	workers *workers
	// gathering is what messages wait in for a transaction with others; nil if each has its own.
	gathering *gathering
	table     table
	// slots bounds the transactions that run at once.
	slots chan struct{}
	// awaiting lets one goroutine at a time find out whether the database is back.
	awaiting chan struct{}
	// setAside wakes the loop that retries.
	setAside chan struct{}
	// known are the facts that have routes.
	known    map[string]bool
	attempts *prometheus.HistogramVec
}

// NewConsumer makes the consumer of the broker's context. bind makes the store that lives in a transaction.
func NewConsumer[S any](config Config, routes Routes[S], bind func(pgx.Tx) S) *Consumer[S] {
	config = config.withDefaults()
	config.Workers = max(1, min(config.Workers, int(config.DB.Config().MaxConns)-1))
	attempts := attempts()
	if config.Metrics != nil {
		config.Metrics.MustRegister(attempts)
	}
	known := map[string]bool{}
	for _, name := range routes.Facts() {
		known[name] = true
	}
	c := &Consumer[S]{
		config: config, name: config.Broker.Name(), routes: routes, bind: bind,
		workers:  newWorkers(),
		slots:    make(chan struct{}, config.Workers),
		awaiting: make(chan struct{}, 1),
		setAside: make(chan struct{}, 1),
		known:    known,
		attempts: attempts,
	}
	c.table = c
	c.gather()
	return c
}

// Run handles messages until ctx ends, and then finishes those that it has begun.
func (c *Consumer[S]) Run(ctx context.Context) error {
	var retrying sync.WaitGroup
	retrying.Go(func() { c.retryLoop(ctx) })
	defer retrying.Wait()
	defer c.settle() // Without a connection, Consume ends without.
	receive := func(d rabbit.Delivery) { c.receive(ctx, delivered{d, c.config.Broker}) }
	return c.config.Broker.Consume(ctx, c.routes.Facts(), c.config.Prefetch, receive, c.settle)
}

// settle has nothing begin any more, and returns when what is begun is done.
func (c *Consumer[S]) settle() {
	if c.gathering != nil {
		c.gathering.end()
	}
	c.workers.wait()
}

// receive hands a message to the worker of its subject.
func (c *Consumer[S]) receive(ctx context.Context, d delivery) {
	fact, err := event.Decode(d.Body())
	if err == nil {
		err = storable(fact)
	}
	if err != nil {
		c.workers.submit("", func() { c.bury(ctx, d, err.Error()) })
		return
	}
	m := message{ctx: about(ctx, fact), delivery: d, fact: fact}
	if c.gathering != nil {
		m.until = c.routes.lingers(fact)
		c.gathering.add(m)
		return
	}
	c.workers.submit(fact.Subject, func() { c.process(m.ctx, d, fact) })
}

// inHand is how many messages are received and not done with.
func (c *Consumer[S]) inHand() int {
	if c.gathering != nil {
		return c.gathering.inHand()
	}
	return c.workers.inHand()
}

// process handles a message, or sets it aside, and then acknowledges it. What it has not begun when ctx ends comes again.
func (c *Consumer[S]) process(ctx context.Context, d delivery, fact event.Envelope) {
	if ctx.Err() != nil || d.Stale() {
		return
	}
	err := c.try(ctx, d, fact)
	for outages := 1; err != nil && !stopped(ctx, d); outages++ {
		failed := c.table.putAside(ctx, d.Body(), fact, err)
		if failed == nil {
			break
		}
		if c.table.databaseDown(ctx, failed) {
			c.table.awaitDatabase(ctx)
			_ = inline.Wait(ctx, outages)
			continue
		}
		c.bury(ctx, d, "cannot be set aside: "+failed.Error())
		return
	}
	if err == nil || !stopped(ctx, d) {
		d.Ack()
	}
}

func stopped(ctx context.Context, d delivery) bool { return ctx.Err() != nil || d.Stale() }

// inline paces the tries within Patience.
var inline = rabbit.Backoff{First: 50 * time.Millisecond, Most: 2 * time.Second}

// try handles a message, again and again while that may help, no longer than Patience, and not at all any more when all that
// may be in hand is: others wait behind it then. Time without a database does not count; one that answers and yet refuses, as when
// its disk is full, is asked less and less often.
func (c *Consumer[S]) try(ctx context.Context, d delivery, fact event.Envelope) error {
	begun, outages := time.Now(), 0
	for failures := 1; ; failures++ {
		err := c.table.handle(ctx, d.Body(), fact)
		if err == nil || permanent(err) || stopped(ctx, d) {
			return err
		}
		if c.table.databaseDown(ctx, err) {
			outages++
			c.config.Log.WarnContext(ctx, "database refuses", "outages", outages, "error", err)
			c.table.awaitDatabase(ctx)
			_ = inline.Wait(ctx, outages)
			begun, failures = time.Now(), 0
			continue
		}
		c.config.Log.WarnContext(ctx, "handling failed", "failures", failures, "error", err)
		pause := inline.Delay(failures)
		tooLong := time.Since(begun)+pause > c.config.Patience
		if tooLong || c.inHand() >= c.config.Prefetch || rabbit.Pause(ctx, pause) != nil {
			return err
		}
	}
}

// bury moves a message to the dead letters. It holds on to the message until that has worked.
func (c *Consumer[S]) bury(ctx context.Context, d delivery, reason string) {
	for failures := 1; !stopped(ctx, d); failures++ {
		err := d.bury(ctx, reason)
		if err == nil {
			c.config.Log.Error("message is dead", "reason", reason)
			return
		}
		c.config.Log.Error("cannot bury a message", "failures", failures, "reason", reason, "error", err)
		_ = inline.Wait(ctx, failures)
	}
}
