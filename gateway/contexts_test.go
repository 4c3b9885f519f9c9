package gateway

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"quadrille.dev/platform/rabbit"
	billingv1 "quadrille.dev/schema/rpc/billing/v1"
	"quadrille.dev/schema/rpc/billing/v1/billingv1connect"
	catalogv1 "quadrille.dev/schema/rpc/catalog/v1"
	"quadrille.dev/schema/rpc/catalog/v1/catalogv1connect"
	chroniclev1 "quadrille.dev/schema/rpc/chronicle/v1"
	"quadrille.dev/schema/rpc/chronicle/v1/chroniclev1connect"
	customersv1 "quadrille.dev/schema/rpc/customers/v1"
	"quadrille.dev/schema/rpc/customers/v1/customersv1connect"
	fulfillmentv1 "quadrille.dev/schema/rpc/fulfillment/v1"
	"quadrille.dev/schema/rpc/fulfillment/v1/fulfillmentv1connect"
	inventoryv1 "quadrille.dev/schema/rpc/inventory/v1"
	"quadrille.dev/schema/rpc/inventory/v1/inventoryv1connect"
	moneyv1 "quadrille.dev/schema/rpc/money/v1"
	operationsv1 "quadrille.dev/schema/rpc/operations/v1"
	"quadrille.dev/schema/rpc/operations/v1/operationsv1connect"
	orderingv1 "quadrille.dev/schema/rpc/ordering/v1"
	"quadrille.dev/schema/rpc/ordering/v1/orderingv1connect"
	pagev1 "quadrille.dev/schema/rpc/page/v1"
	pricingv1 "quadrille.dev/schema/rpc/pricing/v1"
	"quadrille.dev/schema/rpc/pricing/v1/pricingv1connect"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"
)

// long ago is when everything in the tests happened.
var longAgo = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// id makes readable ids: kind and number.
func id(kind, number int) string { return fmt.Sprintf("0192f0c1-000%d-7000-8000-%012d", kind, number) }

func pounds(minor int64) *moneyv1.Money {
	return &moneyv1.Money{MinorUnits: minor, CurrencyCode: "GBP"}
}

// catalog has as many products as are asked for; product n has SKU "SKU-n".
type catalog struct {
	catalogv1connect.UnimplementedCatalogServiceHandler
}

func sku(n int) string { return fmt.Sprintf("SKU-%03d", n) }

func productNumber(n int) *catalogv1.Product {
	return &catalogv1.Product{Id: id(1, n), Sku: sku(n), Name: fmt.Sprint("Product ", n), Category: "Things", Retired: n == 2}
}

func (*catalog) GetProducts(_ context.Context, r *catalogv1.GetProductsRequest) (*catalogv1.GetProductsResponse, error) {
	answer := &catalogv1.GetProductsResponse{}
	for n := range 100 {
		if slices.Contains(r.Ids, id(1, n)) || slices.Contains(r.Skus, sku(n)) {
			answer.Products = append(answer.Products, productNumber(n))
		}
	}
	return answer, nil
}

func (*catalog) SearchProducts(_ context.Context, r *catalogv1.SearchProductsRequest) (*catalogv1.SearchProductsResponse, error) {
	answer := &catalogv1.SearchProductsResponse{PageInfo: &pagev1.PageInfo{HasNextPage: true, TotalCount: 100}}
	for n := range int(r.Page.First) {
		answer.Edges = append(answer.Edges, &catalogv1.SearchProductsResponse_Edge{Cursor: strconv.Itoa(n), Product: productNumber(n)})
	}
	return answer, nil
}

func (*catalog) ListCategories(context.Context, *catalogv1.ListCategoriesRequest) (*catalogv1.ListCategoriesResponse, error) {
	return &catalogv1.ListCategoriesResponse{Categories: []*catalogv1.ListCategoriesResponse_Category{{Name: "Things", Products: 99}}}, nil
}

