package execute_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/vektah/gqlparser/v2/ast"

	"quadrille.dev/gateway/internal/execute"
	"quadrille.dev/gateway/internal/graph/generated"
	"quadrille.dev/gateway/internal/graph/model"
)

// shop answers from memory; whatever it does not know panics.
type shop struct {
	generated.ResolverRoot
	products []*model.Product
	orders   []*model.Order
}

type (
	shopQuery struct {
		generated.QueryResolver
		shop *shop
	}
	shopProduct struct {
		generated.ProductResolver
		shop *shop
	}
	shopOrder struct {
		generated.OrderResolver
		shop *shop
	}
	shopLine struct {
		generated.OrderLineResolver
		shop *shop
	}
	shopViewer   struct{ *shop }
	shopCustomer struct{ *shop }
)

func (s *shop) Query() generated.QueryResolver         { return shopQuery{shop: s} }
func (s *shop) Product() generated.ProductResolver     { return shopProduct{shop: s} }
func (s *shop) Order() generated.OrderResolver         { return shopOrder{shop: s} }
func (s *shop) OrderLine() generated.OrderLineResolver { return shopLine{shop: s} }
func (s *shop) Viewer() generated.ViewerResolver       { return shopViewer{s} }
func (s *shop) Customer() generated.CustomerResolver   { return shopCustomer{s} }

func (s shopQuery) Products(context.Context, int32, *string, *string, *string) (*model.ProductConnection, error) {
	return &model.ProductConnection{Nodes: s.shop.products, PageInfo: &model.PageInfo{}, TotalCount: int32(len(s.shop.products))}, nil
}

func (s shopQuery) Viewer(context.Context) (*model.Viewer, error) {
	return &model.Viewer{ID: "ada"}, nil
}

func (s shopViewer) Customer(context.Context, *model.Viewer) (*model.Customer, error) {
	return &model.Customer{ID: "ada", Name: "Ada"}, nil
}

func (s shopCustomer) Orders(context.Context, *model.Customer, int32, *string) (*model.OrderConnection, error) {
	return &model.OrderConnection{Nodes: s.orders, PageInfo: &model.PageInfo{}, TotalCount: int32(len(s.orders))}, nil
}

func (s shopProduct) Price(_ context.Context, of []*model.Product) ([]*model.Price, error) {
	return same(of, &model.Price{Amount: "4.25", CurrencyCode: "GBP", AsOf: noon}), nil
}

func (s shopProduct) Availability(_ context.Context, of []*model.Product) ([]*model.Availability, error) {
	return same(of, &model.Availability{Available: 3, AsOf: noon}), nil
}

func (s shopOrder) Customer(_ context.Context, of []*model.Order) ([]*model.Customer, error) {
	return same(of, &model.Customer{ID: "ada", Name: "Ada"}), nil
}

func (s shopOrder) Payment(_ context.Context, of []*model.Order) ([]*model.Payment, error) {
	return same(of, &model.Payment{Status: model.PaymentStatusCaptured, Amount: pound, Refunded: pound}), nil
}

func (s shopOrder) Invoice(_ context.Context, of []*model.Order) ([]*model.Invoice, error) {
	return same(of, &model.Invoice{Number: "I-1", Status: model.InvoiceStatusIssued, Total: pound}), nil
}

func (s shopOrder) Shipment(_ context.Context, of []*model.Order) ([]*model.Shipment, error) {
	return same(of, &model.Shipment{Status: model.ShipmentStatusPending}), nil
}

func (s shopOrder) Reservation(_ context.Context, of []*model.Order) ([]*model.Reservation, error) {
	return same(of, &model.Reservation{Status: model.ReservationStatusReserved}), nil
}

func (s shopLine) Product(_ context.Context, of []*model.OrderLine) ([]*model.Product, error) {
	products := make([]*model.Product, len(of))
	for i := range of {
		products[i] = s.shop.products[i%len(s.shop.products)]
	}
	return products, nil
}

func same[T, V any](of []T, value *V) []*V {
	values := make([]*V, len(of))
	for i := range values {
		values[i] = value
	}
	return values
}

var (
	noon  = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	pound = &model.Money{Amount: "1.00", CurrencyCode: "GBP"}
)

// newShop has 50 products, and 20 orders of five lines.
func newShop() *shop {
	s := &shop{}
	for i := range 50 {
		s.products = append(s.products, &model.Product{ID: fmt.Sprint("product ", i), SKU: fmt.Sprint("SKU-", i), Name: "A lamp", Category: "Lamps", AsOf: noon})
	}
	for i := range 20 {
		order := &model.Order{ID: fmt.Sprint("order ", i), Number: fmt.Sprint("Q-", i), Status: model.OrderStatusFulfilled, PlacedAt: noon, Total: pound, Discount: pound}
		for range 5 {
			order.Lines = append(order.Lines, &model.OrderLine{SKU: "SKU-1", Quantity: 2, UnitPrice: pound, LineTotal: pound})
		}
		s.orders = append(s.orders, order)
	}
	return s
}

const (
	browse = `query Browse {
		products(first: 50) { nodes { id sku name category price { amount currencyCode stale } availability { available stale } } }
	}`
	orders = `query Orders {
		viewer { customer { orders(first: 20) { nodes {
			id number status placedAt total { amount currencyCode }
			customer { id name }
			lines { sku quantity unitPrice { amount currencyCode } product { name price { amount currencyCode } availability { available } } }
			payment { status amount { amount currencyCode } } invoice { number status } shipment { status } reservation { status }
		} } } }
	}`
)

// passing are directives that let everything pass.
func passing() generated.DirectiveRoot {
	pass := func(ctx context.Context, _ any, next graphql.Resolver) (any, error) { return next(ctx) }
	return generated.DirectiveRoot{
		Authenticated: pass, OneOf: pass, Owner: pass,
		RequiresRole: func(ctx context.Context, _ any, next graphql.Resolver, _ model.Role) (any, error) { return next(ctx) },
	}
}

func planned(s *shop) graphql.ExecutableSchema {
	return generated.NewPlannedSchema(generated.Config{Resolvers: s, Directives: passing()}, execute.NewMeter(prometheus.NewRegistry()))
}

func stock(s *shop) graphql.ExecutableSchema {
	return generated.NewExecutableSchema(generated.Config{Resolvers: s, Directives: passing()})
}

// asked is an operation that is executed again and again.
func asked(tb testing.TB, schema graphql.ExecutableSchema, document string) func() *graphql.Response {
	tb.Helper()
	e := executor.New(schema)
	e.SetQueryCache(graphql.MapCache[*ast.QueryDocument]{})
	return func() *graphql.Response {
		ctx := graphql.StartOperationTrace(context.Background())
		operation, errs := e.CreateOperationContext(ctx, &graphql.RawParams{Query: document})
		if errs != nil {
			tb.Fatal(errs)
		}
		responses, ctx := e.DispatchOperation(ctx, operation)
		return responses(ctx)
	}
}
