package edge

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

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

// append writes the answer behind a text. Its data is JSON already, and not looked at again.
func (a answer) append(text []byte) []byte {
	text = append(text, '{')
	if len(a.Errors) > 0 {
		text = append(appendJSON(append(text, `"errors":`...), a.Errors), ',')
	}
	if len(a.Data) > 0 {
		text = append(append(append(text, `"data":`...), a.Data...), ',')
	}
	if len(a.Extensions) > 0 {
		text = append(appendJSON(append(text, `"extensions":`...), a.Extensions), ',')
	}
	return closed(text)
}

// closed ends an object, the last member of which has a comma behind it.
func closed(text []byte) []byte {
	if text[len(text)-1] == ',' {
		text = text[:len(text)-1]
	}
	return append(text, '}')
}

func appendJSON(text []byte, value any) []byte {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Errorf("encode answer: %w", err)) // it is of our making, and none of us says what is not JSON
	}
	return append(text, encoded...)
}

// send answers in one piece.
func send(w http.ResponseWriter, form string, status int, answer answer) {
	sendText(w, form, status, answer.append(nil))
}

func sendText(w http.ResponseWriter, form string, status int, body []byte) {
	header := w.Header()
	header.Set("Content-Type", form+"; charset=utf-8")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	header.Add("Vary", "Accept")
	header.Set("Content-Length", strconv.Itoa(len(body)))
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
