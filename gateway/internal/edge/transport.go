package edge

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"quadrille.dev/gateway/internal/fault"
)

// overHTTP answers requests as "GraphQL over HTTP" has it: https://graphql.github.io/graphql-over-http/draft/
type overHTTP struct{ log *slog.Logger }

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

func (overHTTP) answer(w http.ResponseWriter, r *http.Request, executor graphql.GraphExecutor, takes accepted) {
	parameters, err := read(r)
	if err != nil {
		refuse(w, r, err)
		return
	}
	operation, errs := executor.CreateOperationContext(r.Context(), parameters)
	if errs != nil {
		ctx := graphql.WithOperationContext(r.Context(), operation)
		send(w, takes.whole, unexecuted(w, takes, errs), whole(executor.DispatchError(ctx, errs)))
		return
	}
	switch kind := operation.Operation.Operation; {
	case kind == ast.Subscription:
		refuse(w, r, &fault.Error{Code: fault.NotAcceptable, Message: "A subscription is had as text/event-stream, or over a web socket."})
		return
	case kind != ast.Query && r.Method == http.MethodGet:
		refuse(w, r, wrongMethod("Only queries are made by GET."))
		return
	}
	responses, ctx := executor.DispatchOperation(r.Context(), operation)
	response := responses(ctx)
	if response == nil { // the client has gone
		return
	}
	send(w, takes.whole, http.StatusOK, whole(response))
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

func wrongMethod(message string) error {
	return &fault.Error{Code: fault.MethodNotAllowed, Message: message}
}

// allowed are the methods that a client may use; queries by either, all else by POST.
func allowed(r *http.Request) string {
	if r.Method == http.MethodGet {
		return "POST, OPTIONS"
	}
	return "GET, POST, OPTIONS"
}
