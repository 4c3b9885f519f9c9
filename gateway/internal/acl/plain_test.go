package acl

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/testing/protocmp"

	"quadrille.dev/platform/resilience"
	"quadrille.dev/platform/serve"
)

// pooled is an answer whose memory is used again.
type pooled interface {
	proto.Message
	ReturnToVTPool()
}

// asked is an RPC, and an answer to it in which nothing is yet.
type asked struct {
	ask    func(ctx context.Context) (pooled, error)
	answer func() proto.Message
}

func asking[Q, A any, PA interface {
	*A
	pooled
}](call func(context.Context, *Q) (*A, error)) asked {
	return asked{
		func(ctx context.Context) (pooled, error) {
			answer, err := call(ctx, new(Q))
			return PA(answer), err
		},
		func() proto.Message { return PA(new(A)) },
	}
}

// What is called plainly is the procedure of its name, and every field of its answer arrives, the first time and when its memory is used again.
func TestWhatIsCalledPlainlyIsReadWhole(t *testing.T) {
	answers := map[string][]byte{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/proto")
		w.Header().Set("Content-Length", fmt.Sprint(len(answers[r.URL.Path])))
		_, _ = w.Write(answers[r.URL.Path])
	}))
	defer server.Close()
	to := serve.NewClient(resilience.Config{To: "all"}, "gateway:secret")
	catalog, customers, pricing, inventory := newCatalog(to, server.URL), newCustomers(to, server.URL), newPricing(to, server.URL), newInventory(to, server.URL)
	ordering, billing, fulfillment := newOrdering(to, server.URL), newBilling(to, server.URL), newFulfillment(to, server.URL)
	for procedure, rpc := range map[string]asked{
		"/catalog.v1.CatalogService/GetProducts":          asking(catalog.GetProducts),
		"/catalog.v1.CatalogService/SearchProducts":       asking(catalog.SearchProducts),
		"/customers.v1.CustomersService/GetCustomers":     asking(customers.GetCustomers),
		"/pricing.v1.PricingService/GetPrices":            asking(pricing.GetPrices),
		"/inventory.v1.InventoryService/GetAvailability":  asking(inventory.GetAvailability),
		"/inventory.v1.InventoryService/GetStock":         asking(inventory.GetStock),
		"/ordering.v1.OrderingService/GetOrders":          asking(ordering.GetOrders),
		"/ordering.v1.OrderingService/ListOrders":         asking(ordering.ListOrders),
		"/billing.v1.BillingService/GetAccounts":          asking(billing.GetAccounts),
		"/fulfillment.v1.FulfillmentService/GetShipments": asking(fulfillment.GetShipments),
	} {
		for _, elements := range []int{3, 0, 1, 5} {
			want := rpc.answer()
			fill(want.ProtoReflect(), elements, 1)
			var err error
			if answers[procedure], err = proto.Marshal(want); err != nil {
				t.Fatal(err)
			}
			got, err := rpc.ask(t.Context())
			if err != nil {
				t.Errorf("%s: %v", procedure, err)
				continue
			}
			if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
				t.Errorf("%s with %d: %s", procedure, elements, diff)
			}
			got.ReturnToVTPool()
		}
	}
}

// fill sets every field to something else than its zero, lists to so many elements; nothing if there are to be none.
func fill(m protoreflect.Message, elements, seed int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		switch {
		case elements == 0:
		case field.IsList():
			list := m.Mutable(field).List()
			for n := range elements {
				if field.Message() == nil {
					list.Append(scalar(field, seed+n))
					continue
				}
				element := list.NewElement()
				fill(element.Message(), elements, seed*elements+n)
				list.Append(element)
			}
		case field.Message() != nil:
			fill(m.Mutable(field).Message(), elements, seed+i)
		default:
			m.Set(field, scalar(field, seed+i))
		}
	}
}

func scalar(field protoreflect.FieldDescriptor, seed int) protoreflect.Value {
	switch field.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(fmt.Sprintf("%s %d", field.Name(), seed))
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(true)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(1)
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(int32(seed) + 1)
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(int64(seed) + 1)
	default:
		panic("a field of another kind: " + field.FullName())
	}
}
