// Package system runs the whole of Quadrille for proofs, and looks into it from outside: as its customers, and as an auditor who reads
// the databases and ledgers themselves.
package system

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/stack/client"
	"quadrille.dev/stack/local"
	"quadrille.dev/stack/local/localtest"
)

// System is a running Quadrille.
type System struct {
	*local.Stack
}

// Start runs a system for a test; it ends with the test. Settings are put into the programs' environments, those under "" into every
// program's.
func Start(t testing.TB, settings localtest.Settings) *System {
	t.Helper()
	return &System{localtest.Start(t, settings)}
}

// StartWith is Start with options.
func StartWith(t testing.TB, options localtest.Options) *System {
	t.Helper()
	return &System{localtest.StartWith(t, options)}
}

// The demo accounts.
const (
	Ada   = "ada@quadrille.test"
	Grace = "grace@quadrille.test"
	Olga  = "olga@quadrille.test"
)

// patience is longer than a circuit breaker of the gateway stays open.
const patience = 90 * time.Second

// As answers a client that is signed in.
func (s *System) As(t testing.TB, email string) *client.Client {
	t.Helper()
	c := &client.Client{URL: s.URL("gateway") + "/graphql", Patience: patience}
	if err := c.SignIn(t.Context(), email, "quadrille"); err != nil {
		t.Fatal(err)
	}
	return c
}

// Database connects to a context's database as the context does.
func (s *System) Database(t testing.TB, name string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.DatabaseURL(name))
	if err != nil {
		t.Fatalf("connect to the database of %s: %v", name, err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// Charge is an entry in the payment provider's own ledger.
type Charge struct {
	// Kind is "charge" or "refund".
	Kind    string `json:"kind"`
	OrderID string `json:"order_id"`
	// ReturnID is of a refund for a return.
	ReturnID string `json:"return_id"`
	Amount   int64  `json:"amount"`
}

// Charges reads the payment provider's ledger.
func (s *System) Charges(t testing.TB) []Charge {
	t.Helper()
	var ledger struct{ Entries []Charge }
	read(t, s.URL("provider")+"/v1/ledger", &ledger)
	return ledger.Entries
}

// Booking is an entry in the carrier's own ledger.
type Booking struct {
	OrderID string `json:"orderId"`
	// Status is BOOKED, CANCELLED, IN_TRANSIT or DELIVERED.
	Status string `json:"status"`
}

// Bookings reads the carrier's ledger.
func (s *System) Bookings(t testing.TB) []Booking {
	t.Helper()
	var ledger struct{ Bookings []Booking }
	read(t, s.URL("carrier")+"/ledger", &ledger)
	return ledger.Bookings
}

// Pickup is something that the carrier was to collect, as its own ledger has it.
type Pickup struct {
	ReturnID string `json:"returnId"`
	// Status is BOOKED or CANCELLED.
	Status string `json:"status"`
}

// Pickups reads the carrier's ledger.
func (s *System) Pickups(t testing.TB) []Pickup {
	t.Helper()
	var ledger struct{ Pickups []Pickup }
	read(t, s.URL("carrier")+"/ledger", &ledger)
	return ledger.Pickups
}

func read(t testing.TB, url string, into any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s", strings.TrimSuffix(url, "/"), response.Status)
	}
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		t.Fatalf("GET %s: %v", url, err)
	}
}
