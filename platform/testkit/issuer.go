package testkit

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jws"
	"github.com/lestrrat-go/jwx/v3/jwt"
)

// What tokens of an Issuer say unless a test wants them otherwise.
const (
	TokenIssuer   = "https://quadrille.dev" //nolint:gosec // G101: a name, and no secret
	TokenAudience = "quadrille"
)

// Issuer signs tokens and serves the key set that verifies them.
type Issuer struct {
	// URL is where the key set is.
	URL string

	t   testing.TB
	mu  sync.Mutex
	key ed25519.PrivateKey
	kid string
	// down makes the key set unavailable.
	down  bool
	asked int
}

// NewIssuer starts an issuer that lives as long as the test.
func NewIssuer(t testing.TB) *Issuer {
	t.Helper()
	i := &Issuer{t: t}
	i.Rotate()
	server := httptest.NewServer(i)
	t.Cleanup(server.Close)
	i.URL = server.URL
	return i
}

// ServeHTTP serves the key set, counting how often.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.asked++
	if i.down {
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	}
	key, err := jwk.Import(i.key.Public())
	if err != nil {
		i.t.Errorf("publish key: %v", err)
		return
	}
	set := jwk.NewSet()
	if err := errors.Join(key.Set(jwk.KeyIDKey, i.kid), set.AddKey(key), json.NewEncoder(w).Encode(set)); err != nil {
		i.t.Errorf("publish key: %v", err)
	}
}

// Rotate replaces the key by a new one.
func (i *Issuer) Rotate() {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		i.t.Fatalf("generate key: %v", err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.key, i.kid = key, uuid.NewString()
}

// PublicKey is the key that verifies tokens, and its id.
func (i *Issuer) PublicKey() (key ed25519.PublicKey, kid string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.key.Public().(ed25519.PublicKey), i.kid
}

// SetDown makes the key set unavailable, or available again.
func (i *Issuer) SetDown(down bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.down = down
}

// Asked is how often the key set was asked for.
func (i *Issuer) Asked() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.asked
}

// Token is good for five minutes, for a person with roles; changes alter it before it is signed.
func (i *Issuer) Token(subject uuid.UUID, roles []string, changes ...func(jwt.Token) error) string {
	i.t.Helper()
	token, err := jwt.NewBuilder().Issuer(TokenIssuer).Audience([]string{TokenAudience}).Subject(subject.String()).
		Expiration(time.Now().Add(5*time.Minute)).Claim("roles", roles).Build()
	if err != nil {
		i.t.Fatalf("build token: %v", err)
	}
	for _, change := range changes {
		if err := change(token); err != nil {
			i.t.Fatalf("change token: %v", err)
		}
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	headers := jws.NewHeaders()
	if err := headers.Set(jws.KeyIDKey, i.kid); err != nil {
		i.t.Fatalf("name key: %v", err)
	}
	signed, err := jwt.Sign(token, jwt.WithKey(jwa.EdDSA(), i.key, jws.WithProtectedHeaders(headers)))
	if err != nil {
		i.t.Fatalf("sign token: %v", err)
	}
	return string(signed)
}