func (*catalog) ListProduct(_ context.Context, r *catalogv1.ListProductRequest) (*catalogv1.ListProductResponse, error) {
	if r.Sku == "" {
		return &catalogv1.ListProductResponse{UserErrors: []*problemv1.UserError{
			{Code: "REQUIRED", Message: "A SKU is needed.", Path: []string{"sku"}},
		}}, nil
	}
	return &catalogv1.ListProductResponse{Product: &catalogv1.Product{Id: id(1, 99), Sku: r.Sku, Name: r.Name}}, nil
}

func (*catalog) UpdateProduct(context.Context, *catalogv1.UpdateProductRequest) (*catalogv1.UpdateProductResponse, error) {
	return &catalogv1.UpdateProductResponse{Product: productNumber(1)}, nil
}

// RetireProduct refuses the first product for a reason that the client's API does not know.
func (*catalog) RetireProduct(_ context.Context, r *catalogv1.RetireProductRequest) (*catalogv1.RetireProductResponse, error) {
	if r.Id != id(1, 1) {
		return &catalogv1.RetireProductResponse{Product: productNumber(2)}, nil
	}
	return &catalogv1.RetireProductResponse{UserErrors: []*problemv1.UserError{{Code: "NO_SUCH_CODE"}}}, nil
}

// pricing sells everything at 4.25.
type pricing struct {
	pricingv1connect.UnimplementedPricingServiceHandler
	changed *pricingv1.ChangePriceRequest
}

func (*pricing) GetPrices(_ context.Context, r *pricingv1.GetPricesRequest) (*pricingv1.GetPricesResponse, error) {
	answer := &pricingv1.GetPricesResponse{}
	for _, sku := range r.Skus {
		answer.Prices = append(answer.Prices, &pricingv1.Price{Sku: sku, ListPrice: pounds(425)})
	}
	return answer, nil
}

func (p *pricing) ChangePrice(_ context.Context, r *pricingv1.ChangePriceRequest) (*pricingv1.ChangePriceResponse, error) {
	p.changed = r
	return &pricingv1.ChangePriceResponse{Price: &pricingv1.Price{Sku: r.Sku, ListPrice: r.ListPrice}}, nil
}

func (*pricing) CreatePromotion(_ context.Context, r *pricingv1.CreatePromotionRequest) (*pricingv1.CreatePromotionResponse, error) {
	return &pricingv1.CreatePromotionResponse{Promotion: &pricingv1.Promotion{
		Code: r.Code, BasisPoints: r.BasisPoints, StartsAt: timestamppb.New(longAgo),
	}}, nil
}

// inventory has n of the product with SKU n, and three thousand million of the first.
type inventory struct {
	inventoryv1connect.UnimplementedInventoryServiceHandler
}

func (*inventory) GetAvailability(_ context.Context, r *inventoryv1.GetAvailabilityRequest) (*inventoryv1.GetAvailabilityResponse, error) {
	answer := &inventoryv1.GetAvailabilityResponse{}
	for n := range 100 {
		available := int64(n)
		if n == 11 {
			available = 3_000_000_000
		}
		if slices.Contains(r.Skus, sku(n)) {
			answer.Availabilities = append(answer.Availabilities, &inventoryv1.Availability{Sku: sku(n), Available: available})
		}
	}
	return answer, nil
}

func (*inventory) GetReservations(_ context.Context, r *inventoryv1.GetReservationsRequest) (*inventoryv1.GetReservationsResponse, error) {
	answer := &inventoryv1.GetReservationsResponse{}
	for _, order := range r.OrderIds {
		answer.Reservations = append(answer.Reservations, &inventoryv1.Reservation{OrderId: order, Status: "DEDUCTED"})
	}
	return answer, nil
}

