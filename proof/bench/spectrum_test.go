package bench

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/proof/system"
	chroniclev1 "quadrille.dev/schema/rpc/chronicle/v1"
	"quadrille.dev/schema/rpc/chronicle/v1/chroniclev1connect"
	inventoryv1 "quadrille.dev/schema/rpc/inventory/v1"
	"quadrille.dev/schema/rpc/inventory/v1/inventoryv1connect"
	"quadrille.dev/schema/rpc/ordering/v1/orderingv1connect"
)

var (
	perStyle  = flag.Int("per-style", 200, "orders that are placed in each style of coupling, one after another and in turn with the others'")
	perOutage = flag.Int("per-outage", 100, "orders that are placed in each style while something is down")
)

// style is a way to place an order that needs several contexts.
type style struct {
	name string
	// place places an order, and answers how to see whether the others have followed.
	place func(context.Context) (followed, error)
	// answered and behind are how long the customer waited for the answer, and how long after it the others had followed.
	answered, behind []time.Duration
	// available are the shares of the orders that were placed in the outages.
	available []float64
}

// followed tells whether whoever has to follow has.
type followed func(context.Context) (bool, error)

// BenchmarkSpectrum places the same order through each style of coupling, the first three of which are experiments, and prints as a
// table in Markdown: how long the customer waits for an answer; how many are placed while inventory is down, and while its database is; and how
// long after the answer the others have followed. These are, but for the last style, inventory, which has reserved; for the last, the read side that
// chronicle makes of ordering's events. It is what `make bench-spectrum` runs.
func BenchmarkSpectrum(b *testing.B) {
	if b.N > 1 {
		b.Fatal("run it with -benchtime 1x; -per-style and -per-outage say how many orders there are")
	}
	spectrum := newSpectrum(b)
	for range *perStyle {
		for _, style := range spectrum.styles {
			spectrum.placeOne(style)
		}
	}
	spectrum.during(func() { spectrum.Halt("inventory") }, func() {
		if err := spectrum.Restart(b.Context(), "inventory"); err != nil {
			b.Fatal(err)
		}
	})
	databases := []string{nameOf(b, spectrum.DatabaseURL("inventory")), nameOf(b, spectrum.shared.url)}
	spectrum.during(func() { spectrum.connect(false, databases...) }, func() { spectrum.connect(true, databases...) })
	spectrum.print()
}

// spectrum is all styles, beside and in one system.
type spectrum struct {
	*system.System
	b      *testing.B
	shared *shared
	styles []*style
}

