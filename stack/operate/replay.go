// Package operate does what operators do to a running system, from the command line and in tests.
package operate

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"quadrille.dev/platform/resilience"
	"quadrille.dev/platform/serve"
	operationsv1 "quadrille.dev/schema/rpc/operations/v1"
	"quadrille.dev/schema/rpc/operations/v1/operationsv1connect"
)

// Replay says what to build again from what.
type Replay struct {
	// URL is where the context answers.
	URL string
	// Token is an operator's.
	Token string
	// From and To are between which moments the facts happened; a zero To is no end.
	From, To time.Time
	// Source is STREAM or TABLE.
	Source string
	DryRun bool
}

// replayPatience is how long a replay may take.
const replayPatience = 24 * time.Hour

// Run has the context build its read side again, and returns when it has.
func (r Replay) Run(ctx context.Context) (*operationsv1.ReplayResponse, error) {
	client := serve.NewClient(resilience.Config{To: r.URL, Timeout: replayPatience}, "")
	request := &operationsv1.ReplayRequest{From: timestamppb.New(r.From), Source: r.Source, DryRun: r.DryRun}
	if !r.To.IsZero() {
		request.To = timestamppb.New(r.To)
	}
	response, err := operationsv1connect.NewOperationsServiceClient(client.HTTP, r.URL, client.Options...).
		Replay(serve.WithToken(ctx, r.Token), request)
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	return response, nil
}
