package edge

import (
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"quadrille.dev/gateway/internal/fault"
)

// How requests are kept out that a page of another site makes a visitor's browser send.
const (
	// preventBrowsers looks at what browsers say of a request's origin.
	preventBrowsers = "browsers"
	// preventAlways asks every client for a header that a browser sends to another site only after having asked.
	preventAlways = "always"
)

// preflights are headers that make a browser ask a server before it sends a request to another site. The first is sent for nothing else.
var preflights = []string{"Apollo-Require-Preflight", "GraphQL-Require-Preflight", "X-Apollo-Operation-Name", "X-Requested-With", "Authorization"}

// sites says which sites' pages may use the API, in browsers.
type sites struct {
	// allowed are origins beside the gateway's own: https://shop.example
	allowed []string
	prevent string
}

// wrap answers browsers who ask whether a page may send a request, and refuses what they send without asking.
func (s sites) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Add("Vary", "Origin")
		if from := r.Header.Get("Origin"); slices.Contains(s.allowed, from) {
			header.Set("Access-Control-Allow-Origin", from)
			header.Set("Access-Control-Expose-Headers", "Retry-After")
		}
		switch {
		case r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "":
			header.Set("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE")
			header.Set("Access-Control-Allow-Headers", strings.Join(append([]string{"Content-Type", "Last-Event-ID", "Traceparent", streamHeader}, preflights...), ", "))
			header.Set("Access-Control-Max-Age", "7200")
			w.WriteHeader(http.StatusNoContent)
		case s.unasked(r):
			refuse(w, r, &fault.Error{
				Code:    fault.Forbidden,
				Message: "A browser could have sent this for another site. Send a header that it would have to ask for, such as " + preflights[0] + ".",
			})
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// unasked tells that a browser could send a request for a page of another site without asking. A web socket it opens to anybody.
func (s sites) unasked(r *http.Request) bool {
	upgrade := r.Header.Get("Upgrade") != ""
	if !upgrade && asks(r) {
		return false
	}
	return !upgrade && s.prevent == preventAlways || s.foreign(r)
}

// asks tells whether a browser would ask a server of another site before it sends a request like this.
func asks(r *http.Request) bool {
	if given := r.Header.Get("Content-Type"); given != "" {
		form, _, err := mime.ParseMediaType(given)
		if err == nil && form != "text/plain" && form != "application/x-www-form-urlencoded" && form != "multipart/form-data" {
			return true
		}
	}
	return slices.ContainsFunc(preflights, func(name string) bool { return r.Header.Get(name) != "" })
}

// foreign tells that a browser sends a request for a page of another site, or may do so: old ones do not say.
func (s sites) foreign(r *http.Request) bool {
	from, relation := r.Header.Get("Origin"), r.Header.Get("Sec-Fetch-Site")
	switch {
	case slices.Contains(s.allowed, from):
		return false
	case relation != "":
		return relation != "same-origin" && relation != "none"
	case from != "":
		at, err := url.Parse(from)
		return err != nil || at.Host != r.Host
	default:
		return strings.HasPrefix(r.UserAgent(), "Mozilla/")
	}
}

// isOrigin tells whether a text is what browsers send as Origin.
func isOrigin(text string) bool {
	at, err := url.Parse(text)
	return err == nil && at.Host != "" && text == at.Scheme+"://"+at.Host && (at.Scheme == "http" || at.Scheme == "https")
}
