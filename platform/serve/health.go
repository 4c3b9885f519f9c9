package serve

import (
	"context"
	"net/http"
	"time"

	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/telemetry"
)

// readyTimeout bounds how long database and broker may take to show that they are there.
const readyTimeout = 2 * time.Second

func (h *Host) serveHealth() {
	h.HandlePublic("GET /healthz", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("ok\n"))
	}))
	h.HandlePublic("GET /readyz", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if reason := h.notReady(r.Context()); reason != "" {
			http.Error(w, reason, http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ready\n"))
	}))
	h.HandlePublic("GET /metrics", telemetry.Handler(h.registry))
}

// notReady is why the context should get no requests; empty when it should.
func (h *Host) notReady(ctx context.Context) string {
	if h.draining.Load() {
		return "draining"
	}
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	if err := h.DB.Ping(ctx); err != nil {
		return "database does not answer"
	}
	if _, err := h.Broker.Depth(ctx, rabbit.InboxQueue(h.Name)); err != nil {
		return "broker does not answer"
	}
	return ""
}
