// Package resilience keeps the trouble of a neighbour from becoming one's own: its calls have an end, are repeated where
// that is harmless, are few at a time, and are not made at all while it does not answer.
//
// The patterns are timeout, circuit breaker and bulkhead of Michael Nygard's "Release It!".
package resilience

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/budget"
	"github.com/failsafe-go/failsafe-go/bulkhead"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
	"github.com/prometheus/client_golang/prometheus"

	"connectrpc.com/connect"
)

// The breaker's measures: it opens after this many failures in a row, lets calls try again after a while, and closes after
// this many successes in a row.
const (
	failuresToOpen   = 5
	successesToClose = 3
	openFor          = 30 * time.Second
)

// Config names a neighbour and says how to treat it. Zero values mean the defaults.
type Config struct {
	// To is the neighbour's name.
	To string
	// Timeout bounds a call with all of its repetitions. Default 5 s.
	Timeout time.Duration
	// Attempts bounds how often an idempotent call is made. Default 3.
	Attempts int
	// Concurrency bounds the calls that are under way at once; more are refused. Default 64.
	Concurrency uint
	// Ready tells whether the neighbour at an address, host and port, says that it is ready. It is asked while the breaker is open, so
	// that a neighbour that was away and is back is called at once. Default: nobody asks.
	Ready func(ctx context.Context, address string) bool
	// Log hears of changes of the breaker. Default: slog's.
	Log *slog.Logger
	// Metrics gets the neighbour's metrics, if given.
	Metrics prometheus.Registerer
}

// Neighbour is how things stand with a context that this one calls.
type Neighbour struct {
	config   Config
	breaker  circuitbreaker.CircuitBreaker[connect.AnyResponse]
	bulkhead bulkhead.Bulkhead[connect.AnyResponse]
	retry    failsafe.Executor[connect.AnyResponse]
	// executions are what the budget of repetitions is a share of.
	executions interface {
		RecordExecution()
		ReleaseExecution()
	}
	metrics metrics

	mu       sync.Mutex
	since    time.Time
	failures int64
	// address is where the neighbour was called last.
	address     string
	stopLooking context.CancelFunc
	closed      bool
}

// New makes a neighbour whose breaker is closed.
func New(config Config) *Neighbour {
	config = config.withDefaults()
	n := &Neighbour{config: config, since: time.Now(), metrics: newMetrics(config.Metrics)}
	n.breaker = circuitbreaker.NewBuilder[connect.AnyResponse]().
		WithFailureThreshold(failuresToOpen).
		WithSuccessThreshold(successesToClose).
		WithDelay(openFor).
		OnStateChanged(n.changed).
		Build()
	n.bulkhead = bulkhead.New[connect.AnyResponse](config.Concurrency)
	shared := budget.New()
	n.executions = shared.(interface {
		RecordExecution()
		ReleaseExecution()
	})
	n.retry = failsafe.With(retrypolicy.NewBuilder[connect.AnyResponse]().
		HandleIf(func(_ connect.AnyResponse, err error) bool { return repeatable(err) }).
		WithMaxAttempts(config.Attempts).
		WithBackoff(20*time.Millisecond, 500*time.Millisecond).
		WithJitterFactor(0.5).
		WithBudget(shared).
		ReturnLastFailure().
		Build())
	n.metrics.state(config.To, circuitbreaker.ClosedState)
	return n
}

func (c Config) withDefaults() Config {
	if c.Timeout == 0 {
		c.Timeout = 5 * time.Second
	}
	if c.Attempts == 0 {
		c.Attempts = 3
	}
	if c.Concurrency == 0 {
		c.Concurrency = 64
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c
}
