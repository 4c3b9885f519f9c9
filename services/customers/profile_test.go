package customers_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/testing/protocmp"

	"quadrille.dev/platform/serve"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/schema/eventtest"
	customersv1 "quadrille.dev/schema/rpc/customers/v1"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"
)

func TestFactsOfACustomer(t *testing.T) {
	r := start(t)
	id := r.register(t, "mary@quadrille.test").Customer.Id
	ctx := serve.WithToken(t.Context(), r.signIn(t, "mary@quadrille.test", "correct horse"))
	operator := serve.WithToken(t.Context(), r.signIn(t, "olga@quadrille.test", "quadrille"))
	client := r.gateway()
	var problems []*problemv1.UserError
	updated, err := client.UpdateProfile(ctx, &customersv1.UpdateProfileRequest{Name: new("Mary F. Somerville"), Phone: new("")})
	problems = append(problems, updated.GetUserErrors()...)
	same, sameErr := client.UpdateProfile(ctx, &customersv1.UpdateProfileRequest{CustomerId: id, Name: new("Mary F. Somerville ")})
	problems = append(problems, same.GetUserErrors()...)
	address := &customersv1.Address{Name: "Mary", Street: "1 Burntisland", City: "Jedburgh", PostalCode: "TD8", CountryCode: "GB"}
	added, addErr := client.AddAddress(ctx, &customersv1.AddAddressRequest{Address: address})
	problems = append(problems, added.GetUserErrors()...)
	tier, tierErr := client.SetTier(operator, &customersv1.SetTierRequest{CustomerId: id, Tier: customersv1.Tier_TIER_VIP})
	problems = append(problems, tier.GetUserErrors()...)
	for _, err := range []error{err, sameErr, addErr, tierErr} {
		if err != nil {
			t.Fatal(err)
		}
	}
	sameProblems(t, nil, problems)

	address.Id = added.Address.Id
	want := &customersv1.Customer{
		Id: id, Email: "mary@quadrille.test", Name: "Mary F. Somerville", Tier: customersv1.Tier_TIER_VIP,
		Roles: []string{"CUSTOMER"}, Addresses: []*customersv1.Address{address},
	}
	if diff := cmp.Diff(want, tier.Customer, protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
	var said []string
	for i, fact := range r.facts(t, id) {
		if fact.Sequence != int64(i+1) {
			t.Errorf("%s has sequence %d", fact.Name(), fact.Sequence)
		}
		if err := eventtest.Validate(fact.Name(), fact.DataVersion, fact.Data); err != nil {
			t.Error(err)
		}
		said = append(said, fmt.Sprintf("%s.v%d %s", fact.Name(), fact.DataVersion, fact.Data))
	}
	wantSaid := []string{
		`customers.customer.registered.v1 {"customerId":"ID"}`,
		`customers.customer.profiled.v1 {"customerId":"ID","name":"Mary Somerville","email":"mary@quadrille.test"}`,
		`customers.customer.profiled.v2 {"customerId":"ID","name":"Mary Somerville","email":"mary@quadrille.test",` +
			`"phone":"+44 20 7946 0000","tier":"STANDARD"}`,
		`customers.customer.updated.v1 {"customerId":"ID","changes":[` +
			`{"field":"name","old":"Mary Somerville","new":"Mary F. Somerville"},` +
			`{"field":"phone","old":"+44 20 7946 0000","new":null}]}`,
		`customers.customer.updated.v1 {"customerId":"ID","changes":[` +
			`{"field":"address","old":null,"new":"Mary, 1 Burntisland, Jedburgh, TD8, GB"}]}`,
		`customers.customer.updated.v1 {"customerId":"ID","changes":[{"field":"tier","old":"STANDARD","new":"VIP"}]}`,
	}
	for i := range wantSaid {
		wantSaid[i] = strings.ReplaceAll(wantSaid[i], "ID", id)
	}
	if diff := cmp.Diff(wantSaid, said); diff != "" {
		t.Error(diff)
	}
}

func TestWhatOperatorsDoToOthersIsAudited(t *testing.T) {
	r := start(t)
	mary := r.register(t, "mary@quadrille.test").Customer.Id
	as := r.commands(serve.WithToken(t.Context(), r.signIn(t, "olga@quadrille.test", "quadrille")))
	own := r.commands(serve.WithToken(t.Context(), r.signIn(t, "mary@quadrille.test", "correct horse")))
	_, updateErr := as.update(&customersv1.UpdateProfileRequest{CustomerId: mary, Name: new("Mary F.")})
	_, sameErr := as.update(&customersv1.UpdateProfileRequest{CustomerId: mary, Name: new("Mary F.")})
	_, addErr := as.add(&customersv1.AddAddressRequest{CustomerId: mary, Address: addressIn("GB")})
	_, tierErr := as.tier(&customersv1.SetTierRequest{CustomerId: mary, Tier: customersv1.Tier_TIER_VIP})
	_, ownErr := own.update(&customersv1.UpdateProfileRequest{Name: new("Mary S.")})
	if err := errors.Join(updateErr, sameErr, addErr, tierErr, ownErr); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), r.config.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	want := []string{
		"olga@quadrille.test profile.updated " + mary + ": Updated the profile.",
		"olga@quadrille.test address.added " + mary + ": Added an address.",
		"olga@quadrille.test tier.set " + mary + ": Set the tier to VIP.",
	}
	if diff := cmp.Diff(want, testkit.Audited(t, conn)); diff != "" {
		t.Error(diff)
	}
}

