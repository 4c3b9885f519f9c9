package postgres

import (
	"slices"

	"github.com/jackc/pgx/v5"
)

// Deed is something that only some transactions do, and that somebody waits for.
type Deed string

// Waiter waits for a deed. It is called by many at once, and is to be quick.
type Waiter interface {
	// Asks tells whether it has use for what there is to say of the deed just now.
	Asks() bool
	// Told is called after a commit of InTx with what was said of the deed in the transaction, once for each time and in order.
	Told(what any)
}

// said is what was said of a deed.
type said struct {
	deed Deed
	what any
}

// In says of a transaction of InTx that it has done the deed, and what there is to say of it, which may change until the commit. It is told to
// whoever waits once the transaction is known to be committed, and never if it, or the savepoint that is tx, was rolled back.
func (d Deed) In(tx pgx.Tx, what any) {
	if t, may := tx.(interface{ say(said) }); may {
		t.say(said{d, what})
	}
}

// Asked tells whether anybody has use for what there is to say of the deed when tx commits.
func (d Deed) Asked(tx pgx.Tx) bool {
	t, may := tx.(interface{ waiters(Deed) []Waiter })
	return may && slices.ContainsFunc(t.waiters(d), Waiter.Asks)
}

// AfterCommitOf has a waiter told of every transaction with a deed that InTx commits.
func (db *DB) AfterCommitOf(deed Deed, waiter Waiter) {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.waiters == nil {
		db.waiters = map[Deed][]Waiter{}
	}
	db.waiters[deed] = append(db.waiters[deed], waiter)
}

func (db *DB) waitersFor(deed Deed) []Waiter {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.waiters[deed]
}

// tell tells whoever waits what was said in a transaction that is committed.
func (db *DB) tell(all []said) {
	for _, s := range all {
		for _, waiter := range db.waitersFor(s.deed) {
			waiter.Told(s.what)
		}
	}
}
