package acl_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jws"
	"github.com/lestrrat-go/jwx/v3/jwt"

	"quadrille.dev/services/customers/internal/acl"
)

// TestAlgorithms tries what providers of identities sign with, and what they must not.
func TestAlgorithms(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	set := jwk.NewSet()
	for kid, public := range map[string]any{"rsa": &rsaKey.PublicKey, "ec": &ecKey.PublicKey, "bound": &rsaKey.PublicKey, "enc": &rsaKey.PublicKey} {
		key, err := jwk.Import(public)
		if err == nil && kid == "bound" {
			err = key.Set(jwk.AlgorithmKey, jwa.PS256())
		}
		if err == nil && kid == "enc" {
			err = key.Set(jwk.KeyUsageKey, jwk.ForEncryption)
		}
		if err := errors.Join(err, key.Set(jwk.KeyIDKey, kid), set.AddKey(key)); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(set) }))
	t.Cleanup(server.Close)
	verifier := acl.NewVerifier(acl.Issuers{{Name: "https://id.test", KeysURL: server.URL, Audience: "shop"}})

	for name, test := range map[string]struct {
		algorithm jwa.SignatureAlgorithm
		key       any
		kid       string
		good      bool
	}{
		"RS256":                     {jwa.RS256(), rsaKey, "rsa", true},
		"PS256":                     {jwa.PS256(), rsaKey, "rsa", true},
		"ES256":                     {jwa.ES256(), ecKey, "ec", true},
		"a key for PS256":           {jwa.PS256(), rsaKey, "bound", true},
		"RS256 with it":             {jwa.RS256(), rsaKey, "bound", false},
		"RS512, which is not taken": {jwa.RS512(), rsaKey, "rsa", false},
		"HS256 with what is public": {jwa.HS256(), rsaKey.N.Bytes(), "rsa", false},
		"a key of another kind":     {jwa.RS256(), rsaKey, "ec", false},
		"a key for encryption":      {jwa.RS256(), rsaKey, "enc", false},
		"an unknown key":            {jwa.RS256(), rsaKey, "other", false},
	} {
		t.Run(name, func(t *testing.T) {
			token, err := jwt.NewBuilder().Issuer("https://id.test").Audience([]string{"shop", "other"}).Subject("auth0|1").
				Expiration(time.Now().Add(time.Minute)).Claim("email", "e@id.test").Claim("email_verified", true).Build()
			if err != nil {
				t.Fatal(err)
			}
			headers := jws.NewHeaders()
			if err := headers.Set(jws.KeyIDKey, test.kid); err != nil {
				t.Fatal(err)
			}
			signed, err := jwt.Sign(token, jwt.WithKey(test.algorithm, test.key, jws.WithProtectedHeaders(headers)))
			if err != nil {
				t.Fatal(err)
			}
			person, err := verifier.Verify(t.Context(), string(signed))
			if !test.good {
				if !errors.Is(err, acl.ErrToken) {
					t.Errorf("taken for %+v, %v", person, err)
				}
				return
			}
			want := acl.Person{Issuer: "https://id.test", Subject: "auth0|1", Email: "e@id.test"}
			if diff := cmp.Diff(want, person); diff != "" || err != nil {
				t.Errorf("%v\n%s", err, diff)
			}
		})
	}
}

func TestIssuersAreReadFromTheEnvironment(t *testing.T) {
	for text, valid := range map[string]bool{
		"": true,
		"https://id.test https://id.test/keys shop":                                true,
		"https://a.test https://a.test/k shop,\n https://b.test http://b:1/k shop": true,
		"https://id.test https://id.test/keys":                                     false,
		"https://id.test keys shop":                                                false,
		"a https://a.test/k shop, a https://b.test/k shop":                         false,
	} {
		var issuers acl.Issuers
		err := issuers.UnmarshalText([]byte(text))
		if err == nil {
			err = issuers.Validate()
		}
		if (err == nil) != valid {
			t.Errorf("%q: %v, %v", text, issuers, err)
		}
	}
}
