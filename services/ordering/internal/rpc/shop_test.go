package rpc_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/outbox"
	platform "quadrille.dev/platform/postgres"
	"quadrille.dev/platform/resilience"
	"quadrille.dev/platform/serve"
	"quadrille.dev/platform/testkit"
	catalogv1 "quadrille.dev/schema/rpc/catalog/v1"
	"quadrille.dev/schema/rpc/catalog/v1/catalogv1connect"
	customersv1 "quadrille.dev/schema/rpc/customers/v1"
	"quadrille.dev/schema/rpc/customers/v1/customersv1connect"
	inventoryv1 "quadrille.dev/schema/rpc/inventory/v1"
	"quadrille.dev/schema/rpc/inventory/v1/inventoryv1connect"
	moneyv1 "quadrille.dev/schema/rpc/money/v1"
	orderingv1 "quadrille.dev/schema/rpc/ordering/v1"
	pricingv1 "quadrille.dev/schema/rpc/pricing/v1"
	"quadrille.dev/schema/rpc/pricing/v1/pricingv1connect"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"
	"quadrille.dev/services/ordering/internal/acl"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/postgres"
	"quadrille.dev/services/ordering/internal/quote"
	"quadrille.dev/services/ordering/internal/returns"
	"quadrille.dev/services/ordering/internal/rpc"
	"quadrille.dev/services/ordering/migrations"
)

var (
	at   = time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)
	ada  = uuid.MustParse("01940000-0000-7000-8000-0000000000aa")
	bob  = uuid.MustParse("01940000-0000-7000-8000-0000000000bb")
	olga = uuid.MustParse("01940000-0000-7000-8000-0000000000cc")
)

// neighbours are catalog, customers, pricing and inventory on one server. They know ada and bob, sell CUP and JUG at 4.25, TEA without a price and YEN in
// another currency, and have two of each. 10 is taken off with SPRING.
type neighbours struct {
	catalogv1connect.UnimplementedCatalogServiceHandler
	customersv1connect.UnimplementedCustomersServiceHandler
	pricingv1connect.UnimplementedPricingServiceHandler
	inventoryv1connect.UnimplementedInventoryServiceHandler

	calls   atomic.Int64
	hanging atomic.Bool
	// rubbish has pricing say what does not add up.
	rubbish atomic.Bool
}

func (n *neighbours) GetProducts(ctx context.Context, req *catalogv1.GetProductsRequest) (*catalogv1.GetProductsResponse, error) {
	answer := &catalogv1.GetProductsResponse{}
	for _, sku := range req.Skus {
		switch sku {
		case "CUP", "JUG", "TEA", "YEN":
			answer.Products = append(answer.Products, &catalogv1.Product{Sku: sku})
		case "OLD":
			answer.Products = append(answer.Products, &catalogv1.Product{Sku: sku, Retired: true})
		}
	}
	return answer, n.wait(ctx)
}

func (n *neighbours) GetCustomers(ctx context.Context, req *customersv1.GetCustomersRequest) (*customersv1.GetCustomersResponse, error) {
	answer := &customersv1.GetCustomersResponse{}
	for _, id := range req.Ids {
		if id == ada.String() || id == bob.String() {
			answer.Customers = append(answer.Customers, &customersv1.Customer{Id: id})
		}
	}
	return answer, n.wait(ctx)
}