func (i *inventory) GetStock(ctx context.Context, r *inventoryv1.GetStockRequest) (*inventoryv1.GetStockResponse, error) {
	available, _ := i.GetAvailability(ctx, &inventoryv1.GetAvailabilityRequest{Skus: r.Skus})
	reserved, _ := i.GetReservations(ctx, &inventoryv1.GetReservationsRequest{OrderIds: r.OrderIds})
	return &inventoryv1.GetStockResponse{Availabilities: available.Availabilities, Reservations: reserved.Reservations}, nil
}

func (*inventory) ReceiveStock(_ context.Context, r *inventoryv1.ReceiveStockRequest) (*inventoryv1.ReceiveStockResponse, error) {
	return &inventoryv1.ReceiveStockResponse{Availability: &inventoryv1.Availability{Sku: r.Sku, Available: r.Quantity}}, nil
}

// customers knows ada, grace and olga, and lets services see everybody.
type customers struct {
	customersv1connect.UnimplementedCustomersServiceHandler
	known map[string]*customersv1.Customer
}

func newCustomers() *customers {
	return &customers{known: map[string]*customersv1.Customer{
		ada.String(): {
			Id: ada.String(), Email: "ada@quadrille.test", Name: "Ada", Tier: customersv1.Tier_TIER_STANDARD, Roles: []string{"CUSTOMER"},
			Addresses: []*customersv1.Address{{Id: id(6, 1), Name: "Ada", City: "London", CountryCode: "GB"}},
		},
		grace.String(): {Id: grace.String(), Email: "grace@quadrille.test", Name: "Grace", Tier: customersv1.Tier_TIER_VIP, Roles: []string{"CUSTOMER"}},
		olga.String():  {Id: olga.String(), Email: "olga@quadrille.test", Name: "Olga", Tier: customersv1.Tier_TIER_STANDARD, Roles: []string{"OPERATOR"}},
	}}
}

func (c *customers) GetCustomers(_ context.Context, r *customersv1.GetCustomersRequest) (*customersv1.GetCustomersResponse, error) {
	answer := &customersv1.GetCustomersResponse{}
	for _, id := range r.Ids {
		if known := c.known[id]; known != nil {
			answer.Customers = append(answer.Customers, known)
		}
	}
	return answer, nil
}

func (c *customers) FindCustomer(_ context.Context, r *customersv1.FindCustomerRequest) (*customersv1.FindCustomerResponse, error) {
	for _, known := range c.known {
		if known.Email == r.Email {
			return &customersv1.FindCustomerResponse{Customer: known}, nil
		}
	}
	return &customersv1.FindCustomerResponse{}, nil
}

func (c *customers) SignIn(_ context.Context, r *customersv1.SignInRequest) (*customersv1.SignInResponse, error) {
	if r.Password != "quadrille" {
		return &customersv1.SignInResponse{UserErrors: []*problemv1.UserError{{Code: "INVALID_CREDENTIALS", Message: "No."}}}, nil
	}
	answer := &customersv1.SignInResponse{Token: &customersv1.Token{Token: "signed", ExpiresAt: timestamppb.New(longAgo)}}
	for _, known := range c.known {
		if known.Email == r.Email {
			answer.Customer = known
		}
	}
	return answer, nil
}

func (c *customers) SignInWithToken(_ context.Context, r *customersv1.SignInWithTokenRequest) (*customersv1.SignInWithTokenResponse, error) {
	if r.Token != "elsewhere" {
		return &customersv1.SignInWithTokenResponse{UserErrors: problem("INVALID_CREDENTIALS", "token")}, nil
	}
	return &customersv1.SignInWithTokenResponse{
		Token: &customersv1.Token{Token: "signed", ExpiresAt: timestamppb.New(longAgo)}, Customer: c.known[ada.String()],
	}, nil
}

func (c *customers) RegisterCustomer(_ context.Context, r *customersv1.RegisterCustomerRequest) (*customersv1.RegisterCustomerResponse, error) {
	return &customersv1.RegisterCustomerResponse{
		Customer: &customersv1.Customer{Id: id(2, 1), Email: r.Email, Name: r.Name, Tier: customersv1.Tier_TIER_STANDARD},
		Token:    &customersv1.Token{Token: "signed", ExpiresAt: timestamppb.New(longAgo)},
	}, nil
}

