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
	bare := fstest.MapFS{"index.html": page("not built")}
	built := fstest.MapFS{
		"index.html": page("not built"), "icon.svg": page("icon"),
		"storefront/index.html": page("shop"), "console/index.html": page("console"), "playground/index.html": page("GraphiQL"),
		"assets/main-1a2b.js": page("code"), "assets/main-1a2b.js.gz": page("zipped"),
	}
	const html, forEver = "text/html,*/*;q=0.8", "public, max-age=31536000, immutable"
	for name, test := range map[string]struct {
		files        fstest.MapFS
		path, accept string
		zip          string
		status       int
		text         string
		cache        string
	}{
		"storefront":            {built, "/", html, "", http.StatusOK, "shop", "no-cache"},
		"a page of it":          {built, "/orders/1", html, "", http.StatusOK, "shop", "no-cache"},
		"a page with a dot":     {built, "/products/A.1", html, "", http.StatusOK, "shop", "no-cache"},
		"console":               {built, "/console", html, "", http.StatusOK, "console", "no-cache"},
		"a page of the console": {built, "/console/sagas/1", html, "", http.StatusOK, "console", "no-cache"},
		"a page like it":        {built, "/consoles", html, "", http.StatusOK, "shop", "no-cache"},
		"playground":            {built, "/playground/", html, "", http.StatusOK, "GraphiQL", "no-cache"},
		"icon":                  {built, "/icon.svg", "image/*", "gzip", http.StatusOK, "icon", "no-cache"},
		"code":                  {built, "/assets/main-1a2b.js", "*/*", "", http.StatusOK, "code", forEver},
		"zipped code":           {built, "/assets/main-1a2b.js", "*/*", "gzip, br", http.StatusOK, "zipped", forEver},
		"code that is not":      {built, "/assets/other.js", html, "", http.StatusNotFound, "not found", ""},
		"nothing for a program": {built, "/orders/1", "application/json", "", http.StatusNotFound, "not found", ""},
		"outside":               {built, "/../web.go", "*/*", "", http.StatusNotFound, "not found", ""},
		"not built":             {bare, "/", html, "", http.StatusOK, "not built", "no-cache"},
		"playground not built":  {bare, "/playground/", html, "", http.StatusOK, "not built", "no-cache"},
	} {
		t.Run(name, func(t *testing.T) {
			request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			request.URL.Path = test.path
			request.Header.Set("Accept", test.accept)
			request.Header.Set("Accept-Encoding", test.zip)
			answer := httptest.NewRecorder()
			pages{test.files, true}.ServeHTTP(answer, request)
			if answer.Code != test.status || !strings.Contains(answer.Body.String(), test.text) ||
				answer.Header().Get("Cache-Control") != test.cache {
				t.Errorf("%d %q, %v", answer.Code, answer.Body, answer.Header())
			}
			if zipped := answer.Header().Get("Content-Encoding") == "gzip"; zipped != (test.text == "zipped") {
				t.Errorf("zipped: %v", zipped)
			}
			if answer.Header().Get("Content-Security-Policy") != policy {
				t.Errorf("policy: %q", answer.Header().Get("Content-Security-Policy"))
			}
		})
	}
}

func TestThePageForAGatewayWithoutABuildIsThere(t *testing.T) {
	if body, err := dist.ReadFile("dist/index.html"); err != nil || !strings.Contains(string(body), "npm ci") {
		t.Errorf("%q, %v", body, err)
	}
}

func TestAPlaygroundThatIsOffIsNotThere(t *testing.T) {
	files := fstest.MapFS{}
	for _, name := range []string{"index.html", "storefront/index.html", "playground/index.html"} {
		files[name] = &fstest.MapFile{Data: []byte("the page of " + name)}
	}
	for path, test := range map[string]struct {
		status int
		text   string
	}{
		"/playground":       {http.StatusNotFound, "no playground here"},
		"/playground/":      {http.StatusNotFound, "no playground here"},
		"/playground/index": {http.StatusNotFound, "no playground here"},
		"/playgrounds":      {http.StatusOK, "the page of storefront"},
		"/":                 {http.StatusOK, "the page of storefront"},
	} {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		request.Header.Set("Accept", "text/html")
		answer := httptest.NewRecorder()
		pages{files, false}.ServeHTTP(answer, request)
		if answer.Code != test.status || !strings.Contains(answer.Body.String(), test.text) || answer.Header().Get("Content-Security-Policy") != policy {
			t.Errorf("%s: %d %q, %v", path, answer.Code, answer.Body, answer.Header())
		}
	}
}
