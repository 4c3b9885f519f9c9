package postgres

import "github.com/jackc/pgx/v5"

// Waiting is how many wait for the transaction that runs.
func (g *Group) Waiting() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.waits)
}

// Begin is a transaction as InTx makes it.
func Begin(conn *pgx.Conn) pgx.Tx { return new(DB).begin(conn) }
