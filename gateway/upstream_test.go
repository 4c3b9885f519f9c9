package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"quadrille.dev/gateway/internal/acl"
	"quadrille.dev/schema/rpc/billing/v1/billingv1connect"
	"quadrille.dev/schema/rpc/catalog/v1/catalogv1connect"
	"quadrille.dev/schema/rpc/chronicle/v1/chroniclev1connect"
	"quadrille.dev/schema/rpc/customers/v1/customersv1connect"
	"quadrille.dev/schema/rpc/fulfillment/v1/fulfillmentv1connect"
	"quadrille.dev/schema/rpc/inventory/v1/inventoryv1connect"
	"quadrille.dev/schema/rpc/operations/v1/operationsv1connect"
	"quadrille.dev/schema/rpc/ordering/v1/orderingv1connect"
	"quadrille.dev/schema/rpc/pricing/v1/pricingv1connect"
)

// upstream are the contexts of the world without a network, breakers or retries between them and the gateway: what they answer is the same
// however often and in whatever order they are asked, faults included.
type upstream struct {
	mux    *http.ServeMux
	faults *faults
}

// RoundTrip is for RPC clients.
func (u *upstream) RoundTrip(request *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	u.mux.ServeHTTP(recorder, request)
	return recorder.Result(), nil
}

// newUpstream makes contexts in which faults happen, and clients of them.
func newUpstream(faults *faults, ordering *ordering) *acl.Contexts {
	u := &upstream{http.NewServeMux(), faults}
	client := &http.Client{Transport: u}
	served := connect.WithInterceptors(connect.UnaryInterceptorFunc(u.spoil))
	asked := connect.WithAcceptCompression("gzip", nil, nil)
	contexts := &acl.Contexts{}
	at := func(name string) string {
		pattern, handler := operationsv1connect.NewOperationsServiceHandler(operations{name: name, parked: len(name) % 3}, served)
		u.mux.Handle("/"+name+pattern, http.StripPrefix("/"+name, handler))
		rpc := operationsv1connect.NewOperationsServiceClient(client, "http://contexts/"+name, asked)
		contexts.Operations = append(contexts.Operations, acl.NewOperations(name, rpc))
		contexts.Parked = contexts.Parked.With(name, rpc)
		return "http://contexts"
	}
	u.mux.Handle(catalogv1connect.NewCatalogServiceHandler(&catalog{}, served))
	u.mux.Handle(customersv1connect.NewCustomersServiceHandler(newCustomers(), served))
	u.mux.Handle(pricingv1connect.NewPricingServiceHandler(&pricing{}, served))
	u.mux.Handle(inventoryv1connect.NewInventoryServiceHandler(&inventory{}, served))
	u.mux.Handle(orderingv1connect.NewOrderingServiceHandler(ordering, served))
	u.mux.Handle(billingv1connect.NewBillingServiceHandler(&billing{}, served))
	u.mux.Handle(fulfillmentv1connect.NewFulfillmentServiceHandler(&fulfillment{}, served))
	u.mux.Handle(chroniclev1connect.NewChronicleServiceHandler(newChronicle(), served))
	contexts.Catalog = acl.NewCatalog(catalogv1connect.NewCatalogServiceClient(client, at("catalog"), asked))
	contexts.Customers = acl.NewCustomers(customersv1connect.NewCustomersServiceClient(client, at("customers"), asked))
	contexts.Pricing = acl.NewPricing(pricingv1connect.NewPricingServiceClient(client, at("pricing"), asked))
	contexts.Inventory = acl.NewInventory(inventoryv1connect.NewInventoryServiceClient(client, at("inventory"), asked))
	contexts.Ordering = acl.NewOrdering(orderingv1connect.NewOrderingServiceClient(client, at("ordering"), asked))
	contexts.Billing = acl.NewBilling(billingv1connect.NewBillingServiceClient(client, at("billing"), asked))
	contexts.Fulfillment = acl.NewFulfillment(fulfillmentv1connect.NewFulfillmentServiceClient(client, at("fulfillment"), asked))
	contexts.Chronicle = acl.NewChronicle(chroniclev1connect.NewChronicleServiceClient(client, at("chronicle"), asked))
	return contexts
}

