package load

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Result is how requests went, all of which were answered as wanted.
type Result struct {
	// Took is how long each took, in no order.
	Took    []time.Duration
	Elapsed time.Duration
}

// Add adds another round.
func (r *Result) Add(other Result) {
	r.Took = append(r.Took, other.Took...)
	r.Elapsed += other.Elapsed
}

// PerSecond is how many requests were answered in a second.
func (r *Result) PerSecond() float64 { return float64(len(r.Took)) / r.Elapsed.Seconds() }

// Quantile is the time within which a share of all requests was answered; 0 if there were none.
func (r *Result) Quantile(share float64) time.Duration {
	if len(r.Took) == 0 {
		return 0
	}
	slices.Sort(r.Took)
	return r.Took[min(len(r.Took)-1, int(share*float64(len(r.Took))))]
}

// Closed has a number of clients ask for a while, each anew as soon as it has been answered. The first answer that is not as wanted ends it.
func Closed(ctx context.Context, target Target, clients int, lasting time.Duration) (Result, error) {
	connections, err := dial(ctx, target, clients)
	defer hangUp(connections)
	if err != nil {
		return Result{}, err
	}
	took := make([][]time.Duration, clients)
	began := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	defer context.AfterFunc(ctx, func() { hangUp(connections) })()
	for i, connection := range connections {
		group.Go(func() error {
			for at := time.Now(); at.Sub(began) < lasting; {
				if err := connection.Want(); err != nil {
					return err
				}
				now := time.Now()
				took[i] = append(took[i], now.Sub(at))
				at = now
			}
			return nil
		})
	}
	err = group.Wait()
	return Result{Took: slices.Concat(took...), Elapsed: time.Since(began)}, err
}

// Open asks at a steady rate for a while, whether or not earlier requests were answered; each takes the time from when it was due, so that
// one that has to wait for those before it is not told as quicker than it was. Connections are made as they are needed, up to a number.
func Open(ctx context.Context, target Target, perSecond float64, most int, lasting time.Duration) (Result, error) {
	p := &pool{target: target, used: make(chan struct{}, most)}
	defer p.hangUp()
	var mu sync.Mutex
	var result Result
	began := time.Now()
	interval := time.Duration(float64(time.Second) / perSecond)
	group, ctx := errgroup.WithContext(ctx)
	defer context.AfterFunc(ctx, p.hangUp)()
	for due := began; due.Sub(began) < lasting && ctx.Err() == nil; due = due.Add(interval) {
		time.Sleep(time.Until(due))
		group.Go(func() error {
			err := p.ask(ctx)
			took := time.Since(due)
			mu.Lock()
			defer mu.Unlock()
			result.Took = append(result.Took, took)
			return err
		})
	}
	err := group.Wait()
	result.Elapsed = time.Since(began)
	return result, err
}

func dial(ctx context.Context, target Target, number int) ([]*Connection, error) {
	var connections []*Connection
	for range number {
		connection, err := Dial(ctx, target)
		if err != nil {
			return connections, err
		}
		connections = append(connections, connection)
	}
	return connections, nil
}

func hangUp(connections []*Connection) {
	for _, connection := range connections {
		connection.Close()
	}
}

// pool are connections of which the one used last is used next, so that what there are too many stays idle.
type pool struct {
	target Target
	// used has as many elements as connections are in use.
	used chan struct{}

	mu   sync.Mutex
	idle []*Connection
	all  []*Connection
}

func (p *pool) ask(ctx context.Context) error {
	select {
	case p.used <- struct{}{}:
		defer func() { <-p.used }()
	case <-ctx.Done():
		return fmt.Errorf("wait for a connection: %w", context.Cause(ctx))
	}
	connection, err := p.take(ctx)
	if err != nil {
		return err
	}
	if err := connection.Want(); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, connection)
	return nil
}

func (p *pool) take(ctx context.Context) (*Connection, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if last := len(p.idle) - 1; last >= 0 {
		connection := p.idle[last]
		p.idle = p.idle[:last]
		return connection, nil
	}
	connection, err := Dial(ctx, p.target)
	if err == nil {
		p.all = append(p.all, connection)
	}
	return connection, err
}

func (p *pool) hangUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	hangUp(p.all)
}
