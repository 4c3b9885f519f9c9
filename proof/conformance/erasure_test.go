package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/proof/system"
	"quadrille.dev/stack/client"
	"quadrille.dev/stack/local"
)

// unmistakable are what a customer tells of themselves. None of it is anywhere by chance, as six digits alone are in some time.
var unmistakable = struct{ name, email, phone, street, city, postalCode, token, password string }{
	"Xanthippe Quackenbush", "xanthippe@quackenbush.test", "+44 1632 960471", "77 Zephyrhazel Close", "Wobblestoke", "ZQ77 9XQ",
	"pm_card_xanthippesOwn", "quincunx of turnips",
}

// traces are what is looked for.
var traces = []string{
	"Xanthippe", "Quackenbush", "1632 960471", "1632960471", "Zephyrhazel", "Wobblestoke", "ZQ77 9XQ", "xanthippesOwn", "turnips",
}

// shopper is the customer who is to be erased.
type shopper struct {
	*client.Client
	id string
}

func (s shopper) address() map[string]any {
	return map[string]any{
		"name": unmistakable.name, "street": unmistakable.street, "city": unmistakable.city, "postalCode": unmistakable.postalCode,
		"countryCode": "GB",
	}
}

// do is mutate by the customer.
func (s shopper) do(t *testing.T, document string, input map[string]any) json.RawMessage {
	t.Helper()
	return mutate(t, s.Client, document, input)
}

// mutate answers what the one mutation of a document answers, and fails the test if that was refused.
func mutate(t *testing.T, c *client.Client, document string, input map[string]any) json.RawMessage {
	t.Helper()
	var data map[string]json.RawMessage
	if err := c.Do(t.Context(), document, map[string]any{"input": input}, &data); err != nil {
		t.Fatal(err)
	}
	for _, payload := range data {
		var refused struct{ UserErrors []client.UserError }
		if err := json.Unmarshal(payload, &refused); err != nil || len(refused.UserErrors) > 0 {
			t.Fatalf("refused: %+v, %v", refused.UserErrors, err)
		}
		return payload
	}
	return nil
}

func register(t *testing.T) shopper {
	t.Helper()
	s := shopper{Client: &client.Client{URL: quadrille.URL("gateway") + "/graphql", Patience: patience}}
	var registered struct{ Customer struct{ ID string } }
	payload := s.do(t, `mutation ($input: RegisterCustomerInput!) {
		registerCustomer(input: $input) { customer { id } userErrors { code message path } } }`, map[string]any{
		"email": unmistakable.email, "password": unmistakable.password, "name": unmistakable.name, "phone": unmistakable.phone,
		"idempotencyKey": uuid.New(),
	})
	if err := json.Unmarshal(payload, &registered); err != nil {
		t.Fatal(err)
	}
	s.id = registered.Customer.ID
	if err := s.SignIn(t.Context(), unmistakable.email, unmistakable.password); err != nil {
		t.Fatal(err)
	}
	s.do(t, `mutation ($input: AddAddressInput!) { addAddress(input: $input) { userErrors { code message path } } }`,
		map[string]any{"address": s.address()})
	s.do(t, `mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { userErrors { code message path } } }`,
		map[string]any{"phone": unmistakable.phone + "2"})
	return s
}

func (s shopper) place(t *testing.T, sku, token string) string {
	t.Helper()
	var placed struct{ Order struct{ ID string } }
	payload := s.do(t, `mutation ($input: PlaceOrderInput!) {
		placeOrder(input: $input) { order { id } userErrors { code message path } } }`, map[string]any{
		"idempotencyKey": uuid.New(), "lines": []any{map[string]any{"sku": sku, "quantity": 1}},
		"shippingAddress": s.address(), "payment": map[string]any{"card": map[string]any{"token": token}},
	})
	if err := json.Unmarshal(payload, &placed); err != nil {
		t.Fatal(err)
	}
	return placed.Order.ID
}

