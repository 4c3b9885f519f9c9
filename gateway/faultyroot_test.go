package gateway

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"quadrille.dev/gateway/internal/fault"
	"quadrille.dev/gateway/internal/graph"
	"quadrille.dev/gateway/internal/graph/generated"
	"quadrille.dev/gateway/internal/graph/model"
)

// faultyRoot are the gateway's resolvers, some of which fail, or answer what the schema says that they never do.
type faultyRoot struct {
	*graph.Resolver
	faults *faults
}

var _ generated.ResolverRoot = faultyRoot{}

// spoil has a field of one object fail, or spoils what it answers.
func spoil[V any](f *faults, field, key string, resolve func() (V, error)) (V, error) {
	if f.happens(f.fields, "field", field, key) {
		return *new(V), f.failure(field, key)
	}
	value, err := resolve()
	if f.happens(f.nulls, "null", field, key) {
		return *new(V), err
	}
	return spoiled(f, value, field), err
}

// failure is one of the errors that resolvers answer, or a panic.
func (f *faults) failure(field, key string) error {
	switch f.number("failure", field, key) % 7 {
	case 0:
		return fault.Denied("%s is not for %s.", field, key)
	case 1:
		return fault.Unavailable("elsewhere", errors.New("silence"))
	case 2:
		return errors.New("broken")
	case 3:
		return fmt.Errorf("wrapped: %w", fault.BadInput("%q", key))
	case 4:
		return &gqlerror.Error{Message: "GraphQL's own", Extensions: map[string]any{"code": "OWN", "at": key}}
	case 5:
		return gqlerror.List{{Message: "the first"}, {Message: "the second", Path: ast.Path{ast.PathName("elsewhere")}}}
	default:
		panic("field " + field)
	}
}

// failureAmong is one that is no panic.
func (f *faults) failureAmong(field, key string) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fault.Denied("%s is not for %s.", field, key)
		}
	}()
	return f.failure(field, key)
}

// spoilAll has a field fail, or be null, for some of many objects, or for all of them: whichever other objects it is resolved with. Resolvers
// of batches are not made to panic: of those who wait for the answer, gqlgen tells but one of the panic, whoever comes first.
func spoilAll[P comparable, V any](
	ctx context.Context, f *faults, field string, objects []P, resolve func(context.Context, []P) ([]V, error),
) ([]V, error) {
	if f.happens(f.fields/2, "all", field) {
		return nil, fault.Missing("There is no %s at all.", field)
	}
	there := slices.DeleteFunc(slices.Clone(objects), func(object P) bool { return object == *new(P) })
	found, err := resolve(ctx, there)
	list, each := errors.AsType[graphql.BatchErrors](err)
	if err != nil && !each {
		return nil, err
	}
	values, failures := make([]V, len(objects)), make(graphql.BatchErrorList, len(objects))
	failed, at := false, 0
	for i, object := range objects {
		if object == *new(P) {
			continue
		}
		key := identity(reflect.ValueOf(object))
		values[i] = spoiled(f, found[at], field+" of "+key)
		if each {
			failures[i] = list.Errors()[at]
		}
		at++
		switch {
		case f.happens(f.fields, "field", field, key):
			failures[i] = f.failureAmong(field, key)
		case f.happens(f.nulls, "null", field, key):
			values[i] = *new(V)
		}
		failed = failed || failures[i] != nil
	}
	if !failed {
		return values, nil
	}
	return values, failures
}

// spoiled is a copy of what a resolver answers in which there are nulls, and odd values, wherever Go allows for them. What is found at one
// place is spoiled by what it is called, or else by the place.
func spoiled[V any](f *faults, value V, place string) V {
	if f.nulls == 0 && f.odd == 0 {
		return value
	}
	in := reflect.ValueOf(&value).Elem()
	in.Set(f.copied(in, place))
	return value
}

