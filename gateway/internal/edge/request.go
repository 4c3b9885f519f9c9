package edge

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
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
	// DocumentID is of a request that names a document instead of sending it.
	DocumentID *string `json:"documentId"`
}

// requests are what one HTTP request asks for. Of a batch there may be several.
type requests struct {
	each  []*graphql.RawParams
	batch bool
}

// read reads a request, by its method; as a batch it may have so many. What is not well-formed is a fault, of which the message tells
// nothing that the client has sent.
func read(r *http.Request, batch int) (requests, error) {
	start := graphql.Now()
	all, batched, err := parse(r, batch)
	if err != nil {
		return requests{}, err
	}
	read := requests{batch: batched}
	for _, given := range all {
		raw := given.raw()
		if raw.Query == "" && raw.Extensions["persistedQuery"] == nil && raw.Extensions[documentID] == nil {
			return requests{}, fault.BadInput("The request has no query.")
		}
		raw.Headers, raw.ReadTime = r.Header, graphql.TraceTiming{Start: start, End: graphql.Now()}
		read.each = append(read.each, raw)
	}
	return read, nil
}

func parse(r *http.Request, batch int) (all []parameters, batched bool, err error) {
	if r.Method == http.MethodGet {
		given, err := parseURL(r.URL.RawQuery)
		return []parameters{given}, false, err
	}
	body, err := bodyOf(r)
	if err != nil {
		return nil, false, unread(err)
	}
	body = bytes.TrimSpace(body)
	switch {
	case len(body) == 0:
		return nil, false, fault.BadInput("The request has no body.")
	case body[0] == '[':
		return parseBatch(body, batch)
	}
	all = make([]parameters, 1)
	err = decode("body", body, &all[0])
	return all, false, err
}

func parseBatch(body []byte, batch int) (all []parameters, batched bool, err error) {
	if batch == 0 {
		return nil, true, fault.BadInput("Requests are not taken in batches. Send one at a time.")
	}
	if err := decode("body", body, &all); err != nil {
		return nil, true, err
	}
	if len(all) == 0 || len(all) > batch {
		return nil, true, fault.BadInput("A batch has 1 to %d requests.", batch)
	}
	return all, true, nil
}

func parseURL(query string) (given parameters, err error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return given, fault.BadInput("The URL's query is not well-formed.")
	}
	for name, into := range map[string]**string{
		"query": &given.Query, "operationName": &given.OperationName, documentID: &given.DocumentID,
	} {
		if values.Has(name) {
			*into = new(values.Get(name))
		}
	}
	for name, into := range map[string]*map[string]any{"variables": &given.Variables, "extensions": &given.Extensions} {
		if text := values.Get(name); text != "" {
			err = errors.Join(err, decode(name, []byte(text), into))
		}
	}
	return given, err
}

// decode reads one JSON value, and nothing after it. Numbers stay as they are written.
func decode(what string, text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	err := decoder.Decode(into)
	if wrong, is := errors.AsType[*json.UnmarshalTypeError](err); is && wrong.Field != "" {
		return fault.BadInput("The request's %s is not of the type that it must be.", wrong.Field)
	}
	if err != nil || !utf8.Valid(text) {
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
	if p.DocumentID != nil {
		raw.Extensions = maps.Clone(raw.Extensions)
		if raw.Extensions == nil {
			raw.Extensions = map[string]any{}
		}
		raw.Extensions[documentID] = *p.DocumentID
	}
	return raw
}
