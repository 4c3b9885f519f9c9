package serve

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/event"
	"quadrille.dev/platform/replay"
	operationsv1 "quadrille.dev/schema/rpc/operations/v1"
)

// Build builds a context's read side again from the facts of a window; in a dry run it is taken back.
type Build func(ctx context.Context, window replay.Window, dry bool) (replay.Report, error)

// Replays has operators build the context's read side again: from the stream of all facts, or from what chronicle keeps. A context
// that has none says so.
func (h *Host) Replays(fromStream, fromTable Build) {
	h.builds = map[string]Build{"STREAM": fromStream, "TABLE": fromTable}
}

// Stream is the source of the facts in the stream of all facts. When each arrived is not known: that is said to be when it happened.
func (h *Host) Stream(ctx context.Context, window replay.Window, _ []string, each func(event.Envelope, time.Time) error) error {
	return h.Broker.ReadStream(ctx, window.From, func(body []byte) error {
		fact, err := event.Decode(body)
		if err != nil {
			return nil //nolint:nilerr // nobody has ever read it: it is among the dead letters
		}
		return each(fact, fact.Time)
	})
}

// Replay builds the context's read side again.
func (o operations) Replay(ctx context.Context, request *operationsv1.ReplayRequest) (*operationsv1.ReplayResponse, error) {
	caller := CallerFrom(ctx)
	if !caller.IsOperator() {
		return nil, connect.NewError(connect.CodePermissionDenied, errors.New("operators only"))
	}
	if o.host.builds == nil {
		return &operationsv1.ReplayResponse{NothingToBuild: true}, nil
	}
	build, known := o.host.builds[request.GetSource()]
	switch {
	case !known:
		return nil, connect.NewError(connect.CodeInvalidArgument, fmt.Errorf("source %q is neither STREAM nor TABLE", request.GetSource()))
	case request.GetFrom() == nil:
		return nil, connect.NewError(connect.CodeInvalidArgument, errors.New("no from"))
	}
	window := replay.Window{From: request.GetFrom().AsTime()}
	if request.GetTo() != nil {
		window.To = request.GetTo().AsTime()
	}
	if !request.GetDryRun() {
		if err := o.begin(ctx, caller, window, request.GetSource()); err != nil {
			return nil, err
		}
	}
	// Neighbours are asked in the context's own name: an operator's token does not last as long as a replay may.
	report, err := build(WithToken(ctx, ""), window, request.GetDryRun())
	if err != nil {
		return nil, err
	}
	o.host.Log.InfoContext(ctx, "replayed", "facts", report.Facts, "unreadable", report.Unreadable, "rows", report.Rows, "dryRun", request.GetDryRun())
	return &operationsv1.ReplayResponse{
		Types: report.Types, Facts: report.Facts, Unreadable: report.Unreadable, Rows: report.Rows,
	}, nil
}

// begin audits a replay before it does anything, so that one that fails half-way has been told of too.
func (o operations) begin(ctx context.Context, caller Caller, window replay.Window, source string) error {
	detail := "Facts from " + window.From.Format(time.RFC3339)
	if !window.To.IsZero() {
		detail += " to " + window.To.Format(time.RFC3339)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return fmt.Errorf("begin replay: %w", err)
	}
	return o.host.DB.InTx(ctx, func(tx pgx.Tx) error {
		return audit.Record(ctx, tx, o.host.Name, audit.Entry{
			ID: id, Actor: caller.Actor(), Action: "replay.started", Target: o.host.Name,
			Detail: detail + ", out of the " + strings.ToLower(source) + ".", At: time.Now(),
		})
	})
}
