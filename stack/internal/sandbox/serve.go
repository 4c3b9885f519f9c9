package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"quadrille.dev/platform/telemetry"
)

// drain bounds how long requests under way may take once the server is told to end.
const drain = 5 * time.Second

// Serve answers with handler, with /healthz, /readyz and /metrics, and with what tests need, until ctx ends. Requests see the end of ctx too, so that those which
// hang on purpose let go.
func Serve(ctx context.Context, name, listen string, handler http.Handler) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
	if err != nil {
		return fmt.Errorf("listen for the %s: %w", name, err)
	}
	server := &http.Server{
		Handler:           routes(handler),
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	slog.Info("sandbox is ready", "name", name, "url", "http://"+listener.Addr().String())
	ended := make(chan error, 1)
	go func() {
		<-ctx.Done()
		until, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
		defer cancel()
		ended <- server.Shutdown(until)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the %s: %w", name, err)
	}
	return <-ended
}

func routes(handler http.Handler) http.Handler {
	mux := http.NewServeMux()
	fine := func(w http.ResponseWriter, _ *http.Request) {
		WriteJSON(w, http.StatusOK, map[string]string{"status": "ok"})
	}
	mux.HandleFunc("GET /healthz", fine)
	mux.HandleFunc("GET /readyz", fine)
	mux.Handle("GET /metrics", telemetry.Handler(telemetry.Metrics()))
	loser := &loser{handler: handler}
	mux.HandleFunc("POST /sandbox/lost-answers", loser.lose)
	mux.Handle("/", loser)
	return mux
}

// WriteJSON answers a request.
func WriteJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		slog.Warn("answer could not be written", "error", err)
	}
}
