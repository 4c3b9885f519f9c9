// Package degraded lets an answer say which contexts it had to do without: extensions.degraded lists those of which something is stale or
// missing in it.
package degraded

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"quadrille.dev/gateway/internal/fault"
)

// Name is what the list is called among an answer's extensions.
const Name = "degraded"

type key struct{}

// contexts are those that an operation has done without since its last answer.
type contexts struct {
	mu    sync.Mutex
	names map[string]bool
}

// Note says that the operation that ctx belongs to has to do without what a context would say now.
func Note(ctx context.Context, name string) {
	if c, ok := ctx.Value(key{}).(*contexts); ok {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.names[name] = true
	}
}

// take answers what was noted, and forgets it.
func (c *contexts) take() map[string]bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	taken := c.names
	c.names = map[string]bool{}
	return taken
}

// Extension writes the list.
type Extension struct{}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationInterceptor
	graphql.ResponseInterceptor
} = Extension{}

// ExtensionName is for gqlgen.
func (Extension) ExtensionName() string { return "Degraded" }

// Validate is for gqlgen.
func (Extension) Validate(graphql.ExecutableSchema) error { return nil }

// InterceptOperation gives each operation a place for its notes.
func (Extension) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	return next(context.WithValue(ctx, key{}, &contexts{names: map[string]bool{}}))
}

// InterceptResponse adds the contexts noted, and those that errors name, to an answer.
func (Extension) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	response := next(ctx)
	noted, ok := ctx.Value(key{}).(*contexts)
	if response == nil || !ok {
		return response
	}
	names := noted.take()
	for _, err := range response.Errors {
		if silent := silent(err); silent != "" {
			names[silent] = true
		}
	}
	if len(names) == 0 {
		return response
	}
	if response.Extensions == nil {
		response.Extensions = map[string]any{}
	}
	response.Extensions[Name] = slices.Sorted(maps.Keys(names))
	return response
}

// silent is the context that did not answer, if that is what an error says.
func silent(err *gqlerror.Error) string {
	if err.Extensions["code"] != fault.ContextUnavailable {
		return ""
	}
	name, _ := err.Extensions["context"].(string)
	return name
}
