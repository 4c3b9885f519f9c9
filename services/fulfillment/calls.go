package fulfillment

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/otel"

	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/serve"
	"quadrille.dev/platform/worker"
	"quadrille.dev/services/fulfillment/internal/acl"
	"quadrille.dev/services/fulfillment/internal/app"
	store "quadrille.dev/services/fulfillment/internal/postgres"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

// slots is how many calls of a lane are under way at once.
const slots = 16

// asker asks the carrier; an error means that the answer is lost.
type asker interface {
	Ask(ctx context.Context, call app.Call) (app.Answer, error)
	Collect(ctx context.Context, call app.Collection) (app.Answer, error)
}

// calls makes the calls to the carrier that the shipments and the pick-ups wait for. What went wrong, and parcels under way, have workers
// of their own, so that they do not hold up what is to be tried for the first time.
type calls struct {
	db      *postgres.DB
	log     *slog.Logger
	carrier asker
	// answers are stored together, when several have come.
	answers                *postgres.Group
	patience               shipment.Patience
	first, again, tracking *worker.Worker[app.Call]
	collect, collectAgain  *worker.Worker[app.Collection]
}

func newCalls(db *postgres.DB, log *slog.Logger, carrier asker, patience shipment.Patience) *calls {
	c := &calls{db: db, answers: postgres.NewGroup(db), log: log, carrier: carrier, patience: patience}
	c.first = &worker.Worker[app.Call]{Slots: slots, Claim: c.claim(app.First), Do: c.make, Log: log}
	c.again = &worker.Worker[app.Call]{Slots: slots, Claim: c.claim(app.Again), Do: c.make, Log: log}
	c.tracking = &worker.Worker[app.Call]{Slots: slots, Claim: c.claim(app.Tracking), Do: c.make, Log: log}
	c.collect = &worker.Worker[app.Collection]{Slots: slots, Claim: c.claimCollections(app.First), Do: c.makeCollection, Log: log}
	c.collectAgain = &worker.Worker[app.Collection]{Slots: slots, Claim: c.claimCollections(app.Again), Do: c.makeCollection, Log: log}
	return c
}

// loops are the workers.
func (c *calls) loops() []serve.Loop {
	return []serve.Loop{c.first.Run, c.again.Run, c.tracking.Run, c.collect.Run, c.collectAgain.Run}
}

// bind is the store in tx. A call that is intended in it is made as soon as it is committed.
func (c *calls) bind(tx pgx.Tx) app.Store {
	return store.New(tx, acl.Language(), store.Intended{
		Shipment: func() { c.db.OnCommit(tx, c.first.Wake) }, Pickup: func() { c.db.OnCommit(tx, c.collect.Wake) },
		Idle: c.first.Idle, Give: func(call app.Call) { c.db.OnCommit(tx, func() { c.first.Give(call) }) },
	})
}

func (c *calls) claim(lane app.Lane) func(context.Context, int) ([]app.Call, error) {
	return func(ctx context.Context, limit int) (claimed []app.Call, err error) {
		err = c.db.InTx(ctx, func(tx pgx.Tx) error {
			claimed, err = app.Take(ctx, c.bind(tx), lane, time.Now(), limit)
			return err
		})
		return claimed, err
	}
}

// make asks the carrier and stores what it says. When that cannot be stored the lease ends, and the call is made again under
// the same key.
func (c *calls) make(ctx context.Context, call app.Call) {
	ctx, span := otel.Tracer("quadrille.dev/services/fulfillment").Start(call.Origin.Continue(ctx), string(call.Operation))
	defer span.End()
	ctx, cancel := context.WithTimeout(ctx, shipment.Lease)
	defer cancel()
	log := c.log.With("order", call.Order, "operation", call.Operation, "attempt", call.Attempt)
	answer, err := c.carrier.Ask(ctx, call)
	if err != nil {
		log.WarnContext(ctx, "the carrier's answer is lost", "error", err)
		answer.Reason = err.Error()
	}
	err = c.answers.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return app.Hear(ctx, c.bind(tx), call, answer, c.patience, time.Now())
	})
	if err != nil {
		log.ErrorContext(ctx, "the carrier's answer cannot be stored", "error", err)
	}
}
