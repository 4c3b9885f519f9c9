package billing

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/otel"

	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/worker"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/acl"
	"quadrille.dev/services/billing/internal/app"
	store "quadrille.dev/services/billing/internal/postgres"
)

// slots is how many calls of a lane are under way at once.
const slots = 16

// asker asks the payment provider; an error means that the answer is lost.
type asker interface {
	Ask(ctx context.Context, call app.Call) (app.Answer, error)
	AskForReturn(ctx context.Context, call app.RefundCall) (app.Answer, error)
}

// calls makes the calls that accounts, refunds and parties wait for: to the payment provider, and to customers. Those that went wrong have
// workers of their own, so that a card which hangs does not hold up others.
type calls struct {
	db       *postgres.DB
	log      *slog.Logger
	provider asker
	// answers are stored together, when several have come.
	answers      *postgres.Group
	patience     account.Patience
	first, again *worker.Worker[app.Call]
	// refunds are those of returns, the first tries and the others.
	refunds, refundsAgain *worker.Worker[app.RefundCall]

	questions *worker.Worker[app.Question]
}

func newCalls(db *postgres.DB, log *slog.Logger, provider asker, customers directory, patience account.Patience) *calls {
	c := &calls{db: db, answers: postgres.NewGroup(db), log: log, provider: provider, patience: patience}
	c.questions = newQuestions(db, c.bind, customers, log)
	c.first = &worker.Worker[app.Call]{Slots: slots, Claim: c.claim(app.First), Do: c.make, Log: log}
	c.again = &worker.Worker[app.Call]{Slots: slots, Claim: c.claim(app.Again), Do: c.make, Log: log}
	c.refunds, c.refundsAgain = newRefunds(c, app.First), newRefunds(c, app.Again)
	return c
}

// bind is the store in tx. A call that is intended in it is made as soon as it is committed.
func (c *calls) bind(tx pgx.Tx) app.Store {
	return store.New(tx, acl.Publisher, store.Wake{
		Account: func() { c.db.OnCommit(tx, c.first.Wake) },
		Refund:  func() { c.db.OnCommit(tx, c.refunds.Wake) },
		Party:   func() { c.db.OnCommit(tx, c.questions.Wake) },
		Idle:    c.first.Idle,
		Give:    func(call app.Call) { c.db.OnCommit(tx, func() { c.first.Give(call) }) },
	})
}

func (c *calls) claim(lane app.Lane) func(context.Context, int) ([]app.Call, error) {
	return func(ctx context.Context, limit int) (claimed []app.Call, err error) {
		err = c.db.InTx(ctx, func(tx pgx.Tx) error {
			claimed, err = app.HandOver(ctx, c.bind(tx), lane, time.Now(), limit)
			return err
		})
		return claimed, err
	}
}

// make asks the provider and stores what it says. When that cannot be stored the lease ends, and the call is made again under
// the same key.
func (c *calls) make(ctx context.Context, call app.Call) {
	ctx, span := otel.Tracer("quadrille.dev/services/billing").Start(call.Origin.Continue(ctx), string(call.Operation))
	defer span.End()
	ctx, cancel := context.WithTimeout(ctx, account.Lease)
	defer cancel()
	log := c.log.With("order", call.Order, "operation", call.Operation, "attempt", call.Attempt)
	answer, err := c.provider.Ask(ctx, call)
	if err != nil {
		log.WarnContext(ctx, "the provider's answer is lost", "error", err)
		answer.Reason = err.Error()
	}
	err = c.answers.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return app.Hear(ctx, c.bind(tx), call, answer, c.patience, time.Now())
	})
	if err != nil {
		log.ErrorContext(ctx, "the provider's answer cannot be stored", "error", err)
	}
}