// copied does not change what it copies, which may be shared.
func (f *faults) copied(value reflect.Value, place string) reflect.Value {
	switch kind := value.Kind(); {
	case kind == reflect.Pointer && !value.IsNil() && value.Elem().Kind() == reflect.Struct && !isForeign(value.Type().Elem()):
		whole := reflect.New(value.Type().Elem())
		whole.Elem().Set(f.copied(value.Elem(), place))
		return whole
	case kind == reflect.Interface && !value.IsNil():
		whole := reflect.New(value.Type()).Elem()
		if of := value.Elem(); of.Kind() == reflect.Pointer && f.happens(f.nulls, "nothing of a type", place) {
			whole.Set(reflect.Zero(of.Type()))
		} else {
			whole.Set(f.copied(of, place))
		}
		return whole
	case kind == reflect.Slice && !value.IsNil():
		whole := reflect.MakeSlice(value.Type(), value.Len(), value.Len())
		for i := range value.Len() {
			if at := fmt.Sprintf("%s[%d]", place, i); !isNilable(value.Index(i)) || !f.happens(f.nulls, "element", at) {
				whole.Index(i).Set(f.copied(value.Index(i), at))
			}
		}
		return whole
	case kind == reflect.Struct && !isForeign(value.Type()):
		return f.fieldsOf(value, place)
	default:
		return value
	}
}

func (f *faults) fieldsOf(value reflect.Value, place string) reflect.Value {
	whole := reflect.New(value.Type()).Elem()
	whole.Set(value)
	if key := identity(value); key != "" {
		place = value.Type().Name() + " " + key
	}
	for i := range value.NumField() {
		name := value.Type().Field(i).Name
		at, in := place+"."+name, whole.Field(i)
		switch {
		case value.Type().Field(i).Tag.Get("json") == "-":
		case isNilable(in) && f.happens(f.nulls, "null", at):
			in.SetZero()
		case f.happens(f.odd, "odd", at):
			f.distort(in, at)
		default:
			in.Set(f.copied(in, at))
		}
	}
	return whole
}

// odd are values that are hard to write, or to write in the same way.
var odd = struct {
	texts  []string
	ints   []int64
	floats []float64
	times  []time.Time
}{
	[]string{
		"", `"quoted" \ back`, "tab\tline\nreturn\r", "\x00\x01\x1f\x7f", "<script>&amp;</script>", "\u2028\u2029", "snow ☃ and 🎉", "broken \xff\xfe",
		strings.Repeat("long ", 300),
	},
	[]int64{0, -1, math.MaxInt32, math.MinInt32},
	[]float64{0, -0.5, 1e21, 1e-7, 123456789.125, 1e15, math.MaxFloat64},
	[]time.Time{
		{},
		time.Date(1969, 12, 31, 23, 59, 59, 999_999_999, time.FixedZone("", 3600)), time.Date(2024, 2, 29, 0, 0, 0, 120_000_000, time.UTC),
		time.Date(2020, 1, 1, 0, 0, 0, 1000, time.UTC),
	},
}

func (f *faults) distort(value reflect.Value, place string) {
	number := f.number("which", place)
	switch of := value.Addr().Interface().(type) {
	case *time.Time:
		*of = odd.times[number%uint64(len(odd.times))]
	case **float64:
		*of = &odd.floats[number%uint64(len(odd.floats))]
	case **string:
		*of = &odd.texts[number%uint64(len(odd.texts))]
	default:
		switch {
		case value.Type() == reflect.TypeFor[string]():
			value.SetString(odd.texts[number%uint64(len(odd.texts))])
		case value.Kind() == reflect.String: // a value of an enum comes from the contexts as it is, and consists of letters
			value.SetString("UNHEARD_OF")
		case value.Kind() == reflect.Int32:
			value.SetInt(odd.ints[number%uint64(len(odd.ints))])
		}
	}
}

// isForeign tells that what is in a struct is none of the API's.
func isForeign(of reflect.Type) bool {
	return !strings.HasSuffix(of.PkgPath(), "graph/model") || strings.HasPrefix(of.Name(), "Siblings")
}

func isNilable(value reflect.Value) bool {
	return value.Kind() == reflect.Pointer || value.Kind() == reflect.Slice || value.Kind() == reflect.Interface
}

// identity is what an object is called, if it is called anything.
func identity(object reflect.Value) string {
	object = reflect.Indirect(object)
	for _, name := range []string{"Key", "ID", "SKU", "Type", "Number"} {
		if field := object.FieldByName(name); field.IsValid() && field.Kind() == reflect.String && field.String() != "" {
			return field.String()
		}
	}
	return ""
}

type faultyQuery struct {
	generated.QueryResolver
	*faults
}

func (r faultyRoot) Query() generated.QueryResolver { return faultyQuery{r.Resolver.Query(), r.faults} }

