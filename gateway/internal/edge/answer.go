package edge

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"quadrille.dev/gateway/internal/fault"
)

// answer is a GraphQL response as it travels. Without an execution there is no data, which is something else than null.
type answer struct {
	Errors     gqlerror.List   `json:"errors,omitempty"`
	Data       json.RawMessage `json:"data,omitempty"`
	Extensions map[string]any  `json:"extensions,omitempty"`
}

func whole(response *graphql.Response) answer {
	return answer{Errors: response.Errors, Data: response.Data, Extensions: response.Extensions}
}

// send answers in one piece.
func send(w http.ResponseWriter, form string, status int, answer any) {
	body, err := json.Marshal(answer)
	if err != nil {
		panic(fmt.Errorf("encode answer: %w", err)) // it is of resolvers' making, and none writes what is not JSON
	}
	w.Header().Set("Content-Type", form+"; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Add("Vary", "Accept")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a broken connection is the client's
}

// statuses are for requests of which nothing is executed.
var statuses = map[fault.Code]int{
	fault.BadUserInput:         http.StatusBadRequest,
	fault.Unauthenticated:      http.StatusUnauthorized,
	fault.Forbidden:            http.StatusForbidden,
	fault.NotFound:             http.StatusNotFound,
	fault.Conflict:             http.StatusConflict,
	fault.MethodNotAllowed:     http.StatusMethodNotAllowed,
	fault.NotAcceptable:        http.StatusNotAcceptable,
	fault.OutOfRange:           http.StatusRequestEntityTooLarge,
	fault.UnsupportedMediaType: http.StatusUnsupportedMediaType,
	fault.RateLimited:          http.StatusTooManyRequests,
	fault.Internal:             http.StatusInternalServerError,
	fault.ContextUnavailable:   http.StatusServiceUnavailable,
	fault.GatewayRestarting:    http.StatusServiceUnavailable,
	fault.Subscriptions:        http.StatusTooManyRequests,
}

// refuse answers a request that does not get as far as GraphQL.
func refuse(w http.ResponseWriter, r *http.Request, err error) {
	ours, _ := errors.AsType[*fault.Error](err)
	if ours.Code == fault.Unauthenticated {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
	}
	if ours.Code == fault.MethodNotAllowed {
		w.Header().Set("Allow", allowed(r))
	}
	form := accepts(r).whole
	if form == "" {
		form = plainJSON
	}
	send(w, form, statuses[ours.Code], answer{Errors: gqlerror.List{shown(r.Context(), &gqlerror.Error{}, ours)}})
}
