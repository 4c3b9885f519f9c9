package conformance

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"quadrille.dev/proof/system"
	"quadrille.dev/stack/client"
)

// documents are what existing clients send, by operation name.
func documents(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("../../gateway/testdata/operations/*.graphql")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	head := regexp.MustCompile(`(?m)^(?:query|mutation|subscription) (\w+)`)
	found := map[string]string{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		heads := head.FindAllSubmatchIndex(text, -1)
		for i, at := range heads {
			end := len(text)
			if i+1 < len(heads) {
				end = heads[i+1][0]
			}
			found[string(text[at[2]:at[3]])] = string(text[at[0]:end])
		}
	}
	return found
}

// session runs one document after another, as one person.
type session struct {
	t         *testing.T
	documents map[string]string
	ran       map[string]bool
}

// run sends a document and answers its data; user errors fail the test as errors do.
func (s *session) run(c *client.Client, name string, variables map[string]any) map[string]any {
	s.t.Helper()
	s.ran[name] = true
	var data map[string]any
	if err := c.Do(s.t.Context(), s.documents[name], variables, &data); err != nil {
		s.t.Fatalf("%s: %v", name, err)
	}
	if refused := at(data, lowerFirst(name), "userErrors"); refused != nil && len(refused.([]any)) > 0 {
		s.t.Fatalf("%s: %v", name, refused)
	}
	return data
}

func lowerFirst(name string) string { return strings.ToLower(name[:1]) + name[1:] }

// at follows field names into data; nil where there is nothing.
func at(data any, path ...string) any {
	for _, field := range path {
		object, ok := data.(map[string]any)
		if !ok {
			return nil
		}
		data = object[field]
	}
	return data
}

func in(fields map[string]any) map[string]any { return map[string]any{"input": fields} }

// everyDocumentWorksVerbatim goes through the clients' documents as their users would.
func everyDocumentWorksVerbatim(t *testing.T) {
	t.Parallel()
	s := &session{t, documents(t), map[string]bool{}}
	olga, ada := quadrille.As(t, system.Olga), quadrille.As(t, system.Ada)
	sku := s.listAProduct(olga)
	s.becomeACustomer(olga)
	s.browse(ada, sku)
	order := s.buy(ada, sku)
	s.sendBack(ada, order, sku)
	s.changeOnesMind(ada, sku)
	s.operate(olga)
	s.seeToParked(olga)
	for name := range s.documents {
		if !s.ran[name] {
			t.Errorf("no test sends %s", name)
		}
	}
}

func (s *session) listAProduct(olga *client.Client) (sku string) {
	sku = "DOCUMENT-" + strings.ToUpper(uuid.NewString()[:8])
	listed := s.run(olga, "ListProduct", in(map[string]any{
		"sku": sku, "name": "Document holder", "description": "Holds documents.", "category": "Proof", "imageUrl": nil,
	}))
	if at(listed, "listProduct", "product", "sku") != sku {
		s.t.Errorf("ListProduct: %v", listed)
	}
	priced := s.run(olga, "ChangePrice", in(map[string]any{"sku": sku, "price": map[string]any{"amount": "4.25", "currencyCode": "GBP"}}))
	if at(priced, "changePrice", "price", "amount") != "4.25" {
		s.t.Errorf("ChangePrice: %v", priced)
	}
	received := s.run(olga, "ReceiveStock", in(map[string]any{"sku": sku, "quantity": 10, "reference": "documents"}))
	if at(received, "receiveStock", "availability", "available") != 10.0 || at(received, "receiveStock", "availability", "status") != "IN_STOCK" {
		s.t.Errorf("ReceiveStock: %v", received)
	}
	return sku
}

func (s *session) becomeACustomer(c *client.Client) {
	email := uuid.NewString() + "@example.test"
	registered := s.run(c, "RegisterCustomer", in(map[string]any{
		"email": email, "password": "correct horse", "name": "Newcomer", "phone": nil, "idempotencyKey": uuid.New(),
	}))
	if at(registered, "registerCustomer", "customer", "tier") != "STANDARD" || at(registered, "registerCustomer", "token") == nil {
		s.t.Errorf("RegisterCustomer: %v", registered)
	}
	signed := s.run(c, "SignIn", in(map[string]any{"email": strings.ToUpper(email), "password": "correct horse"}))
	if at(signed, "signIn", "viewer", "email") != email || at(signed, "signIn", "token") == nil {
		s.t.Errorf("SignIn: %v", signed)
	}
}

func (s *session) browse(ada *client.Client, sku string) {
	if viewer := s.run(ada, "Viewer", nil); at(viewer, "viewer", "customer", "tier") != "STANDARD" {
		s.t.Errorf("Viewer: %v", viewer)
	}
	page := s.run(ada, "Products", map[string]any{"first": 20, "search": sku, "category": "Proof"})
	if at(page, "products", "totalCount") != 1.0 {
		s.t.Fatalf("Products: %v", page)
	}
	node := at(page, "products", "edges").([]any)[0].(map[string]any)["node"]
	if at(node, "price", "amount") != "4.25" || at(node, "price", "stale") != false || at(node, "availability", "available") != 10.0 {
		s.t.Errorf("Products: %v", node)
	}
	for _, by := range []map[string]any{{"sku": strings.ToLower(sku)}, {"id": at(node, "id")}} {
		if product := s.run(ada, "Product", map[string]any{"by": by}); at(product, "product", "sku") != sku {
			s.t.Errorf("Product by %v: %v", by, product)
		}
	}
	quote := s.run(ada, "Quote", in(map[string]any{"lines": []any{map[string]any{"sku": sku, "quantity": 2}}, "promotionCodes": []any{}}))
	if at(quote, "quote", "total", "amount") != "8.50" || at(quote, "quote", "pricedFrom") != "LIVE" {
		s.t.Errorf("Quote: %v", quote)
	}
}