func (q faultyQuery) Node(ctx context.Context, id string) (model.Node, error) {
	return spoil(q.faults, "Query.node", id, func() (model.Node, error) { return q.QueryResolver.Node(ctx, id) })
}

func (q faultyQuery) Nodes(ctx context.Context, ids []string) ([]model.Node, error) {
	return spoil(q.faults, "Query.nodes", "", func() ([]model.Node, error) { return q.QueryResolver.Nodes(ctx, ids) })
}

func (q faultyQuery) Categories(ctx context.Context) ([]*model.Category, error) {
	return spoil(q.faults, "Query.categories", "", func() ([]*model.Category, error) { return q.QueryResolver.Categories(ctx) })
}

func (q faultyQuery) Products(ctx context.Context, first int32, after, search, category *string) (*model.ProductConnection, error) {
	return spoil(q.faults, "Query.products", "", func() (*model.ProductConnection, error) {
		return q.QueryResolver.Products(ctx, first, after, search, category)
	})
}

func (q faultyQuery) Product(ctx context.Context, by model.ProductBy) (*model.Product, error) {
	return spoil(q.faults, "Query.product", "", func() (*model.Product, error) { return q.QueryResolver.Product(ctx, by) })
}

// Saga waits for no saga, for in these contexts none comes to rest.
func (q faultyQuery) Saga(ctx context.Context, id string, until *model.SagaMilestone, waitSeconds int32) (*model.Saga, error) {
	if waitSeconds > 0 && waitSeconds < 26 {
		waitSeconds = 0
	}
	return spoil(q.faults, "Query.saga", id, func() (*model.Saga, error) { return q.QueryResolver.Saga(ctx, id, until, waitSeconds) })
}

func (q faultyQuery) Sagas(ctx context.Context, filter *model.SagaFilter, first int32, after *string) (*model.SagaConnection, error) {
	return spoil(q.faults, "Query.sagas", "", func() (*model.SagaConnection, error) { return q.QueryResolver.Sagas(ctx, filter, first, after) })
}

func (q faultyQuery) AuditLog(ctx context.Context, first int32, after *string) (*model.AuditEntryConnection, error) {
	return spoil(q.faults, "Query.auditLog", "", func() (*model.AuditEntryConnection, error) { return q.QueryResolver.AuditLog(ctx, first, after) })
}

func (q faultyQuery) Choreography(ctx context.Context) ([]*model.ChoreographyFact, error) {
	return spoil(q.faults, "Query.choreography", "", func() ([]*model.ChoreographyFact, error) { return q.QueryResolver.Choreography(ctx) })
}

func (q faultyQuery) Viewer(ctx context.Context) (*model.Viewer, error) {
	return spoil(q.faults, "Query.viewer", "", func() (*model.Viewer, error) { return q.QueryResolver.Viewer(ctx) })
}

func (q faultyQuery) Contexts(ctx context.Context) ([]*model.Context, error) {
	return spoil(q.faults, "Query.contexts", "", func() ([]*model.Context, error) { return q.QueryResolver.Contexts(ctx) })
}

func (q faultyQuery) ParkedMessages(
	ctx context.Context, context *string, filter *model.ParkedMessageFilter, first int32, after *string,
) (*model.ParkedMessageConnection, error) {
	return spoil(q.faults, "Query.parkedMessages", "", func() (*model.ParkedMessageConnection, error) {
		return q.QueryResolver.ParkedMessages(ctx, context, filter, first, after)
	})
}

func (q faultyQuery) Order(ctx context.Context, id string) (*model.Order, error) {
	return spoil(q.faults, "Query.order", id, func() (*model.Order, error) { return q.QueryResolver.Order(ctx, id) })
}

func (q faultyQuery) Quote(ctx context.Context, input model.QuoteInput) (*model.Quote, error) {
	return spoil(q.faults, "Query.quote", "", func() (*model.Quote, error) { return q.QueryResolver.Quote(ctx, input) })
}

func (q faultyQuery) Return(ctx context.Context, id string) (*model.Return, error) {
	return spoil(q.faults, "Query.return", id, func() (*model.Return, error) { return q.QueryResolver.Return(ctx, id) })
}

type faultyMutation struct {
	generated.MutationResolver
	*faults
}

