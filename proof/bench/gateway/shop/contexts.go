package shop

import (
	"context"
	"net/http"

	"google.golang.org/protobuf/types/known/timestamppb"

	"quadrille.dev/platform/money"
	billingv1 "quadrille.dev/schema/rpc/billing/v1"
	"quadrille.dev/schema/rpc/billing/v1/billingv1connect"
	catalogv1 "quadrille.dev/schema/rpc/catalog/v1"
	"quadrille.dev/schema/rpc/catalog/v1/catalogv1connect"
	customersv1 "quadrille.dev/schema/rpc/customers/v1"
	"quadrille.dev/schema/rpc/customers/v1/customersv1connect"
	fulfillmentv1 "quadrille.dev/schema/rpc/fulfillment/v1"
	"quadrille.dev/schema/rpc/fulfillment/v1/fulfillmentv1connect"
	inventoryv1 "quadrille.dev/schema/rpc/inventory/v1"
	"quadrille.dev/schema/rpc/inventory/v1/inventoryv1connect"
	moneyv1 "quadrille.dev/schema/rpc/money/v1"
	orderingv1 "quadrille.dev/schema/rpc/ordering/v1"
	"quadrille.dev/schema/rpc/ordering/v1/orderingv1connect"
	pagev1 "quadrille.dev/schema/rpc/page/v1"
	pricingv1 "quadrille.dev/schema/rpc/pricing/v1"
	"quadrille.dev/schema/rpc/pricing/v1/pricingv1connect"
)

// Contexts answers the RPCs of each context that pages of products and of orders take, by the context's name. Everything else is unimplemented.
func (s *Shop) Contexts() map[string]http.Handler {
	contexts := map[string]http.Handler{"chronicle": http.NotFoundHandler()}
	serve := func(name string) func(string, http.Handler) {
		return func(_ string, handler http.Handler) { contexts[name] = handler }
	}
	serve("catalog")(catalogv1connect.NewCatalogServiceHandler(catalog{shop: s}))
	serve("pricing")(pricingv1connect.NewPricingServiceHandler(pricing{shop: s}))
	serve("inventory")(inventoryv1connect.NewInventoryServiceHandler(inventory{shop: s}))
	serve("ordering")(orderingv1connect.NewOrderingServiceHandler(ordering{shop: s}))
	serve("customers")(customersv1connect.NewCustomersServiceHandler(customers{shop: s}))
	serve("billing")(billingv1connect.NewBillingServiceHandler(billing{shop: s}))
	serve("fulfillment")(fulfillmentv1connect.NewFulfillmentServiceHandler(fulfillment{shop: s}))
	return contexts
}

// chosen are what was asked for by key, in the order asked for; what there is not is left out.
func chosen[T, V any](all []T, key func(T) string, keys []string, tell func(T) V) []V {
	byKey := make(map[string]T, len(all))
	for _, one := range all {
		byKey[key(one)] = one
	}
	var told []V
	for _, wanted := range keys {
		if one, there := byKey[wanted]; there {
			told = append(told, tell(one))
		}
	}
	return told
}

func skuOf(p product) string { return p.sku }

func keyOf(o order) string { return o.key }

func amount(m money.Money) *moneyv1.Money {
	return &moneyv1.Money{MinorUnits: m.Minor, CurrencyCode: m.Currency}
}

type catalog struct {
	catalogv1connect.UnimplementedCatalogServiceHandler
	shop *Shop
}

func (c catalog) SearchProducts(_ context.Context, r *catalogv1.SearchProductsRequest) (*catalogv1.SearchProductsResponse, error) {
	page := c.shop.products[:min(len(c.shop.products), int(r.GetPage().GetFirst()))]
	answer := &catalogv1.SearchProductsResponse{PageInfo: &pagev1.PageInfo{
		HasNextPage: len(page) < len(c.shop.products), TotalCount: int32(len(c.shop.products)),
	}}
	for _, p := range page {
		answer.Edges = append(answer.Edges, &catalogv1.SearchProductsResponse_Edge{Cursor: p.sku, Product: listed(p)})
	}
	return answer, nil
}

func (c catalog) GetProducts(_ context.Context, r *catalogv1.GetProductsRequest) (*catalogv1.GetProductsResponse, error) {
	found := chosen(c.shop.products, func(p product) string { return p.key }, r.GetIds(), listed)
	return &catalogv1.GetProductsResponse{Products: append(found, chosen(c.shop.products, skuOf, r.GetSkus(), listed)...)}, nil
}

func listed(p product) *catalogv1.Product {
	return &catalogv1.Product{
		Id: p.key, Sku: p.sku, Name: p.name, Description: p.description, Category: p.category, ImageUrl: &p.image,
	}
}

type pricing struct {
	pricingv1connect.UnimplementedPricingServiceHandler
	shop *Shop
}

func (c pricing) GetPrices(_ context.Context, r *pricingv1.GetPricesRequest) (*pricingv1.GetPricesResponse, error) {
	return &pricingv1.GetPricesResponse{Prices: chosen(c.shop.products, skuOf, r.GetSkus(), func(p product) *pricingv1.Price {
		return &pricingv1.Price{Sku: p.sku, ListPrice: amount(p.price), ChangedAt: timestamppb.New(c.shop.orders[0].placedAt)}
	})}, nil
}