func (s *session) placeOrder(c *client.Client, sku string) (id string) {
	placed := s.run(c, "PlaceOrder", in(map[string]any{
		"idempotencyKey": uuid.New(), "lines": []any{map[string]any{"sku": sku, "quantity": 2}},
		"shippingAddress": map[string]any{"name": "Ada", "street": "1 Row", "city": "London", "postalCode": "EC1A 1BB", "countryCode": "GB"},
		"payment":         map[string]any{"card": map[string]any{"token": "pm_card_visa"}}, "promotionCodes": []any{},
	}))
	if at(placed, "placeOrder", "order", "status") != "PLACED" || at(placed, "placeOrder", "order", "total", "amount") != "8.50" {
		s.t.Fatalf("PlaceOrder: %v", placed)
	}
	return at(placed, "placeOrder", "order", "id").(string)
}

func (s *session) buy(ada *client.Client, sku string) (id string) {
	id = s.placeOrder(ada, sku)
	s.watch(ada, id)
	system.Rest(s.t, ada, id, patience)
	order := at(s.run(ada, "Order", map[string]any{"id": id}), "order")
	for want, path := range map[string][]string{
		"FULFILLED": {"status"}, "COMPLETED": {"saga", "state"}, "CAPTURED": {"payment", "status"}, "DEDUCTED": {"reservation", "status"},
		"ISSUED": {"invoice", "status"}, "8.50": {"payment", "amount", "amount"}, "GB": {"shippingAddress", "countryCode"},
	} {
		if got := at(order, path...); got != want {
			s.t.Errorf("Order: %v is %v, want %s", path, got, want)
		}
	}
	timeline, _ := at(order, "timeline", "nodes").([]any)
	if len(timeline) < 8 {
		s.t.Errorf("Order: a timeline of %d facts: %v", len(timeline), timeline)
	}
	return id
}

// watch follows the order until it is fulfilled: its present state first, then facts numbered without a gap.
func (s *session) watch(c *client.Client, id string) {
	s.ran["OrderChanged"] = true
	ctx, stop := context.WithTimeout(s.t.Context(), patience)
	defer stop()
	last := -1
	err := c.Subscribe(ctx, s.documents["OrderChanged"], map[string]any{"id": id, "since": nil}, func(data json.RawMessage) bool {
		var event struct {
			OrderChanged struct {
				Sequence int
				Fact     *struct{ Type string }
				Order    struct{ Status string }
			}
		}
		if err := json.Unmarshal(data, &event); err != nil {
			s.t.Errorf("OrderChanged: %v", err)
			return false
		}
		change := event.OrderChanged
		if last >= 0 && change.Fact != nil && change.Sequence != last+1 {
			s.t.Errorf("OrderChanged: %d after %d", change.Sequence, last)
		}
		last = change.Sequence
		return change.Order.Status != "FULFILLED"
	})
	if err != nil {
		s.t.Fatalf("OrderChanged: %v", err)
	}
}

func (s *session) changeOnesMind(ada *client.Client, sku string) {
	id := s.placeOrder(ada, sku)
	var data map[string]any
	s.ran["CancelOrder"] = true
	err := ada.Do(s.t.Context(), s.documents["CancelOrder"], in(map[string]any{
		"orderId": id, "reason": "changed my mind", "idempotencyKey": uuid.New(),
	}), &data)
	if err != nil {
		s.t.Fatalf("CancelOrder: %v", err)
	}
	refused, _ := at(data, "cancelOrder", "userErrors").([]any)
	if len(refused) > 0 && at(refused[0], "code") != "ALREADY_FULFILLED" {
		s.t.Errorf("CancelOrder: %v", data)
	}
	if len(refused) == 0 && at(data, "cancelOrder", "order", "cancellation", "cancelledBy") != "CUSTOMER" {
		s.t.Errorf("CancelOrder: %v", data)
	}
}

func (s *session) operate(olga *client.Client) {
	// Chronicle may not have heard of the latest order yet.
	system.Await(s.t, patience, "chronicle has heard of two orders", func(context.Context) (any, bool, error) {
		sagas := s.run(olga, "Sagas", map[string]any{"filter": map[string]any{"search": system.Ada}, "first": 5})
		count, _ := at(sagas, "sagas", "totalCount").(float64)
		return sagas, count >= 2, nil
	})
	contexts, _ := s.run(olga, "Contexts", nil)["contexts"].([]any)
	if len(contexts) < 8 {
		s.t.Errorf("Contexts: %v", contexts)
	}
	for _, context := range contexts {
		if at(context, "reachable") != true || at(context, "dead") != 0.0 && at(context, "name") != "gateway" {
			s.t.Errorf("Contexts: %v", context)
		}
		if version := at(context, "version"); version == "" || version == "(devel)" {
			s.t.Errorf("%v tells no revision: %v", at(context, "name"), version)
		}
	}
}

func (s *session) sendBack(ada *client.Client, order, sku string) {
	back := s.run(ada, "RequestReturn", in(map[string]any{
		"orderId": order, "lines": []any{map[string]any{"sku": sku, "quantity": 1}}, "reason": "too many", "idempotencyKey": uuid.New(),
	}))
	if at(back, "requestReturn", "return", "state") != "RUNNING" {
		s.t.Errorf("RequestReturn: %v", back)
	}
	id, _ := at(back, "requestReturn", "return", "id").(string)
	if over := system.RestReturn(s.t, ada, id, patience); over.State != "COMPLETED" {
		s.t.Errorf("the return at rest: %+v", over)
	}
}
