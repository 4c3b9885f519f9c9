package serve_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jws"
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
	public, kid := issuer.PublicKey()
	// What anybody could sign who knows the public key, if the token had a say in how it is verified.
	confused, err := jwt.Sign(jwt.New(), jwt.WithKey(jwa.HS256(), []byte(public), jws.WithProtectedHeaders(named(t, kid))))
	if err != nil {
		t.Fatal(err)
	}
	_, stranger, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	impostor, err := jwt.Sign(jwt.New(), jwt.WithKey(jwa.EdDSA(), stranger, jws.WithProtectedHeaders(named(t, kid))))
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
		"alg HS256 by public key": string(confused),
		"alg none, key named":     base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","kid":"`+kid+`"}`)) + "." + parts[1] + ".",
		"alg RS256, key named":    base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","kid":"`+kid+`"}`)) + "." + parts[1] + "." + parts[2],
		"another's, key named":    string(impostor),
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

// named is the header of a token that names a key.
func named(t *testing.T, kid string) jws.Headers {
	t.Helper()
	headers := jws.NewHeaders()
	if err := headers.Set(jws.KeyIDKey, kid); err != nil {
		t.Fatal(err)
	}
	return headers
}

func TestAlgorithmsAreOfAList(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, err := jwk.Import(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	set := jwk.NewSet()
	if err := errors.Join(public.Set(jwk.KeyIDKey, "rsa"), set.AddKey(public)); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(set) }))
	defer server.Close()
	token, err := jwt.NewBuilder().Issuer(testkit.TokenIssuer).Audience([]string{testkit.TokenAudience}).Subject(ada.String()).
		Expiration(time.Now().Add(time.Minute)).Build()
	if err != nil {
		t.Fatal(err)
	}
	signed, err := jwt.Sign(token, jwt.WithKey(jwa.RS256(), key, jws.WithProtectedHeaders(named(t, "rsa"))))
	if err != nil {
		t.Fatal(err)
	}
	for list, allowed := range map[string]bool{"EdDSA": false, "RS256": true, "EdDSA,RS256": true, "PS256": false, "none": false, "HS256": false} {
		v := serve.NewVerifier(server.URL, testkit.TokenIssuer, testkit.TokenAudience, serve.Algorithms(strings.Split(list, ",")))
		if _, _, err := v.Verify(t.Context(), string(signed)); (err == nil) != allowed {
			t.Errorf("%s: %v", list, err)
		}
	}
	for list, good := range map[string]bool{"EdDSA": true, "RS256,ES256": true, "none": false, "HS256": false, "EdDSA,rubbish": false} {
		if err := serve.CheckAlgorithms(strings.Split(list, ",")); (err == nil) != good {
			t.Errorf("%s: %v", list, err)
		}
	}
}

func TestKeysOutliveARestartWhileTheIssuerIsDown(t *testing.T) {
	issuer, file := testkit.NewIssuer(t), filepath.Join(t.TempDir(), "gateway.keys")
	start := func() *serve.Verifier {
		return serve.NewVerifier(issuer.URL, testkit.TokenIssuer, testkit.TokenAudience, serve.KeepKeys(file))
	}
	token := issuer.Token(ada, nil)
	if _, _, err := start().Verify(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	issuer.SetDown(true)
	if _, _, err := start().Verify(t.Context(), token); err != nil {
		t.Errorf("after a restart: %v", err)
	}
	issuer.SetDown(false)
	issuer.Rotate()
	v := start()
	if _, _, err := v.Verify(t.Context(), issuer.Token(ada, nil)); err != nil {
		t.Errorf("a new key: %v", err)
	}
	if _, _, err := v.Verify(t.Context(), token); !errors.Is(err, serve.ErrToken) {
		t.Errorf("a key that is no longer one: %v", err)
	}
	if err := os.WriteFile(file, []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := start().Verify(t.Context(), issuer.Token(ada, nil)); err != nil {
		t.Errorf("with a file that cannot be read: %v", err)
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
