package acl

import (
	"context"
	"fmt"
	"testing"

	catalogv1 "quadrille.dev/schema/rpc/catalog/v1"
	"quadrille.dev/schema/rpc/catalog/v1/catalogv1connect"
	moneyv1 "quadrille.dev/schema/rpc/money/v1"
	orderingv1 "quadrille.dev/schema/rpc/ordering/v1"
	"quadrille.dev/schema/rpc/ordering/v1/orderingv1connect"
	pagev1 "quadrille.dev/schema/rpc/page/v1"

	"quadrille.dev/platform/testkit/allocate"
)

// told is contexts that answer the same to everybody.
type told struct {
	catalogv1connect.CatalogServiceClient
	orderingv1connect.OrderingServiceClient
	products *catalogv1.SearchProductsResponse
	orders   *orderingv1.GetOrdersResponse
}

func (c told) SearchProducts(context.Context, *catalogv1.SearchProductsRequest) (*catalogv1.SearchProductsResponse, error) {
	return c.products, nil
}

func (c told) GetOrders(context.Context, *orderingv1.GetOrdersRequest) (*orderingv1.GetOrdersResponse, error) {
	return c.orders, nil
}

// Of a product nothing is allocated by itself but its id.
func TestAPageOfProductsIsReadWithFewAllocations(t *testing.T) {
	answer := &catalogv1.SearchProductsResponse{PageInfo: &pagev1.PageInfo{}}
	for n := range 50 {
		answer.Edges = append(answer.Edges, &catalogv1.SearchProductsResponse_Edge{
			Cursor: fmt.Sprint(n), Product: &catalogv1.Product{Id: "0192f0c1-0000-7000-8000-00000000000a", Sku: "CUP"},
		})
	}
	catalog := NewCatalog(told{products: answer})
	allocate.AtMost(t, 50+12, func() {
		if _, err := catalog.Search(t.Context(), Page{First: 50}, "", ""); err != nil {
			t.Error(err)
		}
	})
}

// Of an order nothing is allocated by itself but its id and the amounts.
func TestOrdersAreReadWithFewAllocations(t *testing.T) {
	answer, sum := &orderingv1.GetOrdersResponse{}, &moneyv1.Money{MinorUnits: 425, CurrencyCode: "GBP"}
	var ids []string
	for n := range 20 {
		order := &orderingv1.Order{Id: fmt.Sprint("0192f0c1-0000-7000-8000-0000000000", 10+n), Total: sum, Discount: sum}
		for range 5 {
			order.Lines = append(order.Lines, &orderingv1.Line{Sku: "CUP", UnitPrice: sum, LineTotal: sum})
		}
		answer.Orders, ids = append(answer.Orders, order), append(ids, order.GetId())
	}
	ordering := NewOrdering(told{orders: answer})
	allocate.AtMost(t, 20*(1+12)+30, func() {
		if _, err := ordering.ByID(t.Context(), ids); err != nil {
			t.Error(err)
		}
	})
}
