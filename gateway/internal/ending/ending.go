// Package ending lets a subscription say why it ends, over any transport: as a last message with an error.
package ending

import (
	"context"
	"sync"

	"github.com/99designs/gqlgen/graphql"
)

type key struct{}

// reason is why a subscription ended.
type reason struct {
	mu  sync.Mutex
	err error
}

// Because says why the subscription that ctx belongs to ends. It must be called before the subscription's channel is closed.
func Because(ctx context.Context, err error) {
	if r, ok := ctx.Value(key{}).(*reason); ok {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.err = err
	}
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

// InterceptOperation gives each operation a place for its reason.
func (Extension) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	return next(context.WithValue(ctx, key{}, &reason{}))
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