func (r faultyRoot) Mutation() generated.MutationResolver {
	return faultyMutation{r.Resolver.Mutation(), r.faults}
}

func (m faultyMutation) ListProduct(ctx context.Context, input model.ListProductInput) (*model.ListProductPayload, error) {
	return spoil(m.faults, "Mutation.listProduct", "", func() (*model.ListProductPayload, error) { return m.MutationResolver.ListProduct(ctx, input) })
}

func (m faultyMutation) SignIn(ctx context.Context, input model.SignInInput) (*model.SignInPayload, error) {
	return spoil(m.faults, "Mutation.signIn", "", func() (*model.SignInPayload, error) { return m.MutationResolver.SignIn(ctx, input) })
}

func (m faultyMutation) RegisterCustomer(ctx context.Context, input model.RegisterCustomerInput) (*model.RegisterCustomerPayload, error) {
	return spoil(m.faults, "Mutation.registerCustomer", "", func() (*model.RegisterCustomerPayload, error) {
		return m.MutationResolver.RegisterCustomer(ctx, input)
	})
}

func (m faultyMutation) AddAddress(ctx context.Context, input model.AddAddressInput) (*model.AddAddressPayload, error) {
	return spoil(m.faults, "Mutation.addAddress", "", func() (*model.AddAddressPayload, error) { return m.MutationResolver.AddAddress(ctx, input) })
}

func (m faultyMutation) RetryParkedMessages(ctx context.Context, input model.RetryParkedMessagesInput) (*model.RetryParkedMessagesPayload, error) {
	return spoil(m.faults, "Mutation.retryParkedMessages", "", func() (*model.RetryParkedMessagesPayload, error) {
		return m.MutationResolver.RetryParkedMessages(ctx, input)
	})
}

func (m faultyMutation) PlaceOrder(ctx context.Context, input model.PlaceOrderInput) (*model.PlaceOrderPayload, error) {
	return spoil(m.faults, "Mutation.placeOrder", "", func() (*model.PlaceOrderPayload, error) { return m.MutationResolver.PlaceOrder(ctx, input) })
}

func (m faultyMutation) CancelOrder(ctx context.Context, input model.CancelOrderInput) (*model.CancelOrderPayload, error) {
	return spoil(m.faults, "Mutation.cancelOrder", "", func() (*model.CancelOrderPayload, error) { return m.MutationResolver.CancelOrder(ctx, input) })
}

func (m faultyMutation) RequestReturn(ctx context.Context, input model.RequestReturnInput) (*model.RequestReturnPayload, error) {
	return spoil(m.faults, "Mutation.requestReturn", "", func() (*model.RequestReturnPayload, error) {
		return m.MutationResolver.RequestReturn(ctx, input)
	})
}

func (m faultyMutation) ResolveStep(ctx context.Context, input model.ResolveStepInput) (*model.ResolveStepPayload, error) {
	return spoil(m.faults, "Mutation.resolveStep", "", func() (*model.ResolveStepPayload, error) { return m.MutationResolver.ResolveStep(ctx, input) })
}

type faultyProduct struct {
	generated.ProductResolver
	*faults
}

func (r faultyRoot) Product() generated.ProductResolver {
	return faultyProduct{r.Resolver.Product(), r.faults}
}

func (p faultyProduct) Price(ctx context.Context, products []*model.Product) ([]*model.Price, error) {
	return spoilAll(ctx, p.faults, "Product.price", products, p.ProductResolver.Price)
}

func (p faultyProduct) Availability(ctx context.Context, products []*model.Product) ([]*model.Availability, error) {
	return spoilAll(ctx, p.faults, "Product.availability", products, p.ProductResolver.Availability)
}

type faultyOrder struct {
	generated.OrderResolver
	*faults
}

func (r faultyRoot) Order() generated.OrderResolver { return faultyOrder{r.Resolver.Order(), r.faults} }

func (o faultyOrder) Payment(ctx context.Context, orders []*model.Order) ([]*model.Payment, error) {
	return spoilAll(ctx, o.faults, "Order.payment", orders, o.OrderResolver.Payment)
}

func (o faultyOrder) Invoice(ctx context.Context, orders []*model.Order) ([]*model.Invoice, error) {
	return spoilAll(ctx, o.faults, "Order.invoice", orders, o.OrderResolver.Invoice)
}

