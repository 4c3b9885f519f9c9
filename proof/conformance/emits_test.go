package conformance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/lestrrat-go/jwx/v3/jwt"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"quadrille.dev/proof/system"
	"quadrille.dev/stack/client"
)

// deeds carries mutations out, each request in a trace of its own.
type deeds struct {
	t *testing.T
	// traces are those of a mutation's requests.
	traces map[string][]string
}

// do has the one mutation of a document carried out, and reads its answer into answer unless that is nil.
func (d deeds) do(c *client.Client, mutation, selection string, input map[string]any, answer any) {
	d.t.Helper()
	trace := strings.ReplaceAll(uuid.NewString(), "-", "")
	d.traces[mutation] = append(d.traces[mutation], trace)
	document := fmt.Sprintf(`mutation ($input: %s%sInput!) { done: %s(input: $input) { %s userErrors { code message path } } }`,
		strings.ToUpper(mutation[:1]), mutation[1:], mutation, selection)
	body, err := json.Marshal(map[string]any{"query": document, "variables": in(input)})
	if err != nil {
		d.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(d.t.Context(), http.MethodPost, quadrille.URL("gateway")+"/graphql", bytes.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Traceparent", "00-"+trace+"-"+trace[:16]+"-01")
	if c != nil {
		token, err := c.Token(d.t.Context())
		if err != nil {
			d.t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		d.t.Fatal(err)
	}
	defer response.Body.Close()
	var got struct {
		Data   struct{ Done json.RawMessage }
		Errors client.Errors
	}
	if err := json.NewDecoder(response.Body).Decode(&got); err != nil || len(got.Errors) > 0 {
		d.t.Fatalf("%s: %v, %v", mutation, err, got.Errors)
	}
	var refused struct{ UserErrors []client.UserError }
	if err := json.Unmarshal(got.Data.Done, &refused); err != nil || len(refused.UserErrors) > 0 {
		d.t.Fatalf("%s: %v, %+v", mutation, err, refused.UserErrors)
	}
	if answer != nil {
		if err := json.Unmarshal(got.Data.Done, answer); err != nil {
			d.t.Fatal(err)
		}
	}
}

// mutationsSetOffWhatTheyDeclare carries every mutation out, and holds the facts that are published in the very transactions against what
// the client's API declares by @emits: neither more nor less. These facts are in the request's trace, and nothing has caused them;
// what others make of them is in the trace as well, and has a cause.
func mutationsSetOffWhatTheyDeclare(t *testing.T) {
	t.Parallel()
	done := deeds{t, map[string][]string{}}
	olga := quadrille.As(t, system.Olga)
	sku := done.keepAShop(olga)
	customer, id := done.haveACustomer(olga)
	done.order(customer, olga, id, sku)
	done.sendBack(customer, olga, sku)
	done.seeToParked(olga)
	done.do(olga, "eraseCustomer", "", map[string]any{"customerId": id, "reason": "a test", "idempotencyKey": uuid.New()}, nil)

	declared := declaredFacts(t)
	for mutation := range declared {
		if done.traces[mutation] == nil && !ofStalledSteps[mutation] && !ofStalledReturns[mutation] {
			t.Errorf("%s is not carried out here", mutation)
		}
	}
	for mutation, traces := range done.traces {
		want := declared[mutation]
		var got []string
		for until := time.Now().Add(patience); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
			if got = published(t, traces); covers(got, want) {
				break
			}
		}
		if !covers(got, want) || !covers(want, got) {
			t.Errorf("%s (-declares +sets off):\n%s", mutation, cmp.Diff(want, got))
		}
	}
}

// ofStalledSteps are mutations that take a step which has stalled. What they set off is in tables that are held to the code.
var ofStalledSteps = map[string]bool{"retryStep": true, "resolveStep": true}

// ofStalledReturns are mutations that take a return which needs an operator: aReturnThatCannotBeUndone holds what they set off.
var ofStalledReturns = map[string]bool{"retryReturn": true, "resolveReturn": true}

func (d deeds) keepAShop(olga *client.Client) (sku string) {
	sku = "EMITS-" + strings.ToUpper(uuid.NewString()[:8])
	var listed struct{ Product struct{ ID string } }
	product := map[string]any{"sku": sku, "name": "Lamp", "description": "", "category": "Proof"}
	d.do(olga, "listProduct", "product { id }", product, &listed)
	d.do(olga, "updateProduct", "", map[string]any{"id": listed.Product.ID, "description": "It shines."}, nil)
	d.do(olga, "changePrice", "", map[string]any{"sku": sku, "price": map[string]any{"amount": "12.40", "currencyCode": "GBP"}}, nil)
	d.do(olga, "receiveStock", "", map[string]any{"sku": sku, "quantity": 9, "reference": sku}, nil)
	d.do(olga, "createPromotion", "", map[string]any{"code": sku, "percentOff": "5"}, nil)
	product["sku"] = sku + "-2"
	d.do(olga, "listProduct", "product { id }", product, &listed)
	d.do(olga, "retireProduct", "", map[string]any{"id": listed.Product.ID}, nil)
	return sku
}

func (d deeds) haveACustomer(olga *client.Client) (customer *client.Client, id string) {
	email, password := uuid.NewString()+"@quadrille.test", "a long password"
	var registered struct{ Customer struct{ ID string } }
	d.do(nil, "registerCustomer", "customer { id }", map[string]any{
		"email": email, "password": password, "name": "Emmy", "idempotencyKey": uuid.New(),
	}, &registered)
	d.do(nil, "signIn", "token", map[string]any{"email": email, "password": password}, nil)
	d.do(nil, "signInWithToken", "token", map[string]any{"token": elsewhere(d.t, email)}, nil)
	customer = &client.Client{URL: quadrille.URL("gateway") + "/graphql", Patience: patience}
	if err := customer.SignIn(d.t.Context(), email, password); err != nil {
		d.t.Fatal(err)
	}
	id = registered.Customer.ID
	address := map[string]any{"name": "Emmy", "street": "1 Row", "city": "London", "postalCode": "EC1A 1BB", "countryCode": "GB"}
	d.do(customer, "updateProfile", "", map[string]any{"phone": "+44 20 7946 0001"}, nil)
	d.do(olga, "updateProfile", "", map[string]any{"customerId": id, "phone": "+44 20 7946 0002"}, nil)
	d.do(customer, "addAddress", "", map[string]any{"address": address}, nil)
	d.do(olga, "addAddress", "", map[string]any{"customerId": id, "address": address}, nil)
	d.do(olga, "setCustomerTier", "", map[string]any{"customerId": id, "tier": "VIP"}, nil)
	return customer, id
}

// elsewhere makes a token of the issuer outside that customers trusts, about somebody whom nobody has heard of.
func elsewhere(t *testing.T, email string) string {
	t.Helper()
	claims := map[string]any{
		"iss": outside.name, "aud": outside.audience, "sub": "emmy|" + email, "email": "other." + email, "email_verified": true,
	}
	return outside.issuer.Token(uuid.New(), nil, func(token jwt.Token) error {
		var errs []error
		for name, value := range claims {
			errs = append(errs, token.Set(name, value))
		}
		return errors.Join(errs...)
	})
}

// order places orders and cancels them at once; the provider loses its first answers, and so is slower than that.
func (d deeds) order(customer, olga *client.Client, id, sku string) {
	for _, by := range []*client.Client{customer, olga} {
		wish := map[string]any{
			"idempotencyKey": uuid.New(), "lines": []any{map[string]any{"sku": sku, "quantity": 1}},
			"shippingAddress": map[string]any{"name": "Emmy", "street": "1 Row", "city": "London", "postalCode": "EC1A 1BB", "countryCode": "GB"},
			"payment":         map[string]any{"card": map[string]any{"token": "pm_card_flaky"}},
		}
		if by == olga {
			wish["onBehalfOf"] = id
		}
		var placed struct{ Order struct{ ID string } }
		d.do(by, "placeOrder", "order { id }", wish, &placed)
		d.do(by, "cancelOrder", "", map[string]any{"orderId": placed.Order.ID, "reason": "a test", "idempotencyKey": uuid.New()}, nil)
	}
}

// sendBack returns what was bought, piece by piece.
func (d deeds) sendBack(customer, olga *client.Client, sku string) {
	order := fulfilled(d.t, customer, system.Wish{SKU: sku, Quantity: 2})
	for _, by := range []*client.Client{customer, olga} {
		d.do(by, "requestReturn", "", map[string]any{
			"orderId": order.ID, "lines": []any{map[string]any{"sku": sku, "quantity": 1}}, "reason": "a test", "idempotencyKey": uuid.New(),
		}, nil)
	}
}

func (d deeds) seeToParked(olga *client.Client) {
	s := &session{d.t, documents(d.t), map[string]bool{}}
	mended, given := profiled(d.t, 2, unreadable), profiled(d.t, 97, unreadable)
	d.do(olga, "retryParkedMessages", "", map[string]any{
		"ids":     []any{s.parkedIn(olga, "ordering", mended)["id"]},
		"payload": fmt.Sprintf(`{"customerId":"%s","name":"***","email":"***","tier":"VIP"}`, mended),
	}, nil)
	d.do(olga, "discardParkedMessages", "", map[string]any{
		"ids": []any{s.parkedIn(olga, "ordering", given)["id"]}, "reason": "a test",
	}, nil)
}

// published are the names of the facts that requests have had published in their own transactions.
func published(t *testing.T, traces []string) []string {
	t.Helper()
	rows, err := quadrille.Database(t, "chronicle").Query(t.Context(), `
		SELECT name FROM facts WHERE causation_id = '' AND split_part(envelope->>'traceparent', '-', 2) = ANY($1)`, traces)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	names := map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names[name] = true
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(names))
}

// covers tells whether each of the facts is among those that are there, where either may stand for the same fact of any context.
func covers(there, facts []string) bool {
	anyones := func(fact string) string {
		_, rest, _ := strings.Cut(fact, ".")
		return "*." + rest
	}
	for _, fact := range facts {
		if !slices.ContainsFunc(there, func(one string) bool { return one == fact || one == anyones(fact) || anyones(one) == fact }) {
			return false
		}
	}
	return true
}

// declaredFacts are what @emits says of each mutation.
func declaredFacts(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob("../../schema/graphql/*.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	var sources []*ast.Source
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, &ast.Source{Name: file, Input: string(text)})
	}
	api, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		t.Fatal(err)
	}
	declared := map[string][]string{}
	for _, mutation := range api.Mutation.Fields {
		declared[mutation.Name] = nil
		for _, fact := range mutation.Directives.ForName("emits").Arguments.ForName("facts").Value.Children {
			declared[mutation.Name] = append(declared[mutation.Name], fact.Value.Raw)
		}
	}
	return declared
}

