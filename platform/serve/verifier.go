package serve

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
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

// Verifier checks tokens: JWTs signed by a key from the issuer's key set, by an algorithm of a list, whatever they say themselves.
type Verifier struct {
	issuer, audience string
	algorithms       []jwa.SignatureAlgorithm
	keys             *KeySet
	headers          headers
	kept             kept
}

// VerifierOption says more of how tokens are verified.
type VerifierOption func(*Verifier)

// KeepKeys has the keys kept in a file, so that they outlive a restart while the issuer does not answer; without a name they are not.
func KeepKeys(file string) VerifierOption {
	return func(v *Verifier) { v.keys.keepIn(file) }
}

// Algorithms are those by which tokens may be signed, of which there is EdDSA alone otherwise. What is none by which a public key verifies
// a signature is left out.
func Algorithms(names []string) VerifierOption {
	return func(v *Verifier) {
		var algorithms []jwa.SignatureAlgorithm
		for _, name := range names {
			if algorithm, known := asymmetric(name); known {
				algorithms = append(algorithms, algorithm)
			}
		}
		if len(algorithms) > 0 {
			v.algorithms = algorithms
		}
	}
}

// CheckAlgorithms tells which names are none by which a public key verifies a signature.
func CheckAlgorithms(names []string) error {
	var wrong []error
	for _, name := range names {
		if _, known := asymmetric(name); !known {
			wrong = append(wrong, fmt.Errorf("TOKEN_ALGORITHMS: by %q no public key verifies a signature", name))
		}
	}
	return errors.Join(wrong...)
}

func asymmetric(name string) (jwa.SignatureAlgorithm, bool) {
	algorithm, known := jwa.LookupSignatureAlgorithm(name)
	return algorithm, known && !algorithm.IsSymmetric() && algorithm != jwa.NoSignature()
}

// NewVerifier makes a verifier that gets the keys from jwksURL, when it first needs them.
func NewVerifier(jwksURL, issuer, audience string, options ...VerifierOption) *Verifier {
	v := &Verifier{issuer: issuer, audience: audience, algorithms: []jwa.SignatureAlgorithm{jwa.EdDSA()}, keys: NewKeySet(jwksURL, noKeysPause)}
	for _, option := range options {
		option(v)
	}
	return v
}

// HasKeys tells whether there is any key to verify tokens with. Without one the issuer is asked.
func (v *Verifier) HasKeys(ctx context.Context) bool { return v.keys.any(ctx) }

// Claims is what a token says beside who the caller is.
type Claims struct {
	Name      string
	ExpiresAt time.Time
}

// Verify answers whose token it is. The error is an ErrToken, or an ErrKeys while there are no keys to verify it with.
func (v *Verifier) Verify(ctx context.Context, token string) (Caller, Claims, error) {
	if caller, claims, plain := v.verifyPlain(ctx, token); plain {
		return caller, claims, nil
	}
	return v.verify(ctx, token)
}

// verify does it for all tokens, whatever they look like.
func (v *Verifier) verify(ctx context.Context, token string) (Caller, Claims, error) {
	kid, algorithm, err := v.signature(token)
	if err != nil {
		return Caller{}, Claims{}, err
	}
	key, err := v.keys.Find(ctx, kid)
	if err != nil {
		return Caller{}, Claims{}, err
	}
	parsed, err := jwt.Parse([]byte(token), jwt.WithKey(algorithm, key), jwt.WithIssuer(v.issuer), jwt.WithAudience(v.audience),
		jwt.WithRequiredClaim(jwt.ExpirationKey), jwt.WithAcceptableSkew(skew), jwt.WithClock(jwt.ClockFunc(time.Now)))
	if err != nil {
		return Caller{}, Claims{}, fmt.Errorf("%w: %w", ErrToken, err)
	}
	caller, claims, err := read(parsed)
	if err == nil && algorithm == jwa.EdDSA() {
		header, _, _ := strings.Cut(token, ".")
		v.headers.add(header, kid)
	}
	return caller, claims, err
}

// signature reads by which key and algorithm a token is signed, of which nothing is verified yet.
func (v *Verifier) signature(token string) (kid string, algorithm jwa.SignatureAlgorithm, err error) {
	message, err := jws.ParseString(token, jws.WithCompact())
	if err != nil {
		return "", algorithm, fmt.Errorf("%w: %w", ErrToken, err)
	}
	if len(message.Signatures()) != 1 {
		return "", algorithm, fmt.Errorf("%w: not one signature", ErrToken)
	}
	header := message.Signatures()[0].ProtectedHeaders()
	algorithm, ok := header.Algorithm()
	if !ok || !slices.Contains(v.algorithms, algorithm) {
		return "", algorithm, fmt.Errorf("%w: algorithm %s", ErrToken, algorithm)
	}
	kid, ok = header.KeyID()
	if !ok {
		return "", algorithm, fmt.Errorf("%w: no key id", ErrToken)
	}
	return kid, algorithm, nil
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
