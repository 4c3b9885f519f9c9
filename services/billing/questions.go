package billing

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/worker"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/app"
	"quadrille.dev/services/billing/internal/party"
)

// directory tells who a customer is; an error means that it did not answer.
type directory interface {
	Who(ctx context.Context, customer account.CustomerID) (party.Details, error)
}

// questionSlots is how many questions are asked at once.
const questionSlots = 4

// newQuestions is the worker that asks customers who is billed.
func newQuestions(db *postgres.DB, bind func(pgx.Tx) app.Store, customers directory, log *slog.Logger) *worker.Worker[app.Question] {
	claim := func(ctx context.Context, limit int) (claimed []app.Question, err error) {
		err = db.InTx(ctx, func(tx pgx.Tx) error {
			claimed, err = app.HandOverQuestions(ctx, bind(tx), time.Now(), limit)
			return err
		})
		return claimed, err
	}
	ask := func(ctx context.Context, asked app.Question) {
		ctx, cancel := context.WithTimeout(ctx, party.Lease)
		defer cancel()
		log := log.With("customer", asked.Customer, "attempt", asked.Attempt)
		details, silent := customers.Who(ctx, asked.Customer)
		if silent != nil {
			log.WarnContext(ctx, "customers did not tell who is billed", "error", silent)
		}
		err := db.InTx(ctx, func(tx pgx.Tx) error {
			if silent != nil {
				return app.Miss(ctx, bind(tx), asked, time.Now())
			}
			return app.Learn(ctx, bind(tx), asked, details, time.Now())
		})
		if err != nil {
			log.ErrorContext(ctx, "who is billed cannot be stored", "error", err)
		}
	}
	return &worker.Worker[app.Question]{Slots: questionSlots, Claim: claim, Do: ask, Log: log}
}
