package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/resilience"
)

// requestLimit bounds the size of a request, in bytes.
const requestLimit = 8 << 20

// handlerOptions are what every RPC handler is made with: traced, measured, safe from panics, and silent about its insides.
func handlerOptions(log *slog.Logger, registry prometheus.Registerer) []connect.HandlerOption {
	return []connect.HandlerOption{
		connect.WithReadMaxBytes(requestLimit),
		connect.WithInterceptors(tracing(), measure(registry), conceal(log)),
		connect.WithRecover(func(ctx context.Context, spec connect.Spec, _ http.Header, cause any) error {
			log.ErrorContext(ctx, "panic", "procedure", spec.Procedure, "cause", cause, "stack", string(debug.Stack()))
			return fmt.Errorf("panic: %v", cause)
		}),
	}
}

// measure observes how long calls take. Its labels are bounded: only procedures that exist get here.
func measure(registry prometheus.Registerer) connect.Interceptor {
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "quadrille_rpc_server_seconds",
		Help: "How long calls took to answer.",
	}, []string{"procedure", "code"})
	registry.MustRegister(seconds)
	return connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
			start := time.Now()
			response, err := next(ctx, request)
			code := "ok"
			if err != nil {
				code = connect.CodeOf(err).String()
			}
			seconds.WithLabelValues(request.Spec().Procedure, code).Observe(time.Since(start).Seconds())
			return response, err
		}
	})
}

// conceal keeps what went wrong inside from the caller, who gets an id by which it is found in the log. Errors that a handler
// made for the caller pass.
func conceal(log *slog.Logger) connect.Interceptor {
	return connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
			response, err := next(ctx, request)
			if err == nil {
				return response, nil
			}
			shown := outward(ctx, err)
			if shown == nil {
				id := uuid.NewString()
				shown = connect.NewError(connect.CodeInternal, fmt.Errorf("internal error %s", id))
				log.ErrorContext(ctx, "request failed", "procedure", request.Spec().Procedure, "errorId", id, "error", err)
			} else if shown.Code() == connect.CodeUnavailable {
				log.WarnContext(ctx, "request not served", "procedure", request.Spec().Procedure, "error", err)
			}
			return nil, shown
		}
	})
}

// outward is what a caller may know of an error; nil for nothing.
func outward(ctx context.Context, err error) *connect.Error {
	own, decided := errors.AsType[*connect.Error](err)
	neighbour, silent := resilience.Silent(err)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return connect.NewError(connect.CodeCanceled, context.Canceled)
	case ctx.Err() != nil:
		return connect.NewError(connect.CodeDeadlineExceeded, context.DeadlineExceeded)
	case !silent && postgres.Away(err):
		return connect.NewError(connect.CodeUnavailable, errors.New("database unavailable"))
	case silent:
		shown := connect.NewError(connect.CodeUnavailable, fmt.Errorf("%s did not answer", neighbour))
		shown.Meta().Set(resilience.Elsewhere, neighbour)
		return shown
	case !decided:
		return nil
	case connect.IsWireError(err):
		// A neighbour's refusal of our call is our mistake, not our caller's.
		return nil
	}
	switch own.Code() {
	case connect.CodeInternal, connect.CodeUnknown, connect.CodeDataLoss:
		return nil
	default:
		return own
	}
}
