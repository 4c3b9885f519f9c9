// Package token signs the tokens by which customers are known to the other contexts, and publishes the keys that verify them.
package token

import (
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jws"
	"github.com/lestrrat-go/jwx/v3/jwt"

	"quadrille.dev/services/customers/internal/customer"
)

// SeedSize is the length of the secret that a signer is made from.
const SeedSize = ed25519.SeedSize

// Signer signs tokens with one key.
type Signer struct {
	issuer, audience string
	ttl              time.Duration
	key              jwk.Key
	headers          jws.Headers
	keySet           []byte
}

// NewSigner makes a signer whose tokens are good for ttl. The key derives from the seed, and its id from the key, so that
// all signers of one seed are one.
func NewSigner(seed []byte, issuer, audience string, ttl time.Duration) (*Signer, error) {
	if len(seed) != SeedSize {
		return nil, fmt.Errorf("make signer: seed of %d bytes", len(seed))
	}
	key, err := jwk.Import(ed25519.NewKeyFromSeed(seed))
	if err != nil {
		return nil, fmt.Errorf("make signer: %w", err)
	}
	kid, err := name(key)
	if err != nil {
		return nil, fmt.Errorf("make signer: %w", err)
	}
	keySet, err := publish(key)
	if err != nil {
		return nil, fmt.Errorf("make signer: %w", err)
	}
	headers := jws.NewHeaders()
	if err := headers.Set(jws.KeyIDKey, kid); err != nil {
		return nil, fmt.Errorf("make signer: %w", err)
	}
	return &Signer{issuer: issuer, audience: audience, ttl: ttl, key: key, headers: headers, keySet: keySet}, nil
}

// name gives a key its thumbprint of RFC 7638 as id.
func name(key jwk.Key) (string, error) {
	thumbprint, err := key.Thumbprint(crypto.SHA256)
	if err != nil {
		return "", err
	}
	kid := base64.RawURLEncoding.EncodeToString(thumbprint)
	return kid, key.Set(jwk.KeyIDKey, kid)
}

// publish is the key set with the public half of a key.
func publish(key jwk.Key) ([]byte, error) {
	public, err := key.PublicKey()
	if err != nil {
		return nil, err
	}
	for field, value := range map[string]any{jwk.KeyUsageKey: "sig", jwk.AlgorithmKey: jwa.EdDSA()} {
		if err := public.Set(field, value); err != nil {
			return nil, err
		}
	}
	set := jwk.NewSet()
	if err := set.AddKey(public); err != nil {
		return nil, err
	}
	return json.Marshal(set)
}

// Sign answers a token for a customer, and until when it is good.
func (s *Signer) Sign(c customer.Customer, at time.Time) (token string, expires time.Time, err error) {
	expires = at.Add(s.ttl).Truncate(time.Second)
	claims, err := jwt.NewBuilder().Issuer(s.issuer).Audience([]string{s.audience}).Subject(c.ID.String()).
		IssuedAt(at).Expiration(expires).
		Claim("email", c.Email).Claim("name", c.Name).Claim("roles", c.Roles).Build()
	if err != nil {
		return "", time.Time{}, fmt.Errorf("build token: %w", err)
	}
	signed, err := jwt.Sign(claims, jwt.WithKey(jwa.EdDSA(), s.key, jws.WithProtectedHeaders(s.headers)))
	if err != nil {
		return "", time.Time{}, fmt.Errorf("sign token: %w", err)
	}
	return string(signed), expires, nil
}

// KeySet is the JSON Web Key Set that verifies the tokens.
func (s *Signer) KeySet() []byte { return s.keySet }
