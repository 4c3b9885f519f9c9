package customers_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/protobuf/testing/protocmp"

	"quadrille.dev/platform/serve"
	"quadrille.dev/platform/testkit"
	customersv1 "quadrille.dev/schema/rpc/customers/v1"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"
)

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
	if caller.ID.String() != registered.Customer.Id || caller.IsOperator() || claims.Name != want.Name || caller.Email != want.Email {
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
		{"ada@quadrille.test", "wrong"},
		{"nobody@quadrille.test", "quadrille"},
		{"", ""},
		{"rubbish", "quadrille"},
		{"ada@quadrille.test\x00", "quadrille"},
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
		if facts := r.facts(t, c.GetId()); len(facts) != 3 {
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
	if facts := r.facts(t, id); len(facts) != 3 {
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
