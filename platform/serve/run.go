package serve

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"quadrille.dev/platform/telemetry"
)

// drainTimeout bounds how long each step of an orderly end may take.
const drainTimeout = 10 * time.Second

// Run serves until ctx ends, then drains: no new requests, then no new messages, then loops, and last the relay.
func (h *Host) Run(ctx context.Context, loops ...Loop) error {
	defer h.close()
	return h.run(ctx, h.server(), h.relay.Run, append(loops, h.pruner().Run, Rest))
}

func (h *Host) run(ctx context.Context, server *http.Server, relay Loop, loops []Loop) error {
	relaying, stopRelay := context.WithCancel(context.WithoutCancel(ctx))
	defer stopRelay()
	looping, stopLoops := context.WithCancel(context.WithoutCancel(ctx))
	defer stopLoops()

	group, failed := errgroup.WithContext(ctx)
	group.Go(func() error { return ignoreClosed(server.Serve(h.listener)) })
	var relays, others sync.WaitGroup
	start(relaying, group, &relays, "relay", relay)
	for _, loop := range loops {
		start(looping, group, &others, "loop", loop)
	}
	h.Log.Info("serving", "address", h.Addr())

	<-failed.Done()
	h.draining.Store(true)
	h.Log.Info("draining", "cause", context.Cause(failed))
	Shutdown(server)
	h.consuming.end()
	stopLoops()
	others.Wait()
	stopRelay()
	relays.Wait()
	err := group.Wait()
	h.Log.Info("drained")
	return err
}

// start runs a loop as part of a group and of a set that can be waited for. A loop that ends with its ctx has not failed.
func start(ctx context.Context, group *errgroup.Group, set *sync.WaitGroup, what string, loop Loop) {
	set.Add(1)
	group.Go(func() error {
		defer set.Done()
		if err := loop(ctx); err != nil && ctx.Err() == nil {
			return fmt.Errorf("run %s: %w", what, err)
		}
		return nil
	})
}

func (h *Host) server() *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler:           h.mux,
		Protocols:         protocols,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		IdleTimeout:       2 * time.Minute,
	}
}

// Shutdown lets requests finish, and cuts those off that have not after ten seconds.
func Shutdown(server *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	if server.Shutdown(ctx) != nil {
		_ = server.Close()
	}
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve: %w", err)
}

func (h *Host) close() {
	h.mu.Lock()
	for _, neighbour := range h.neighbours {
		neighbour.Close()
	}
	h.mu.Unlock()
	h.Broker.Close()
	h.DB.Close()
	telemetry.Flush(h.flush, h.Log)
}