// TestWhatOperatorsSayOfStepsSetsOffWhatIsDeclared holds @emits of retryStep and resolveStep against the tables of states in the READMEs
// of the contexts whose steps can stall, which tests of these contexts hold to their models.
func TestWhatOperatorsSayOfStepsSetsOffWhatIsDeclared(t *testing.T) {
	want := map[string][]string{}
	for _, owner := range []string{"billing", "fulfillment"} {
		for mutation := range ofStalledSteps {
			want[mutation] = append(want[mutation], owner+".operator.acted")
		}
		for column, facts := range stateTable(t, owner) {
			mutation := "resolveStep"
			switch words := strings.Fields(column); {
			case words[0] == "retry":
				mutation = "retryStep"
			case strings.ToUpper(words[len(words)-1]) != words[len(words)-1]:
				continue
			}
			want[mutation] = append(want[mutation], facts...)
		}
	}
	declared := declaredFacts(t)
	for mutation, facts := range want {
		slices.Sort(facts)
		if diff := cmp.Diff(slices.Compact(facts), slices.Sorted(slices.Values(declared[mutation]))); diff != "" {
			t.Errorf("%s (-the models say +declared):\n%s", mutation, diff)
		}
	}
}

// stateTable are the facts that a context's table of states has in each column.
func stateTable(t *testing.T, context string) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../../services/" + context + "/README.md")
	if err != nil {
		t.Fatal(err)
	}
	var columns []string
	facts := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if strings.TrimSpace(cells[0]) == "state" {
			columns = cells
		}
		if len(cells) != len(columns) {
			continue
		}
		for i, cell := range cells {
			if _, said, found := strings.Cut(cell, "·"); found {
				for fact := range strings.SplitSeq(said, ",") {
					column := strings.TrimSpace(columns[i])
					facts[column] = append(facts[column], context+"."+strings.TrimSpace(fact))
				}
			}
		}
	}
	if len(facts) == 0 {
		t.Fatalf("the README of %s has no table of states", context)
	}
	return facts
}
