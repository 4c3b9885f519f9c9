package serve

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"

	"connectrpc.com/connect"
)

// authenticator lets requests through that say who makes them, and can prove it.
type authenticator struct {
	verifier *Verifier
	// trusted is name to SHA-256 of the secret.
	trusted map[string]string
	errors  *connect.ErrorWriter
}

func newAuthenticator(config Config) *authenticator {
	return &authenticator{
		verifier: NewVerifier(config.JWKSURL, config.TokenIssuer, config.TokenAudience,
			KeepKeys(config.JWKSCache), Algorithms(config.TokenAlgorithms)),
		trusted: config.TrustedServices,
		errors:  connect.NewErrorWriter(),
	}
}

// wrap serves next to authenticated callers.
func (a *authenticator) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, err := a.authenticate(r.Context(), r.Header.Get("Authorization"))
		if err != nil {
			_ = a.errors.Write(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// authenticate answers ctx with the caller, and with the caller's token if there is one.
func (a *authenticator) authenticate(ctx context.Context, authorization string) (context.Context, error) {
	scheme, credential, _ := strings.Cut(authorization, " ")
	switch strings.ToLower(scheme) {
	case "bearer":
		caller, _, err := a.verifier.Verify(ctx, credential)
		if errors.Is(err, ErrKeys) {
			return nil, connect.NewError(connect.CodeUnavailable, ErrKeys)
		}
		if err != nil {
			return nil, connect.NewError(connect.CodeUnauthenticated, ErrToken)
		}
		return WithToken(WithCaller(ctx, caller), credential), nil
	case "service":
		name, secret, _ := strings.Cut(credential, ":")
		if !a.trusts(name, secret) {
			return nil, connect.NewError(connect.CodeUnauthenticated, errors.New("service credential refused"))
		}
		return WithCaller(ctx, Caller{Service: name}), nil
	default:
		return nil, connect.NewError(connect.CodeUnauthenticated, errors.New("no credentials"))
	}
}

func (a *authenticator) trusts(name, secret string) bool {
	given := sha256.Sum256([]byte(secret))
	expected, err := hex.DecodeString(a.trusted[name])
	same := subtle.ConstantTimeCompare(given[:], expected) == 1
	return same && err == nil && name != ""
}

type tokenKey struct{}

// WithToken returns a context whose calls to neighbours are made under a caller's token. It must be verified.
func WithToken(ctx context.Context, token string) context.Context {
	return context.WithValue(ctx, tokenKey{}, token)
}

func tokenFrom(ctx context.Context) string {
	token, _ := ctx.Value(tokenKey{}).(string)
	return token
}