func newSpectrum(b *testing.B) *spectrum {
	b.Helper()
	quadrille := system.Start(b, nil)
	system.Sell(b, quadrille.As(b, system.Olga), "BENCH-1", "2.50", 1_000_000)
	ada := quadrille.As(b, system.Ada)
	placed, err := system.Place(b.Context(), ada, system.Wish{SKU: "BENCH-1"})
	if err != nil {
		b.Fatal(err)
	}
	system.Rest(b, ada, placed, time.Minute) // by now ordering has heard of product and price
	token, err := ada.Token(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	// What becomes of orders after that is not what is measured.
	for _, name := range []string{"billing", "fulfillment"} {
		quadrille.Halt(name)
	}
	client, none := &http.Client{Transport: traveller{plain(true), token}}, &outages{}
	payment := none.before(b, "payment", at(b, quadrille.URL("provider"), false))
	direct := newSynchronous(b, none, client, quadrille.URL("inventory"), quadrille.URL("pricing"), payment)
	commands, together := newQueued(b, direct), newShared(b, client, payment)
	product := product{
		orderingv1connect.NewOrderingServiceClient(client, quadrille.URL("ordering")),
		inventoryv1connect.NewInventoryServiceClient(client, quadrille.URL("inventory")),
		chroniclev1connect.NewChronicleServiceClient(client, quadrille.URL("chronicle")),
	}
	return &spectrum{System: quadrille, b: b, shared: together, styles: []*style{
		{name: "shared database", place: taken(together.tables.QueryRow, together.place)},
		{name: "synchronous API", place: taken(direct.orders.QueryRow, direct.place)},
		{name: "asynchronous queue", place: taken(direct.orders.QueryRow, commands.place)},
		{name: "event-carried state", place: product.reserved},
		{name: "event-sourced", place: product.recorded},
	}}
}

// taken has the others followed when a piece less is on the shelf of an experiment, of whose orders there is one at a time.
func taken(query func(context.Context, string, ...any) pgx.Row, place func(context.Context, string) error) func(context.Context) (followed, error) {
	free := func(ctx context.Context) (pieces int64, err error) {
		err = query(ctx, `SELECT free FROM shelf WHERE sku = 'BENCH-1'`).Scan(&pieces)
		return pieces, err
	}
	return func(ctx context.Context) (followed, error) {
		before, unseen := free(ctx)
		return func(ctx context.Context) (bool, error) {
			now, err := free(ctx)
			return now < before, errors.Join(unseen, err)
		}, place(ctx, "BENCH-1")
	}
}

// product is how the product's own contexts are asked.
type product struct {
	ordering  orderingv1connect.OrderingServiceClient
	inventory inventoryv1connect.InventoryServiceClient
	chronicle chroniclev1connect.ChronicleServiceClient
}

func (p product) place(ctx context.Context) (id string, err error) {
	answer, err := p.ordering.PlaceOrder(ctx, request())
	if err != nil {
		return "", err
	}
	if answer.GetOrder() == nil {
		return "", fmt.Errorf("not placed: %v", answer.GetUserErrors())
	}
	return answer.GetOrder().GetId(), nil
}

// reserved has ordering place an order by what it knows of the others, and the others followed when inventory has reserved.
func (p product) reserved(ctx context.Context) (followed, error) {
	id, err := p.place(ctx)
	return func(ctx context.Context) (bool, error) {
		found, err := p.inventory.GetReservations(ctx, &inventoryv1.GetReservationsRequest{OrderIds: []string{id}})
		return len(found.GetReservations()) == 1 && found.GetReservations()[0].GetStatus() == "RESERVED", err
	}, err
}

// recorded has ordering put the order's events into its store, and the others followed when the read side shows them.
func (p product) recorded(ctx context.Context) (followed, error) {
	id, err := p.place(ctx)
	return func(ctx context.Context) (bool, error) {
		found, err := p.chronicle.GetTimeline(ctx, &chroniclev1.GetTimelineRequest{SagaIds: []string{id}, First: 1})
		return len(found.GetTimelines()) == 1 && len(found.GetTimelines()[0].GetFacts()) == 1, err
	}, err
}

// placeOne places an order in one style, and waits until the others have followed.
func (s *spectrum) placeOne(style *style) {
	s.b.Helper()
	ctx := asAnOrder(s.b.Context())
	begun := time.Now()
	followed, err := style.place(ctx)
	if err != nil {
		s.b.Fatalf("%s: %v", style.name, err)
	}
	answered := time.Now()
	style.answered = append(style.answered, answered.Sub(begun))
	for looks := 0; ; looks++ {
		now, err := followed(ctx)
		switch {
		case now && looks == 0:
			style.behind = append(style.behind, 0) // before the answer
			return
		case now:
			style.behind = append(style.behind, time.Since(answered))
			return
		case time.Since(answered) > time.Minute:
			s.b.Fatalf("%s: nobody has followed: %v", style.name, err)
		}
		time.Sleep(time.Millisecond)
	}
}

// during counts how many orders are placed in each style between down and up.
func (s *spectrum) during(down, up func()) {
	s.b.Helper()
	down()
	for _, style := range s.styles {
		style.available = append(style.available, customers(s.b, *perOutage, func(ctx context.Context) bool {
			_, err := style.place(ctx)
			return err == nil
		}))
	}
	up()
}

// connect lets nobody connect to databases, or everybody who may.
func (s *spectrum) connect(allowed bool, databases ...string) {
	s.b.Helper()
	conn, err := pgx.Connect(s.b.Context(), os.Getenv("TEST_DATABASE_URL"))
	if err != nil {
		s.b.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, name := range databases {
		_, err := conn.Exec(s.b.Context(), fmt.Sprintf(`ALTER DATABASE %s ALLOW_CONNECTIONS %t`, pgx.Identifier{name}.Sanitize(), allowed))
		if err == nil && !allowed {
			_, err = conn.Exec(s.b.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`, name)
		}
		if err != nil {
			s.b.Fatal(err)
		}
	}
}

func nameOf(b *testing.B, database string) string {
	b.Helper()
	parsed, err := url.Parse(database)
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimPrefix(parsed.Path, "/")
}

func (s *spectrum) print() {
	fmt.Println("\n| coupling | answer after, ms: p50 | p99 | placed while inventory is down | while its database is | the others follow after, ms: p50 | p99 |")
	fmt.Println("|---|---|---|---|---|---|---|")
	for _, style := range s.styles {
		fmt.Printf("| %s | %.1f | %.1f | %.0f %% | %.0f %% | %.1f | %.1f |\n", style.name, milliseconds(style.answered, 50), milliseconds(style.answered, 99),
			100*style.available[0], 100*style.available[1], milliseconds(style.behind, 50), milliseconds(style.behind, 99))
		name := strings.ReplaceAll(style.name, " ", "-")
		s.b.ReportMetric(milliseconds(style.answered, 50), name+"-p50-ms")
	}
}
