// Package erasure has outbox and inbox of a context forget a person, and remember that they have.
package erasure

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/personal"
)

// Forget blots the personal data in facts about a person that wait, to be published or to be handled, and has those blotted that are
// yet to come and must wait. A fact is about the person if it names them, or if its subject is one of the aggregates that are theirs.
// These are asked for once nobody can add to them who asks Forgotten before; theirs may be nil.
func Forget(ctx context.Context, tx pgx.Tx, person uuid.UUID, theirs func(context.Context) ([]string, error)) error {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1, hashtext($2))`, lockClass, person.String()); err != nil {
		return fmt.Errorf("forget %s: %w", person, err)
	}
	subjects := []string{person.String()}
	if theirs != nil {
		more, err := theirs(ctx)
		if err != nil {
			return fmt.Errorf("forget %s: %w", person, err)
		}
		subjects = append(subjects, more...)
	}
	_, err := tx.Exec(ctx, `INSERT INTO erased (subject) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING`, subjects)
	if err != nil {
		return fmt.Errorf("forget %s: %w", person, err)
	}
	for _, kept := range tables {
		if err := kept.blot(ctx, tx, person, subjects); err != nil {
			return fmt.Errorf("forget %s: %w", person, err)
		}
	}
	return nil
}

// Forgotten tells whether a person is erased. Until tx ends nobody can be, so that what is stored on its word is blotted when they are.
func Forgotten(ctx context.Context, tx pgx.Tx, person uuid.UUID) (bool, error) {
	return forgotten(ctx, tx, person.String())
}

// Clean is the message of a fact as it may be kept: blotted, if it is about somebody who is erased.
func Clean(ctx context.Context, tx pgx.Tx, fact event.Envelope, message []byte) ([]byte, error) {
	var about struct {
		CustomerID string `json:"customerId"`
	}
	_ = json.Unmarshal(fact.Data, &about) // a payload of another shape names nobody
	for _, subject := range []string{fact.Subject, about.CustomerID} {
		erased, err := forgotten(ctx, tx, subject)
		if err != nil {
			return nil, err
		}
		if erased {
			return blotted(fact)
		}
	}
	return message, nil
}

// lockClass names the advisory locks under which people are erased.
const lockClass = 0x65726173

func forgotten(ctx context.Context, tx pgx.Tx, subject string) (erased bool, err error) {
	batch := question(subject, func(answer bool) { erased = answer })
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return false, fmt.Errorf("look whether %s is erased: %w", subject, err)
	}
	return erased, nil
}

func question(subject string, answer func(erased bool)) *pgx.Batch {
	batch := &pgx.Batch{}
	batch.Queue(`SELECT pg_advisory_xact_lock_shared($1, hashtext($2))`, lockClass, subject)
	batch.Queue(`SELECT EXISTS (SELECT FROM erased WHERE subject = $1)`, subject).QueryRow(func(row pgx.Row) error {
		var erased bool
		err := row.Scan(&erased)
		answer(erased)
		return err
	})
	return batch
}

// table is where messages wait.
type table struct{ find, keep string }

var tables = []table{
	{
		find: `SELECT id, envelope FROM outbox WHERE subject = ANY ($1) OR position($2::bytea IN envelope) > 0 FOR UPDATE`,
		keep: `UPDATE outbox SET envelope = $2 WHERE id = $1`,
	},
	{
		find: `SELECT message_id, envelope FROM waiting WHERE subject = ANY ($1) OR position($2::bytea IN envelope) > 0 FOR UPDATE`,
		keep: `UPDATE waiting SET envelope = $2 WHERE message_id = $1`,
	},
}

func (t table) blot(ctx context.Context, tx pgx.Tx, person uuid.UUID, subjects []string) error {
	rows, err := tx.Query(ctx, t.find, subjects, []byte(person.String()))
	if err != nil {
		return err
	}
	batch := &pgx.Batch{}
	var (
		id      uuid.UUID
		message []byte
	)
	_, err = pgx.ForEachRow(rows, []any{&id, &message}, func() error {
		fact, err := event.Decode(message)
		if err != nil {
			return err
		}
		clean, err := blotted(fact)
		batch.Queue(t.keep, id, clean)
		return err
	})
	if err != nil {
		return err
	}
	return tx.SendBatch(ctx, batch).Close()
}

func blotted(fact event.Envelope) ([]byte, error) {
	clean, err := json.Marshal(personal.Erase(fact))
	if err != nil {
		return nil, fmt.Errorf("blot %s: %w", fact.ID, err)
	}
	return clean, nil
}
