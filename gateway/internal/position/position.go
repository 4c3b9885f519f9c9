// Package position carries, between transports and subscriptions, from where a stream can be resumed.
package position

import (
	"context"
	"slices"
	"sync"
)

type key struct{}

type positions struct {
	last string

	mu      sync.Mutex
	offered []string
}

// With is for a transport: last is where its client was when it lost the stream; empty for a new one.
func With(ctx context.Context, last string) context.Context {
	return context.WithValue(ctx, key{}, &positions{last: last})
}

// Last is where the client was when it lost the stream; empty when it did not say so.
func Last(ctx context.Context) string {
	if p, ok := ctx.Value(key{}).(*positions); ok {
		return p.last
	}
	return ""
}

// Offer says where a client is who has got the message that is sent next into the subscription's channel. The messages that were not
// taken are withdrawn, the latest first.
func Offer(ctx context.Context, position string) (withdraw func()) {
	p, ok := ctx.Value(key{}).(*positions)
	if !ok {
		return func() {}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.offered = append(p.offered, position)
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.offered = p.offered[:len(p.offered)-1]
	}
}

// Taken is for a transport: the position offered with the message that was taken next; empty when none was.
func Taken(ctx context.Context) string {
	p, ok := ctx.Value(key{}).(*positions)
	if !ok {
		return ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.offered) == 0 {
		return ""
	}
	taken := p.offered[0]
	p.offered = slices.Delete(p.offered, 0, 1)
	return taken
}
