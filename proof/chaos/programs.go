package chaos

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

func (t *Trial) kill(ctx context.Context, fault Fault) error {
	if err := t.Kill(fault.Target); err != nil {
		return err
	}
	return t.AwaitProgram(ctx, fault.Target)
}

// killAtWork has handlers wait for a lock, so that the kill is between delivery and commit.
func (t *Trial) killAtWork(ctx context.Context, fault Fault) error {
	conn, err := pgx.Connect(ctx, t.database(fault.Target))
	if err == nil {
		defer conn.Close(context.WithoutCancel(ctx))
		err = holdHandlers(ctx, conn, fault.Hold)
	}
	// Without a database the handlers are held too.
	return errors.Join(t.kill(ctx, fault), ignoreOutage(err))
}

// holdHandlers locks the inbox until conn closes, and returns when a handler waits for that, or none came in time.
func holdHandlers(ctx context.Context, conn *pgx.Conn, patience time.Duration) error {
	if _, err := conn.Exec(ctx, `BEGIN; LOCK TABLE inbox IN SHARE ROW EXCLUSIVE MODE`); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var waiting bool
	for !waiting {
		err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'inbox'::regclass AND NOT granted)`).Scan(&waiting)
		if err == nil && !waiting {
			err = sleep(ctx, 20*time.Millisecond)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ignoreOutage passes over what comes of another fault of the same round.
func ignoreOutage(err error) error {
	var refused interface{ SQLState() string }
	if errors.As(err, &refused) && refused.SQLState()[:2] != "57" {
		return err
	}
	return nil
}

// pauseTooLong freezes a program until its relay has lost its partitions.
func (t *Trial) pauseTooLong(ctx context.Context, fault Fault) error {
	owners, err := t.awaitOwners(ctx, fault.Target)
	if err != nil {
		return err
	}
	if err := t.Pause(fault.Target); err != nil {
		return err
	}
	lost := await(ctx, "the end of an ownership", func(ctx context.Context) (bool, error) {
		now, err := t.owners(ctx, fault.Target)
		return disjoint(owners, now), err
	})
	if lost == nil {
		lost = sleep(ctx, fault.Hold)
	}
	return errors.Join(lost, t.Resume(fault.Target), t.AwaitProgram(ctx, fault.Target))
}

// double has two instances of a program share its work for a while; the second dies of SIGKILL.
func (t *Trial) double(ctx context.Context, fault Fault) error {
	second, err := t.Double(ctx, fault.Target)
	if err != nil {
		return err
	}
	err = sleep(ctx, fault.Hold)
	t.Leave(second)
	return err
}

// takeOver freezes a program until a second instance owns what it owned, and lets it go on believing that it still does.
func (t *Trial) takeOver(ctx context.Context, fault Fault) error {
	owners, err := t.awaitOwners(ctx, fault.Target)
	if err != nil {
		return err
	}
	second, err := t.Double(ctx, fault.Target)
	if err != nil {
		return err
	}
	defer t.Leave(second)
	if err := t.Pause(fault.Target); err != nil {
		return err
	}
	taken := await(ctx, "a change of ownership", func(ctx context.Context) (bool, error) {
		now, err := t.owners(ctx, fault.Target)
		return len(now) > 0 && disjoint(owners, now), err
	})
	return errors.Join(taken, t.Resume(fault.Target), t.AwaitProgram(ctx, fault.Target), sleep(ctx, fault.Hold))
}

func (t *Trial) restart(ctx context.Context, fault Fault) error { return t.Restart(ctx, fault.Target) }

// shortDeadline is long enough for some orders.
const shortDeadline = "1s"

// hurry gives orders a short deadline until it has passed for one of them, or for a while: there may be no more orders.
func (t *Trial) hurry(ctx context.Context, fault Fault) error {
	var before int
	err := await(ctx, "the orders out of time", func(ctx context.Context) (_ bool, err error) {
		before, err = t.timedOut(ctx)
		return err == nil, err
	})
	if err != nil {
		return err
	}
	if err := t.Reconfigure(ctx, "ordering", map[string]string{"ORDER_DEADLINE": shortDeadline}); err != nil {
		return err
	}
	hurrying, cancel := context.WithTimeout(ctx, breakerOpen+fault.Hold)
	defer cancel()
	_ = await(hurrying, "one more", func(ctx context.Context) (bool, error) {
		now, err := t.timedOut(ctx)
		return now > before, err
	})
	return t.Reconfigure(ctx, "ordering", nil)
}

// breakerOpen is how long the gateway asks nothing of a context that was away.
const breakerOpen = 30 * time.Second

// timedOut counts the orders whose deadline has passed.
func (t *Trial) timedOut(ctx context.Context) (int, error) {
	return t.ask(ctx, "ordering", `SELECT count(*) FROM order_events WHERE type = 'cancelled' AND data ->> 'reason' = 'TIMED_OUT'`)
}

// ask counts something in one database.
func (t *Trial) ask(ctx context.Context, name, query string) (count int, err error) {
	conn, err := pgx.Connect(ctx, t.database(name))
	if err != nil {
		return 0, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	err = conn.QueryRow(ctx, query).Scan(&count)
	return count, err
}

// owners are the database sessions that own partitions of a context's outbox.
func (t *Trial) owners(ctx context.Context, name string) (map[int32]bool, error) {
	conn, err := pgx.Connect(ctx, t.database(name))
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	rows, err := conn.Query(ctx, `
		SELECT DISTINCT pid FROM pg_locks JOIN pg_stat_activity USING (pid)
		WHERE locktype = 'advisory' AND granted AND application_name = $1 AND datname = current_database()`, name+" relay")
	if err != nil {
		return nil, err
	}
	pids, err := pgx.CollectRows(rows, pgx.RowTo[int32])
	owners := map[int32]bool{}
	for _, pid := range pids {
		owners[pid] = true
	}
	return owners, err
}

func (t *Trial) awaitOwners(ctx context.Context, name string) (owners map[int32]bool, err error) {
	err = await(ctx, "an owner of the outbox", func(ctx context.Context) (bool, error) {
		owners, err = t.owners(ctx, name)
		return len(owners) > 0, err
	})
	return owners, err
}

func disjoint(a, b map[int32]bool) bool {
	return !slices.ContainsFunc(slices.Collect(maps.Keys(a)), func(pid int32) bool { return b[pid] })
}