func (c *customers) AddAddress(_ context.Context, r *customersv1.AddAddressRequest) (*customersv1.AddAddressResponse, error) {
	return &customersv1.AddAddressResponse{Customer: c.known[r.CustomerId], Address: r.Address}, nil
}

func (c *customers) SetTier(_ context.Context, r *customersv1.SetTierRequest) (*customersv1.SetTierResponse, error) {
	return &customersv1.SetTierResponse{Customer: c.known[r.CustomerId]}, nil
}

func (*customers) Erase(context.Context, *customersv1.EraseRequest) (*customersv1.EraseResponse, error) {
	return &customersv1.EraseResponse{}, nil
}

func (c *customers) UpdateProfile(_ context.Context, r *customersv1.UpdateProfileRequest) (*customersv1.UpdateProfileResponse, error) {
	return &customersv1.UpdateProfileResponse{Customer: c.known[r.CustomerId]}, nil
}

// ordering has orders 1 to 9 of ada and 11 to 19 of grace. It lets everybody see everything, so that what is hidden is hidden by
// the gateway.
type ordering struct {
	orderingv1connect.UnimplementedOrderingServiceHandler
	mu     sync.Mutex
	status string
	placed *orderingv1.PlaceOrderRequest
	refuse []*problemv1.UserError
	fail   error
}

// owner is whose an order, or a return, is.
func owner(of string) string {
	switch {
	case of <= id(3, 10), of >= back(0) && of <= back(10):
		return ada.String()
	case of < id(3, 20), of >= back(0) && of < back(20):
		return grace.String()
	default:
		return ""
	}
}

func newOrdering() *ordering { return &ordering{status: "PLACED"} }

func (o *ordering) setStatus(status string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.status = status
}

func (o *ordering) number(n int) *orderingv1.Order {
	o.mu.Lock()
	defer o.mu.Unlock()
	order := &orderingv1.Order{
		Id: id(3, n), Number: fmt.Sprintf("Q-%08d", n), CustomerId: owner(id(3, n)), Status: o.status, PlacedAt: timestamppb.New(longAgo),
		PricedFrom: orderingv1.PricedFrom_PRICED_FROM_LIVE, Total: pounds(850), Discount: pounds(0),
		ShippingAddress: &orderingv1.Address{Name: "Ada", Street: "1 St James's Square", City: "London", PostalCode: "SW1Y 4JH", CountryCode: "GB"},
	}
	for line := range 3 {
		order.Lines = append(order.Lines, &orderingv1.Line{
			Sku: sku(n + line), Quantity: 2, UnitPrice: pounds(425), LineTotal: pounds(850),
		})
	}
	return order
}

func (o *ordering) GetOrders(_ context.Context, r *orderingv1.GetOrdersRequest) (*orderingv1.GetOrdersResponse, error) {
	if o.fail != nil {
		return nil, o.fail
	}
	answer := &orderingv1.GetOrdersResponse{}
	for n := 1; n < 20; n++ {
		if slices.Contains(r.Ids, id(3, n)) {
			answer.Orders = append(answer.Orders, o.number(n))
		}
	}
	return answer, nil
}

func (o *ordering) ListOrders(_ context.Context, r *orderingv1.ListOrdersRequest) (*orderingv1.ListOrdersResponse, error) {
	if r.Page.After == "rubbish" {
		return nil, connect.NewError(connect.CodeInvalidArgument, fmt.Errorf("not a cursor"))
	}
	answer := &orderingv1.ListOrdersResponse{PageInfo: &pagev1.PageInfo{TotalCount: 9}}
	for n := 1; n <= int(min(r.Page.First, 9)); n++ {
		answer.Edges = append(answer.Edges, &orderingv1.ListOrdersResponse_Edge{Cursor: strconv.Itoa(n), Order: o.number(n)})
	}
	return answer, nil
}

