package resilience_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect"

	"quadrille.dev/platform/resilience"
	operationsv1 "quadrille.dev/schema/rpc/operations/v1"
)

func TestWhetherANeighbourIsWellIsAskedAlsoWhileTheBreakerIsOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := resilience.New(resilience.Config{To: "pricing", Concurrency: 1, Log: slog.New(slog.DiscardHandler)})
		behave := func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}
		ask := n.Inquiry().WrapUnary(func(ctx context.Context, _ connect.AnyRequest) (connect.AnyResponse, error) {
			return nil, behave(ctx)
		})
		inquire := func() error {
			_, err := ask(t.Context(), connect.NewRequest(&operationsv1.GetStatusRequest{}))
			return err
		}
		start := time.Now()
		for range 6 {
			if err := inquire(); connect.CodeOf(err) != connect.CodeUnavailable {
				t.Fatalf("got %v", err)
			}
		}
		if took := time.Since(start); took != 30*time.Second {
			t.Errorf("six times the timeout is %v", took)
		}
		if state := n.State(); state.State != resilience.Closed || state.Failures != 0 {
			t.Errorf("inquiries changed the breaker: %+v", state)
		}
		go func() { _ = inquire() }()
		synctest.Wait()
		if err := inquire(); connect.CodeOf(err) != connect.CodeUnavailable {
			t.Errorf("more than the bulkhead holds: %v", err)
		}
		time.Sleep(5 * time.Second)
		synctest.Wait()
		behave = func(context.Context) error { return nil }
		call := n.Interceptor().WrapUnary(func(context.Context, connect.AnyRequest) (connect.AnyResponse, error) {
			return nil, context.DeadlineExceeded
		})
		for range 5 {
			_, _ = call(t.Context(), connect.NewRequest(&operationsv1.GetStatusRequest{}))
		}
		if state := n.State().State; state != resilience.Open {
			t.Fatalf("breaker is %s", state)
		}
		if err := inquire(); err != nil {
			t.Errorf("not asked: %v", err)
		}
	})
}