func (o faultyOrder) CreditNotes(ctx context.Context, orders []*model.Order) ([][]*model.CreditNote, error) {
	return spoilAll(ctx, o.faults, "Order.creditNotes", orders, o.OrderResolver.CreditNotes)
}

func (o faultyOrder) Saga(ctx context.Context, orders []*model.Order) ([]*model.Saga, error) {
	return spoilAll(ctx, o.faults, "Order.saga", orders, o.OrderResolver.Saga)
}

func (o faultyOrder) Timeline(ctx context.Context, of *model.Order, first int32, after *string) (*model.FactConnection, error) {
	return spoil(o.faults, "Order.timeline", of.Key, func() (*model.FactConnection, error) {
		return o.OrderResolver.Timeline(ctx, of, first, after)
	})
}

func (o faultyOrder) Shipment(ctx context.Context, orders []*model.Order) ([]*model.Shipment, error) {
	return spoilAll(ctx, o.faults, "Order.shipment", orders, o.OrderResolver.Shipment)
}

func (o faultyOrder) Reservation(ctx context.Context, orders []*model.Order) ([]*model.Reservation, error) {
	return spoilAll(ctx, o.faults, "Order.reservation", orders, o.OrderResolver.Reservation)
}

func (o faultyOrder) Customer(ctx context.Context, orders []*model.Order) ([]*model.Customer, error) {
	return spoilAll(ctx, o.faults, "Order.customer", orders, o.OrderResolver.Customer)
}

func (o faultyOrder) Returns(ctx context.Context, orders []*model.Order) ([][]*model.Return, error) {
	return spoilAll(ctx, o.faults, "Order.returns", orders, o.OrderResolver.Returns)
}

type faultyOrderLine struct {
	generated.OrderLineResolver
	*faults
}

func (r faultyRoot) OrderLine() generated.OrderLineResolver {
	return faultyOrderLine{r.Resolver.OrderLine(), r.faults}
}

func (l faultyOrderLine) Product(ctx context.Context, lines []*model.OrderLine) ([]*model.Product, error) {
	return spoilAll(ctx, l.faults, "OrderLine.product", lines, l.OrderLineResolver.Product)
}

type faultyReturn struct {
	generated.ReturnResolver
	*faults
}

func (r faultyRoot) Return() generated.ReturnResolver {
	return faultyReturn{r.Resolver.Return(), r.faults}
}

func (r faultyReturn) Order(ctx context.Context, returns []*model.Return) ([]*model.Order, error) {
	return spoilAll(ctx, r.faults, "Return.order", returns, r.ReturnResolver.Order)
}

func (r faultyReturn) CreditNote(ctx context.Context, returns []*model.Return) ([]*model.CreditNote, error) {
	return spoilAll(ctx, r.faults, "Return.creditNote", returns, r.ReturnResolver.CreditNote)
}

func (r faultyReturn) Saga(ctx context.Context, returns []*model.Return) ([]*model.Saga, error) {
	return spoilAll(ctx, r.faults, "Return.saga", returns, r.ReturnResolver.Saga)
}

func (r faultyReturn) Timeline(ctx context.Context, of *model.Return, first int32, after *string) (*model.FactConnection, error) {
	return spoil(r.faults, "Return.timeline", of.Key, func() (*model.FactConnection, error) {
		return r.ReturnResolver.Timeline(ctx, of, first, after)
	})
}

type faultyReturnLine struct {
	generated.ReturnLineResolver
	*faults
}

func (r faultyRoot) ReturnLine() generated.ReturnLineResolver {
	return faultyReturnLine{r.Resolver.ReturnLine(), r.faults}
}

func (l faultyReturnLine) Product(ctx context.Context, lines []*model.ReturnLine) ([]*model.Product, error) {
	return spoilAll(ctx, l.faults, "ReturnLine.product", lines, l.ReturnLineResolver.Product)
}

type faultyCreditNote struct {
	generated.CreditNoteResolver
	*faults
}

func (r faultyRoot) CreditNote() generated.CreditNoteResolver {
	return faultyCreditNote{r.Resolver.CreditNote(), r.faults}
}

func (n faultyCreditNote) Return(ctx context.Context, notes []*model.CreditNote) ([]*model.Return, error) {
	return spoilAll(ctx, n.faults, "CreditNote.return", notes, n.CreditNoteResolver.Return)
}

