package customers_test

import (
	"context"
	"sync"
	"testing"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/lestrrat-go/jwx/v3/jwt"

	"quadrille.dev/platform/serve"
	"quadrille.dev/platform/testkit"
	customersv1 "quadrille.dev/schema/rpc/customers/v1"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"
	"quadrille.dev/services/customers/internal/acl"
)

const elsewhere = "https://id.elsewhere.test"

// abroad is customers with an issuer outside that it trusts.
func abroad(t *testing.T) (*running, *testkit.Issuer) {
	t.Helper()
	issuer := testkit.NewIssuer(t)
	return start(t, func(c *customersConfig) {
		c.ExternalIssuers = acl.Issuers{{Name: elsewhere, KeysURL: issuer.URL, Audience: "shop"}}
	}), issuer
}

// says makes a token of the issuer outside about a subject, with other claims than it would have.
func says(issuer *testkit.Issuer, subject, email string, changes ...func(jwt.Token) error) string {
	claim := func(name string, value any) func(jwt.Token) error {
		return func(token jwt.Token) error { return token.Set(name, value) }
	}
	return issuer.Token(uuid.New(), []string{serve.Operator}, append([]func(jwt.Token) error{
		claim("iss", elsewhere), claim("aud", "shop"), claim("sub", subject), claim("email", email), claim("email_verified", true),
		claim("name", "Emmy Noether"),
	}, changes...)...)
}

func (r *running) abroad(t *testing.T, token string) *customersv1.SignInWithTokenResponse {
	t.Helper()
	response, err := r.gateway().SignInWithToken(t.Context(), &customersv1.SignInWithTokenRequest{Token: token})
	if err != nil {
		t.Fatal(err)
	}
	return response
}

func TestASubjectElsewhereIsOneCustomerFromTheFirstSignInOn(t *testing.T) {
	r, issuer := abroad(t)
	first := r.abroad(t, says(issuer, "auth0|1", "emmy@elsewhere.test"))
	if len(first.UserErrors) > 0 {
		t.Fatal(first.UserErrors)
	}
	caller, _, err := serve.NewVerifier(r.config.JWKSURL, testkit.TokenIssuer, testkit.TokenAudience).Verify(t.Context(), first.Token.Token)
	if err != nil {
		t.Fatal(err)
	}
	// The roles that the token claims are the issuer's own business.
	want := serve.Caller{ID: uuid.MustParse(first.Customer.Id), Roles: []string{serve.Customer}, Email: "emmy@elsewhere.test"}
	if diff := cmp.Diff(want, caller); diff != "" || first.Customer.Name != "Emmy Noether" {
		t.Errorf("%s is\n%s", first.Customer.Name, diff)
	}
	if facts := r.facts(t, first.Customer.Id); len(facts) != 3 {
		t.Errorf("%d facts", len(facts))
	}
	// Who it is says the subject alone, whatever else has changed meanwhile.
	again := r.abroad(t, says(issuer, "auth0|1", "noether@elsewhere.test"))
	if again.GetCustomer().GetId() != first.Customer.Id || len(r.facts(t, first.Customer.Id)) != 3 {
		t.Errorf("then it is %v", again)
	}
	if other := r.abroad(t, says(issuer, "auth0|2", "other@elsewhere.test")); other.GetCustomer().GetId() == first.Customer.Id {
		t.Error("another subject is the same customer")
	}
}

func TestFirstSignInsAtOnceMakeOneCustomer(t *testing.T) {
	r, issuer := abroad(t)
	token := says(issuer, "auth0|1", "emmy@elsewhere.test")
	ids := make([]string, 8)
	var signing sync.WaitGroup
	for i := range ids {
		signing.Go(func() {
			response, err := r.gateway().SignInWithToken(t.Context(), &customersv1.SignInWithTokenRequest{Token: token})
			if err != nil {
				t.Error(err)
			}
			ids[i] = response.GetCustomer().GetId()
		})
	}
	signing.Wait()
	for _, id := range ids {
		if id == "" || id != ids[0] {
			t.Fatalf("customers %q", ids)
		}
	}
}

func TestWhatAnIssuerElsewhereSaysIsNotTakenForMore(t *testing.T) {
	r, issuer := abroad(t)
	claim := func(name string, value any) func(jwt.Token) error {
		return func(token jwt.Token) error { return token.Set(name, value) }
	}
	for name, test := range map[string]struct{ token, code string }{
		"an address that is registered here": {says(issuer, "a", "ada@quadrille.test"), "EMAIL_TAKEN"},
		"an address that was not verified":   {says(issuer, "b", "b@elsewhere.test", claim("email_verified", false)), "INVALID_CREDENTIALS"},
		"no address":                         {says(issuer, "c", "", claim("email_verified", true)), "INVALID_CREDENTIALS"},
		"rubbish as address":                 {says(issuer, "d", "rubbish"), "MALFORMED"},
		"no subject":                         {says(issuer, "", "e@elsewhere.test"), "INVALID_CREDENTIALS"},
		"a token for somebody else":          {says(issuer, "f", "f@elsewhere.test", claim("aud", "other")), "INVALID_CREDENTIALS"},
		"a token of somebody else":           {says(issuer, "g", "g@elsewhere.test", claim("iss", "https://other.test")), "INVALID_CREDENTIALS"},
		"one that is signed by another":      {says(testkit.NewIssuer(t), "h", "h@elsewhere.test"), "INVALID_CREDENTIALS"},
		"our own":                            {r.signIn(t, "ada@quadrille.test", "quadrille"), "INVALID_CREDENTIALS"},
		"rubbish":                            {"rubbish", "INVALID_CREDENTIALS"},
	} {
		t.Run(name, func(t *testing.T) {
			response := r.abroad(t, test.token)
			if response.Token != nil || response.Customer != nil {
				t.Errorf("signed in: %v", response.Customer)
			}
			sameProblems(t, []*problemv1.UserError{problem(test.code, "token")}, response.UserErrors)
		})
	}
}

func TestAnErasedCustomerIsForgottenByTheirIdentityToo(t *testing.T) {
	r, issuer := abroad(t)
	token := says(issuer, "auth0|1", "emmy@elsewhere.test")
	first := r.abroad(t, token)
	ctx := serve.WithToken(t.Context(), r.signIn(t, "olga@quadrille.test", "quadrille"))
	erased, err := r.gateway().Erase(ctx, &customersv1.EraseRequest{CustomerId: first.Customer.Id, Reason: "asked for it"})
	if err != nil || len(erased.UserErrors) > 0 {
		t.Fatal(erased, err)
	}
	if again := r.abroad(t, token); again.GetCustomer().GetId() == "" || again.Customer.Id == first.Customer.Id {
		t.Errorf("then the identity is %v", again)
	}
}

func TestWithoutTheIssuersKeysNobodyIsRefused(t *testing.T) {
	r, issuer := abroad(t)
	issuer.SetDown(true)
	_, err := r.gateway().SignInWithToken(context.Background(), &customersv1.SignInWithTokenRequest{Token: says(issuer, "a", "a@elsewhere.test")})
	if connect.CodeOf(err) != connect.CodeUnavailable {
		t.Errorf("without keys: %v", err)
	}
}
