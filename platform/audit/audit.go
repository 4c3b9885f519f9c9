// Package audit keeps what operators do, in the transaction in which they do it, and publishes it, so that one log tells of all
// contexts.
package audit

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/outbox"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations make the audit table.
func Migrations() fs.FS {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err)
	}
	return sub
}

// Entry is one action of an operator.
type Entry struct {
	ID uuid.UUID
	// Actor is who did it: an e-mail address, or an id.
	Actor string
	// Action is the aggregate and what was done to it: "price.changed".
	Action string
	// Target is what it was done to: an id, a SKU, a code.
	Target string
	// Detail is one plain sentence without personal data.
	Detail string
	// Order is the id of the order or return that the action concerns; empty if it concerns none.
	Order string
	At    time.Time
}

// Fact is the name of the fact by which a context tells of an operator's action.
func Fact(of string) string { return of + ".operator.acted" }

type actedV1 struct {
	Actor  string `json:"actor"`
	Action string `json:"action"`
	Target string `json:"target"`
	Detail string `json:"detail"`
}

// Record stores an entry of the named context in tx and publishes it, both of which happen with what else tx does or not at all.
func Record(ctx context.Context, tx pgx.Tx, of string, entry Entry) error {
	_, err := tx.Exec(ctx, `INSERT INTO audit (id, actor, action, target, detail, at) VALUES ($1, $2, $3, $4, $5, $6)`,
		entry.ID, entry.Actor, entry.Action, entry.Target, entry.Detail, entry.At)
	if err != nil {
		return fmt.Errorf("audit %s of %s: %w", entry.Action, entry.Target, err)
	}
	return outbox.Append(ctx, tx, event.New(ctx, event.Fact{
		Name: Fact(of), Version: 1, Subject: entry.ID.String(), Sequence: 1, CorrelationID: entry.Order, At: entry.At,
		Data: actedV1{Actor: entry.Actor, Action: entry.Action, Target: entry.Target, Detail: entry.Detail},
	}))
}
