package acl

import (
	"context"

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
	orderingv1 "quadrille.dev/schema/rpc/ordering/v1"
	"quadrille.dev/schema/rpc/ordering/v1/orderingv1connect"
	pricingv1 "quadrille.dev/schema/rpc/pricing/v1"
	"quadrille.dev/schema/rpc/pricing/v1/pricingv1connect"

	"quadrille.dev/platform/serve"
)

// What pages of products and orders are made of is called plainly (see [serve.Plainly]); the rest as Connect does.
type (
	plainCatalog struct {
		catalogv1connect.CatalogServiceClient
		getProducts    serve.Read[catalogv1.GetProductsRequest, catalogv1.GetProductsResponse]
		searchProducts serve.Read[catalogv1.SearchProductsRequest, catalogv1.SearchProductsResponse]
	}
	plainCustomers struct {
		customersv1connect.CustomersServiceClient
		getCustomers serve.Read[customersv1.GetCustomersRequest, customersv1.GetCustomersResponse]
	}
	plainPricing struct {
		pricingv1connect.PricingServiceClient
		getPrices serve.Read[pricingv1.GetPricesRequest, pricingv1.GetPricesResponse]
	}
	plainInventory struct {
		inventoryv1connect.InventoryServiceClient
		getAvailability serve.Read[inventoryv1.GetAvailabilityRequest, inventoryv1.GetAvailabilityResponse]
		getStock        serve.Read[inventoryv1.GetStockRequest, inventoryv1.GetStockResponse]
	}
	plainOrdering struct {
		orderingv1connect.OrderingServiceClient
		getOrders  serve.Read[orderingv1.GetOrdersRequest, orderingv1.GetOrdersResponse]
		listOrders serve.Read[orderingv1.ListOrdersRequest, orderingv1.ListOrdersResponse]
	}
	plainBilling struct {
		billingv1connect.BillingServiceClient
		getAccounts serve.Read[billingv1.GetAccountsRequest, billingv1.GetAccountsResponse]
	}
	plainFulfillment struct {
		fulfillmentv1connect.FulfillmentServiceClient
		getShipments serve.Read[fulfillmentv1.GetShipmentsRequest, fulfillmentv1.GetShipmentsResponse]
	}
)

func newCatalog(to serve.Client, at string) plainCatalog {
	all, odd := catalogv1connect.NewCatalogServiceClient(to.HTTP, at, to.Options...), catalogv1connect.NewCatalogServiceClient(to.Odd, at, to.OddOptions...)
	return plainCatalog{
		all,
		serve.Plainly(to, at, catalogv1connect.CatalogServiceGetProductsProcedure, catalogv1.GetProductsResponseFromVTPool, all.GetProducts, odd.GetProducts),
		serve.Plainly(to, at, catalogv1connect.CatalogServiceSearchProductsProcedure, catalogv1.SearchProductsResponseFromVTPool, all.SearchProducts, odd.SearchProducts),
	}
}

func (c plainCatalog) GetProducts(ctx context.Context, request *catalogv1.GetProductsRequest) (*catalogv1.GetProductsResponse, error) {
	return c.getProducts(ctx, request)
}

func (c plainCatalog) SearchProducts(ctx context.Context, request *catalogv1.SearchProductsRequest) (*catalogv1.SearchProductsResponse, error) {
	return c.searchProducts(ctx, request)
}

func newCustomers(to serve.Client, at string) plainCustomers {
	all, odd := customersv1connect.NewCustomersServiceClient(to.HTTP, at, to.Options...), customersv1connect.NewCustomersServiceClient(to.Odd, at, to.OddOptions...)
	return plainCustomers{
		all,
		serve.Plainly(to, at, customersv1connect.CustomersServiceGetCustomersProcedure, customersv1.GetCustomersResponseFromVTPool, all.GetCustomers, odd.GetCustomers),
	}
}

func (c plainCustomers) GetCustomers(ctx context.Context, request *customersv1.GetCustomersRequest) (*customersv1.GetCustomersResponse, error) {
	return c.getCustomers(ctx, request)
}