// failing are the ways in which a context can fail to answer.
var failing = []connect.Code{
	connect.CodeUnavailable, connect.CodePermissionDenied, connect.CodeInternal, connect.CodeInvalidArgument, connect.CodeUnauthenticated,
	connect.CodeDeadlineExceeded,
}

// spoil has procedures fail, and objects be missing in what they answer.
func (u *upstream) spoil(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
		procedure := request.Spec().Procedure
		if u.spoilt(procedure) {
			code := failing[u.faults.number("code", procedure)%uint64(len(failing))]
			return nil, connect.NewError(code, errors.New("it does not"))
		}
		if procedure == inventoryv1connect.InventoryServiceGetStockProcedure && u.spoilt(
			inventoryv1connect.InventoryServiceGetAvailabilityProcedure, inventoryv1connect.InventoryServiceGetReservationsProcedure,
		) {
			return nil, connect.NewError(connect.CodeInternal, errors.New("one of both does not"))
		}
		response, err := next(ctx, request)
		if err == nil && u.faults.missing > 0 {
			u.lose(response.Any().(proto.Message).ProtoReflect())
		}
		return response, err
	}
}

// spoilt tells whether any of some procedures fails: with it fails what asks for all of them at once.
func (u *upstream) spoilt(procedures ...string) bool {
	return slices.ContainsFunc(procedures, func(procedure string) bool { return u.faults.happens(u.faults.calls, "call", procedure) })
}

// lose drops some of the objects that an answer lists, by what they are called.
func (u *upstream) lose(answer protoreflect.Message) {
	answer.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		if !field.IsList() || field.Kind() != protoreflect.MessageKind {
			return true
		}
		list, left := value.List(), 0
		for i := range list.Len() {
			if one := list.Get(i); !u.faults.happens(u.faults.missing, "missing", string(field.Message().FullName()), called(one.Message())) {
				list.Set(left, one)
				left++
			}
		}
		list.Truncate(left)
		return true
	})
}

// called is the first text that an object has.
func called(object protoreflect.Message) string {
	fields := object.Descriptor().Fields()
	for i := range fields.Len() {
		if field := fields.Get(i); field.Kind() == protoreflect.StringKind && !field.IsList() {
			return object.Get(field).String()
		}
	}
	return ""
}

// faults are what goes wrong while one operation is executed. Whether it does is up to the seed and to whom it happens, and neither to
// the order in which things are asked for nor to what is asked for together with them: so the same goes wrong for every executor.
type faults struct {
	seed uint64
	// How many of a thousand procedures fail, objects are missing, fields fail, values are null, and values are odd.
	calls, missing, fields, nulls, odd uint64
}

// number is one that nothing but the seed and the names decides.
func (f *faults) number(names ...string) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	sum := offset ^ f.seed*0x9E3779B97F4A7C15
	for _, name := range names {
		for i := range len(name) {
			sum = (sum ^ uint64(name[i])) * prime
		}
		sum = (sum ^ 0xff) * prime
	}
	sum ^= sum >> 33
	sum *= 0xff51afd7ed558ccd
	return sum ^ sum>>33
}

// happens tells whether something happens to somebody that happens to so many of a thousand.
func (f *faults) happens(perMille uint64, names ...string) bool {
	return perMille > 0 && f.number(names...)%1000 < perMille
}

// faultsBy are those that a seed stands for: none for a third of all seeds.
func faultsBy(seed uint64) faults {
	f := faults{seed: seed}
	switch seed % 9 {
	case 0:
		f.calls = 300
	case 1:
		f.missing = 200
	case 2:
		f.fields = 150
	case 3:
		f.nulls = 60
	case 4:
		f.nulls, f.odd = 10, 100
	case 5:
		f.calls, f.missing, f.fields, f.nulls, f.odd = 60, 60, 40, 20, 20
	}
	return f
}

func (f *faults) String() string {
	return strings.TrimPrefix(fmt.Sprintf("%+v", *f), "gateway.")
}
