package edge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"go.opentelemetry.io/otel/trace"

	"quadrille.dev/gateway/internal/fault"
)

// present says to clients what went wrong. What is not theirs to know is logged and shown as INTERNAL.
func present(log *slog.Logger) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		located, cause := locate(ctx, err)
		ours, known := errors.AsType[*fault.Error](err)
		switch {
		case known:
			if ours.Err != nil {
				log.InfoContext(ctx, "request not served", "operation", operationName(ctx), "code", ours.Code, "error", ours.Err)
			}
			return shown(ctx, located, ours)
		case cause == nil:
			return brief(located) // GraphQL's own, such as a validation error
		case coercing(ctx):
			return shown(ctx, located, &fault.Error{Code: fault.BadUserInput, Message: cause.Error()})
		case errors.Is(err, context.Canceled):
			return shown(ctx, located, &fault.Error{Code: fault.Internal, Message: "The request was given up."})
		default:
			log.ErrorContext(ctx, "request failed", "operation", operationName(ctx), "path", located.Path.String(), "error", err)
			return shown(ctx, located, broken())
		}
	}
}

// telling is how many characters of an error are told: those of GraphQL's own have names and values of the document in them.
const telling = 300

func brief(located *gqlerror.Error) *gqlerror.Error {
	short := *located
	if text := []rune(short.Message); len(text) > telling {
		short.Message = string(text[:telling]) + "…"
	}
	return &short
}

func broken() *fault.Error {
	return &fault.Error{Code: fault.Internal, Message: "Something went wrong on our side."}
}

// locate tells where in the answer an error is, and what caused it; nothing has caused an error that GraphQL itself found.
func locate(ctx context.Context, err error) (located *gqlerror.Error, cause error) {
	if located, ok := errors.AsType[*gqlerror.Error](err); ok {
		return located, located.Err
	}
	return &gqlerror.Error{Path: graphql.GetPath(ctx)}, err
}

// shown is what clients get of a fault: of one that is not theirs, the trace by which it is found in the logs.
func shown(ctx context.Context, located *gqlerror.Error, f *fault.Error) *gqlerror.Error {
	extensions := map[string]any{"code": f.Code}
	if f.Context != "" {
		extensions["context"] = f.Context
	}
	if f.Code == fault.Internal || f.Code == fault.ContextUnavailable {
		if span := trace.SpanContextFromContext(ctx); span.HasTraceID() {
			extensions["traceId"] = span.TraceID().String()
		}
	}
	return &gqlerror.Error{Message: f.Message, Path: located.Path, Locations: located.Locations, Extensions: extensions}
}

// told is what clients get of a fault that has no place in an answer.
func told(ctx context.Context, err error) *gqlerror.Error {
	ours, _ := errors.AsType[*fault.Error](err)
	return shown(ctx, &gqlerror.Error{}, ours)
}

func operationName(ctx context.Context) string {
	if !graphql.HasOperationContext(ctx) {
		return ""
	}
	return graphql.GetOperationContext(ctx).OperationName
}

// coercing tells that an error comes from reading a field's arguments, before its resolver was asked.
func coercing(ctx context.Context) bool {
	field := graphql.GetFieldContext(ctx)
	return field != nil && field.Field.Field != nil && len(field.Field.Arguments) > 0 && field.Args == nil
}

// recovered turns a panic into an error that is logged and not shown.
func recovered(log *slog.Logger) graphql.RecoverFunc {
	return func(ctx context.Context, cause any) error {
		log.ErrorContext(ctx, "panic", "operation", operationName(ctx), "cause", cause, "stack", string(debug.Stack()))
		return fmt.Errorf("panic: %v", cause)
	}
}