// commands are how a caller changes things, each answering what the user did wrong.
type commands struct {
	update func(*customersv1.UpdateProfileRequest) ([]*problemv1.UserError, error)
	add    func(*customersv1.AddAddressRequest) ([]*problemv1.UserError, error)
	tier   func(*customersv1.SetTierRequest) ([]*problemv1.UserError, error)
}

func (r *running) commands(ctx context.Context) commands {
	client := r.gateway()
	return commands{
		update: func(m *customersv1.UpdateProfileRequest) ([]*problemv1.UserError, error) {
			response, err := client.UpdateProfile(ctx, m)
			return response.GetUserErrors(), err
		},
		add: func(m *customersv1.AddAddressRequest) ([]*problemv1.UserError, error) {
			response, err := client.AddAddress(ctx, m)
			return response.GetUserErrors(), err
		},
		tier: func(m *customersv1.SetTierRequest) ([]*problemv1.UserError, error) {
			response, err := client.SetTier(ctx, m)
			return response.GetUserErrors(), err
		},
	}
}

func mustBeDenied(t *testing.T, what string, err error) {
	t.Helper()
	if connect.CodeOf(err) != connect.CodePermissionDenied {
		t.Errorf("%s: %v", what, err)
	}
}

func TestOnlyOperatorsChangeOthers(t *testing.T) {
	r := start(t)
	other := r.register(t, "mary@quadrille.test").Customer.Id
	ada := serve.WithToken(t.Context(), r.signIn(t, "ada@quadrille.test", "quadrille"))
	for who, ctx := range map[string]context.Context{"a customer": ada, "a service": t.Context()} {
		as := r.commands(ctx)
		_, err := as.update(&customersv1.UpdateProfileRequest{CustomerId: other, Name: new("X")})
		mustBeDenied(t, who+" updates another", err)
		_, err = as.add(&customersv1.AddAddressRequest{CustomerId: other, Address: addressIn("GB")})
		mustBeDenied(t, who+" adds an address to another", err)
		_, err = as.tier(&customersv1.SetTierRequest{CustomerId: other, Tier: customersv1.Tier_TIER_VIP})
		mustBeDenied(t, who+" sets a tier", err)
	}
	_, err := r.commands(t.Context()).update(&customersv1.UpdateProfileRequest{Name: new("X")})
	mustBeDenied(t, "a service updates itself", err)
	_, err = r.gateway().FindCustomer(ada, &customersv1.FindCustomerRequest{Email: "mary@quadrille.test"})
	mustBeDenied(t, "a customer finds another", err)
}