// awaitParty returns when the invoice of an order names who is billed.
func (s shopper) awaitParty(t *testing.T, order string) {
	t.Helper()
	type party struct {
		Name    string
		Address *struct{ Street string }
	}
	system.Await(t, patience, "the invoice of "+order+" names the customer", func(ctx context.Context) (*party, bool, error) {
		var data struct {
			Order struct{ Invoice struct{ BilledTo *party } }
		}
		err := s.Do(ctx, `query ($id: ID!) { order(id: $id) { invoice { billedTo { name address { street } } } } }`,
			map[string]any{"id": order}, &data)
		named := data.Order.Invoice.BilledTo
		return named, named != nil && named.Name == unmistakable.name && named.Address != nil && named.Address.Street == unmistakable.street, err
	})
}

// anErasedCustomerIsForgottenEverywhere looks for what a customer has told in every column of every table of all contexts, and in what
// all programs have logged.
func anErasedCustomerIsForgottenEverywhere(t *testing.T) {
	t.Parallel()
	customer, olga, sku := register(t), quadrille.As(t, system.Olga), sell(t, 5)
	fulfilled := customer.place(t, sku, "pm_card_visa")
	declined := customer.place(t, sku, unmistakable.token)
	cancelled := customer.place(t, sku, "pm_card_visa")
	err := customer.Do(t.Context(), `mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) { userErrors { code } } }`,
		map[string]any{"input": map[string]any{
			"orderId": cancelled, "reason": unmistakable.name + " has changed her mind", "idempotencyKey": uuid.New(),
		}}, &json.RawMessage{})
	if err != nil {
		t.Fatal(err)
	}
	for id, status := range map[string]string{fulfilled: "FULFILLED", declined: "CANCELLED", cancelled: ""} {
		if order := system.Rest(t, customer.Client, id, patience); status != "" && order.Status != status {
			t.Errorf("order at rest: %+v, want it %s", order, status)
		}
	}
	customer.awaitParty(t, fulfilled)
	for _, context := range []string{"customers", "ordering", "billing", "fulfillment"} {
		if len(testkit.Search(t, quadrille.DatabaseURL(context), traces...)) == 0 {
			t.Errorf("%s has nothing to forget", context)
		}
	}
	mutate(t, olga, `mutation ($input: EraseCustomerInput!) { eraseCustomer(input: $input) { userErrors { code message path } } }`,
		map[string]any{"customerId": customer.id, "reason": "On request.", "idempotencyKey": uuid.New()})
	for _, context := range rabbit.Contexts {
		awaitForgotten(t, context)
	}
	nothingIsLogged(t)
	shopsAgain(t, customer, olga, fulfilled)
}

func awaitForgotten(t *testing.T, context string) {
	t.Helper()
	for until := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		left := testkit.Search(t, quadrille.DatabaseURL(context), traces...)
		if len(left) == 0 {
			return
		}
		if time.Now().After(until) {
			t.Errorf("%s has not forgotten: %s", context, strings.Join(left, ", "))
			return
		}
	}
}

// nothingIsLogged searches the logs of all programs.
func nothingIsLogged(t *testing.T) {
	t.Helper()
	for _, program := range local.Programs {
		log, err := os.ReadFile(quadrille.LogFile(program.Name))
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(log) {
			for _, trace := range traces {
				if bytes.Contains(bytes.ToLower(line), []byte(strings.ToLower(trace))) {
					t.Errorf("%s has logged %s: %s", program.Name, trace, line)
				}
			}
		}
	}
}

// shopsAgain shows what is left: an order without its customer, and an address that can be registered anew.
func shopsAgain(t *testing.T, erased shopper, olga *client.Client, order string) {
	t.Helper()
	if err := erased.SignIn(t.Context(), unmistakable.email, unmistakable.password); err == nil {
		t.Error("an erased customer can sign in")
	}
	var data struct {
		Order struct {
			ShippingAddress struct{ Name, Street, CountryCode string }
			Invoice         struct{ BilledTo *struct{ Name string } }
		}
	}
	err := olga.Do(t.Context(), `query ($id: ID!) { order(id: $id) {
		shippingAddress { name street countryCode } invoice { billedTo { name } } } }`, map[string]any{"id": order}, &data)
	if address := data.Order.ShippingAddress; err != nil || address.Name+address.Street != "" || address.CountryCode != "GB" ||
		data.Order.Invoice.BilledTo != nil {
		t.Errorf("left of the order: %+v, %v", data.Order, err)
	}
	if again := register(t); again.id == erased.id {
		t.Error("the address is registered to who was erased")
	}
}
