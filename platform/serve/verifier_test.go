package serve_test

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwt"

	"quadrille.dev/platform/serve"
	"quadrille.dev/platform/testkit"
)

var ada = uuid.MustParse("0190b7a2-0000-7000-8000-0000000000ad")

func set(name string, value any) func(jwt.Token) error {
	return func(token jwt.Token) error { return token.Set(name, value) }
}

func remove(name string) func(jwt.Token) error {
	return func(token jwt.Token) error { return token.Remove(name) }
}

func verifier(issuer *testkit.Issuer) *serve.Verifier {
	return serve.NewVerifier(issuer.URL, testkit.TokenIssuer, testkit.TokenAudience)
}

func TestVerify(t *testing.T) {
	issuer := testkit.NewIssuer(t)
	expires := time.Now().Add(time.Hour).Truncate(time.Second)
	token := issuer.Token(ada, []string{serve.Customer}, set("email", "ada@quadrille.test"), set("name", "Ada"), set("exp", expires))

	caller, claims, err := verifier(issuer).Verify(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(serve.Caller{ID: ada, Roles: []string{serve.Customer}, Email: "ada@quadrille.test"}, caller); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(serve.Claims{Name: "Ada", ExpiresAt: expires.UTC()}, claims); diff != "" {
		t.Error(diff)
	}
}

func TestVerifyRefuses(t *testing.T) {
	issuer, other := testkit.NewIssuer(t), testkit.NewIssuer(t)
	v := verifier(issuer)
	good := issuer.Token(ada, nil)
	parts := strings.Split(good, ".")
	unsigned := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + parts[1] + "."
	unsignedWithSignature := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","kid":"x"}`)) + "." + parts[1] + "." + parts[2]
	hmac, err := jwt.Sign(jwt.New(), jwt.WithKey(jwa.HS256(), []byte("secret")))
	if err != nil {
		t.Fatal(err)
	}

	cases := map[string]string{
		"empty":                   "",
		"rubbish":                 "rubbish",
		"expired":                 issuer.Token(ada, nil, set("exp", time.Now().Add(-time.Minute))),
		"without an end":          issuer.Token(ada, nil, remove("exp")),
		"not yet valid":           issuer.Token(ada, nil, set("nbf", time.Now().Add(time.Minute))),
		"of another issuer":       issuer.Token(ada, nil, set("iss", "https://elsewhere.test")),
		"without issuer":          issuer.Token(ada, nil, remove("iss")),
		"for another audience":    issuer.Token(ada, nil, set("aud", []string{"elsewhere"})),
		"without audience":        issuer.Token(ada, nil, remove("aud")),
		"subject is not an id":    issuer.Token(ada, nil, set("sub", "ada")),
		"signed by another":       other.Token(ada, nil),
		"payload exchanged":       parts[0] + "." + strings.Split(other.Token(ada, []string{serve.Operator}), ".")[1] + "." + parts[2],
		"alg none":                unsigned,
		"alg none with signature": unsignedWithSignature,
		"alg HS256":               string(hmac),
	}
	for name, token := range cases {
		t.Run(name, func(t *testing.T) {
			caller, _, err := v.Verify(t.Context(), token)
			if !errors.Is(err, serve.ErrToken) || caller.ID != uuid.Nil {
				t.Errorf("got %v, %v", caller, err)
			}
		})
	}
	if _, _, err := v.Verify(t.Context(), good); err != nil {
		t.Errorf("the good token: %v", err)
	}
}

func TestKeysAreAskedForRarely(t *testing.T) {
	issuer, other := testkit.NewIssuer(t), testkit.NewIssuer(t)
	v := verifier(issuer)
	for range 50 {
		if _, _, err := v.Verify(t.Context(), issuer.Token(ada, nil)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := v.Verify(t.Context(), other.Token(ada, nil)); !errors.Is(err, serve.ErrToken) {
			t.Fatal(err)
		}
	}
	if issuer.Asked() > 2 {
		t.Errorf("asked %d times", issuer.Asked())
	}
}

func TestKeysAreKeptWhileTheIssuerIsDown(t *testing.T) {
	issuer := testkit.NewIssuer(t)
	token := issuer.Token(ada, nil)
	v := verifier(issuer)

	issuer.SetDown(true)
	if _, _, err := v.Verify(t.Context(), token); !errors.Is(err, serve.ErrKeys) {
		t.Fatalf("without keys: %v", err)
	}
	v = verifier(issuer)
	issuer.SetDown(false)
	if _, _, err := v.Verify(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	issuer.SetDown(true)
	if _, _, err := v.Verify(context.WithoutCancel(t.Context()), token); err != nil {
		t.Errorf("with a key known: %v", err)
	}
}
