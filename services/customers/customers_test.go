package customers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

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

func registration(email string) *customersv1.RegisterCustomerRequest {
	return &customersv1.RegisterCustomerRequest{
		Email: email, Password: "correct horse", Name: "Mary Somerville", Phone: new("+44 20 7946 0000"), IdempotencyKey: uuid.NewString(),
	}
}

func (r *running) register(t *testing.T, email string) *customersv1.RegisterCustomerResponse {
	t.Helper()
	response, err := r.gateway().RegisterCustomer(t.Context(), registration(email))
	if err != nil || len(response.UserErrors) > 0 {
		t.Fatalf("register %s: %v, %v", email, response.GetUserErrors(), err)
	}
	return response
}

func (r *running) signIn(t *testing.T, email, password string) string {
	t.Helper()
	response, err := r.gateway().SignIn(t.Context(), &customersv1.SignInRequest{Email: email, Password: password})
	if err != nil || response.Token == nil {
		t.Fatalf("sign in %s: %v, %v", email, response.GetUserErrors(), err)
	}
	return response.Token.Token
}

func problem(code string, path ...string) *problemv1.UserError {
	return &problemv1.UserError{Code: code, Path: path}
}

// sameProblems compares all but the sentences for people, which must be there.
func sameProblems(t *testing.T, want, got []*problemv1.UserError) {
	t.Helper()
	for _, p := range got {
		if p.Message == "" {
			t.Errorf("%v has no message", p)
		}
	}
	if diff := cmp.Diff(want, got, protocmp.Transform(), protocmp.IgnoreFields(&problemv1.UserError{}, "message")); diff != "" {
		t.Error(diff)
	}
}

