package bench

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

// perLines prints what an order costs by how many lines it has, at a quarter of the low rate, and without what the system takes when nothing
// happens.
func (s *shop) perLines(b *testing.B) {
	idle := s.idle(b)
	row := table(slices.Concat([]string{"lines"}, columns)...)
	for lines := 1; lines <= mostLines; lines *= 10 {
		row(s.point(b, *low/4, lines, idle).cells(lines)...)
	}
}

// perStored prints the same by how many orders are stored already.
func (s *shop) perStored(b *testing.B) {
	idle := s.idle(b)
	s.place(b, 1, time.Nanosecond, 1)
	row := table(slices.Concat([]string{"orders stored"}, columns)...)
	row(s.point(b, *low, 1, idle).cells(1)...)
	c := s.newCloner(b)
	for many := 1000; many <= *stored; many *= 10 {
		c.until(b, many)
		row(s.point(b, *low, 1, idle).cells(many)...)
	}
}

var columns = []string{"p50", "p99", "transactions that change something", "bytes written ahead", "processor time", "of it PostgreSQL's", "RabbitMQ's"}

// idle is what is used in some seconds in which nothing happens.
func (s *shop) idle(b *testing.B) cost {
	b.Helper()
	s.rest(b)
	before := s.read(b)
	time.Sleep(5 * time.Second)
	idle := s.read(b).since(before)
	tell("\nidle, the processors work %.1f %% of the time, and %.1f transactions a second change something\n",
		100*idle.total().Seconds()/idle.lasting.Seconds(), float64(idle.writes)/idle.lasting.Seconds())
	return idle
}

// point is what orders cost at a rate.
func (s *shop) point(b *testing.B, rate float64, lines int, idle cost) priced {
	b.Helper()
	s.rest(b)
	before := s.read(b)
	p := s.place(b, rate, *phase, lines)
	s.rest(b)
	return priced{p, s.read(b).since(before).without(idle)}
}

func (p priced) cells(of int) []any {
	per := func(n int64) float64 { return float64(n) / float64(p.placed) }
	took := func(total time.Duration) time.Duration { return total / time.Duration(p.placed) }
	return []any{
		of, quantile(p.heard, 50), quantile(p.heard, 99), per(p.cost.writes), per(p.cost.log),
		took(p.cost.total()), took(p.cost.cpu[postgreSQL]), took(p.cost.cpu[rabbitMQ]),
	}
}

// cloner stores orders as if they had been placed: it copies every row that one fulfilled order has left behind, in every context, under
// other ids. Placing a hundred thousand would take the better part of an hour. What the provider and the carrier have in their ledgers is
// not copied.
type cloner struct {
	s                       *shop
	order, customer, number string
	facts                   []string
	clones                  int
}

func (s *shop) newCloner(b *testing.B) *cloner {
	b.Helper()
	s.rest(b)
	c := &cloner{s: s}
	err := s.databases["ordering"].QueryRow(b.Context(), `
		SELECT order_id::text, customer_id::text, number FROM orders JOIN order_events USING (order_id)
		WHERE type = 'placed' AND jsonb_array_length(data -> 'lines') = 1 ORDER BY placed_at LIMIT 1`).Scan(&c.order, &c.customer, &c.number)
	if err != nil {
		b.Fatal(err)
	}
	rows, err := s.databases["chronicle"].Query(b.Context(), `SELECT id::text FROM facts WHERE correlation_id = $1`, c.order)
	if err != nil {
		b.Fatal(err)
	}
	if c.facts, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		b.Fatal(err)
	}
	return c
}

// kept are the tables in which an order leaves rows, by context, and by which column they are found; inboxes are another matter.
var kept = map[string][][2]string{
	"ordering":    {{"orders", "order_id"}, {"order_events", "order_id"}, {"requests", "order_id"}},
	"inventory":   {{"reservation", "order_id"}, {"movement", "order_id"}},
	"billing":     {{"accounts", "order_id"}},
	"fulfillment": {{"shipments", "order_id"}},
	"chronicle":   {{"facts", "correlation_id"}, {"sagas", "id"}, {"saga_skus", "saga_id"}},
}

// until stores orders until there are so many, or as many as there are if that is more.
func (c *cloner) until(b *testing.B, many int) {
	b.Helper()
	more := many - c.stored(b)
	if more <= 0 {
		return
	}
	copying, ctx := errgroup.WithContext(b.Context())
	for name, tables := range kept {
		copying.Go(func() error { return c.copy(ctx, c.s.databases[name], tables, more) })
	}
	if err := copying.Wait(); err != nil {
		b.Fatal(err)
	}
	c.clones += more
	if _, err := c.s.server.Exec(b.Context(), `CHECKPOINT`); err != nil {
		b.Fatal(err)
	}
}

// copy copies all rows in one context, which has a session of its own.
func (c *cloner) copy(ctx context.Context, conn *pgx.Conn, tables [][2]string, times int) error {
	for _, table := range slices.Concat(tables, [][2]string{{"inbox", "message_id"}}) {
		if err := c.clone(ctx, conn, table[0], table[1], times); err != nil {
			return fmt.Errorf("copy %s: %w", table[0], err)
		}
	}
	_, err := conn.Exec(ctx, `VACUUM ANALYZE`)
	return err
}

func (c *cloner) stored(b *testing.B) (orders int) {
	b.Helper()
	if err := c.s.databases["ordering"].QueryRow(b.Context(), `SELECT count(*) FROM orders`).Scan(&orders); err != nil {
		b.Fatal(err)
	}
	return orders
}

// The n-th clone has an id as young as it, its customer is one of many with ten orders each, and its number is none that ordering gives.
const (
	cloneID       = `(lpad(to_hex(n), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid`
	cloneCustomer = `md5('customer ' || n / 10)::uuid`
	cloneNumber   = `('Q-9' || lpad(n::text, 7, '0'))`
)

// clone copies the rows of a table that a column says are the order's or its facts', so many times.
func (c *cloner) clone(ctx context.Context, conn *pgx.Conn, table, by string, times int) error {
	names, values, err := c.columns(ctx, conn, table)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, fmt.Sprintf(`INSERT INTO %[1]s (%[2]s) SELECT %[3]s FROM generate_series($1::bigint, $2::bigint) AS n, %[1]s WHERE %[4]s::text = ANY($3)`,
		table, names, values, by), c.clones+1, c.clones+times, slices.Concat(c.facts, []string{c.order}))
	return err
}

// columns are a table's, and what each is in the n-th clone.
func (c *cloner) columns(ctx context.Context, conn *pgx.Conn, table string) (names, values string, err error) {
	rows, err := conn.Query(ctx, `
		SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
		WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = '' AND attgenerated = ''`, table)
	if err != nil {
		return "", "", err
	}
	var all, made []string
	var column, kind string
	_, err = pgx.ForEachRow(rows, []any{&column, &kind}, func() error {
		all, made = append(all, column), append(made, c.value(table+"."+column, kind))
		return nil
	})
	return strings.Join(all, ", "), strings.Join(made, ", "), err
}

// value is a column's in the n-th clone: what names order, customer and number names the clone's.
func (c *cloner) value(column, kind string) string {
	switch column {
	case "facts.id", "inbox.message_id", "requests.key":
		return `gen_random_uuid()`
	}
	switch kind {
	case "uuid", "text", "json", "jsonb":
		return fmt.Sprintf(`replace(replace(replace(%s::text, '%s', %s::text), '%s', %s::text), '%s', %s)::%s`,
			column, c.order, cloneID, c.customer, cloneCustomer, c.number, cloneNumber, kind)
	default:
		return column
	}
}