func (n *neighbours) Quote(ctx context.Context, req *pricingv1.QuoteRequest) (*pricingv1.QuoteResponse, error) {
	answer := &pricingv1.QuoteResponse{Discount: pounds(0), Total: pounds(0)}
	for i, line := range req.Lines {
		if line.Sku == "TEA" {
			answer.UserErrors = append(answer.UserErrors, &problemv1.UserError{Code: "UNPRICED_PRODUCT", Path: []string{"lines", digit(i), "sku"}})
		}
		if line.Sku == "YEN" {
			answer.UserErrors = append(answer.UserErrors, &problemv1.UserError{Code: "MALFORMED", Path: []string{"lines", digit(i), "sku"}})
		}
		total := 425 * int64(line.Quantity)
		answer.Lines = append(answer.Lines, &pricingv1.QuoteResponse_Line{
			Sku: line.Sku, Quantity: line.Quantity, UnitPrice: pounds(425), LineTotal: pounds(total),
		})
		answer.Total.MinorUnits += total
	}
	for i, code := range req.PromotionCodes {
		if code != "SPRING" {
			answer.UserErrors = append(answer.UserErrors, &problemv1.UserError{Code: "UNKNOWN_PROMOTION", Path: []string{"promotionCodes", digit(i)}})
		}
		answer.Discount.MinorUnits += 10
		answer.Total.MinorUnits -= 10
	}
	if n.rubbish.Load() {
		answer.Total.MinorUnits++
	}
	return answer, n.wait(ctx)
}

func (n *neighbours) GetAvailability(ctx context.Context, req *inventoryv1.GetAvailabilityRequest) (*inventoryv1.GetAvailabilityResponse, error) {
	answer := &inventoryv1.GetAvailabilityResponse{}
	for _, sku := range req.Skus {
		answer.Availabilities = append(answer.Availabilities, &inventoryv1.Availability{Sku: sku, Available: 2})
	}
	return answer, n.wait(ctx)
}

func (n *neighbours) wait(ctx context.Context) error {
	n.calls.Add(1)
	if n.hanging.Load() {
		<-ctx.Done()
	}
	return ctx.Err()
}

func digit(i int) string { return string(rune('0' + i)) }

func pounds(minor int64) *moneyv1.Money {
	return &moneyv1.Money{MinorUnits: minor, CurrencyCode: "GBP"}
}

// shop is ordering on a database of its own, among neighbours.
type shop struct {
	*testing.T
	*rpc.Handler
	db         *platform.DB
	books      *postgres.Books
	neighbours *neighbours
	server     *httptest.Server
	now        time.Time
}

func open(t *testing.T) *shop {
	t.Helper()
	t.Parallel()
	s := &shop{T: t, neighbours: &neighbours{}, now: at}
	s.database()
	s.serve()
	log := slog.New(slog.DiscardHandler)
	client := serve.NewClient(resilience.Config{To: "neighbours", Timeout: 250 * time.Millisecond, Attempts: 1, Log: log}, "ordering:secret")
	s.Handler = &rpc.Handler{
		Books: s.books,
		Quoter: app.Quoter{
			Store:   s.books,
			Catalog: acl.Catalog{Client: catalogv1connect.NewCatalogServiceClient(client.HTTP, s.server.URL, client.Options...)},
			Pricing: acl.Pricing{Client: pricingv1connect.NewPricingServiceClient(client.HTTP, s.server.URL, client.Options...)},
			Customers: acl.Customers{
				Client: customersv1connect.NewCustomersServiceClient(client.HTTP, s.server.URL, client.Options...),
			},
			Log: log,
		},
		Inventory: acl.Inventory{Client: inventoryv1connect.NewInventoryServiceClient(client.HTTP, s.server.URL, client.Options...)},
		Deadline:  15 * time.Minute,
		Pace:      returns.Pace{Patience: time.Minute, Tries: 1, UndoTries: 1},
		Now:       func() time.Time { return s.now },
		NewID:     uuid.NewV7,
		Log:       log,
	}
	return s
}

func (s *shop) database() {
	s.Helper()
	db, err := platform.Open(s.Context(), testkit.Postgres(s.T), "ordering")
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(db.Close)
	if err := db.Migrate(s.Context(), "outbox", outbox.Migrations()); err != nil {
		s.Fatal(err)
	}
	if err := db.Migrate(s.Context(), "inbox", inbox.Migrations()); err != nil {
		s.Fatal(err)
	}
	if err := db.Migrate(s.Context(), "audit", audit.Migrations()); err != nil {
		s.Fatal(err)
	}
	if err := db.Migrate(s.Context(), "ordering", migrations.FS); err != nil {
		s.Fatal(err)
	}
	s.db, s.books = db, postgres.Open(db, acl.Published)
}

