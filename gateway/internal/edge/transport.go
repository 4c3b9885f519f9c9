package edge

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"quadrille.dev/gateway/internal/execute"
	"quadrille.dev/gateway/internal/fault"
)

// overHTTP answers requests as "GraphQL over HTTP" has it: https://graphql.github.io/graphql-over-http/draft/
type overHTTP struct {
	log *slog.Logger
	// batch is how many requests may come at once; 0 if only one may, by itself.
	batch int
}

// Supports takes whatever no other transport has taken, so that it is told what is wrong with it.
func (overHTTP) Supports(*http.Request) bool { return true }

// Do is for gqlgen.
func (h overHTTP) Do(w http.ResponseWriter, r *http.Request, executor graphql.GraphExecutor) {
	defer h.rescue(w, r)
	takes := accepts(r)
	switch {
	case r.Method == http.MethodOptions:
		w.Header().Set("Allow", allowed(r))
		w.WriteHeader(http.StatusNoContent)
	case r.Method != http.MethodGet && r.Method != http.MethodPost:
		refuse(w, r, wrongMethod("A request is made by GET or POST."))
	case takes.whole == "":
		refuse(w, r, &fault.Error{Code: fault.NotAcceptable, Message: "An answer is had as " + graphQLJSON + " or " + plainJSON + "."})
	case r.Method == http.MethodPost && !isJSON(r):
		refuse(w, r, &fault.Error{Code: fault.UnsupportedMediaType, Message: "A request is " + plainJSON + " in UTF-8."})
	default:
		h.answer(w, r, executor, takes)
	}
}

// rescue answers what panics outside of any field. The cause is for the log only.
func (h overHTTP) rescue(w http.ResponseWriter, r *http.Request) {
	if cause := recover(); cause != nil {
		h.log.ErrorContext(r.Context(), "panic", "cause", cause, "stack", string(debug.Stack()))
		refuse(w, r, broken())
	}
}

func (h overHTTP) answer(w http.ResponseWriter, r *http.Request, executor graphql.GraphExecutor, takes accepted) {
	requests, err := read(r, h.batch)
	if err != nil {
		refuse(w, r, err)
		return
	}
	if requests.batch {
		h.answerAll(w, r, executor, requests.each)
		return
	}
	ctx := r.Context()
	if takes.parts {
		ctx = inParts(ctx)
	}
	operation, errs := create(ctx, executor, requests.each[0])
	if len(errs) > 0 {
		ctx = graphql.WithOperationContext(ctx, operation)
		send(w, takes.whole, unexecuted(w, takes, errs), whole(executor.DispatchError(ctx, errs)))
		return
	}
	if err := permitted(r, operation); err != nil {
		refuse(w, r, err)
		return
	}
	if takes.parts && mayDefer(operation) {
		// Whoever resolves what is deferred waits until it is taken, or for the end of its context; and gqlgen, who takes it, waits
		// for ever. So they get to their ends, for which calls have deadlines of their own.
		ctx = context.WithoutCancel(ctx)
	}
	sheet := newSheet()
	if !takes.parts || !mayDefer(operation) {
		ctx = execute.WithBuffer(ctx, &sheet.text)
	}
	responses, ctx := executor.DispatchOperation(ctx, operation)
	switch response := responses(ctx); {
	case response == nil: // the client has gone, and somebody may be writing on the sheet still
		return
	case response.HasNext != nil && *response.HasNext:
		sendParts(ctx, w, response, responses)
	default:
		sheet.send(w, takes.whole, response)
	}
	sheet.free()
}

// mostErrors is of how many errors a client is told whose document is not valid.
const mostErrors = 20

func create(ctx context.Context, executor graphql.GraphExecutor, parameters *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	operation, errs := executor.CreateOperationContext(ctx, parameters)
	return operation, errs[:min(len(errs), mostErrors)]
}

// answerAll answers a batch, one request after the other.
func (overHTTP) answerAll(w http.ResponseWriter, r *http.Request, executor graphql.GraphExecutor, batch []*graphql.RawParams) {
	answers := []byte{'['}
	for i, parameters := range batch {
		if i > 0 {
			answers = append(answers, ',')
		}
		operation, errs := create(r.Context(), executor, parameters)
		if len(errs) == 0 {
			if err := permitted(r, operation); err != nil {
				errs = gqlerror.List{shown(r.Context(), &gqlerror.Error{}, err)}
			}
		}
		if len(errs) > 0 {
			answers = whole(executor.DispatchError(graphql.WithOperationContext(r.Context(), operation), errs)).append(answers)
			continue
		}
		responses, ctx := executor.DispatchOperation(r.Context(), operation)
		response := responses(ctx)
		if response == nil { // the client has gone
			return
		}
		answers = whole(response).append(answers)
	}
	sendText(w, plainJSON, http.StatusOK, append(answers, ']'))
}

// permitted refuses operations that are not made in this way.
func permitted(r *http.Request, operation *graphql.OperationContext) *fault.Error {
	switch kind := operation.Operation.Operation; {
	case kind == ast.Subscription:
		return &fault.Error{Code: fault.NotAcceptable, Message: "A subscription is had as " + eventStream + ", or over a web socket."}
	case kind != ast.Query && r.Method == http.MethodGet:
		return wrongMethod("Only queries are made by GET.")
	}
	return nil
}

// unexecuted is the status of a well-formed request of which nothing is executed.
func unexecuted(w http.ResponseWriter, takes accepted, errs gqlerror.List) int {
	for _, err := range errs {
		if err.Extensions["code"] == fault.RateLimited {
			w.Header().Set("Retry-After", fmt.Sprint(err.Extensions["retryAfter"]))
			return http.StatusTooManyRequests
		}
	}
	if takes.whole == graphQLJSON {
		return http.StatusBadRequest
	}
	return http.StatusOK
}

func wrongMethod(message string) *fault.Error {
	return &fault.Error{Code: fault.MethodNotAllowed, Message: message}
}

// allowed are the methods that a client may use; queries by either, all else by POST.
func allowed(r *http.Request) string {
	if r.Method == http.MethodGet {
		return "POST, OPTIONS"
	}
	return "GET, POST, OPTIONS"
}
