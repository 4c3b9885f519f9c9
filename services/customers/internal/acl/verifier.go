package acl

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jws"
	"github.com/lestrrat-go/jwx/v3/jwt"

	"quadrille.dev/platform/serve"
)

// skew is how far the clocks of an issuer and ours may differ.
const skew = 10 * time.Second

// subjectLimit is in bytes, as OpenID Connect has it.
const subjectLimit = 255

// algorithms are those that tokens may be signed with. All of them have public keys.
var algorithms = []jwa.SignatureAlgorithm{jwa.RS256(), jwa.PS256(), jwa.ES256(), jwa.EdDSA()}

// keysPause is how soon an issuer that has given no keys yet is asked again: it is somebody else's.
const keysPause = 3 * time.Second

// ErrToken is the reason of every refused token.
var ErrToken = serve.ErrToken

// ErrKeys is the reason when an issuer's keys cannot be had.
var ErrKeys = serve.ErrKeys

// Person is who a token is about, in its issuer's words.
type Person struct {
	Issuer, Subject string
	// Email is empty unless the issuer has verified it.
	Email string
	Name  string
}

// Verifier checks tokens of issuers.
type Verifier struct{ issuers map[string]known }

type known struct {
	Issuer
	keys *serve.KeySet
}

// NewVerifier makes a verifier that gets an issuer's keys when it first needs them.
func NewVerifier(issuers Issuers) *Verifier {
	v := &Verifier{issuers: map[string]known{}}
	for _, issuer := range issuers {
		v.issuers[issuer.Name] = known{issuer, serve.NewKeySet(issuer.KeysURL, keysPause)}
	}
	return v
}

// Verify answers whom a token is about. The error is an ErrToken, or an ErrKeys.
func (v *Verifier) Verify(ctx context.Context, token string) (Person, error) {
	unverified, err := jwt.ParseInsecure([]byte(token))
	if err != nil {
		return Person{}, fmt.Errorf("%w: %w", ErrToken, err)
	}
	name, _ := unverified.Issuer()
	issuer, ok := v.issuers[name]
	if !ok {
		return Person{}, fmt.Errorf("%w: issuer %q", ErrToken, name)
	}
	algorithm, kid, err := header(token)
	if err != nil {
		return Person{}, err
	}
	key, err := issuer.keys.Find(ctx, kid)
	if err != nil {
		return Person{}, err
	}
	if meant, ok := key.Algorithm(); ok && meant.String() != algorithm.String() {
		return Person{}, fmt.Errorf("%w: signed by %s with a key for %s", ErrToken, algorithm, meant)
	}
	parsed, err := jwt.Parse([]byte(token), jwt.WithKey(algorithm, key), jwt.WithIssuer(issuer.Name), jwt.WithAudience(issuer.Audience),
		jwt.WithRequiredClaim(jwt.ExpirationKey), jwt.WithAcceptableSkew(skew), jwt.WithClock(jwt.ClockFunc(time.Now)))
	if err != nil {
		return Person{}, fmt.Errorf("%w: %w", ErrToken, err)
	}
	return person(parsed)
}

// header reads by which algorithm and key a token was signed, of which nothing is verified yet.
func header(token string) (jwa.SignatureAlgorithm, string, error) {
	message, err := jws.ParseString(token, jws.WithCompact())
	if err != nil || len(message.Signatures()) != 1 {
		return jwa.NoSignature(), "", fmt.Errorf("%w: not one signature", ErrToken)
	}
	protected := message.Signatures()[0].ProtectedHeaders()
	algorithm, _ := protected.Algorithm()
	if !slices.Contains(algorithms, algorithm) {
		return jwa.NoSignature(), "", fmt.Errorf("%w: algorithm %s", ErrToken, algorithm)
	}
	kid, ok := protected.KeyID()
	if !ok {
		return jwa.NoSignature(), "", fmt.Errorf("%w: no key id", ErrToken)
	}
	return algorithm, kid, nil
}

func person(token jwt.Token) (Person, error) {
	var p Person
	p.Issuer, _ = token.Issuer()
	p.Subject, _ = token.Subject()
	if p.Subject == "" || len(p.Subject) > subjectLimit {
		return Person{}, fmt.Errorf("%w: subject of %d bytes", ErrToken, len(p.Subject))
	}
	// What an issuer does not say, or says otherwise, is not said.
	var verified bool
	if token.Get("email_verified", &verified) == nil && verified {
		_ = token.Get("email", &p.Email)
	}
	_ = token.Get("name", &p.Name)
	return p, nil
}
