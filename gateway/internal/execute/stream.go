package execute

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
)

// Event is what is answered for an event that hold puts into an execution.
type Event func(ctx context.Context, hold func(*Execution)) []byte

// Stream begins a subscription, and answers its events as they come. When it cannot be begun, that is among ctx's errors.
func Stream[V any](
	x *Execution, f *Field, read Reader, resolve Resolver[struct{}, <-chan V], guards Guards[struct{}], answer Event,
) graphql.ResponseHandler {
	root := x.plan.root
	Add(x, root, struct{}{}, Place{})
	x.due = nil
	due := Due{Selection: root, Field: f}
	each(x, due, read, resolve, guards, keep[<-chan V](x, due), []struct{}{{}}, 0)
	events, known := Answer[<-chan V](x, root, f, 0)
	if !known || events == nil {
		return func(context.Context) *graphql.Response { return nil }
	}
	return func(ctx context.Context) *graphql.Response {
		select {
		case event, more := <-events:
			if !more {
				return nil
			}
			return &graphql.Response{Data: answer(ctx, func(x *Execution) {
				Add(x, root, struct{}{}, Place{})
				x.due = nil
				keep[V](x, due).values[0] = event
			})}
		case <-ctx.Done():
			return nil
		}
	}
}
