package gateway

import (
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

func TestABrowserSendsNothingForAnotherSiteWithoutAsking(t *testing.T) {
	browsers, always := newWorld(t, "CORS_ORIGINS=https://shop.example"), newWorld(t, "CSRF_PREVENTION=always", "CORS_ORIGINS=https://shop.example")
	const firefox = "User-Agent: Mozilla/5.0"
	for name, test := range map[string]struct {
		method           string
		headers          []string
		browsers, always int
	}{
		"a program":                         {"GET", nil, 200, 403},
		"a program that asks":               {"GET", []string{"Apollo-Require-Preflight: 1"}, 200, 200},
		"another site's page":               {"GET", []string{firefox, "Sec-Fetch-Site: cross-site"}, 403, 403},
		"a neighbour's page":                {"GET", []string{firefox, "Sec-Fetch-Site: same-site", "Origin: https://other.example"}, 403, 403},
		"another site's page that asked":    {"GET", []string{firefox, "Sec-Fetch-Site: cross-site", "X-Apollo-Operation-Name: Q"}, 200, 200},
		"an allowed site's page":            {"GET", []string{firefox, "Sec-Fetch-Site: cross-site", "Origin: https://shop.example"}, 200, 403},
		"the gateway's own page":            {"GET", []string{firefox, "Sec-Fetch-Site: same-origin"}, 200, 403},
		"a person":                          {"GET", []string{firefox, "Sec-Fetch-Site: none"}, 200, 403},
		"an old browser's foreign page":     {"GET", []string{firefox, "Origin: https://other.example"}, 403, 403},
		"an old browser's page of a file":   {"GET", []string{firefox, "Origin: null"}, 403, 403},
		"an old browser's image":            {"GET", []string{firefox}, 403, 403},
		"a form":                            {"POST", []string{firefox, "Sec-Fetch-Site: cross-site", "Content-Type: text/plain"}, 403, 403},
		"a form with a file":                {"POST", []string{firefox, "Sec-Fetch-Site: cross-site", "Content-Type: multipart/form-data; boundary=x"}, 403, 403},
		"a beacon without a type":           {"POST", []string{firefox, "Sec-Fetch-Site: cross-site"}, 403, 403},
		"a program that does not say JSON":  {"POST", []string{"Content-Type: text/plain"}, 415, 403},
		"JSON, for which a browser asks":    {"POST", []string{firefox, asJSON, "Sec-Fetch-Site: cross-site"}, 200, 200},
		"a token, for which a browser asks": {"GET", []string{firefox, "Sec-Fetch-Site: cross-site", "Authorization: Bearer " + browsers.token(ada)}, 200, 401},
	} {
		for kind, world := range map[string]*world{"browsers": browsers, "always": always} {
			target, body, want := "/graphql?query={__typename}", "", test.browsers
			if kind == "always" {
				want = test.always
			}
			if test.method == "POST" {
				target, body = "/graphql", `{"query":"{__typename}"}`
			}
			got := world.exchange(test.method, target, body, test.headers...)
			if got.StatusCode != want {
				t.Errorf("%s, %s: %d, want %d: %s", kind, name, got.StatusCode, want, got.Body)
			}
		}
	}
}

func TestOnlyAllowedSitesMayReadAnswers(t *testing.T) {
	w := newWorld(t, "CORS_ORIGINS=https://shop.example,https://admin.example")
	for origin, allowed := range map[string]string{
		"https://shop.example": "https://shop.example", "https://other.example": "", "http://shop.example": "", "https://shop.example.evil": "", "null": "",
	} {
		asked := w.exchange(http.MethodOptions, "/graphql", "", "Origin: "+origin, "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: content-type")
		got := w.exchange(http.MethodPost, "/graphql", `{"query":"{__typename}"}`, asJSON, "Origin: "+origin)
		for _, answer := range []exchange{asked, got} {
			if is := answer.Header.Get("Access-Control-Allow-Origin"); is != allowed || answer.Header.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s may read for %q", origin, is)
			}
			if !strings.Contains(strings.Join(answer.Header.Values("Vary"), ","), "Origin") {
				t.Errorf("%s: a cache may give the answer to others", origin)
			}
		}
		if allowed != "" && (asked.StatusCode != http.StatusNoContent || !strings.Contains(asked.Header.Get("Access-Control-Allow-Headers"), "Authorization")) {
			t.Errorf("%s asked: %d %v", origin, asked.StatusCode, asked.Header)
		}
	}
}

func TestAnotherSitesPageOpensNoWebSocket(t *testing.T) {
	w := newWorld(t)
	_, response, err := websocket.Dial(t.Context(), w.url+"/graphql", &websocket.DialOptions{
		Subprotocols: []string{"graphql-transport-ws"}, HTTPHeader: http.Header{"Origin": {"https://other.example"}, "Authorization": {"Bearer " + w.token(ada)}},
	})
	if err == nil {
		t.Fatal("it did")
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusForbidden {
		t.Errorf("status %d", response.StatusCode)
	}
}
