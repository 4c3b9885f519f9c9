package postgres

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/telemetry"
)

const (
	// lockPatience is how long a transaction of several waits for what others hold. It holds much itself, and whoever needs that may be
	// the one it waits for.
	lockPatience = `SET LOCAL lock_timeout = '100ms'`
	// together is how many may be one transaction.
	together = 32
)

// Group runs what is done in small transactions in larger ones: one at a time, and all that waits when it ends becomes the next. What comes
// alone waits for nobody.
type Group struct {
	db *DB

	mu      sync.Mutex
	waits   []*member
	running bool
}

// member is what waits for a transaction.
type member struct {
	ctx context.Context
	f   func(context.Context, pgx.Tx) error
	// alone is told once the transaction is over: whether it has failed, so that each has to be done by itself.
	alone chan bool
}

// NewGroup makes a group of a database's transactions.
func NewGroup(db *DB) *Group { return &Group{db: db} }

// InTx runs f in a transaction, maybe with others before and after it, and commits them when all return nil. Otherwise it runs f again in a
// transaction of its own, whose error it answers. As with InTx of the database, f must have no effect outside of tx.
func (g *Group) InTx(ctx context.Context, f func(ctx context.Context, tx pgx.Tx) error) error {
	m := &member{ctx: ctx, f: f, alone: make(chan bool, 1)}
	g.join(m)
	if alone := <-m.alone; !alone {
		return nil
	}
	return g.db.InTx(ctx, func(tx pgx.Tx) error { return f(ctx, tx) })
}

func (g *Group) join(m *member) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.waits = append(g.waits, m); !g.running {
		g.running = true
		go g.run()
	}
}

func (g *Group) run() {
	for members := g.next(); len(members) > 0; members = g.next() {
		err := g.commit(members)
		for _, m := range members {
			m.alone <- err != nil
		}
	}
}

func (g *Group) next() []*member {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.waits), together)
	members := g.waits[:n:n]
	g.waits = g.waits[n:]
	g.running = n > 0
	return members
}

// commit runs the transaction of several. The first of them bounds it in time; what others have to do with it is their own affair.
func (g *Group) commit(members []*member) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	ctx, end := telemetry.Batch(members[0].ctx, "transaction", members, func(m *member) context.Context { return m.ctx })
	defer end()
	return g.db.attempt(ctx, func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		batch.Queue(lockPatience)
		if err := Later(ctx, tx, "bound waiting", batch); err != nil {
			return err
		}
		for _, m := range members {
			if err := m.f(m.ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
}
