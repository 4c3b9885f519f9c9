package serve_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"testing"

	"quadrille.dev/platform/resilience"
	"quadrille.dev/platform/serve"
	"quadrille.dev/platform/telemetry"
	"quadrille.dev/platform/testkit/allocate"
	operationsv1 "quadrille.dev/schema/rpc/operations/v1"
	"quadrille.dev/schema/rpc/operations/v1/operationsv1connect"
)

// atOnce answers at once.
type atOnce struct{}

func (atOnce) Do(*http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/proto"}}, Body: io.NopCloser(bytes.NewReader(nil)),
	}, nil
}

func called(tb testing.TB) (call func()) {
	tb.Helper()
	if _, err := telemetry.Trace(tb.Context(), "test"); err != nil {
		tb.Fatal(err)
	}
	client := serve.NewClient(resilience.Config{To: "inventory"}, "gateway:secret")
	rpc := operationsv1connect.NewOperationsServiceClient(atOnce{}, "http://inventory", client.Options...)
	ctx := serve.WithToken(context.Background(), "token")
	return func() {
		if _, err := rpc.GetStatus(ctx, &operationsv1.GetStatusRequest{}); err != nil {
			tb.Fatal(err)
		}
	}
}

func BenchmarkCall(b *testing.B) {
	call := called(b)
	b.ReportAllocs()
	for b.Loop() {
		call()
	}
}

func TestACallIsMadeWithFewAllocations(t *testing.T) {
	allocate.AtMost(t, 70, called(t))
}
