package edge

import (
	"context"
	"net/http"
	"sync"

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
	ended := make(chan bool, 1)
	o.start(answer, func(whole bool) { ended <- whole })
	return <-ended
}

// start is run for those who do not wait: done is called at the end. While a subscription has nothing to tell, no goroutine is kept for it.
func (o operation) start(answer func(context.Context, *graphql.Response), done func(whole bool)) {
	var answers graphql.ResponseHandler
	ctx := o.ctx
	next := func() (more bool) {
		defer func() {
			if cause := recover(); cause != nil {
				answer(ctx, o.failure(o.read.Recover(ctx, cause)))
				more = false
			}
			if !more {
				o.release()
				done(!ending.BrokenOff(ctx))
			}
		}()
		if answers == nil {
			answers, ctx = o.executor.DispatchOperation(ctx, o.read)
			return true
		}
		response := answers(ctx)
		if response != nil {
			answer(ctx, response)
		}
		return response != nil
	}
	if !next() || ending.OnReady(ctx, (&steps{next: next}).more) {
		return
	}
	for next() {
		continue
	}
}

// steps are taken one after another, as they become possible, each by whatever goroutine there is or else a new one.
type steps struct {
	// next takes a step; false after the last.
	next func() bool

	mu       sync.Mutex
	possible int
	going    bool
	over     bool
}

// more says that one more step is possible.
func (s *steps) more() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.possible++
	if !s.going && !s.over {
		s.going = true
		go s.walk()
	}
}

func (s *steps) walk() {
	for s.begin() {
		if !s.next() {
			s.mu.Lock()
			s.over = true
			s.mu.Unlock()
		}
	}
}

func (s *steps) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.going = s.possible > 0 && !s.over; s.going {
		s.possible--
	}
	return s.going
}

func (o operation) failure(err error) *graphql.Response {
	return o.executor.DispatchError(o.ctx, gqlerror.List{gqlerror.Wrap(err)})
}