func (o *ordering) Quote(_ context.Context, r *orderingv1.QuoteRequest) (*orderingv1.QuoteResponse, error) {
	answer := &orderingv1.QuoteResponse{Discount: pounds(0), Total: pounds(850), PricedFrom: orderingv1.PricedFrom_PRICED_FROM_CACHED}
	for _, line := range r.Lines {
		answer.Lines = append(answer.Lines, &orderingv1.Line{Sku: line.Sku, Quantity: line.Quantity, UnitPrice: pounds(425), LineTotal: pounds(850)})
	}
	return answer, nil
}

func (o *ordering) PlaceOrder(_ context.Context, r *orderingv1.PlaceOrderRequest) (*orderingv1.PlaceOrderResponse, error) {
	o.placed = r
	if o.refuse != nil {
		return &orderingv1.PlaceOrderResponse{UserErrors: o.refuse}, nil
	}
	return &orderingv1.PlaceOrderResponse{Order: o.number(1)}, nil
}

func (o *ordering) CancelOrder(_ context.Context, r *orderingv1.CancelOrderRequest) (*orderingv1.CancelOrderResponse, error) {
	order := o.number(1)
	order.Status = "CANCELLED"
	order.Cancellation = &orderingv1.Cancellation{
		Reason: "CUSTOMER_REQUEST", Detail: r.Reason, CancelledBy: "CUSTOMER", CancelledAt: timestamppb.New(longAgo),
	}
	return &orderingv1.CancelOrderResponse{Order: order}, nil
}

// billing has charged everything.
type billing struct {
	billingv1connect.UnimplementedBillingServiceHandler
}

func (*billing) GetAccounts(_ context.Context, r *billingv1.GetAccountsRequest) (*billingv1.GetAccountsResponse, error) {
	answer := &billingv1.GetAccountsResponse{}
	for _, order := range r.OrderIds {
		answer.Accounts = append(answer.Accounts, &billingv1.Account{
			OrderId: order,
			Payment: &billingv1.Payment{Status: "CAPTURED", Amount: pounds(850), Refunded: pounds(0), Attempts: 1},
			Invoice: &billingv1.Invoice{
				Number: "I-1", Status: "ISSUED", Total: pounds(850), BilledTo: &billingv1.Party{Name: "Ada", Email: "ada@quadrille.test"},
			},
		})
	}
	return answer, nil
}

// fulfillment has sent everything.
type fulfillment struct {
	fulfillmentv1connect.UnimplementedFulfillmentServiceHandler
}

func (*fulfillment) GetShipments(_ context.Context, r *fulfillmentv1.GetShipmentsRequest) (*fulfillmentv1.GetShipmentsResponse, error) {
	answer := &fulfillmentv1.GetShipmentsResponse{}
	for _, order := range r.OrderIds {
		answer.Shipments = append(answer.Shipments, &fulfillmentv1.Shipment{
			OrderId: order, Status: "DISPATCHED", Carrier: new("Quill & Post"), TrackingNumber: new("QP1"),
		})
	}
	return answer, nil
}

// chronicle has recorded as many facts of each saga as it was told, and lets everybody see everything.
type chronicle struct {
	chroniclev1connect.UnimplementedChronicleServiceHandler
	mu    sync.Mutex
	facts int64
	state string
	list  *chroniclev1.ListSagasRequest
}

func newChronicle() *chronicle { return &chronicle{facts: 2, state: "RUNNING"} }

// setState is how every saga stands.
func (c *chronicle) setState(state string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = state
}

// record adds facts to every saga, and answers how many it has then.
func (c *chronicle) record(facts int64) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.facts += facts
	return c.facts
}

