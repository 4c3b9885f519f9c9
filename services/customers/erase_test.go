package customers_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/serve"
	"quadrille.dev/platform/testkit"
	customersv1 "quadrille.dev/schema/rpc/customers/v1"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"
)

// somerville is a registration whose values are found nowhere by chance.
func somerville() *customersv1.RegisterCustomerRequest {
	return &customersv1.RegisterCustomerRequest{
		Email: "somerville@jedburgh.test", Password: "mechanism of the heavens", Name: "Mary Somerville", Phone: new("+44 1835 863001"),
		IdempotencyKey: uuid.NewString(),
	}
}

func TestNothingIsLeftOfAnErasedCustomer(t *testing.T) {
	r := start(t)
	asked := somerville()
	registered, err := r.gateway().RegisterCustomer(t.Context(), asked)
	if err != nil {
		t.Fatal(err)
	}
	id := registered.Customer.Id
	own := serve.WithToken(t.Context(), registered.Token.Token)
	_, err = r.gateway().AddAddress(own, &customersv1.AddAddressRequest{Address: &customersv1.Address{
		Name: "Mary Somerville", Street: "1 Burntisland", City: "Jedburgh", PostalCode: "TD8", CountryCode: "GB",
	}})
	if err != nil {
		t.Fatal(err)
	}
	personal := []string{"somerville", "1835 863001", "1835863001", "Burntisland", "TD8"}
	if len(testkit.Search(t, r.config.DatabaseURL, personal...)) == 0 {
		t.Fatal("there is nothing to erase")
	}
	olga := serve.WithToken(t.Context(), r.signIn(t, "olga@quadrille.test", "quadrille"))
	erase := &customersv1.EraseRequest{CustomerId: id, Reason: "On request.", IdempotencyKey: uuid.NewString()}
	for i := range 2 {
		answer, err := r.gateway().Erase(olga, erase)
		if err != nil || len(answer.UserErrors) > 0 || answer.Replayed != (i == 1) {
			t.Fatalf("erase, time %d: %v, %v", i, answer, err)
		}
	}
	for _, where := range testkit.Search(t, r.config.DatabaseURL, personal...) {
		t.Error(where)
	}
	r.erasureIsAudited(t, id)
	if facts := r.facts(t, id); len(facts) != 5 || facts[4].Name() != "customers.customer.erased" || facts[4].Sequence != 5 {
		t.Errorf("published %v", facts)
	}

	signIn, err := r.gateway().SignIn(t.Context(), &customersv1.SignInRequest{Email: asked.Email, Password: asked.Password})
	if err != nil {
		t.Fatal(err)
	}
	sameProblems(t, []*problemv1.UserError{problem("INVALID_CREDENTIALS")}, signIn.UserErrors)
	update, err := r.gateway().UpdateProfile(own, &customersv1.UpdateProfileRequest{Name: new("Mary Somerville")})
	if err != nil {
		t.Fatal(err)
	}
	sameProblems(t, []*problemv1.UserError{problem("NOT_FOUND", "customerId")}, update.UserErrors)
	seen, err := r.gateway().GetCustomers(olga, &customersv1.GetCustomersRequest{Ids: []string{id}})
	if err != nil || len(seen.Customers) > 0 {
		t.Errorf("still seen: %v, %v", seen, err)
	}
	again, err := r.gateway().RegisterCustomer(t.Context(), asked)
	if err != nil || again.Replayed || again.GetCustomer().GetId() == id || again.GetToken() == nil {
		t.Errorf("registered again: %v, %v", again, err)
	}
}

// erasureIsAudited once, however often it was asked for.
func (r *running) erasureIsAudited(t *testing.T, id string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), r.config.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	want := []string{"olga@quadrille.test customer.erased " + id + ": Erased the customer: On request."}
	if diff := cmp.Diff(want, testkit.Audited(t, conn)); diff != "" {
		t.Error(diff)
	}
}

func TestWhoIsNotErased(t *testing.T) {
	r := start(t)
	registered, err := r.gateway().RegisterCustomer(t.Context(), somerville())
	if err != nil {
		t.Fatal(err)
	}
	id := registered.Customer.Id
	olga := serve.WithToken(t.Context(), r.signIn(t, "olga@quadrille.test", "quadrille"))
	for who, ctx := range map[string]context.Context{
		"a customer": serve.WithToken(t.Context(), registered.Token.Token), "a service": t.Context(),
	} {
		_, err := r.gateway().Erase(ctx, &customersv1.EraseRequest{CustomerId: id, Reason: "R"})
		mustBeDenied(t, who+" erases", err)
	}
	key := uuid.NewString()
	for _, c := range []struct {
		name, customer, reason, key string
		want                        []*problemv1.UserError
	}{
		{"nobody", "", "R", "", one("REQUIRED", "customerId")},
		{"a malformed id", "x", "R", "", one("MALFORMED", "customerId")},
		{"an unknown id", uuid.NewString(), "R", "", one("NOT_FOUND", "customerId")},
		{"an operator", "01936d2e-7c00-701a-8000-000000000003", "R", "", one("FORBIDDEN", "customerId")},
		{"without reason", id, " ", "", one("REQUIRED", "reason")},
		{"with a name", id, "mary somerville wants it", "", one("MALFORMED", "reason")},
		{"a malformed key", id, "R", "k", one("MALFORMED", "idempotencyKey")},
		{"another, with a key", "01936d2e-7c00-7ada-8000-000000000001", "R", key, nil},
		{"with the same key", id, "R", key, one("IDEMPOTENCY_CONFLICT", "idempotencyKey")},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer, err := r.gateway().Erase(olga, &customersv1.EraseRequest{CustomerId: c.customer, Reason: c.reason, IdempotencyKey: c.key})
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range answer.UserErrors {
				e.Details = nil
			}
			sameProblems(t, c.want, answer.UserErrors)
		})
	}
}

func one(code string, path ...string) []*problemv1.UserError {
	return []*problemv1.UserError{problem(code, path...)}
}
