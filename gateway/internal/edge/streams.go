package edge

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/vektah/gqlparser/v2/ast"

	"quadrille.dev/gateway/internal/fault"
	"quadrille.dev/gateway/internal/viewer"
)

// drainWithin bounds how long streams may take to end when the gateway stops.
const drainWithin = 8 * time.Second

// StreamSettings say how web sockets and event streams are held, and how many.
type StreamSettings struct {
	// InitWithin is how long a web socket may take to say who it is.
	InitWithin time.Duration `env:"SOCKET_INIT_WITHIN" envDefault:"10s"`
	// KeepAlive is how often something is sent on a stream where nothing else happens. A web socket from which nothing has come
	// for twice as long is closed.
	KeepAlive time.Duration `env:"KEEP_ALIVE_EVERY" envDefault:"15s"`
	// PerConnection is how many operations may go on at once on one web socket, or on one event stream.
	PerConnection int `env:"SUBSCRIPTIONS_PER_CONNECTION" envDefault:"100"`
	// PerPrincipal is how many subscriptions one account may have, and one address without an account.
	PerPrincipal int `env:"SUBSCRIPTIONS_PER_PRINCIPAL" envDefault:"1000"`
}

// Validate tells what is wrong with the settings.
func (s StreamSettings) Validate() error {
	if s.InitWithin <= 0 || s.KeepAlive <= 0 {
		return errors.New("SOCKET_INIT_WITHIN and KEEP_ALIVE_EVERY must be more than nothing")
	}
	if s.PerConnection < 1 || s.PerPrincipal < 1 {
		return errors.New("SUBSCRIPTIONS_PER_CONNECTION and SUBSCRIPTIONS_PER_PRINCIPAL must be at least 1")
	}
	return nil
}

// Streams are the web sockets and event streams that are open. They end when stopping does.
type Streams struct {
	settings StreamSettings
	stopping context.Context
	log      *slog.Logger

	mu       sync.Mutex
	draining bool
	// entered is how many have not left; open waits for them.
	entered int
	open    sync.WaitGroup
	// subscriptions counts by who has them.
	subscriptions map[string]int
	// shared are streams for many operations, by token.
	shared map[string]*sharedStream
}

// NewStreams is none yet. How many there are is measured.
func NewStreams(stopping context.Context, settings StreamSettings, log *slog.Logger, metrics prometheus.Registerer) *Streams {
	s := &Streams{settings: settings, stopping: stopping, log: log, subscriptions: map[string]int{}, shared: map[string]*sharedStream{}}
	s.measure(metrics)
	return s
}

// measure tells how many web sockets and event streams are open, and how many subscriptions go on over them.
func (s *Streams) measure(metrics prometheus.Registerer) {
	for name, about := range map[string]struct {
		help  string
		count func() int
	}{
		"quadrille_streams_open": {"Web sockets and event streams that are open.", func() int { return s.entered }},
		"quadrille_subscriptions_open": {"Subscriptions that go on.", func() (all int) {
			for _, count := range s.subscriptions {
				all += count
			}
			return all
		}},
	} {
		metrics.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: about.help}, func() float64 {
			s.mu.Lock()
			defer s.mu.Unlock()
			return float64(about.count())
		}))
	}
}

// Drain waits until all streams have ended, which they do once stopping has, but no longer than drainWithin.
func (s *Streams) Drain() {
	s.mu.Lock()
	s.draining = true
	s.mu.Unlock()
	ended := make(chan struct{})
	go func() { s.open.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(drainWithin + time.Second):
		s.log.Warn("streams have not ended in time")
	}
}

// enter counts a stream as open until leave is called; false when there shall be none any more.
func (s *Streams) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining || s.stopping.Err() != nil {
		return false
	}
	s.entered++
	s.open.Add(1)
	return true
}

func (s *Streams) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entered--
	s.open.Done()
}

// admit counts a subscription as going on until release is called; it is refused when who asks has too many. Other operations are
// not counted.
func (s *Streams) admit(ctx context.Context, operation *graphql.OperationContext) (release func(), err error) {
	if operation.Operation == nil || operation.Operation.Operation != ast.Subscription {
		return func() {}, nil
	}
	who := principal(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.subscriptions[who] >= s.settings.PerPrincipal {
		return nil, fault.Crowded("There are %d subscriptions already, which is as many as one may have.", s.settings.PerPrincipal)
	}
	s.subscriptions[who]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.subscriptions[who]--; s.subscriptions[who] == 0 {
			delete(s.subscriptions, who)
		}
	}, nil
}

// principal is the account that asks, or the address from where somebody without an account does.
func principal(ctx context.Context) string {
	if v, known := viewer.From(ctx); known {
		return v.ID.String()
	}
	return "anonymous at " + address(ctx)
}