type faultySaga struct {
	generated.SagaResolver
	*faults
}

func (r faultyRoot) Saga() generated.SagaResolver { return faultySaga{r.Resolver.Saga(), r.faults} }

func (s faultySaga) Subject(ctx context.Context, sagas []*model.Saga) ([]model.SagaSubject, error) {
	return spoilAll(ctx, s.faults, "Saga.subject", sagas, s.SagaResolver.Subject)
}

func (s faultySaga) Timeline(ctx context.Context, of *model.Saga, first int32, after *string) (*model.FactConnection, error) {
	return spoil(s.faults, "Saga.timeline", of.Key, func() (*model.FactConnection, error) {
		return s.SagaResolver.Timeline(ctx, of, first, after)
	})
}

type faultyFact struct {
	generated.FactResolver
	*faults
}

func (r faultyRoot) Fact() generated.FactResolver { return faultyFact{r.Resolver.Fact(), r.faults} }

func (f faultyFact) Payload(ctx context.Context, facts []*model.Fact) ([]*string, error) {
	return spoilAll(ctx, f.faults, "Fact.payload", facts, f.FactResolver.Payload)
}

func (f faultyFact) TraceID(ctx context.Context, facts []*model.Fact) ([]*string, error) {
	return spoilAll(ctx, f.faults, "Fact.traceId", facts, f.FactResolver.TraceID)
}

func (f faultyFact) TraceURL(ctx context.Context, facts []*model.Fact) ([]*string, error) {
	return spoilAll(ctx, f.faults, "Fact.traceUrl", facts, f.FactResolver.TraceURL)
}

func (f faultyFact) Effect(ctx context.Context, facts []*model.Fact) ([]*model.FactEffect, error) {
	return spoilAll(ctx, f.faults, "Fact.effect", facts, f.FactResolver.Effect)
}

func (f faultyFact) Deliveries(ctx context.Context, of *model.Fact) ([]*model.Delivery, error) {
	return spoil(f.faults, "Fact.deliveries", of.ID, func() ([]*model.Delivery, error) { return f.FactResolver.Deliveries(ctx, of) })
}

type faultyChoreographyFact struct {
	generated.ChoreographyFactResolver
	*faults
}

func (r faultyRoot) ChoreographyFact() generated.ChoreographyFactResolver {
	return faultyChoreographyFact{r.Resolver.ChoreographyFact(), r.faults}
}

func (f faultyChoreographyFact) LastMinute(ctx context.Context, facts []*model.ChoreographyFact) ([]*int32, error) {
	return spoilAll(ctx, f.faults, "ChoreographyFact.lastMinute", facts, f.ChoreographyFactResolver.LastMinute)
}

type faultyCustomer struct {
	generated.CustomerResolver
	*faults
}

func (r faultyRoot) Customer() generated.CustomerResolver {
	return faultyCustomer{r.Resolver.Customer(), r.faults}
}

func (c faultyCustomer) Orders(ctx context.Context, of *model.Customer, first int32, after *string) (*model.OrderConnection, error) {
	return spoil(c.faults, "Customer.orders", of.Key, func() (*model.OrderConnection, error) {
		return c.CustomerResolver.Orders(ctx, of, first, after)
	})
}

type faultyViewer struct {
	generated.ViewerResolver
	*faults
}

func (r faultyRoot) Viewer() generated.ViewerResolver {
	return faultyViewer{r.Resolver.Viewer(), r.faults}
}

func (v faultyViewer) Customer(ctx context.Context, of *model.Viewer) (*model.Customer, error) {
	return spoil(v.faults, "Viewer.customer", of.ID, func() (*model.Customer, error) { return v.ViewerResolver.Customer(ctx, of) })
}

type faultyRetryStep struct {
	generated.RetryStepPayloadResolver
	*faults
}

func (r faultyRoot) RetryStepPayload() generated.RetryStepPayloadResolver {
	return faultyRetryStep{r.Resolver.RetryStepPayload(), r.faults}
}

func (s faultyRetryStep) Order(ctx context.Context, payload *model.RetryStepPayload) (*model.Order, error) {
	return spoil(s.faults, "RetryStepPayload.order", payload.Key, func() (*model.Order, error) {
		return s.RetryStepPayloadResolver.Order(ctx, payload)
	})
}
