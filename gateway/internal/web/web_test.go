package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func TestPages(t *testing.T) {
	page := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	bare := fstest.MapFS{"index.html": page("what there is")}
	built := fstest.MapFS{
		"index.html": page("what there is"), "playground/index.html": page("GraphiQL"), "playground/assets/main-1a2b.js": page("code"),
	}
	for name, test := range map[string]struct {
		files  fstest.MapFS
		path   string
		status int
		text   string
		cache  string
	}{
		"index":                {built, "/", http.StatusOK, "what there is", "no-cache"},
		"playground":           {built, "/playground/", http.StatusOK, "GraphiQL", "no-cache"},
		"its code":             {built, "/playground/assets/main-1a2b.js", http.StatusOK, "code", "public, max-age=31536000, immutable"},
		"not there":            {built, "/console", http.StatusNotFound, "not found", ""},
		"code that is not":     {built, "/playground/assets/other.js", http.StatusNotFound, "not found", ""},
		"playground not built": {bare, "/playground/", http.StatusNotFound, "npm ci", ""},
		"index not built":      {bare, "/", http.StatusOK, "what there is", "no-cache"},
	} {
		t.Run(name, func(t *testing.T) {
			answer := httptest.NewRecorder()
			handler(test.files).ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, test.path, nil))
			if answer.Code != test.status || !strings.Contains(answer.Body.String(), test.text) || answer.Header().Get("Cache-Control") != test.cache {
				t.Errorf("%d %q, %v", answer.Code, answer.Body, answer.Header())
			}
		})
	}
}

func TestEmbeddedIndexIsThere(t *testing.T) {
	answer := httptest.NewRecorder()
	Handler().ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
	if answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), `href="/playground/"`) {
		t.Errorf("%d %q", answer.Code, answer.Body)
	}
}
