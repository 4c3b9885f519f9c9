// Package ending lets a subscription say why it ends, over any transport: as a last message with an error.
package ending

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"quadrille.dev/gateway/internal/fault"
)

type key struct{}

// reason is why a subscription ended.
type reason struct {
	// stopping ends when the gateway stops; nil where that is nobody's concern.
	stopping context.Context

	mu  sync.Mutex
	err error
	// brokenOff is kept when err was told.
	brokenOff bool
	// streams is set for a subscription that has begun; ready counts what its channel has had, until wake is there to be told.
	streams bool
	ready   int
	wake    func()
}

// With gives an operation a place for its reason. Its subscription is broken off when stopping ends.
func With(ctx, stopping context.Context) context.Context {
	return context.WithValue(ctx, key{}, &reason{stopping: stopping})
}

// Until is a context for a subscription, which ends when its viewer's token expires, unless there is none and expires is zero, and
// when the gateway stops. The cause of its end is what Because is to be told.
func Until(ctx context.Context, expires time.Time) context.Context {
	r, _ := ctx.Value(key{}).(*reason)
	if !expires.IsZero() {
		bounded, cancel := context.WithDeadlineCause(ctx, expires, fault.NotSignedIn())
		context.AfterFunc(bounded, cancel)
		ctx = bounded
	}
	if r == nil || r.stopping == nil {
		return ctx
	}
	watching, stop := context.WithCancelCause(ctx)
	forget := context.AfterFunc(r.stopping, func() { stop(fault.Restarting()) })
	context.AfterFunc(watching, func() { forget(); stop(nil) })
	return watching
}

// Because says why the subscription that ctx belongs to ends. It must be called before the subscription's channel is closed.
func Because(ctx context.Context, err error) {
	if r, ok := ctx.Value(key{}).(*reason); ok {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.err = err
		ours, known := errors.AsType[*fault.Error](err)
		r.brokenOff = known && ours.Code == fault.GatewayRestarting
	}
}

// Begin says that ctx is a subscription's, of which Ready will tell when there is something to receive.
func Begin(ctx context.Context) {
	if r, ok := ctx.Value(key{}).(*reason); ok {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.streams = true
	}
}

// Ready tells the transport that something is about to be sent into the subscription's channel, or, twice, that it is closed. So a
// transport need not keep a goroutine that waits for the next of seldom messages.
func Ready(ctx context.Context) {
	r, ok := ctx.Value(key{}).(*reason)
	if !ok {
		return
	}
	r.mu.Lock()
	wake := r.wake
	if wake == nil {
		r.ready++
	}
	r.mu.Unlock()
	if wake != nil {
		wake()
	}
}

// OnReady has wake called for each Ready, including those that there were. It answers false for what is no subscription that has begun.
func OnReady(ctx context.Context, wake func()) bool {
	r, ok := ctx.Value(key{}).(*reason)
	if !ok {
		return false
	}
	r.mu.Lock()
	streams, ready := r.streams, r.ready
	if streams {
		r.wake = wake
	}
	r.mu.Unlock()
	if streams {
		for range ready {
			wake()
		}
	}
	return streams
}

// BrokenOff tells that the subscription did not come to its end, but goes on when its client asks again.
func BrokenOff(ctx context.Context) bool {
	r, ok := ctx.Value(key{}).(*reason)
	if !ok {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.brokenOff
}

// Extension sends the last message.
type Extension struct{}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationInterceptor
	graphql.ResponseInterceptor
} = Extension{}

// ExtensionName is for gqlgen.
func (Extension) ExtensionName() string { return "Ending" }

// Validate is for gqlgen.
func (Extension) Validate(graphql.ExecutableSchema) error { return nil }

// InterceptOperation gives each operation a place for its reason, unless it has one.
func (Extension) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	if ctx.Value(key{}) == nil {
		ctx = context.WithValue(ctx, key{}, &reason{})
	}
	return next(ctx)
}

// InterceptResponse turns the end of a stream into a message, once.
func (Extension) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	response := next(ctx)
	r, ok := ctx.Value(key{}).(*reason)
	if response != nil || !ok {
		return response
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		return nil
	}
	graphql.AddError(ctx, r.err)
	r.err = nil
	return &graphql.Response{Errors: graphql.GetErrors(ctx)}
}
