package rpc_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/protobuf/testing/protocmp"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/outbox"
	platform "quadrille.dev/platform/postgres"
	"quadrille.dev/platform/serve"
	"quadrille.dev/platform/testkit"
	inventoryv1 "quadrille.dev/schema/rpc/inventory/v1"
	"quadrille.dev/services/inventory/internal/acl"
	"quadrille.dev/services/inventory/internal/app"
	"quadrille.dev/services/inventory/internal/postgres"
	"quadrille.dev/services/inventory/internal/rpc"
	"quadrille.dev/services/inventory/internal/stock"
	"quadrille.dev/services/inventory/migrations"
)

var (
	ada   = serve.Caller{ID: uuid.MustParse("01940000-0000-7000-8000-0000000000aa"), Roles: []string{serve.Customer}}
	grace = serve.Caller{ID: uuid.MustParse("01940000-0000-7000-8000-0000000000bb"), Roles: []string{serve.Customer}}
	olga  = serve.Caller{ID: uuid.MustParse("01940000-0000-7000-8000-0000000000cc"), Roles: []string{serve.Operator}, Email: "olga@quadrille.test"}
)

func open(t *testing.T) *rpc.Inventory {
	t.Helper()
	db, err := platform.Open(t.Context(), testkit.Postgres(t), "inventory")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if err := db.Migrate(t.Context(), "outbox", outbox.Migrations()); err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), "inbox", inbox.Migrations()); err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), "audit", audit.Migrations()); err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), "inventory", migrations.FS); err != nil {
		t.Fatal(err)
	}
	return &rpc.Inventory{Database: &postgres.Database{DB: db, Language: acl.Published{}}, Now: time.Now}
}

func as(t *testing.T, caller serve.Caller) context.Context {
	return serve.WithCaller(t.Context(), caller)
}

func TestReceiveStock(t *testing.T) {
	t.Parallel()
	inventory := open(t)
	for _, c := range []struct {
		sku       string
		quantity  int64
		reference string
		want      string
	}{
		{"cup", 10, "note 1", "CUP 10"},
		{"CUP", 10, " note 1 ", "CUP 10"},
		{"CUP", 11, "note 1", "REFERENCE_CONFLICT reference"},
		{"CUP", 1_000_000, "note 2", "CUP 1000010"},
		{"CUP", 0, "note 3", "OUT_OF_RANGE quantity"},
		{"CUP", -1, "note 3", "OUT_OF_RANGE quantity"},
		{"CUP", 1_000_001, "note 3", "OUT_OF_RANGE quantity"},
		{"", 0, "", "REQUIRED sku, OUT_OF_RANGE quantity, REQUIRED reference"},
		{"a b", 1, "note 3", "MALFORMED sku"},
		{"CUP", 1, strings.Repeat("é", 100), "CUP 1000011"},
		{"CUP", 1, strings.Repeat("é", 101), "OUT_OF_RANGE reference"},
		{"CUP", 1, "note\x00", "MALFORMED reference"},
	} {
		response, err := inventory.ReceiveStock(as(t, olga),
			&inventoryv1.ReceiveStockRequest{Sku: c.sku, Quantity: c.quantity, Reference: c.reference})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, wrong := range response.UserErrors {
			got = append(got, wrong.Code+" "+strings.Join(wrong.Path, "."))
			if wrong.Message == "" {
				t.Errorf("%s without a message", wrong.Code)
			}
		}
		if response.Availability != nil {
			got = append(got, fmt.Sprint(response.Availability.Sku, " ", response.Availability.Available))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("receive %d %q, %q: %v; want %s", c.quantity, c.sku, c.reference, got, c.want)
		}
	}
	audited := []string{
		"olga@quadrille.test stock.received CUP: Received 10 of CUP.",
		"olga@quadrille.test stock.received CUP: Received 1000000 of CUP.",
		"olga@quadrille.test stock.received CUP: Received 1 of CUP.",
	}
	if diff := cmp.Diff(audited, testkit.Audited(t, inventory.Database)); diff != "" {
		t.Error("audited (-want +got):\n" + diff)
	}
}

func TestOnlyOperatorsReceiveStock(t *testing.T) {
	t.Parallel()
	inventory := open(t)
	for _, caller := range []serve.Caller{{}, ada, {Service: "gateway"}} {
		_, err := inventory.ReceiveStock(as(t, caller), &inventoryv1.ReceiveStockRequest{Sku: "CUP", Quantity: 1, Reference: "note"})
		if connect.CodeOf(err) != connect.CodePermissionDenied {
			t.Errorf("%+v: %v", caller, err)
		}
	}
}

func TestGetAvailability(t *testing.T) {
	t.Parallel()
	inventory := open(t)
	delivery := &inventoryv1.ReceiveStockRequest{Sku: "CUP", Quantity: 3, Reference: "note"}
	if _, err := inventory.ReceiveStock(as(t, olga), delivery); err != nil {
		t.Fatal(err)
	}
	response, err := inventory.GetAvailability(t.Context(), &inventoryv1.GetAvailabilityRequest{
		Skus: []string{"JUG", "cup", "CUP", "A\x00"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []*inventoryv1.Availability{{Sku: "JUG"}, {Sku: "CUP", Available: 3}, {Sku: "CUP", Available: 3}, {Sku: "A\x00"}}
	if diff := cmp.Diff(want, response.Availabilities, protocmp.Transform()); diff != "" {
		t.Error("availability (-want +got):\n" + diff)
	}
	_, err = inventory.GetAvailability(t.Context(), &inventoryv1.GetAvailabilityRequest{Skus: make([]string, 1001)})
	if connect.CodeOf(err) != connect.CodeInvalidArgument {
		t.Errorf("1,001 SKUs: %v", err)
	}
}

func TestReservationsAreSeenByTheirCustomer(t *testing.T) {
	t.Parallel()
	inventory := open(t)
	placed, early := uuid.New(), uuid.New()
	if err := inventory.Database.Use(t.Context(), func(store app.Store) error {
		order := app.Order{ID: placed, CustomerID: ada.ID, Lines: []stock.Line{{SKU: "CUP", Quantity: 1}}}
		if err := app.Reserve(t.Context(), store, order, time.Now()); err != nil {
			return err
		}
		return app.Deduct(t.Context(), store, early, time.Now())
	}); err != nil {
		t.Fatal(err)
	}
	mine := &inventoryv1.Reservation{OrderId: placed.String(), Status: "REJECTED"}
	all := []*inventoryv1.Reservation{{OrderId: early.String(), Status: "PENDING"}, mine}
	for _, c := range []struct {
		caller serve.Caller
		want   []*inventoryv1.Reservation
	}{
		{ada, []*inventoryv1.Reservation{mine}},
		{grace, nil},
		{serve.Caller{}, nil},
		{olga, all},
		{serve.Caller{Service: "gateway"}, all},
	} {
		response, err := inventory.GetReservations(as(t, c.caller), &inventoryv1.GetReservationsRequest{
			OrderIds: []string{early.String(), uuid.NewString(), "nonsense", placed.String()},
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, response.Reservations, protocmp.Transform()); diff != "" {
			t.Errorf("%+v sees (-want +got):\n%s", c.caller, diff)
		}
	}
}
