package outbox

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	amqp "github.com/rabbitmq/amqp091-go"
)

// suspect looks for the one fact that makes the broker close the channel, for which it blames nobody: from then on a single
// fact is in flight, until some have arrived; when the channel closes over a single fact, that fact has failed.
func (r *Relay) suspect(ctx context.Context, s *session, err error) {
	var refused *amqp.Error
	if !errors.As(err, &refused) || !refused.Server || refused.Code != amqp.PreconditionFailed && refused.Code != amqp.ContentTooLarge {
		return
	}
	r.window = 1
	if len(s.flight) != 1 {
		return
	}
	batch := &pgx.Batch{}
	failure{s.flight[0].row, refused.Error()}.note(batch)
	if err := r.config.DB.SendBatch(ctx, batch).Close(); err != nil {
		r.log.Warn("cannot note a failure", "id", s.flight[0].row.id, "error", err)
	}
}