func TestRegisterSignInAndRead(t *testing.T) {
	r := start(t)
	registered := r.register(t, "Mary@Quadrille.test")
	want := &customersv1.Customer{
		Email: "Mary@Quadrille.test", Name: "Mary Somerville", Phone: new("+44 20 7946 0000"),
		Tier: customersv1.Tier_TIER_STANDARD, Roles: []string{"CUSTOMER"},
	}
	ignoreID := protocmp.IgnoreFields(&customersv1.Customer{}, "id")
	if diff := cmp.Diff(want, registered.Customer, protocmp.Transform(), ignoreID); diff != "" {
		t.Error(diff)
	}

	signedIn, err := r.gateway().SignIn(t.Context(), &customersv1.SignInRequest{Email: "MARY@quadrille.TEST", Password: "correct horse"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(registered.Customer, signedIn.Customer, protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
	if left := time.Until(signedIn.Token.ExpiresAt.AsTime()); left > time.Minute || left < 50*time.Second {
		t.Errorf("the token is good for %v", left)
	}
	caller, claims, err := serve.NewVerifier(r.config.JWKSURL, testkit.TokenIssuer, testkit.TokenAudience).
		Verify(t.Context(), signedIn.Token.Token)
	if err != nil {
		t.Fatal(err)
	}
	if caller.ID.String() != registered.Customer.Id || caller.IsOperator() || claims.Name != want.Name || claims.Email != want.Email {
		t.Errorf("the token says %+v %+v", caller, claims)
	}

	ctx := serve.WithToken(t.Context(), signedIn.Token.Token)
	others := r.register(t, "other@quadrille.test").Customer.Id
	seen, err := r.gateway().GetCustomers(ctx, &customersv1.GetCustomersRequest{
		Ids: []string{registered.Customer.Id, others, uuid.NewString(), "rubbish"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]*customersv1.Customer{registered.Customer}, seen.Customers, protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
}

func TestSignInIsRefusedAlike(t *testing.T) {
	r := start(t)
	for _, c := range []struct{ email, password string }{
		{"ada@quadrille.test", "wrong"}, {"nobody@quadrille.test", "quadrille"}, {"", ""}, {"rubbish", "quadrille"},
	} {
		response, err := r.gateway().SignIn(t.Context(), &customersv1.SignInRequest{Email: c.email, Password: c.password})
		if err != nil {
			t.Fatal(err)
		}
		if response.Token != nil || response.Customer != nil {
			t.Errorf("%v signed in", c)
		}
		sameProblems(t, []*problemv1.UserError{problem("INVALID_CREDENTIALS")}, response.UserErrors)
	}
}

func TestRegistrationIsIdempotent(t *testing.T) {
	r := start(t)
	request := registration("mary@quadrille.test")
	responses := make([]*customersv1.RegisterCustomerResponse, 5)
	var all sync.WaitGroup
	for i := range responses {
		all.Go(func() {
			response, err := r.gateway().RegisterCustomer(t.Context(), request)
			if err != nil {
				t.Errorf("register: %v", err)
			}
			responses[i] = response
		})
	}
	all.Wait()
	first := 0
	for _, response := range responses {
		if !response.GetReplayed() {
			first++
		}
		if response.GetCustomer().GetId() != responses[0].GetCustomer().GetId() || response.GetToken().GetToken() == "" {
			t.Errorf("answered %v", response)
		}
	}
	if first != 1 {
		t.Errorf("%d answers are not replayed", first)
	}
	if facts := r.facts(t, responses[0].GetCustomer().GetId()); len(facts) != 2 {
		t.Errorf("%d facts published", len(facts))
	}
}

func TestAKeyBelongsToOneInput(t *testing.T) {
	r := start(t)
	request := registration("mary@quadrille.test")
	if _, err := r.gateway().RegisterCustomer(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*customersv1.RegisterCustomerRequest){
		"other e-mail":   func(m *customersv1.RegisterCustomerRequest) { m.Email = "other@quadrille.test" },
		"other name":     func(m *customersv1.RegisterCustomerRequest) { m.Name = "Other" },
		"no phone":       func(m *customersv1.RegisterCustomerRequest) { m.Phone = nil },
		"other password": func(m *customersv1.RegisterCustomerRequest) { m.Password = "battery staple" },
	} {
		t.Run(name, func(t *testing.T) {
			other := registration("mary@quadrille.test")
			other.IdempotencyKey = request.IdempotencyKey
			change(other)
			response, err := r.gateway().RegisterCustomer(t.Context(), other)
			if err != nil {
				t.Fatal(err)
			}
			if response.Token != nil || response.Customer != nil {
				t.Error("a token for somebody else")
			}
			want := problem("IDEMPOTENCY_CONFLICT", "idempotencyKey")
			want.Details = map[string]string{"idempotencyKey": request.IdempotencyKey}
			sameProblems(t, []*problemv1.UserError{want}, response.UserErrors)
		})
	}
}

func TestKeysOfOthersAreOtherKeys(t *testing.T) {
	r := start(t)
	request := registration("mary@quadrille.test")
	if _, err := r.gateway().RegisterCustomer(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	other := registration("other@quadrille.test")
	other.IdempotencyKey = request.IdempotencyKey
	operator := serve.WithToken(t.Context(), r.signIn(t, "olga@quadrille.test", "quadrille"))
	response, err := r.gateway().RegisterCustomer(operator, other)
	if err != nil || len(response.UserErrors) > 0 || response.Replayed {
		t.Errorf("answered %v, %v", response, err)
	}
}

func TestRegistrationIsRefused(t *testing.T) {
	r := start(t)
	r.register(t, "mary@quadrille.test")
	type request = customersv1.RegisterCustomerRequest
	cases := map[string]struct {
		change func(*request)
		want   []*problemv1.UserError
	}{
		"e-mail taken, in another case": {
			func(m *request) { m.Email = "MARY@quadrille.test" },
			[]*problemv1.UserError{problem("EMAIL_TAKEN", "email")},
		},
		"no e-mail":        {func(m *request) { m.Email = " " }, []*problemv1.UserError{problem("REQUIRED", "email")}},
		"bad e-mail":       {func(m *request) { m.Email = "mary" }, []*problemv1.UserError{problem("MALFORMED", "email")}},
		"named e-mail":     {func(m *request) { m.Email = "Mary <m@quadrille.test>" }, []*problemv1.UserError{problem("MALFORMED", "email")}},
		"long e-mail":      {func(m *request) { m.Email = strings.Repeat("m", 250) + "@quadrille.test" }, []*problemv1.UserError{problem("OUT_OF_RANGE", "email")}},
		"no password":      {func(m *request) { m.Password = "" }, []*problemv1.UserError{problem("REQUIRED", "password")}},
		"short password":   {func(m *request) { m.Password = "1234567" }, []*problemv1.UserError{problem("OUT_OF_RANGE", "password")}},
		"long password":    {func(m *request) { m.Password = strings.Repeat("p", 201) }, []*problemv1.UserError{problem("OUT_OF_RANGE", "password")}},
		"no name":          {func(m *request) { m.Name = "" }, []*problemv1.UserError{problem("REQUIRED", "name")}},
		"long name":        {func(m *request) { m.Name = strings.Repeat("é", 201) }, []*problemv1.UserError{problem("OUT_OF_RANGE", "name")}},
		"name in two rows": {func(m *request) { m.Name = "Mary\nSomerville" }, []*problemv1.UserError{problem("MALFORMED", "name")}},
		"bad phone":        {func(m *request) { m.Phone = new("call me") }, []*problemv1.UserError{problem("MALFORMED", "phone")}},
		"no key":           {func(m *request) { m.IdempotencyKey = "" }, []*problemv1.UserError{problem("REQUIRED", "idempotencyKey")}},
		"bad key":          {func(m *request) { m.IdempotencyKey = "1" }, []*problemv1.UserError{problem("MALFORMED", "idempotencyKey")}},
		"all wrong": {
			func(m *request) { *m = request{} },
			[]*problemv1.UserError{
				problem("REQUIRED", "email"), problem("REQUIRED", "name"), problem("REQUIRED", "password"), problem("REQUIRED", "idempotencyKey"),
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			m := registration("new@quadrille.test")
			c.change(m)
			response, err := r.gateway().RegisterCustomer(t.Context(), m)
			if err != nil {
				t.Fatal(err)
			}
			if response.Token != nil || response.Customer != nil {
				t.Errorf("answered %v", response)
			}
			sameProblems(t, c.want, response.UserErrors)
			if found, err := r.gateway().FindCustomer(t.Context(), &customersv1.FindCustomerRequest{Email: "new@quadrille.test"}); err != nil ||
				found.Customer != nil {
				t.Errorf("stored %v, %v", found.GetCustomer(), err)
			}
		})
	}
}

// A registration that was refused has not used its key up.
func TestARefusedRegistrationCanBeMended(t *testing.T) {
	r := start(t)
	r.register(t, "mary@quadrille.test")
	request := registration("mary@quadrille.test")
	if response, err := r.gateway().RegisterCustomer(t.Context(), request); err != nil || len(response.UserErrors) != 1 {
		t.Fatalf("answered %v, %v", response, err)
	}
	request.Email = "mary2@quadrille.test"
	if response, err := r.gateway().RegisterCustomer(t.Context(), request); err != nil || response.Replayed || response.Customer == nil {
		t.Errorf("answered %v, %v", response, err)
	}
}

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
		`customers.customer.profiled.v2 {"customerId":"ID","name":"Mary Somerville","email":"mary@quadrille.test","phone":"+44 20 7946 0000","tier":"STANDARD"}`,
		`customers.customer.updated.v1 {"customerId":"ID","changes":[{"field":"name","old":"Mary Somerville","new":"Mary F. Somerville"},{"field":"phone","old":"+44 20 7946 0000","new":null}]}`,
		`customers.customer.updated.v1 {"customerId":"ID","changes":[{"field":"address","old":null,"new":"Mary, 1 Burntisland, Jedburgh, TD8, GB"}]}`,
		`customers.customer.updated.v1 {"customerId":"ID","changes":[{"field":"tier","old":"STANDARD","new":"VIP"}]}`,
	}
	for i := range wantSaid {
		wantSaid[i] = strings.ReplaceAll(wantSaid[i], "ID", id)
	}
	if diff := cmp.Diff(wantSaid, said); diff != "" {
		t.Error(diff)
	}
}

func TestCommandsAreRefused(t *testing.T) {
	r := start(t)
	other := r.register(t, "mary@quadrille.test").Customer.Id
	ada := serve.WithToken(t.Context(), r.signIn(t, "ada@quadrille.test", "quadrille"))
	operator := serve.WithToken(t.Context(), r.signIn(t, "olga@quadrille.test", "quadrille"))
	client := r.gateway()
	update := func(ctx context.Context, m *customersv1.UpdateProfileRequest) func() ([]*problemv1.UserError, error) {
		return func() ([]*problemv1.UserError, error) {
			response, err := client.UpdateProfile(ctx, m)
			return response.GetUserErrors(), err
		}
	}
	add := func(ctx context.Context, m *customersv1.AddAddressRequest) func() ([]*problemv1.UserError, error) {
		return func() ([]*problemv1.UserError, error) {
			response, err := client.AddAddress(ctx, m)
			return response.GetUserErrors(), err
		}
	}
	tier := func(ctx context.Context, m *customersv1.SetTierRequest) func() ([]*problemv1.UserError, error) {
		return func() ([]*problemv1.UserError, error) {
			response, err := client.SetTier(ctx, m)
			return response.GetUserErrors(), err
		}
	}
	good := func() *customersv1.Address {
		return &customersv1.Address{Name: "Ada", Street: "12 St James's Square", City: "London", PostalCode: "SW1Y 4JH", CountryCode: "GB"}
	}
	in := func(country string) *customersv1.Address {
		address := good()
		address.CountryCode = country
		return address
	}
	one := func(code string, path ...string) []*problemv1.UserError {
		return []*problemv1.UserError{problem(code, path...)}
	}
	unknown := uuid.NewString()
	cases := map[string]struct {
		call   func() ([]*problemv1.UserError, error)
		want   []*problemv1.UserError
		denied bool
	}{
		"profile of another":           {call: update(ada, &customersv1.UpdateProfileRequest{CustomerId: other, Name: new("X")}), denied: true},
		"profile by a service":         {call: update(t.Context(), &customersv1.UpdateProfileRequest{CustomerId: other, Name: new("X")}), denied: true},
		"profile of nobody":            {call: update(t.Context(), &customersv1.UpdateProfileRequest{Name: new("X")}), denied: true},
		"profile without a name":       {call: update(ada, &customersv1.UpdateProfileRequest{Name: new(" ")}), want: one("REQUIRED", "name")},
		"profile with a bad phone":     {call: update(ada, &customersv1.UpdateProfileRequest{Phone: new("x")}), want: one("MALFORMED", "phone")},
		"profile of an unknown one":    {call: update(operator, &customersv1.UpdateProfileRequest{CustomerId: unknown, Name: new("X")}), want: one("NOT_FOUND", "customerId")},
		"profile of a malformed id":    {call: update(operator, &customersv1.UpdateProfileRequest{CustomerId: "x", Name: new("X")}), want: one("MALFORMED", "customerId")},
		"address of another":           {call: add(ada, &customersv1.AddAddressRequest{CustomerId: other, Address: good()}), denied: true},
		"no address":                   {call: add(ada, &customersv1.AddAddressRequest{}), want: []*problemv1.UserError{problem("REQUIRED", "address", "name"), problem("REQUIRED", "address", "street"), problem("REQUIRED", "address", "city"), problem("REQUIRED", "address", "postalCode"), problem("REQUIRED", "address", "countryCode")}},
		"address in no country":        {call: add(ada, &customersv1.AddAddressRequest{Address: in("ZZ")}), want: one("MALFORMED", "address", "countryCode")},
		"address in a lower country":   {call: add(ada, &customersv1.AddAddressRequest{Address: in("gb")}), want: one("MALFORMED", "address", "countryCode")},
		"address in three letters":     {call: add(ada, &customersv1.AddAddressRequest{Address: in("GBR")}), want: one("MALFORMED", "address", "countryCode")},
		"address in a country's alias": {call: add(ada, &customersv1.AddAddressRequest{Address: in("UK")}), want: one("MALFORMED", "address", "countryCode")},
		"tier by the customer":         {call: tier(ada, &customersv1.SetTierRequest{CustomerId: other, Tier: customersv1.Tier_TIER_VIP}), denied: true},
		"tier by a service":            {call: tier(t.Context(), &customersv1.SetTierRequest{CustomerId: other, Tier: customersv1.Tier_TIER_VIP}), denied: true},
		"no tier":                      {call: tier(operator, &customersv1.SetTierRequest{CustomerId: other}), want: one("REQUIRED", "tier")},
		"tier of an unknown one":       {call: tier(operator, &customersv1.SetTierRequest{CustomerId: unknown, Tier: customersv1.Tier_TIER_VIP}), want: one("NOT_FOUND", "customerId")},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			problems, err := c.call()
			if denied := connect.CodeOf(err) == connect.CodePermissionDenied; denied != c.denied || err != nil && !denied {
				t.Fatalf("got %v", err)
			}
			sameProblems(t, c.want, problems)
		})
	}
	if _, err := client.FindCustomer(ada, &customersv1.FindCustomerRequest{Email: "mary@quadrille.test"}); connect.CodeOf(err) != connect.CodePermissionDenied {
		t.Errorf("a customer finds others: %v", err)
	}
	if _, err := client.GetCustomers(operator, &customersv1.GetCustomersRequest{Ids: make([]string, 1001)}); connect.CodeOf(err) != connect.CodeInvalidArgument {
		t.Errorf("1,001 ids: %v", err)
	}
}

func TestDemoAccounts(t *testing.T) {
	r := start(t)
	for _, want := range []struct {
		email string
		tier  customersv1.Tier
		role  string
	}{
		{"ada@quadrille.test", customersv1.Tier_TIER_STANDARD, "CUSTOMER"},
		{"grace@quadrille.test", customersv1.Tier_TIER_VIP, "CUSTOMER"},
		{"olga@quadrille.test", customersv1.Tier_TIER_STANDARD, "OPERATOR"},
	} {
		response, err := r.gateway().SignIn(t.Context(), &customersv1.SignInRequest{Email: want.email, Password: "quadrille"})
		if err != nil {
			t.Fatal(err)
		}
		c := response.GetCustomer()
		if c.GetTier() != want.tier || len(c.GetRoles()) != 1 || c.GetRoles()[0] != want.role {
			t.Errorf("%s is %v", want.email, c)
		}
		if id, err := uuid.Parse(c.GetId()); err != nil || id.Version() != 7 || id.Variant() != uuid.RFC4122 {
			t.Errorf("%s has id %s", want.email, c.GetId())
		}
		if facts := r.facts(t, c.GetId()); len(facts) != 2 {
			t.Errorf("%d facts about %s", len(facts), want.email)
		}
	}
}

// Tokens, accounts and what was said of them outlive the program.
func TestRestart(t *testing.T) {
	r := start(t, func(c *customersConfig) { c.TokenTTL = time.Hour })
	token := r.signIn(t, "ada@quadrille.test", "quadrille")
	_, keys := get(t, r.config.JWKSURL)
	r.restart(t)
	if _, again := get(t, r.config.JWKSURL); again != keys {
		t.Errorf("keys were %s, are %s", keys, again)
	}
	ctx := serve.WithToken(t.Context(), token)
	id := "01936d2e-7c00-7ada-8000-000000000001"
	seen, err := r.gateway().GetCustomers(ctx, &customersv1.GetCustomersRequest{Ids: []string{id}})
	if err != nil || len(seen.Customers) != 1 {
		t.Errorf("seen %v, %v", seen, err)
	}
	if facts := r.facts(t, id); len(facts) != 2 {
		t.Errorf("%d facts", len(facts))
	}
}

func TestKeySet(t *testing.T) {
	r := start(t)
	header, body := get(t, r.config.JWKSURL)
	if header.Get("Cache-Control") != "public, max-age=300" {
		t.Errorf("Cache-Control %q", header.Get("Cache-Control"))
	}
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal([]byte(body), &set); err != nil || len(set.Keys) != 1 {
		t.Fatalf("%s: %v", body, err)
	}
	key := set.Keys[0]
	if _, private := key["d"]; private {
		t.Fatal("the private key is public")
	}
	delete(key, "x")
	delete(key, "kid")
	if diff := cmp.Diff(map[string]string{"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA"}, key); diff != "" {
		t.Error(diff)
	}
}

func TestOldKeysAreForgotten(t *testing.T) {
	r := start(t)
	r.register(t, "old@quadrille.test")
	r.register(t, "young@quadrille.test")
	conn, err := pgx.Connect(t.Context(), r.config.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	_, err = conn.Exec(t.Context(), `
		UPDATE registration SET at = at - CASE WHEN c.email LIKE 'old%' THEN interval '30 days 1 minute' ELSE interval '29 days 23 hours' END
		FROM customer c WHERE c.id = customer_id`)
	if err != nil {
		t.Fatal(err)
	}
	r.restart(t)
	var left []string
	for len(left) != 1 {
		rows, err := conn.Query(t.Context(), `SELECT email FROM registration JOIN customer ON id = customer_id`)
		if err != nil {
			t.Fatal(err)
		}
		if left, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
			t.Fatal(err)
		}
	}
	if left[0] != "young@quadrille.test" {
		t.Errorf("left is %v", left)
	}
}

func get(t *testing.T, url string) (http.Header, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.Header, string(body)
}
