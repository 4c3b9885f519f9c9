package rpc

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"connectrpc.com/connect"
	"github.com/google/uuid"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/serve"
	fulfillmentv1 "quadrille.dev/schema/rpc/fulfillment/v1"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"
	"quadrille.dev/services/fulfillment/internal/app"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

// The longest that an operator may write.
const (
	longestReference = 200
	longestReason    = 500
)

// Desk is where operators act.
type Desk interface {
	// Act runs what an operator does in a transaction. If it changed anything, the entry goes into the audit in the same one.
	Act(ctx context.Context, entry audit.Entry, do func(app.Store) (changed bool, err error)) error
}

// RetryStep has a call that has stalled made at once.
func (s Shipments) RetryStep(ctx context.Context, r *fulfillmentv1.RetryStepRequest) (*fulfillmentv1.RetryStepResponse, error) {
	order, err := readStep(ctx, r.GetOrderId())
	if err != nil {
		return nil, err
	}
	detail := fmt.Sprintf("Retried the step %s.", r.GetStep())
	wrong, err := s.act(ctx, order, "step.retried", detail, func(store app.Store, at time.Time) (bool, error) {
		return app.Retry(ctx, store, order, shipment.Step(r.GetStep()), at)
	})
	return &fulfillmentv1.RetryStepResponse{UserErrors: wrong}, err
}

// ResolveStep ends a call that has stalled as an operator says.
func (s Shipments) ResolveStep(
	ctx context.Context, r *fulfillmentv1.ResolveStepRequest,
) (*fulfillmentv1.ResolveStepResponse, error) {
	order, err := readStep(ctx, r.GetOrderId())
	if err != nil {
		return nil, err
	}
	if wrong := check(r); len(wrong) > 0 {
		return &fulfillmentv1.ResolveStepResponse{UserErrors: wrong}, nil
	}
	said := shipment.Resolution{
		Step: shipment.Step(r.GetStep()), Outcome: shipment.Outcome(r.GetOutcome()), Carrier: r.GetCarrier(),
		TrackingNumber: r.GetReference(), Reason: r.GetReason(),
	}
	wrong, err := s.act(ctx, order, "step.resolved", tellResolution(r), func(store app.Store, at time.Time) (bool, error) {
		return app.Resolve(ctx, store, order, said, at)
	})
	return &fulfillmentv1.ResolveStepResponse{UserErrors: wrong}, err
}

func check(r *fulfillmentv1.ResolveStepRequest) []*problemv1.UserError {
	booked := r.GetStep() == string(shipment.Arranging) && r.GetOutcome() == string(shipment.Done)
	return slices.Concat(
		text("reference", r.GetReference(), longestReference, booked),
		text("carrier", r.GetCarrier(), longestReference, booked),
		text("reason", r.GetReason(), longestReason, true),
	)
}

func tellResolution(r *fulfillmentv1.ResolveStepRequest) string {
	if r.GetReference() == "" {
		return fmt.Sprintf("Resolved the step %s as %s: %s", r.GetStep(), r.GetOutcome(), r.GetReason())
	}
	return fmt.Sprintf("Resolved the step %s as %s, reference %s: %s", r.GetStep(), r.GetOutcome(), r.GetReference(), r.GetReason())
}

func readStep(ctx context.Context, id string) (order shipment.OrderID, err error) {
	if !serve.CallerFrom(ctx).IsOperator() {
		return order, connect.NewError(connect.CodePermissionDenied, errors.New("operators only"))
	}
	if order.UUID, err = uuid.Parse(id); err != nil {
		return order, connect.NewError(connect.CodeInvalidArgument, fmt.Errorf("read order id %q: %w", id, err))
	}
	return order, nil
}

// act does what an operator wants, audited, and answers what they did wrong.
func (s Shipments) act(
	ctx context.Context, order shipment.OrderID, action, detail string, do func(app.Store, time.Time) (bool, error),
) ([]*problemv1.UserError, error) {
	at := s.Now().UTC().Truncate(time.Microsecond)
	entry := audit.Entry{
		ID: uuid.Must(uuid.NewV7()), Actor: serve.CallerFrom(ctx).Actor(), Action: action, Target: order.String(), Detail: detail,
		Order: order.String(), At: at,
	}
	err := s.Desk.Act(ctx, entry, func(store app.Store) (bool, error) { return do(store, at) })
	if wrong := refusal(err); wrong != nil {
		return []*problemv1.UserError{wrong}, nil
	}
	return nil, err
}

// refusal is what the caller is told of an error; nil for one that is nobody's fault but ours.
func refusal(err error) *problemv1.UserError {
	switch {
	case errors.Is(err, app.ErrUnknown):
		return refuse("NOT_FOUND", "There is no such order.", "orderId")
	case errors.Is(err, shipment.ErrNotStalled):
		return refuse("NOT_STALLED", "No step of this name has stalled.", "step")
	case errors.Is(err, shipment.ErrOutcome):
		return refuse("WRONG_OUTCOME", "The step that has stalled cannot end so.", "outcome")
	}
	return nil
}

func refuse(code, message string, path ...string) *problemv1.UserError {
	return &problemv1.UserError{Code: code, Message: message, Path: path}
}

// text checks something that an operator writes.
func text(field, written string, most int, needed bool) []*problemv1.UserError {
	switch {
	case needed && strings.TrimSpace(written) == "":
		return []*problemv1.UserError{refuse("REQUIRED", "A value is needed here.", field)}
	case !utf8.ValidString(written) || strings.ContainsRune(written, 0):
		return []*problemv1.UserError{refuse("MALFORMED", "This is not text.", field)}
	case utf8.RuneCountInString(written) > most:
		return []*problemv1.UserError{refuse("OUT_OF_RANGE", fmt.Sprintf("At most %d characters are allowed.", most), field)}
	}
	return nil
}
