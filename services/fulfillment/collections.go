package fulfillment

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/otel"

	"quadrille.dev/services/fulfillment/internal/app"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

func (c *calls) claimCollections(lane app.Lane) func(context.Context, int) ([]app.Collection, error) {
	return func(ctx context.Context, limit int) (claimed []app.Collection, err error) {
		err = c.db.InTx(ctx, func(tx pgx.Tx) error {
			claimed, err = app.TakeCollections(ctx, c.bind(tx), lane, time.Now(), limit)
			return err
		})
		return claimed, err
	}
}

// makeCollection is make of a call about a pick-up.
func (c *calls) makeCollection(ctx context.Context, call app.Collection) {
	ctx, span := otel.Tracer("quadrille.dev/services/fulfillment").Start(call.Origin.Continue(ctx), string(call.Operation))
	defer span.End()
	ctx, cancel := context.WithTimeout(ctx, shipment.Lease)
	defer cancel()
	log := c.log.With("return", call.Return, "order", call.Order, "operation", call.Operation, "attempt", call.Attempt)
	answer, err := c.carrier.Collect(ctx, call)
	if err != nil {
		log.WarnContext(ctx, "the carrier's answer is lost", "error", err)
	}
	err = c.db.InTx(ctx, func(tx pgx.Tx) error {
		return app.HearCollection(ctx, c.bind(tx), call, answer, c.patience, time.Now())
	})
	if err != nil {
		log.ErrorContext(ctx, "the carrier's answer cannot be stored", "error", err)
	}
}