func addressIn(country string) *customersv1.Address {
	return &customersv1.Address{
		Name: "Ada", Street: "12 St James's Square", City: "London", PostalCode: "SW1Y 4JH", CountryCode: country,
	}
}

func TestWrongInputIsRefused(t *testing.T) {
	r := start(t)
	own := r.commands(serve.WithToken(t.Context(), r.signIn(t, "ada@quadrille.test", "quadrille")))
	olga := serve.WithToken(t.Context(), r.signIn(t, "olga@quadrille.test", "quadrille"))
	operator := r.commands(olga)
	const grace = "01936d2e-7c00-7ace-8000-000000000002"
	unknown := uuid.NewString()
	one := func(code string, path ...string) []*problemv1.UserError {
		return []*problemv1.UserError{problem(code, path...)}
	}
	var allMissing []*problemv1.UserError
	for _, field := range []string{"name", "street", "city", "postalCode", "countryCode"} {
		allMissing = append(allMissing, problem("REQUIRED", "address", field))
	}
	update := func(as commands, m *customersv1.UpdateProfileRequest) func() ([]*problemv1.UserError, error) {
		return func() ([]*problemv1.UserError, error) { return as.update(m) }
	}
	add := func(address *customersv1.Address) func() ([]*problemv1.UserError, error) {
		return func() ([]*problemv1.UserError, error) {
			return own.add(&customersv1.AddAddressRequest{Address: address})
		}
	}
	tier := func(id string, tier customersv1.Tier) func() ([]*problemv1.UserError, error) {
		return func() ([]*problemv1.UserError, error) {
			return operator.tier(&customersv1.SetTierRequest{CustomerId: id, Tier: tier})
		}
	}
	for name, c := range map[string]struct {
		call func() ([]*problemv1.UserError, error)
		want []*problemv1.UserError
	}{
		"no name":         {update(own, &customersv1.UpdateProfileRequest{Name: new(" ")}), one("REQUIRED", "name")},
		"bad phone":       {update(own, &customersv1.UpdateProfileRequest{Phone: new("x")}), one("MALFORMED", "phone")},
		"unknown":         {update(operator, &customersv1.UpdateProfileRequest{CustomerId: unknown}), one("NOT_FOUND", "customerId")},
		"malformed id":    {update(operator, &customersv1.UpdateProfileRequest{CustomerId: "x"}), one("MALFORMED", "customerId")},
		"no address":      {add(nil), allMissing},
		"no such country": {add(addressIn("ZZ")), one("MALFORMED", "address", "countryCode")},
		"small letters":   {add(addressIn("gb")), one("MALFORMED", "address", "countryCode")},
		"three letters":   {add(addressIn("GBR")), one("MALFORMED", "address", "countryCode")},
		"an alias":        {add(addressIn("UK")), one("MALFORMED", "address", "countryCode")},
		"no more":         {add(addressIn("SU")), one("MALFORMED", "address", "countryCode")},
		"not yet":         {add(addressIn("XK")), one("MALFORMED", "address", "countryCode")},
		"part of one":     {add(addressIn("IC")), one("MALFORMED", "address", "countryCode")},
		"no tier":         {tier(grace, customersv1.Tier_TIER_UNSPECIFIED), one("REQUIRED", "tier")},
		"tier of nobody":  {tier(unknown, customersv1.Tier_TIER_VIP), one("NOT_FOUND", "customerId")},
	} {
		t.Run(name, func(t *testing.T) {
			problems, err := c.call()
			if err != nil {
				t.Fatal(err)
			}
			sameProblems(t, c.want, problems)
		})
	}
	_, err := r.gateway().GetCustomers(olga, &customersv1.GetCustomersRequest{Ids: make([]string, 1001)})
	if connect.CodeOf(err) != connect.CodeInvalidArgument {
		t.Errorf("1,001 ids: %v", err)
	}
}
