package bench

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/proof/system"
)

// The processes that are told apart, beside the system's own programs, which have their own names.
const (
	loadGenerator = "this test"
	rabbitMQ      = "RabbitMQ"
	postgreSQL    = "PostgreSQL"
)

// meter reads what a system has cost so far.
type meter struct {
	server    *pgx.Conn
	databases map[string]*pgx.Conn
	// postmaster and node are process ids.
	postmaster, node int
}

func newMeter(b *testing.B, quadrille *system.System) *meter {
	b.Helper()
	m := &meter{databases: map[string]*pgx.Conn{}}
	var err error
	if m.server, err = pgx.Connect(b.Context(), os.Getenv("TEST_DATABASE_URL")); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { m.server.Close(context.Background()) })
	var backend int
	if err := m.server.QueryRow(b.Context(), `SELECT pg_backend_pid()`).Scan(&backend); err != nil {
		b.Fatal(err)
	}
	m.postmaster = usageOf(backend).parent
	m.node = system.Await(b, time.Minute, "RabbitMQ tells its process", func(context.Context) (int, bool, error) {
		var nodes []struct {
			PID string `json:"os_pid"`
		}
		testkit.Look(b, "/api/nodes", &nodes)
		pid, err := strconv.Atoi(nodes[0].PID)
		return pid, err == nil, err
	})
	for _, name := range rabbit.Contexts {
		m.databases[name] = quadrille.Database(b, name)
	}
	return m
}

// cost is what was used up to a moment, or between two.
type cost struct {
	at, lasting time.Duration
	// cpu is by process.
	cpu map[string]time.Duration
	// postgres is the part of PostgreSQL's for each context.
	postgres map[string]time.Duration
	// writes are transactions that got a number, because they changed something, log how many bytes PostgreSQL wrote ahead, and published
	// messages that went through an outbox.
	writes, log, published int64
	// commits are all transactions, inserted, updated and deleted rows, and handled messages that came through an inbox: sessions tell of
	// these within ten seconds.
	commits, inserted, updated, deleted, handled int64
}

var began = time.Now()

// read answers the costs up to now.
func (m *meter) read(b *testing.B) cost {
	b.Helper()
	c := cost{at: time.Since(began)}
	c.cpu, c.postgres = m.cpu(b)
	err := m.server.QueryRow(b.Context(), `
		SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint, pg_current_wal_insert_lsn() - '0/0'::pg_lsn, commits, inserted, updated, deleted
		FROM (SELECT coalesce(sum(xact_commit), 0)::bigint AS commits, coalesce(sum(tup_inserted), 0)::bigint AS inserted, coalesce(sum(tup_updated), 0)::bigint AS updated,
		             coalesce(sum(tup_deleted), 0)::bigint AS deleted
		      FROM pg_stat_database WHERE datname = ANY($1)) AS told`, m.names()).
		Scan(&c.writes, &c.log, &c.commits, &c.inserted, &c.updated, &c.deleted)
	if err != nil {
		b.Fatal(err)
	}
	for _, conn := range m.databases {
		var published, handled int64
		err := conn.QueryRow(b.Context(), `
			SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM outbox_position_seq),
			       (SELECT n_tup_ins FROM pg_stat_user_tables WHERE relname = 'inbox')`).
			Scan(&published, &handled)
		if err != nil {
			b.Fatal(err)
		}
		c.published, c.handled = c.published+published, c.handled+handled
	}
	return c
}

// names are those of the databases.
func (m *meter) names() []string {
	var names []string
	for _, conn := range m.databases {
		names = append(names, conn.Config().Database)
	}
	return names
}

// since is what was used since an earlier moment.
func (c cost) since(before cost) cost {
	less := func(now, then map[string]time.Duration) map[string]time.Duration {
		used := maps.Clone(now)
		for name, past := range then {
			used[name] -= past
		}
		return used
	}
	return cost{
		lasting: c.at - before.at, cpu: less(c.cpu, before.cpu), postgres: less(c.postgres, before.postgres),
		writes: c.writes - before.writes, commits: c.commits - before.commits,
		inserted: c.inserted - before.inserted, updated: c.updated - before.updated, deleted: c.deleted - before.deleted,
		log: c.log - before.log, published: c.published - before.published, handled: c.handled - before.handled,
	}
}

// without is what is left of the processor time and the writes when those of another time, taken for as long, are not counted.
func (c cost) without(other cost) cost {
	share := c.lasting.Seconds() / other.lasting.Seconds()
	c.cpu, c.writes = maps.Clone(c.cpu), c.writes-int64(float64(other.writes)*share)
	for name, used := range other.cpu {
		c.cpu[name] -= time.Duration(float64(used) * share)
	}
	return c
}

// total is the processor time of all but who asks for the work.
func (c cost) total() time.Duration {
	var sum time.Duration
	for name, used := range c.cpu {
		if name != loadGenerator {
			sum += used
		}
	}
	return sum
}

// cpu is the processor time of each process and its threads so far. PostgreSQL's is that of all its processes, also of those that have
// ended.
func (m *meter) cpu(b *testing.B) (processes, postgres map[string]time.Duration) {
	b.Helper()
	rows, err := m.server.Query(b.Context(), `SELECT pid, datname FROM pg_stat_activity WHERE datname = ANY($1)`, m.names())
	if err != nil {
		b.Fatal(err)
	}
	serves := map[int]string{}
	var pid int
	var database string
	if _, err := pgx.ForEachRow(rows, []any{&pid, &database}, func() error {
		serves[pid] = database[strings.LastIndexByte(database, '_')+1:]
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is well-formed
	processes, postgres = map[string]time.Duration{}, map[string]time.Duration{}
	for _, path := range stats {
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path))) // the pattern asks for digits
		switch u := usageOf(pid); {
		case pid == os.Getpid():
			processes[loadGenerator] = u.own
		case pid == m.node:
			processes[rabbitMQ] = u.own
		case pid == m.postmaster:
			processes[postgreSQL] += u.own + u.reaped
		case u.parent == m.postmaster:
			processes[postgreSQL] += u.own
			if name := serves[pid]; name != "" {
				postgres[name] += u.own
			}
		case u.parent == os.Getpid():
			processes[u.name] += u.own
		}
	}
	return processes, postgres
}

// usage is what the kernel tells of a process.
type usage struct {
	name   string
	parent int
	// own is the processor time of its threads, reaped that of its children that have ended.
	own, reaped time.Duration
}

// tick is the unit of processor time in /proc, the same on all platforms that Go knows.
const tick = 10 * time.Millisecond

// usageOf is zero for a process that has ended.
func usageOf(pid int) usage {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return usage{}
	}
	opened, closed := bytes.IndexByte(stat, '('), bytes.LastIndexByte(stat, ')')
	fields := strings.Fields(string(stat[closed+1:]))
	number := func(field int) int { // numbered as in proc(5)
		n, _ := strconv.Atoi(fields[field-3])
		return n
	}
	return usage{
		name: string(stat[opened+1 : closed]), parent: number(4),
		own: time.Duration(number(14)+number(15)) * tick, reaped: time.Duration(number(16)+number(17)) * tick,
	}
}
