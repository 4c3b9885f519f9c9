package event

import (
	"context"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/propagation"
)

// Origin is what a piece of work came from, in a form that can be stored until the work goes on.
type Origin struct {
	CausationID string
	TraceParent string
	OrderNumber string
}

// OriginOf is the origin of what is done under ctx.
func OriginOf(ctx context.Context) Origin {
	trace := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, trace)
	return Origin{CausationID: causeOf(ctx).text(), TraceParent: trace["traceparent"], OrderNumber: causeOf(ctx).orderNumber}
}

// Continue returns a context in which work goes on as if under the one that the origin was taken of: what is published has the
// same cause and belongs to the same trace and order.
func (o Origin) Continue(ctx context.Context) context.Context {
	if o.TraceParent != "" {
		ctx = propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": o.TraceParent})
	}
	if id, err := uuid.Parse(o.CausationID); err == nil {
		ctx = CausedBy(ctx, Envelope{ID: id, OrderNumber: o.OrderNumber})
	}
	return ctx
}