func (c *chronicle) saga(of string) *chroniclev1.Saga {
	kind := "ORDER"
	if of >= back(0) {
		kind = "RETURN"
	}
	return &chroniclev1.Saga{
		Id: of, CustomerId: owner(of), Kind: kind, State: c.state, WaitingFor: []string{"billing.payment.captured"}, Sequence: c.facts,
		StartedAt: timestamppb.New(longAgo), LastFactAt: timestamppb.New(longAgo),
		Steps: []*chroniclev1.Step{{Context: "billing", Name: "charge", State: "RUNNING", StartedAt: timestamppb.New(longAgo)}},
	}
}

func (c *chronicle) GetSagas(_ context.Context, r *chroniclev1.GetSagasRequest) (*chroniclev1.GetSagasResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	answer := &chroniclev1.GetSagasResponse{}
	for _, order := range r.Ids {
		told := c.saga(order)
		if r.WithSkus {
			told.Skus = []string{sku(1), sku(2)}
		}
		answer.Sagas = append(answer.Sagas, told)
	}
	return answer, nil
}

func (c *chronicle) ListSagas(_ context.Context, r *chroniclev1.ListSagasRequest) (*chroniclev1.ListSagasResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = r
	answer := &chroniclev1.ListSagasResponse{PageInfo: &pagev1.PageInfo{TotalCount: 9}}
	for n := 1; n <= int(min(r.Page.First, 9)); n++ {
		answer.Edges = append(answer.Edges, &chroniclev1.ListSagasResponse_Edge{Cursor: strconv.Itoa(n), Saga: c.saga(id(3, n))})
	}
	return answer, nil
}

func (c *chronicle) GetFacts(_ context.Context, r *chroniclev1.GetFactsRequest) (*chroniclev1.GetFactsResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	answer := &chroniclev1.GetFactsResponse{}
	for n := int64(1); n <= c.facts; n++ {
		for order, fact := range map[string]string{id(3, 1): id(4, int(n)), graces: id(5, int(n))} {
			if slices.Contains(r.Ids, fact) {
				answer.Facts = append(answer.Facts, &chroniclev1.GetFactsResponse_Found{CustomerId: owner(order), Fact: &chroniclev1.Fact{
					Id: fact, Type: "ordering.order.placed", Context: "ordering", OccurredAt: timestamppb.New(longAgo), CorrelationId: order,
				}})
			}
		}
	}
	return answer, nil
}

// InspectFacts tells of each fact that it charged; the first was published in a trace.
func (c *chronicle) InspectFacts(_ context.Context, r *chroniclev1.InspectFactsRequest) (*chroniclev1.InspectFactsResponse, error) {
	answer := &chroniclev1.InspectFactsResponse{}
	for _, fact := range r.Ids {
		inspected := &chroniclev1.InspectFactsResponse_Inspected{
			Id: fact, Payload: `{"name":"***"}`,
			Effect: &chroniclev1.Effect{State: "RUNNING", Steps: []*chroniclev1.StepChange{
				{Context: "billing", Name: "charge", From: "RUNNING", To: "DONE"},
			}},
		}
		if fact == id(4, 1) {
			inspected.TraceId = "4bf92f3577b34da6a3ce929d0e0e4736"
		}
		answer.Facts = append(answer.Facts, inspected)
	}
	return answer, nil
}

func (*chronicle) CountFacts(_ context.Context, r *chroniclev1.CountFactsRequest) (*chroniclev1.CountFactsResponse, error) {
	return &chroniclev1.CountFactsResponse{Counts: []*chroniclev1.CountFactsResponse_Count{
		{Type: "ordering.order.placed", Count: int64(r.Seconds)}, {Type: "shop.till.opened", Count: 1},
	}}, nil
}

