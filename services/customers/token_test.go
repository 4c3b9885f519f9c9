package customers_test

import (
	"context"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/testkit"
	customersv1 "quadrille.dev/schema/rpc/customers/v1"
	"quadrille.dev/services/customers/internal/customer"
	"quadrille.dev/services/customers/internal/token"
)

// signer signs with the key of a running program, but says what the test wants.
func (r *running) signer(t *testing.T, issuer, audience string) *token.Signer {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), r.config.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	var seed []byte
	if err := conn.QueryRow(t.Context(), `SELECT value FROM secret WHERE name = 'token-signing-key'`).Scan(&seed); err != nil {
		t.Fatal(err)
	}
	return signer(t, seed, issuer, audience)
}

func signer(t *testing.T, seed []byte, issuer, audience string) *token.Signer {
	t.Helper()
	s, err := token.NewSigner(seed, issuer, audience, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sign(t *testing.T, s *token.Signer, at time.Time) string {
	t.Helper()
	olga := customer.Customer{
		ID: customer.ID(uuid.MustParse("01936d2e-7c00-701a-8000-000000000003")), Roles: []customer.Role{customer.Operator},
	}
	signed, _, err := s.Sign(olga, at)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func TestTokensThatAreRefused(t *testing.T) {
	r := start(t)
	now := time.Now()
	own := r.signer(t, testkit.TokenIssuer, testkit.TokenAudience)
	good := sign(t, own, now)
	parts := strings.Split(good, ".")
	forger := signer(t, make([]byte, token.SeedSize), testkit.TokenIssuer, testkit.TokenAudience)
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`))
	cases := map[string]struct {
		authorization string
		want          connect.Code
	}{
		"good":           {"Bearer " + good, 0},
		"expired":        {"Bearer " + sign(t, own, now.Add(-2*time.Minute)), connect.CodeUnauthenticated},
		"forged":         {"Bearer " + sign(t, forger, now), connect.CodeUnauthenticated},
		"altered":        {"Bearer " + parts[0] + "." + parts[1] + "." + strings.Repeat("A", len(parts[2])), connect.CodeUnauthenticated},
		"alg none":       {"Bearer " + none + "." + parts[1] + ".", connect.CodeUnauthenticated},
		"wrong issuer":   {"Bearer " + sign(t, r.signer(t, "https://elsewhere.test", testkit.TokenAudience), now), connect.CodeUnauthenticated},
		"wrong audience": {"Bearer " + sign(t, r.signer(t, testkit.TokenIssuer, "elsewhere"), now), connect.CodeUnauthenticated},
		"rubbish":        {"Bearer rubbish", connect.CodeUnauthenticated},
		"no credentials": {"", connect.CodeUnauthenticated},
		"wrong secret":   {"Service gateway:other", connect.CodeUnauthenticated},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			ada := &customersv1.FindCustomerRequest{Email: "ada@quadrille.test"}
			response, err := r.with(c.authorization).FindCustomer(t.Context(), ada)
			if c.want == 0 {
				if err != nil || response.Customer == nil {
					t.Errorf("got %v, %v", response, err)
				}
			} else if connect.CodeOf(err) != c.want {
				t.Errorf("got %v, %v; want %v", response, err, c.want)
			}
		})
	}
}
