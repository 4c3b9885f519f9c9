package event

import (
	"testing"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/propagation"
)

func TestWorkGoesOnUnderItsOrigin(t *testing.T) {
	want := Origin{
		CausationID: uuid.NewSHA1(namespace, []byte("cause")).String(),
		TraceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
		OrderNumber: "Q-00000001",
	}
	ctx := propagation.TraceContext{}.Extract(t.Context(), propagation.MapCarrier{"traceparent": want.TraceParent})
	ctx = CausedBy(ctx, Envelope{ID: uuid.MustParse(want.CausationID), OrderNumber: want.OrderNumber})
	kept := OriginOf(ctx)
	if kept != want {
		t.Fatalf("origin is %+v, want %+v", kept, want)
	}
	fact := New(kept.Continue(t.Context()), Fact{Name: "a.b.c", Version: 1, Subject: "s", Sequence: 1, CorrelationID: "o"})
	if fact.CausationID != want.CausationID || fact.TraceParent != want.TraceParent || fact.OrderNumber != want.OrderNumber {
		t.Errorf("fact of %s caused by %q in trace %q", fact.OrderNumber, fact.CausationID, fact.TraceParent)
	}
	if none := OriginOf(Origin{}.Continue(t.Context())); none != (Origin{}) {
		t.Errorf("origin of nothing is %+v", none)
	}
}
