package bench

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// outages decide which contexts are down for an order, each for itself and with the same probability. For one order a context is down for as
// long as it takes, so that asking it again is in vain.
type outages struct {
	// perMillion is the share of orders for which a context is down.
	perMillion atomic.Uint64
}

// down tells whether a context is down for the order that a trace belongs to. What belongs to no order is always answered.
func (o *outages) down(name, trace string) bool {
	if trace == "" {
		return false
	}
	drawn := sha256.Sum256([]byte(name + " " + trace))
	return binary.BigEndian.Uint64(drawn[:])%1_000_000 < o.perMillion.Load()
}

// before puts something in front of a context that answers in its place while it is down.
func (o *outages) before(b *testing.B, name string, context http.Handler) string {
	b.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if o.down(name, traceOf(r.Header.Get("traceparent"))) {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		context.ServeHTTP(w, r)
	}))
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	b.Cleanup(server.Close)
	return server.URL
}

// at is what answers at an address, over HTTP/2 if http2 is set.
func at(b *testing.B, address string, http2 bool) http.Handler {
	b.Helper()
	target, err := url.Parse(address)
	if err != nil {
		b.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.Transport, proxy.ErrorLog = plain(http2), log.New(io.Discard, "", 0) // callers go away at the end
	return proxy
}

// plain talks over HTTP/2 cleartext, or HTTP/1.
func plain(http2 bool) *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(http2)
	protocols.SetHTTP1(!http2)
	return &http.Transport{Protocols: protocols, MaxIdleConnsPerHost: 16}
}

// traceOf is the trace that a traceparent belongs to.
func traceOf(traceparent string) string {
	parts := strings.Split(traceparent, "-")
	if len(parts) != 4 {
		return ""
	}
	return parts[1]
}

type traceKey struct{}

// asAnOrder begins an order's trace, under which all calls for it are made.
func asAnOrder(ctx context.Context) context.Context {
	var id [24]byte
	_, _ = rand.Read(id[:])
	return context.WithValue(ctx, traceKey{}, "00-"+hex.EncodeToString(id[:16])+"-"+hex.EncodeToString(id[16:])+"-01")
}

// traveller sends the order's trace along, and somebody's token.
type traveller struct {
	http.RoundTripper
	token string
}

// RoundTrip sends a request.
func (t traveller) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if trace, ok := r.Context().Value(traceKey{}).(string); ok {
		r.Header.Set("traceparent", trace)
	}
	if t.token != "" && r.Header.Get("Authorization") == "" {
		r.Header.Set("Authorization", "Bearer "+t.token)
	}
	return t.RoundTripper.RoundTrip(r)
}
