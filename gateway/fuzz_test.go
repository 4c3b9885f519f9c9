package gateway

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
)

// FuzzRequest sends whatever there is to the API, over HTTP. It must be answered soon, in JSON, without data when it is refused, and never
// with an error of our own. `make fuzz` runs it.
func FuzzRequest(f *testing.F) {
	for _, file := range []string{"operations/shopper", "operations/operator", "introspection"} {
		text, err := os.ReadFile("testdata/" + file + ".graphql")
		if err != nil {
			f.Fatal(err)
		}
		for part := range strings.SplitSeq(string(text), "\n}\n") {
			body, err := json.Marshal(map[string]any{"query": part + "\n}", "variables": map[string]any{"id": id(3, 1), "first": 2}})
			if err != nil {
				f.Fatal(err)
			}
			f.Add(true, "", "application/json", "application/json", string(body))
		}
	}
	for _, body := range hostileBodies() {
		if len(body) < 1<<12 {
			f.Add(true, "", "application/json", "application/graphql-response+json", body)
		}
	}
	for _, query := range []string{"{__typename}", "mutation{__typename}", `query($a:Int!){products(first:$a){nodes{...@defer{price{amount}}}}}`} {
		f.Add(false, "query="+url.QueryEscape(query)+`&variables={"a":1}`, "", "*/*", "")
		f.Add(true, "", "application/json", "multipart/mixed", `{"query":"`+query+`","variables":{"a":2},"operationName":null}`)
	}
	f.Add(true, "", "text/plain", "text/html;q=0", `[{"query":"{__typename}"}]`)
	f.Add(true, "", "application/json", "application/json", `{"documentId":"sha256:x","extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}`)

	w := newWorld(f, "LOG_LEVEL=ERROR", "RATE_LIMIT=0", "BATCH_LIMIT=2", "TRUSTED_DOCUMENTS=prefer")
	client := &http.Client{Timeout: 10 * time.Second}
	f.Fuzz(func(t *testing.T, post bool, query, form, accept, body string) {
		if strings.Contains(accept, "event-stream") {
			t.Skip("a stream does not end")
		}
		method := http.MethodGet
		if post {
			method = http.MethodPost
		}
		request, err := http.NewRequestWithContext(t.Context(), method, w.url+"/graphql", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.URL.RawQuery = query
		request.Header["Content-Type"], request.Header["Accept"] = []string{form}, []string{accept}
		response, err := client.Do(request)
		if wrong, is := errors.AsType[*url.Error](err); is && !wrong.Timeout() {
			t.Skip("no client could send it")
		}
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		answer, err := io.ReadAll(response.Body)
		if err != nil && refusedByServer(response) {
			t.Skip("Go's own server has hung up on what is no HTTP")
		}
		if err != nil {
			t.Fatal(err)
		}
		mustBeAnAnswer(t, response, answer)
	})
}

// refusedByServer tells that a request was none to Go's own server, as one with a space in its address.
func refusedByServer(response *http.Response) bool {
	return strings.HasPrefix(response.Header.Get("Content-Type"), "text/plain") && response.StatusCode >= 400
}

func mustBeAnAnswer(t *testing.T, response *http.Response, body []byte) {
	t.Helper()
	form := response.Header.Get("Content-Type")
	switch {
	case refusedByServer(response):
		return
	case strings.HasPrefix(form, "multipart/mixed"):
		if response.StatusCode != http.StatusOK || !strings.HasSuffix(string(body), "\r\n-----\r\n") {
			t.Errorf("%d %q", response.StatusCode, body)
		}
	case !json.Valid(body):
		t.Errorf("%d %s: %q", response.StatusCode, form, body)
	case response.StatusCode >= 400 && strings.Contains(string(body), `"data":`):
		t.Errorf("%d with data: %s", response.StatusCode, body)
	}
	if response.StatusCode >= 500 || strings.Contains(string(body), `"code":"INTERNAL"`) {
		t.Errorf("%d: %s", response.StatusCode, body)
	}
}
