package postgres

import "github.com/jackc/pgx/v5"

// Deed is something that only some transactions do, and that somebody waits for.
type Deed string

// In notes that tx has done it. Whoever waits is told once InTx has committed tx, and perhaps in vain if only a savepoint was rolled back.
func (d Deed) In(tx pgx.Tx) { tx.Conn().PgConn().CustomData()[string(d)] = true }

// done tells whether a transaction on conn has done it since this was last asked.
func (d Deed) done(conn *pgx.Conn) bool {
	_, done := conn.PgConn().CustomData()[string(d)]
	delete(conn.PgConn().CustomData(), string(d))
	return done
}

// AfterCommitOf has f called, quickly, after every transaction with a deed that InTx commits.
func (db *DB) AfterCommitOf(deed Deed, f func()) {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.afterDeed == nil {
		db.afterDeed = map[Deed][]func(){}
	}
	db.afterDeed[deed] = append(db.afterDeed[deed], f)
}