func (s *shop) serve() {
	mux := http.NewServeMux()
	mux.Handle(catalogv1connect.NewCatalogServiceHandler(s.neighbours))
	mux.Handle(customersv1connect.NewCustomersServiceHandler(s.neighbours))
	mux.Handle(pricingv1connect.NewPricingServiceHandler(s.neighbours))
	mux.Handle(inventoryv1connect.NewInventoryServiceHandler(s.neighbours))
	s.server = httptest.NewUnstartedServer(mux)
	s.server.Config.Protocols = new(http.Protocols)
	s.server.Config.Protocols.SetHTTP1(true)
	s.server.Config.Protocols.SetUnencryptedHTTP2(true)
	s.server.Start()
	s.Cleanup(s.server.Close)
}

// as is a request's ctx.
func (s *shop) as(caller uuid.UUID, roles ...string) context.Context {
	return serve.WithCaller(s.Context(), serve.Caller{ID: caller, Roles: roles})
}

func (s *shop) ada() context.Context  { return s.as(ada, serve.Customer) }
func (s *shop) bob() context.Context  { return s.as(bob, serve.Customer) }
func (s *shop) olga() context.Context { return s.as(olga, serve.Operator) }

func (s *shop) service() context.Context {
	return serve.WithCaller(s.Context(), serve.Caller{Service: "gateway"})
}

// do runs a use case on the database.
func (s *shop) do(use func(store app.Store) error) {
	s.Helper()
	if err := s.books.InTx(s.Context(), use); err != nil {
		s.Fatal(err)
	}
}

// announced has ordering know CUP and JUG, and their price, as heard at a moment.
func (s *shop) announced(heard time.Time) {
	s.Helper()
	for _, sku := range []string{"CUP", "JUG"} {
		s.do(func(store app.Store) error {
			if err := store.KeepProduct(s.Context(), app.Product{ID: uuid.New(), SKU: sku}); err != nil {
				return err
			}
			price := quote.Price{SKU: sku, Discounts: map[quote.Tier]int64{quote.Standard: 0, quote.VIP: 1000}, Sequence: 1}
			price.List.Minor, price.List.Currency = 425, "GBP"
			return app.RememberPrice(s.Context(), store, app.Announcement{Price: price, Said: heard}, s.now)
		})
	}
}

// visa is how it is paid.
const visa = "pm_card_visa"

// asking is a request for two CUPs that is accepted.
func asking() *orderingv1.PlaceOrderRequest {
	return &orderingv1.PlaceOrderRequest{
		IdempotencyKey: uuid.NewString(),
		Lines:          []*orderingv1.LineInput{{Sku: "CUP", Quantity: 2}},
		ShippingAddress: &orderingv1.Address{
			Name: "Ada", Street: "1 Row", City: "London", PostalCode: "N1", CountryCode: "GB",
		},
		PaymentToken: visa,
	}
}

// placed places an order that is accepted.
func (s *shop) placed(ctx context.Context, req *orderingv1.PlaceOrderRequest) *orderingv1.Order {
	s.Helper()
	answer, err := s.PlaceOrder(ctx, req)
	if err != nil || len(answer.UserErrors) > 0 {
		s.Fatal(err, answer)
	}
	return answer.Order
}

func (s *shop) hear(id string, hear func(context.Context, app.Store, order.ID, time.Time) error) {
	s.Helper()
	s.do(func(store app.Store) error {
		return hear(s.Context(), store, order.ID{UUID: uuid.MustParse(id)}, s.now)
	})
}

// rows is how many rows there are.
func (s *shop) rows(table string) (rows int) {
	s.Helper()
	if err := s.db.QueryRow(s.Context(), `SELECT count(*) FROM `+table).Scan(&rows); err != nil {
		s.Fatal(err)
	}
	return rows
}
