//go:build pprof

package main

import (
	"log/slog"
	"net/http"
	_ "net/http/pprof" //nolint:gosec // G108: that is what the tag asks for
	"os"
	"time"
)

// A gateway that is built with -tags pprof serves profiles of itself, for measurements; one that is shipped has no such door.
func init() {
	server := &http.Server{Addr: os.Getenv("PPROF_LISTEN"), ReadHeaderTimeout: time.Minute}
	go func() { slog.Error("serve profiles", "error", server.ListenAndServe()) }()
}
