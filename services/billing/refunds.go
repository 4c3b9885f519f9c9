package billing

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/otel"

	"quadrille.dev/platform/worker"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/app"
)

// refundSlots is how many refunds of a lane are under way at once.
const refundSlots = 4

// newRefunds is the worker that makes the calls of a lane that returns wait for.
func newRefunds(c *calls, lane app.Lane) *worker.Worker[app.RefundCall] {
	claim := func(ctx context.Context, limit int) (claimed []app.RefundCall, err error) {
		err = c.db.InTx(ctx, func(tx pgx.Tx) error {
			claimed, err = app.HandOverRefunds(ctx, c.bind(tx), lane, time.Now(), limit)
			return err
		})
		return claimed, err
	}
	return &worker.Worker[app.RefundCall]{Slots: refundSlots, Claim: claim, Do: c.giveBack, Log: c.log}
}

// giveBack asks the provider and stores what it says. When that cannot be stored the lease ends, and the call is made again under the same
// key.
func (c *calls) giveBack(ctx context.Context, call app.RefundCall) {
	ctx, span := otel.Tracer("quadrille.dev/services/billing").Start(call.Origin.Continue(ctx), string(call.Operation))
	defer span.End()
	ctx, cancel := context.WithTimeout(ctx, account.Lease)
	defer cancel()
	log := c.log.With("return", call.Return, "operation", call.Operation, "attempt", call.Attempt)
	answer, err := c.provider.AskForReturn(ctx, call)
	if err != nil {
		log.WarnContext(ctx, "the provider's answer is lost", "error", err)
	}
	err = c.db.InTx(ctx, func(tx pgx.Tx) error { return app.HearRefund(ctx, c.bind(tx), call, answer, c.patience, time.Now()) })
	if err != nil {
		log.ErrorContext(ctx, "the provider's answer cannot be stored", "error", err)
	}
}
