package serve_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/lestrrat-go/jwx/v3/jwt"

	"quadrille.dev/platform/serve"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/platform/testkit/allocate"
)

// Whether a verifier has seen tokens like it, or the token itself, makes no difference to what it says of a token.
func TestWhatIsKnownOfOtherTokensChangesNothing(t *testing.T) {
	issuer, other := testkit.NewIssuer(t), testkit.NewIssuer(t)
	warm := verifier(issuer)
	if _, _, err := warm.Verify(t.Context(), issuer.Token(ada, nil)); err != nil {
		t.Fatal(err)
	}
	good, past, future := issuer.Token(ada, []string{serve.Customer}), time.Now().Add(-time.Minute), time.Now().Add(time.Minute)
	parts, foreign := strings.Split(good, "."), strings.Split(other.Token(ada, nil), ".")
	tokens := map[string]string{
		"good": good, "nothing": "", "dots": "..", "no signature": parts[0] + "." + parts[1] + ".", "one part": parts[0],
		"of others":              strings.Join(foreign, "."),
		"signed by others":       parts[0] + "." + parts[1] + "." + foreign[2],
		"other claims":           parts[0] + "." + foreign[1] + "." + parts[2],
		"spaces":                 " " + good + " ",
		"rubbish as a signature": parts[0] + "." + parts[1] + ".#",
	}
	for name, change := range map[string]func(jwt.Token) error{
		"expired": set("exp", past), "almost expired": set("exp", time.Now().Add(-5*time.Second)), "no end": remove("exp"), "exp as text": set("exp", future.Format(time.RFC3339)),
		"not yet": set("nbf", future), "since then": set("nbf", past), "issued later": set("iat", future), "issued before": set("iat", past),
		"other issuer": set("iss", "https://else.test"), "no issuer": remove("iss"), "other audience": set("aud", []string{"else"}), "no audience": remove("aud"),
		"several audiences": set("aud", []string{"else", testkit.TokenAudience}), "no subject": remove("sub"), "subject is nobody": set("sub", uuid.Nil.String()),
		"subject is rubbish": set("sub", "ada"), "roles of all kinds": set("roles", []any{"CUSTOMER", 7}), "roles as text": set("roles", "OPERATOR"), "no roles": set("roles", nil),
		"a number for a name": set("name", 7), "all that there is": set("email", "ada@quadrille.test"), "ROLES": set("ROLES", []string{"OPERATOR"}), "EXP": set("EXP", 1),
	} {
		tokens[name] = issuer.Token(ada, []string{serve.Customer}, change)
	}
	for name, token := range tokens {
		caller, claims, err := verifier(issuer).Verify(t.Context(), token)
		for range 2 {
			warmCaller, warmClaims, warmErr := warm.Verify(t.Context(), token)
			if diff := cmp.Diff(caller, warmCaller, cmpopts.EquateEmpty()); diff != "" || claims != warmClaims || (err == nil) != (warmErr == nil) {
				t.Errorf("%s: %v and %v, %v and %v: %s", name, err, warmErr, claims, warmClaims, diff)
			}
		}
	}
}

// A token that nobody has seen before is parsed once, and costs little beside the signature.
func TestTokensAreVerifiedWithFewAllocations(t *testing.T) {
	issuer := testkit.NewIssuer(t)
	v := verifier(issuer)
	tokens := make([]string, 101) // as often as it is tried
	for i := range tokens {
		tokens[i] = issuer.Token(ada, []string{serve.Customer}, set("email", "ada@quadrille.test"), set("name", "Ada"), set("jti", uuid.NewString()))
	}
	next := 0
	allocate.AtMost(t, 55, func() {
		if _, _, err := v.Verify(t.Context(), tokens[next]); err != nil {
			t.Fatal(err)
		}
		next++
	})
}

func BenchmarkVerify(b *testing.B) {
	issuer := testkit.NewIssuer(b)
	v := verifier(issuer)
	tokens := make([]string, b.N)
	for i := range tokens {
		tokens[i] = issuer.Token(ada, []string{serve.Customer}, set("email", "ada@quadrille.test"), set("name", "Ada"), set("jti", uuid.NewString()))
	}
	b.ReportAllocs()
	b.ResetTimer()
	for _, token := range tokens {
		if _, _, err := v.Verify(b.Context(), token); err != nil {
			b.Fatal(err)
		}
	}
}