func (c *chronicle) ListAudit(_ context.Context, r *chroniclev1.ListAuditRequest) (*chroniclev1.ListAuditResponse, error) {
	answer := &chroniclev1.ListAuditResponse{PageInfo: &pagev1.PageInfo{HasNextPage: true, TotalCount: 9}}
	for n := range int(r.GetPage().GetFirst()) {
		if r.GetIds() != nil && !slices.Contains(r.GetIds(), id(9, n)) {
			continue
		}
		answer.Edges = append(answer.Edges, &chroniclev1.ListAuditResponse_Edge{Cursor: strconv.Itoa(n), Entry: &chroniclev1.AuditEntry{
			Id: id(9, n), At: timestamppb.New(longAgo), Context: "pricing",
			Actor: "olga@quadrille.test", Action: "price.changed", Target: sku(n), Detail: "Changed a price.",
		}})
	}
	return answer, nil
}

func (c *chronicle) GetTimeline(_ context.Context, r *chroniclev1.GetTimelineRequest) (*chroniclev1.GetTimelineResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	answer := &chroniclev1.GetTimelineResponse{}
	for _, order := range r.SagaIds {
		timeline := &chroniclev1.GetTimelineResponse_Timeline{SagaId: order, TotalCount: int32(c.facts)}
		for n := r.AfterSequence + 1; n <= c.facts && len(timeline.Facts) < int(r.First); n++ {
			timeline.Facts = append(timeline.Facts, &chroniclev1.Fact{
				Id: id(4, int(n)), Type: "ordering.order.placed", Context: "ordering", OccurredAt: timestamppb.New(longAgo),
				CorrelationId: order, Summary: "It happened.", Sequence: n, RecordedAt: timestamppb.New(longAgo.Add(time.Second)),
			})
		}
		timeline.HasNextPage = r.AfterSequence+int64(len(timeline.Facts)) < c.facts
		answer.Timelines = append(answer.Timelines, timeline)
	}
	return answer, nil
}

// operations says that a context is well.
type operations struct {
	operationsv1connect.UnimplementedOperationsServiceHandler

	name string
	// parked is how many messages are parked. The n-th failed n hours and, for each letter of the name, a minute after longAgo.
	parked int
}

func (o operations) ListParked(_ context.Context, r *operationsv1.ListParkedRequest) (*operationsv1.ListParkedResponse, error) {
	answer := &operationsv1.ListParkedResponse{PageInfo: &pagev1.PageInfo{TotalCount: int32(o.parked)}}
	if o.parked > 0 {
		answer.Groups = []*operationsv1.ParkedGroup{{Type: "a.b." + r.GetType(), Error: r.GetError(), Count: int32(o.parked)}}
	}
	for n := range o.parked {
		at := longAgo.Add(time.Duration(n)*time.Hour + time.Duration(len(o.name))*time.Minute)
		if cursor := at.Format(time.RFC3339) + " " + id(8, n) + " " + o.name; cursor > r.GetPage().GetAfter() && len(answer.Edges) < int(r.GetPage().GetFirst()) {
			answer.Edges = append(answer.Edges, &operationsv1.ListParkedResponse_Edge{Cursor: cursor, Message: &operationsv1.ParkedMessage{
				Id: id(8, n), Type: "ordering.order.placed", Subject: id(3, n), Attempts: 10, Error: "broken", Behind: 2,
				FirstFailedAt: timestamppb.New(at), LastFailedAt: timestamppb.New(at), Payload: new(`{"name":"***"}`),
			}})
		} else if cursor > r.GetPage().GetAfter() {
			answer.PageInfo.HasNextPage = true
		}
	}
	return answer, nil
}

// ListDeliveries tells that billing has parked everything; others have handled the first fact, and know no other.
func (o operations) ListDeliveries(_ context.Context, r *operationsv1.ListDeliveriesRequest) (*operationsv1.ListDeliveriesResponse, error) {
	answer := &operationsv1.ListDeliveriesResponse{}
	for _, message := range r.Ids {
		delivery := &operationsv1.Delivery{Id: message, State: "UNKNOWN"}
		switch {
		case o.name == "billing":
			delivery.State, delivery.Attempts, delivery.At, delivery.Error = "PARKED", new(int32(10)), timestamppb.New(longAgo), "broken"
		case message == id(4, 1):
			delivery.State, delivery.Attempts, delivery.At = "HANDLED", new(int32(1)), timestamppb.New(longAgo)
		}
		answer.Deliveries = append(answer.Deliveries, delivery)
	}
	return answer, nil
}