func newPricing(to serve.Client, at string) plainPricing {
	all, odd := pricingv1connect.NewPricingServiceClient(to.HTTP, at, to.Options...), pricingv1connect.NewPricingServiceClient(to.Odd, at, to.OddOptions...)
	return plainPricing{
		all,
		serve.Plainly(to, at, pricingv1connect.PricingServiceGetPricesProcedure, pricingv1.GetPricesResponseFromVTPool, all.GetPrices, odd.GetPrices),
	}
}

func (c plainPricing) GetPrices(ctx context.Context, request *pricingv1.GetPricesRequest) (*pricingv1.GetPricesResponse, error) {
	return c.getPrices(ctx, request)
}

func newInventory(to serve.Client, at string) plainInventory {
	all, odd := inventoryv1connect.NewInventoryServiceClient(to.HTTP, at, to.Options...), inventoryv1connect.NewInventoryServiceClient(to.Odd, at, to.OddOptions...)
	return plainInventory{
		all,
		serve.Plainly(to, at, inventoryv1connect.InventoryServiceGetAvailabilityProcedure, inventoryv1.GetAvailabilityResponseFromVTPool, all.GetAvailability, odd.GetAvailability),
		serve.Plainly(to, at, inventoryv1connect.InventoryServiceGetStockProcedure, inventoryv1.GetStockResponseFromVTPool, all.GetStock, odd.GetStock),
	}
}

func (c plainInventory) GetAvailability(ctx context.Context, request *inventoryv1.GetAvailabilityRequest) (*inventoryv1.GetAvailabilityResponse, error) {
	return c.getAvailability(ctx, request)
}

func (c plainInventory) GetStock(ctx context.Context, request *inventoryv1.GetStockRequest) (*inventoryv1.GetStockResponse, error) {
	return c.getStock(ctx, request)
}

func newOrdering(to serve.Client, at string) plainOrdering {
	all, odd := orderingv1connect.NewOrderingServiceClient(to.HTTP, at, to.Options...), orderingv1connect.NewOrderingServiceClient(to.Odd, at, to.OddOptions...)
	return plainOrdering{
		all,
		serve.Plainly(to, at, orderingv1connect.OrderingServiceGetOrdersProcedure, orderingv1.GetOrdersResponseFromVTPool, all.GetOrders, odd.GetOrders),
		serve.Plainly(to, at, orderingv1connect.OrderingServiceListOrdersProcedure, orderingv1.ListOrdersResponseFromVTPool, all.ListOrders, odd.ListOrders),
	}
}

func (c plainOrdering) GetOrders(ctx context.Context, request *orderingv1.GetOrdersRequest) (*orderingv1.GetOrdersResponse, error) {
	return c.getOrders(ctx, request)
}

func (c plainOrdering) ListOrders(ctx context.Context, request *orderingv1.ListOrdersRequest) (*orderingv1.ListOrdersResponse, error) {
	return c.listOrders(ctx, request)
}

func newBilling(to serve.Client, at string) plainBilling {
	all, odd := billingv1connect.NewBillingServiceClient(to.HTTP, at, to.Options...), billingv1connect.NewBillingServiceClient(to.Odd, at, to.OddOptions...)
	return plainBilling{
		all,
		serve.Plainly(to, at, billingv1connect.BillingServiceGetAccountsProcedure, billingv1.GetAccountsResponseFromVTPool, all.GetAccounts, odd.GetAccounts),
	}
}

func (c plainBilling) GetAccounts(ctx context.Context, request *billingv1.GetAccountsRequest) (*billingv1.GetAccountsResponse, error) {
	return c.getAccounts(ctx, request)
}

func newFulfillment(to serve.Client, at string) plainFulfillment {
	all, odd := fulfillmentv1connect.NewFulfillmentServiceClient(to.HTTP, at, to.Options...), fulfillmentv1connect.NewFulfillmentServiceClient(to.Odd, at, to.OddOptions...)
	return plainFulfillment{
		all,
		serve.Plainly(to, at, fulfillmentv1connect.FulfillmentServiceGetShipmentsProcedure, fulfillmentv1.GetShipmentsResponseFromVTPool, all.GetShipments, odd.GetShipments),
	}
}

func (c plainFulfillment) GetShipments(ctx context.Context, request *fulfillmentv1.GetShipmentsRequest) (*fulfillmentv1.GetShipmentsResponse, error) {
	return c.getShipments(ctx, request)
}
