package inbox

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/audit"
)

// Discard says which parked messages are never to be handled, and why.
type Discard struct {
	// Actor is who asks.
	Actor  string
	IDs    []uuid.UUID
	Reason string
}

// NotParkedError refuses to discard messages of which some are not parked, or not any more.
type NotParkedError struct{ IDs []uuid.UUID }

func (e *NotParkedError) Error() string { return fmt.Sprintf("%d messages are not parked", len(e.IDs)) }

// Discard counts messages as handled without handling them, all or none, and lets those behind go on. A *NotParkedError refuses it.
func (p *Parking) Discard(ctx context.Context, discard Discard) (discarded int, err error) {
	err = p.db.InTx(ctx, func(tx pgx.Tx) error {
		messages, err := lockParked(ctx, tx, `
			SELECT message_id, attempts, coalesce(error, ''), envelope FROM waiting
			WHERE consumer = $1 AND state = 'PARKED' AND message_id = ANY ($2) ORDER BY position FOR UPDATE`, p.consumer, discard.IDs)
		if err != nil {
			return err
		}
		if absent := missing(discard.IDs, messages); len(absent) > 0 {
			refused := &NotParkedError{}
			for _, failed := range absent {
				refused.IDs = append(refused.IDs, failed.ID)
			}
			return refused
		}
		for _, message := range messages {
			if err := p.discard(ctx, tx, discard, message); err != nil {
				return err
			}
		}
		discarded = len(messages)
		p.db.OnCommit(tx, p.wake)
		return nil
	})
	return discarded, err
}

func (p *Parking) discard(ctx context.Context, tx pgx.Tx, discard Discard, message parked) error {
	if _, _, err := recordHandled(ctx, tx, p.consumer, message.fact, message.attempts, nothing); err != nil {
		return err
	}
	if err := release(ctx, tx, p.consumer, message.fact); err != nil {
		return err
	}
	entry := message.entry(discard.Actor, "parked.discarded", "Discarded "+message.name()+": "+discard.Reason)
	if err := audit.Record(ctx, tx, p.consumer, entry); err != nil {
		return err
	}
	return p.keepIntervention(ctx, tx, entry, message, nil)
}