func (o operations) RetryParked(_ context.Context, r *operationsv1.RetryParkedRequest) (*operationsv1.RetryParkedResponse, error) {
	if r.GetGroup() != nil {
		return &operationsv1.RetryParkedResponse{Retried: int32(o.parked)}, nil
	}
	if r.GetPayload() == "{" {
		return &operationsv1.RetryParkedResponse{UserErrors: problem("MALFORMED", "payload")}, nil
	}
	answer := &operationsv1.RetryParkedResponse{}
	for _, key := range r.GetIds() {
		if key == id(8, 99) {
			answer.Failed = append(answer.Failed, &operationsv1.RetryParkedResponse_Failure{Id: key, Error: "NOT_PARKED"})
		} else {
			answer.Retried++
		}
	}
	return answer, nil
}

func (o operations) DiscardParked(_ context.Context, r *operationsv1.DiscardParkedRequest) (*operationsv1.DiscardParkedResponse, error) {
	if n := slices.Index(r.GetIds(), id(8, 99)); n >= 0 {
		return &operationsv1.DiscardParkedResponse{UserErrors: problem("NOT_FOUND", "ids", strconv.Itoa(n))}, nil
	}
	return &operationsv1.DiscardParkedResponse{Discarded: int32(len(r.GetIds()))}, nil
}

func problem(code string, path ...string) []*problemv1.UserError {
	return []*problemv1.UserError{{Code: code, Message: "It is so.", Path: path}}
}

func (o operations) GetStatus(context.Context, *operationsv1.GetStatusRequest) (*operationsv1.GetStatusResponse, error) {
	return &operationsv1.GetStatusResponse{
		Name: o.name, Version: "1", OutboxBacklog: 3, InboxReady: -1,
		Breakers: []*operationsv1.Breaker{{To: "pricing", State: "CLOSED", Since: timestamppb.New(longAgo)}},
	}, nil
}

// signals are those of contexts, as the broker would hand them over.
type signals struct {
	mu        sync.Mutex
	listening map[string]chan struct{}
	handle    map[string]func(key string, message []byte)
	again     map[string]func()
}

func newSignals() *signals {
	return &signals{
		listening: map[string]chan struct{}{"chronicle": make(chan struct{}), "inventory": make(chan struct{})},
		handle:    map[string]func(string, []byte){}, again: map[string]func(){},
	}
}

func (s *signals) Listen(ctx context.Context, from, _ string, reconnected func(), handle func(key string, message []byte)) error {
	s.mu.Lock()
	s.handle[from], s.again[from] = handle, reconnected
	s.mu.Unlock()
	reconnected()
	close(s.listening[from])
	<-ctx.Done()
	return nil
}

// Overhear hears nothing: the tests' gateway asks the contexts whenever it is asked.
func (s *signals) Overhear(ctx context.Context, _ rabbit.Overhearing) error {
	<-ctx.Done()
	return nil
}

// send says that a saga has changed.
func (s *signals) send(saga string, sequence int64) {
	s.from("chronicle", "saga.changed", fmt.Sprintf(`{"saga":%q,"sequence":%d}`, saga, sequence))
}

// from is a signal of a context.
func (s *signals) from(context, key, message string) {
	<-s.listening[context]
	s.mu.Lock()
	handle := s.handle[context]
	s.mu.Unlock()
	handle(key, []byte(message))
}

// reconnect says that signals of a context may have been lost.
func (s *signals) reconnect(context string) {
	<-s.listening[context]
	s.mu.Lock()
	again := s.again[context]
	s.mu.Unlock()
	again()
}
