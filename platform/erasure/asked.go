package erasure

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/postgres"
)

// Asked are people of whom it was asked in a transaction whether they are forgotten, before somebody needs to know.
type Asked struct{ forgotten map[uuid.UUID]bool }

// Ahead asks it of a person, in the round trip of whatever is asked next.
func (a *Asked) Ahead(ctx context.Context, tx pgx.Tx, person uuid.UUID) error {
	if a.forgotten == nil {
		a.forgotten = map[uuid.UUID]bool{}
	}
	batch := question(person.String(), func(forgotten bool) { a.forgotten[person] = forgotten })
	return postgres.Later(ctx, tx, "look whether "+person.String()+" is erased", batch)
}

// Forgotten is what Ahead was answered, or else Forgotten.
func (a *Asked) Forgotten(ctx context.Context, tx pgx.Tx, person uuid.UUID) (bool, error) {
	if forgotten, known := a.forgotten[person]; known {
		return forgotten, nil
	}
	return Forgotten(ctx, tx, person)
}
