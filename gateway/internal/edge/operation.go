package edge

import (
	"context"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"quadrille.dev/gateway/internal/ending"
)

// asked is an operation that a client wants to be executed on a stream.
type asked struct {
	streams  *Streams
	executor graphql.GraphExecutor
	params   *graphql.RawParams
	header   http.Header
	// reading is set where operations must not change anything.
	reading bool
}

// prepare reads and counts the operation. The answer to one that is refused is refused; any other must be run.
func (a asked) prepare(ctx context.Context) (prepared operation, refused *graphql.Response) {
	ctx = ending.With(graphql.StartOperationTrace(ctx), a.streams.stopping)
	a.params.Headers = a.header
	a.params.ReadTime = graphql.TraceTiming{Start: graphql.GetStartTime(ctx), End: graphql.Now()}
	read, wrong := a.executor.CreateOperationContext(ctx, a.params)
	ctx = graphql.WithOperationContext(ctx, read)
	if len(wrong) > 0 {
		return operation{}, a.executor.DispatchError(ctx, wrong)
	}
	prepared = operation{ctx: ctx, executor: a.executor, read: read}
	if a.reading && read.Operation.Operation == ast.Mutation {
		return operation{}, prepared.failure(wrongMethod("Mutations are made by POST."))
	}
	release, err := a.streams.admit(ctx, read)
	if err != nil {
		return operation{}, prepared.failure(err)
	}
	prepared.release = release
	return prepared, nil
}

// operation is one that can be executed.
type operation struct {
	ctx      context.Context
	executor graphql.GraphExecutor
	read     *graphql.OperationContext
	release  func()
}

// run executes the operation and hands its answers over, until there are no more. It answers false for a subscription that was
// broken off, of which its client has been told.
func (o operation) run(answer func(context.Context, *graphql.Response)) (whole bool) {
	defer o.release()
	defer func() {
		if cause := recover(); cause != nil {
			answer(o.ctx, o.failure(o.read.Recover(o.ctx, cause)))
			whole = true
		}
	}()
	answers, ctx := o.executor.DispatchOperation(o.ctx, o.read)
	for response := answers(ctx); response != nil; response = answers(ctx) {
		answer(ctx, response)
	}
	return !ending.BrokenOff(ctx)
}

func (o operation) failure(err error) *graphql.Response {
	return o.executor.DispatchError(o.ctx, gqlerror.List{gqlerror.Wrap(err)})
}
