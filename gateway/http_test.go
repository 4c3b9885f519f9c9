package gateway

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// exchange is a request as it is written, and what came back.
type exchange struct {
	*http.Response
	Body string
}

// exchange sends a request of which headers are "Name: value".
func (w *world) exchange(method, target, body string, headers ...string) exchange {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), method, w.url+target, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		request.Header.Add(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return exchange{response, string(text)}
}

const (
	asJSON       = "Content-Type: application/json"
	takesJSON    = "Accept: application/json"
	takesGraphQL = "Accept: application/graphql-response+json"
)

// TestRequestsOverHTTP has what the audits of graphql-http, which proof/conformance runs, do not look at.
func TestRequestsOverHTTP(t *testing.T) {
	w := newWorld(t)
	query, unknown, mutation := "?query="+url.QueryEscape("{__typename}"), "?query="+url.QueryEscape("{nothing}"), "?query=mutation{__typename}"
	for name, test := range map[string]struct {
		method, target, body string
		headers              []string
		status               int
		form                 string
		want                 string
	}{
		"parse error, plain": {
			"POST", "", `{"query":"{"}`, []string{asJSON, takesJSON}, 200, "application/json; charset=utf-8", `"GRAPHQL_PARSE_FAILED"`,
		},
		"parse error": {
			"POST", "", `{"query":"{"}`, []string{asJSON, takesGraphQL}, 400, "application/graphql-response+json; charset=utf-8", `"GRAPHQL_PARSE_FAILED"`,
		},
		"unknown field by GET": {"GET", unknown, "", []string{takesGraphQL}, 400, "application/graphql-response+json; charset=utf-8", ""},
		"error in a field": {
			"POST", "", `{"query":"{ sagas(first: 1) { totalCount } }"}`,
			[]string{asJSON, takesGraphQL},
			200,
			"application/graphql-response+json; charset=utf-8", `"data":{"sagas":null}`,
		},
		"mutation by GET":          {"GET", mutation, "", nil, 405, "application/json; charset=utf-8", "METHOD_NOT_ALLOWED"},
		"other method":             {"PATCH", query, "", nil, 405, "application/json; charset=utf-8", "METHOD_NOT_ALLOWED"},
		"head":                     {"HEAD", query, "", nil, 405, "application/json; charset=utf-8", ""},
		"options":                  {"OPTIONS", "", "", nil, 204, "", ""},
		"only HTML":                {"GET", query, "", []string{"Accept: text/html"}, 406, "application/json; charset=utf-8", "NOT_ACCEPTABLE"},
		"a browser's address line": {"GET", query, "", []string{"Accept: text/html,*/*;q=0.8"}, 200, "application/json; charset=utf-8", "Query"},
		"the more wanted": {
			"GET", query, "",
			[]string{"Accept: application/json;q=0.5, application/graphql-response+json"},
			200,
			"application/graphql-response+json; charset=utf-8", "",
		},
		"events, if it has to be": {
			"GET", query, "",
			[]string{"Accept: application/graphql-response+json, application/json, text/event-stream, multipart/mixed"},
			200,
			"application/graphql-response+json; charset=utf-8", "Query",
		},
		"not wanted": {
			"GET", query, "",
			[]string{"Accept: application/json;q=0, application/graphql-response+json;q=0.1"},
			200,
			"application/graphql-response+json; charset=utf-8", "",
		},
		"another character set": {
			"POST", "", `{"query":"{__typename}"}`,
			[]string{"Content-Type: application/json; charset=iso-8859-1"},
			415,
			"application/json; charset=utf-8", "UNSUPPORTED_MEDIA_TYPE",
		},
		"a form":                {"POST", "", "query={__typename}", []string{"Content-Type: application/x-www-form-urlencoded"}, 415, "application/json; charset=utf-8", ""},
		"not UTF-8":             {"POST", "", "{\"query\":\"{__typename}\xff\"}", []string{asJSON}, 400, "application/json; charset=utf-8", ""},
		"more than one value":   {"POST", "", `{"query":"{__typename}"} {}`, []string{asJSON}, 400, "application/json; charset=utf-8", ""},
		"an array":              {"POST", "", `["secret"]`, []string{asJSON}, 400, "application/json; charset=utf-8", ""},
		"null":                  {"POST", "", `null`, []string{asJSON}, 400, "application/json; charset=utf-8", "no query"},
		"bad variables by GET":  {"GET", query + "&variables=secret", "", nil, 400, "application/json; charset=utf-8", "variables"},
		"list of variables":     {"GET", query + "&variables=[1]", "", nil, 400, "application/json; charset=utf-8", "variables"},
		"bad escape":            {"GET", "?query=%zz", "", nil, 400, "application/json; charset=utf-8", ""},
		"nothing asked":         {"GET", "", "", nil, 400, "application/json; charset=utf-8", "no query"},
		"subscription over GET": {"GET", `?query=subscription{orderChanged(id:"x"){sequence}}`, "", nil, 406, "application/json; charset=utf-8", "text/event-stream"},
	} {
		t.Run(name, func(t *testing.T) {
			got := w.exchange(test.method, "/graphql"+test.target, test.body, test.headers...)
			if got.StatusCode != test.status || got.Header.Get("Content-Type") != test.form || !strings.Contains(got.Body, test.want) {
				t.Errorf("%d %s: %s", got.StatusCode, got.Header.Get("Content-Type"), got.Body)
			}
			if got.StatusCode >= 400 && strings.Contains(got.Body, `"data"`) {
				t.Errorf("there is data where nothing was executed: %s", got.Body)
			}
			if strings.Contains(got.Body, "secret") {
				t.Errorf("the request comes back: %s", got.Body)
			}
		})
	}
}

func TestAnAnswerIsNotKeptByCaches(t *testing.T) {
	w := newWorld(t)
	got := w.exchange("GET", "/graphql?query={__typename}", "")
	for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Vary": "Origin, Accept"} {
		if strings.Join(got.Header.Values(name), ", ") != want {
			t.Errorf("%s is %q", name, got.Header.Get(name))
		}
	}
}

// TestMutationsAreMadeByPost also tells which methods are left.
func TestMutationsAreMadeByPost(t *testing.T) {
	w := newWorld(t)
	got := w.exchange(http.MethodGet, "/graphql?query=mutation{__typename}", "")
	if got.StatusCode != http.StatusMethodNotAllowed || got.Header.Get("Allow") != "POST, OPTIONS" {
		t.Errorf("%d, allowed: %s", got.StatusCode, got.Header.Get("Allow"))
	}
	if got := w.exchange(http.MethodPost, "/graphql", `{"query":"mutation{__typename}"}`, asJSON); got.Body != `{"data":{"__typename":"Mutation"}}` {
		t.Errorf("by POST: %s", got.Body)
	}
}
