package conformance

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/rabbit"
	"quadrille.dev/proof/system"
	operationsv1 "quadrille.dev/schema/rpc/operations/v1"
	"quadrille.dev/stack/local/localtest"
	"quadrille.dev/stack/operate"
)

// readSides are the tables in which contexts keep what they have heard of others' facts, each in an order of its own.
var readSides = map[string]map[string]string{
	"ordering":  {"products": "product_id", "prices": "sku", "customers": "customer_id"},
	"chronicle": {"sagas": "id"},
}

// A replay of everything that ever happened, through every context and from both sources, brings back read sides that were lost, and
// charges, ships, stores and publishes nothing.
func TestAReplayBringsReadSidesBackAndDoesNothingElse(t *testing.T) {
	s := system.Start(t, localtest.Settings{"carrier": {"DELIVERY_AFTER": "100ms"}})
	ada := s.As(t, system.Ada)
	system.Sell(t, s.As(t, system.Olga), "REPLAY-1", "2.50", 10)
	for _, wish := range []system.Wish{
		{}, {Token: "pm_card_chargeDeclined"}, {Postcode: "00000"}, {Quantity: 11},
	} {
		wish.SKU = "REPLAY-1"
		id, err := system.Place(t.Context(), ada, wish)
		if err != nil {
			t.Fatal(err)
		}
		system.Rest(t, ada, id, time.Minute)
	}
	settle(t, s)
	for _, source := range []string{"TABLE", "STREAM"} {
		t.Run(source, func(t *testing.T) {
			before, traces := contents(t, s), effects(t, s)
			for name, tables := range readSides {
				for table := range tables {
					if _, err := s.Database(t, name).Exec(t.Context(), `TRUNCATE `+table); err != nil {
						t.Fatal(err)
					}
				}
			}
			for _, name := range rabbit.Contexts {
				report := replay(t, s, name, source, false)
				if _, has := readSides[name]; report.GetNothingToBuild() == has || (report.GetRows() == 0) == has {
					t.Errorf("%s: %v", name, report)
				}
			}
			if diff := cmp.Diff(before, contents(t, s)); diff != "" {
				t.Errorf("read sides (-before +after):\n%s", diff)
			}
			for name := range readSides {
				replay(t, s, name, source, true)
			}
			if diff := cmp.Diff(before, contents(t, s)); diff != "" {
				t.Errorf("read sides after a second, dry one (-before +after):\n%s", diff)
			}
			if diff := cmp.Diff(traces, effects(t, s)); diff != "" {
				t.Errorf("side effects (-before +after):\n%s", diff)
			}
		})
	}
}

func replay(t *testing.T, s *system.System, name, source string, dry bool) *operationsv1.ReplayResponse {
	t.Helper()
	token, err := s.As(t, system.Olga).Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	asked := operate.Replay{URL: s.URL(name), Token: token, From: time.Now().AddDate(-1, 0, 0), Source: source, DryRun: dry}
	report, err := asked.Run(t.Context())
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return report
}

// contents are the rows of all read sides as text.
func contents(t *testing.T, s *system.System) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for name, tables := range readSides {
		for table, key := range tables {
			all[name+"."+table] = texts(t, s, name, `SELECT t::text FROM `+table+` AS t ORDER BY `+key)
		}
	}
	return all
}

// told are the tables that tell of the replay itself, which is audited, and of pricing's signs of life; those under "" in every context.
var told = map[string][]string{"": {"audit", "outbox"}, "chronicle": {"facts", "inbox", "actions"}, "ordering": {"pricing_heard"}}

// effects is everything by which a replay could show: what every context has written of any table but the read sides, and what it
// published, what the provider charged and what the carrier took.
func effects(t *testing.T, s *system.System) map[string]any {
	t.Helper()
	all := map[string]any{
		"charges": s.Charges(t), "bookings": s.Bookings(t),
		"facts": texts(t, s, "chronicle", `SELECT id::text FROM facts WHERE name NOT LIKE '%.operator.acted' ORDER BY 1`),
	}
	for _, name := range rabbit.Contexts {
		for _, table := range texts(t, s, name, `SELECT relname FROM pg_stat_user_tables ORDER BY 1`) {
			if _, side := readSides[name][table]; side || slices.Contains(told[name], table) || slices.Contains(told[""], table) {
				continue
			}
			all[name+"."+table] = texts(t, s, name, `SELECT md5(t::text) FROM `+pgx.Identifier{table}.Sanitize()+` AS t ORDER BY 1`)
		}
	}
	return all
}

func texts(t *testing.T, s *system.System, name, query string) []string {
	t.Helper()
	rows, err := s.Database(t, name).Query(context.WithoutCancel(t.Context()), query)
	if err != nil {
		t.Fatalf("read %s: %v", name, err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("read %s: %v", name, err)
	}
	return found
}

// settle waits until nothing goes on any more: parcels have arrived, and every fact is where it belongs.
func settle(t *testing.T, s *system.System) {
	t.Helper()
	system.Await(t, time.Minute, "nothing goes on", func(context.Context) (busy int, settled bool, err error) {
		busy = len(texts(t, s, "fulfillment", `SELECT order_id::text FROM shipments WHERE call <> ''`))
		for _, name := range rabbit.Contexts {
			busy += len(texts(t, s, name, `SELECT id::text FROM outbox`))
		}
		published := texts(t, s, "chronicle", `SELECT name FROM facts`)
		return busy, busy == 0 && slices.Contains(published, "fulfillment.shipment.delivered"), nil
	})
}
