package serve

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jws"
	"github.com/lestrrat-go/jwx/v3/jwt"
)

// skew is how far the clocks of issuer and verifier may differ.
const skew = 10 * time.Second

// ErrToken is the reason of every refused token.
var ErrToken = errors.New("token refused")

// Verifier checks tokens: JWTs signed with EdDSA, and with nothing else, by a key from the issuer's key set.
type Verifier struct {
	issuer, audience string
	keys             *keySet
}

// NewVerifier makes a verifier that gets the keys from jwksURL, when it first needs them.
func NewVerifier(jwksURL, issuer, audience string) *Verifier {
	return &Verifier{issuer: issuer, audience: audience, keys: newKeySet(jwksURL)}
}

// Claims is what a token says beside who the caller is.
type Claims struct {
	Name      string
	ExpiresAt time.Time
}

// Verify answers whose token it is. The error is an ErrToken, or an ErrKeys while there are no keys to verify it with.
func (v *Verifier) Verify(ctx context.Context, token string) (Caller, Claims, error) {
	kid, err := keyID(token)
	if err != nil {
		return Caller{}, Claims{}, err
	}
	key, err := v.keys.find(ctx, kid)
	if err != nil {
		return Caller{}, Claims{}, err
	}
	parsed, err := jwt.Parse([]byte(token), jwt.WithKey(jwa.EdDSA(), key), jwt.WithIssuer(v.issuer), jwt.WithAudience(v.audience),
		jwt.WithRequiredClaim(jwt.ExpirationKey), jwt.WithAcceptableSkew(skew), jwt.WithClock(jwt.ClockFunc(time.Now)))
	if err != nil {
		return Caller{}, Claims{}, fmt.Errorf("%w: %w", ErrToken, err)
	}
	return read(parsed)
}

// keyID reads which key has signed a token, of which nothing is verified yet.
func keyID(token string) (string, error) {
	message, err := jws.ParseString(token, jws.WithCompact())
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrToken, err)
	}
	if len(message.Signatures()) != 1 {
		return "", fmt.Errorf("%w: not one signature", ErrToken)
	}
	header := message.Signatures()[0].ProtectedHeaders()
	if algorithm, ok := header.Algorithm(); !ok || algorithm != jwa.EdDSA() {
		return "", fmt.Errorf("%w: algorithm %s", ErrToken, algorithm)
	}
	kid, ok := header.KeyID()
	if !ok {
		return "", fmt.Errorf("%w: no key id", ErrToken)
	}
	return kid, nil
}

func read(token jwt.Token) (Caller, Claims, error) {
	subject, _ := token.Subject()
	id, err := uuid.Parse(subject)
	if err != nil || id == uuid.Nil {
		return Caller{}, Claims{}, fmt.Errorf("%w: subject %q", ErrToken, subject)
	}
	caller := Caller{ID: id}
	// A token of another issuer may lack these, or mean something else by them: then it says nothing.
	var roles []any
	_ = token.Get("roles", &roles)
	for _, role := range roles {
		if role, ok := role.(string); ok {
			caller.Roles = append(caller.Roles, role)
		}
	}
	var claims Claims
	_ = token.Get("email", &caller.Email)
	_ = token.Get("name", &claims.Name)
	claims.ExpiresAt, _ = token.Expiration()
	return caller, claims, nil
}
