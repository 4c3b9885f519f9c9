package edge

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"quadrille.dev/platform/testkit/allocate"
)

func TestAnAnswerIsTheSameWhereverItsDataIs(t *testing.T) {
	errors, extensions := gqlerror.List{{Message: "It is so."}}, map[string]any{"cost": 1}
	for want, response := range map[string]graphql.Response{
		`{"data":{"a":"<b>"}}`:                                                     {Data: []byte(`{"a":"<b>"}`)},
		`{"data":{"a":1},"extensions":{"cost":1}}`:                                 {Data: []byte(`{"a":1}`), Extensions: extensions},
		`{"errors":[{"message":"It is so."}],"data":{"a":1}}`:                      {Data: []byte(`{"a":1}`), Errors: errors},
		`{"errors":[{"message":"It is so."}],"extensions":{"cost":1}}`:             {Errors: errors, Extensions: extensions},
		`{"data":"` + strings.Repeat("x", 100<<10) + `"}`:                          {Data: []byte(`"` + strings.Repeat("x", 100<<10) + `"`)},
		`{"errors":[{"message":"It is so."}],"data":null,"extensions":{"cost":1}}`: {Data: []byte("null"), Errors: errors, Extensions: extensions},
	} {
		elsewhere, on := httptest.NewRecorder(), httptest.NewRecorder()
		sheet := newSheet()
		sheet.send(elsewhere, plainJSON, &response)
		sheet.free()
		sheet = newSheet()
		sheet.text = append(sheet.text, response.Data...)
		if len(response.Data) > 0 {
			response.Data = sheet.text[len(head):]
		}
		sheet.send(on, plainJSON, &response)
		if elsewhere.Body.String() != want || on.Body.String() != want {
			t.Errorf("got %q, and on the sheet %q, want %q", elsewhere.Body, on.Body, want)
		}
	}
}

// taker takes what it is sent and keeps nothing.
type taker struct{ header http.Header }

func (t taker) Header() http.Header         { return t.header }
func (t taker) WriteHeader(int)             {}
func (t taker) Write(p []byte) (int, error) { return len(p), nil }

func TestAnAnswerIsSentWithFewAllocations(t *testing.T) {
	w := taker{http.Header{}}
	response := &graphql.Response{}
	send := func() {
		clear(w.header)
		sheet := newSheet()
		for range 2000 {
			sheet.text = append(sheet.text, `{"sku":"SKU-1"},`...)
		}
		response.Data = sheet.text[len(head):]
		sheet.send(w, plainJSON, response)
		sheet.free()
	}
	allocate.AtMost(t, 9, send)
}
