package edge

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"

	"quadrille.dev/gateway/internal/fault"
)

// parameters are what a request for an operation consists of. Each of them may be null.
type parameters struct {
	Query         *string        `json:"query"`
	OperationName *string        `json:"operationName"`
	Variables     map[string]any `json:"variables"`
	Extensions    map[string]any `json:"extensions"`
}

// read reads the parameters of a request, by its method. What is not well-formed is a fault, of which the message tells nothing that the
// client has sent.
func read(r *http.Request) (*graphql.RawParams, error) {
	start := graphql.Now()
	given, err := parse(r)
	if err != nil {
		return nil, err
	}
	raw := given.raw()
	if raw.Query == "" && raw.Extensions["persistedQuery"] == nil {
		return nil, fault.BadInput("The request has no query.")
	}
	raw.Headers, raw.ReadTime = r.Header, graphql.TraceTiming{Start: start, End: graphql.Now()}
	return raw, nil
}

func parse(r *http.Request) (parameters, error) {
	if r.Method == http.MethodGet {
		return parseURL(r.URL.RawQuery)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return parameters{}, unread(err)
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return parameters{}, fault.BadInput("The request has no body.")
	}
	var given parameters
	err = decode("body", string(body), &given)
	return given, err
}

func parseURL(query string) (given parameters, err error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return given, fault.BadInput("The URL's query is not well-formed.")
	}
	for name, into := range map[string]**string{"query": &given.Query, "operationName": &given.OperationName} {
		if values.Has(name) {
			*into = new(values.Get(name))
		}
	}
	for name, into := range map[string]*map[string]any{"variables": &given.Variables, "extensions": &given.Extensions} {
		if text := values.Get(name); text != "" {
			err = errors.Join(err, decode(name, text, into))
		}
	}
	return given, err
}

// decode reads one JSON value, and nothing after it. Numbers stay as they are written.
func decode(what, text string, into any) error {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	err := decoder.Decode(into)
	if wrong, is := errors.AsType[*json.UnmarshalTypeError](err); is && wrong.Field != "" {
		return fault.BadInput("The request's %s is not of the type that it must be.", wrong.Field)
	}
	if err != nil || !utf8.ValidString(text) {
		return fault.BadInput("The request's %s is not JSON of the form that it must be.", what)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return fault.BadInput("The request's %s goes on after its end.", what)
	}
	return nil
}

func (p parameters) raw() *graphql.RawParams {
	raw := &graphql.RawParams{Variables: p.Variables, Extensions: p.Extensions}
	if p.Query != nil {
		raw.Query = *p.Query
	}
	if p.OperationName != nil {
		raw.OperationName = *p.OperationName
	}
	return raw
}