type inventory struct {
	inventoryv1connect.UnimplementedInventoryServiceHandler
	shop *Shop
}

func (c inventory) GetAvailability(_ context.Context, r *inventoryv1.GetAvailabilityRequest) (*inventoryv1.GetAvailabilityResponse, error) {
	return &inventoryv1.GetAvailabilityResponse{Availabilities: chosen(c.shop.products, skuOf, r.GetSkus(), func(p product) *inventoryv1.Availability {
		return &inventoryv1.Availability{Sku: p.sku, Available: p.available}
	})}, nil
}

func (c inventory) GetReservations(_ context.Context, r *inventoryv1.GetReservationsRequest) (*inventoryv1.GetReservationsResponse, error) {
	return &inventoryv1.GetReservationsResponse{Reservations: chosen(c.shop.orders, keyOf, r.GetOrderIds(), func(o order) *inventoryv1.Reservation {
		return &inventoryv1.Reservation{OrderId: o.key, Status: "DEDUCTED"}
	})}, nil
}

func (c inventory) GetStock(ctx context.Context, r *inventoryv1.GetStockRequest) (*inventoryv1.GetStockResponse, error) {
	available, _ := c.GetAvailability(ctx, &inventoryv1.GetAvailabilityRequest{Skus: r.GetSkus()})
	reserved, _ := c.GetReservations(ctx, &inventoryv1.GetReservationsRequest{OrderIds: r.GetOrderIds()})
	return &inventoryv1.GetStockResponse{Availabilities: available.GetAvailabilities(), Reservations: reserved.GetReservations()}, nil
}

type ordering struct {
	orderingv1connect.UnimplementedOrderingServiceHandler
	shop *Shop
}

func (c ordering) GetOrders(_ context.Context, r *orderingv1.GetOrdersRequest) (*orderingv1.GetOrdersResponse, error) {
	return &orderingv1.GetOrdersResponse{Orders: chosen(c.shop.orders, keyOf, r.GetIds(), placed)}, nil
}

func placed(o order) *orderingv1.Order {
	told := &orderingv1.Order{
		Id: o.key, Number: o.number, CustomerId: o.customer.key, Status: "FULFILLED", PricedFrom: orderingv1.PricedFrom_PRICED_FROM_LIVE,
		PlacedAt: timestamppb.New(o.placedAt), FulfilledAt: timestamppb.New(o.placedAt), Discount: amount(pounds(0)), Total: amount(o.total()),
		ShippingAddress: &orderingv1.Address{
			Name: o.customer.name, Street: "12 St James's Square", City: "London", PostalCode: "SW1Y 4JH", CountryCode: "GB",
		},
	}
	for _, line := range o.lines {
		told.Lines = append(told.Lines, &orderingv1.Line{
			Sku: line.sku, Quantity: line.quantity, UnitPrice: amount(line.price), LineTotal: amount(line.total()),
		})
	}
	return told
}

type customers struct {
	customersv1connect.UnimplementedCustomersServiceHandler
	shop *Shop
}

func (c customers) GetCustomers(_ context.Context, r *customersv1.GetCustomersRequest) (*customersv1.GetCustomersResponse, error) {
	whose := func(o order) string { return o.customer.key }
	return &customersv1.GetCustomersResponse{Customers: chosen(c.shop.orders, whose, r.GetIds(), func(o order) *customersv1.Customer {
		return &customersv1.Customer{
			Id: o.customer.key, Name: o.customer.name, Email: o.customer.email, Tier: customersv1.Tier_TIER_STANDARD, Roles: []string{"CUSTOMER"},
		}
	})}, nil
}

type billing struct {
	billingv1connect.UnimplementedBillingServiceHandler
	shop *Shop
}

func (c billing) GetAccounts(_ context.Context, r *billingv1.GetAccountsRequest) (*billingv1.GetAccountsResponse, error) {
	return &billingv1.GetAccountsResponse{Accounts: chosen(c.shop.orders, keyOf, r.GetOrderIds(), func(o order) *billingv1.Account {
		return &billingv1.Account{
			OrderId: o.key,
			Payment: &billingv1.Payment{Status: "CAPTURED", Amount: amount(o.total()), Refunded: amount(pounds(0)), Attempts: 1},
			Invoice: &billingv1.Invoice{
				Number: o.invoice, Status: "ISSUED", Total: amount(o.total()),
				BilledTo: &billingv1.Party{Name: o.customer.name, Email: o.customer.email},
			},
		}
	})}, nil
}

type fulfillment struct {
	fulfillmentv1connect.UnimplementedFulfillmentServiceHandler
	shop *Shop
}

func (c fulfillment) GetShipments(_ context.Context, r *fulfillmentv1.GetShipmentsRequest) (*fulfillmentv1.GetShipmentsResponse, error) {
	carrier := "Sandbox Carrier"
	return &fulfillmentv1.GetShipmentsResponse{Shipments: chosen(c.shop.orders, keyOf, r.GetOrderIds(), func(o order) *fulfillmentv1.Shipment {
		return &fulfillmentv1.Shipment{OrderId: o.key, Status: "DELIVERED", Carrier: &carrier, TrackingNumber: &o.tracking}
	})}, nil
}
