package serve

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jws"
	"github.com/lestrrat-go/jwx/v3/jwt"
)

// signer publishes a key and signs by it.
type signer struct {
	key ed25519.PrivateKey
	kid string
}

func (s *signer) RoundTrip(*http.Request) (*http.Response, error) {
	x := base64.RawURLEncoding.EncodeToString(s.key.Public().(ed25519.PublicKey))
	body := fmt.Sprintf(`{"keys":[{"kty":"OKP","crv":"Ed25519","kid":%q,"x":%q}]}`, s.kid, x)
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader([]byte(body)))}, nil
}

func (s *signer) token(t *testing.T, within time.Duration) string {
	t.Helper()
	token, err := jwt.NewBuilder().Issuer("us").Audience([]string{"us"}).Subject(uuid.Max.String()).Expiration(time.Now().Add(within)).Build()
	if err != nil {
		t.Fatal(err)
	}
	headers := jws.NewHeaders()
	if err := headers.Set(jws.KeyIDKey, s.kid); err != nil {
		t.Fatal(err)
	}
	signed, err := jwt.Sign(token, jwt.WithKey(jwa.EdDSA(), s.key, jws.WithProtectedHeaders(headers)))
	if err != nil {
		t.Fatal(err)
	}
	return string(signed)
}

func TestATokenThatIsKeptIsRefusedOnceItHasExpiredOrItsKeyIsWithdrawn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := &signer{ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)), "one"}
		v := NewVerifier("http://issuer.test", "us", "us")
		v.keys.client.Transport = issuer
		verify := func(when, token string, good bool) {
			t.Helper()
			if _, _, err := v.Verify(t.Context(), token); (err == nil) != good {
				t.Errorf("%s: %v", when, err)
			}
		}
		short, long := issuer.token(t, time.Minute), issuer.token(t, time.Hour)
		for range 2 {
			verify("first", short, true)
			verify("first", long, true)
		}
		time.Sleep(time.Minute + skew)
		verify("expired", short, false)
		verify("not expired", long, true)
		if len(v.kept.young) != 2 {
			t.Errorf("%d are kept", len(v.kept.young))
		}
		issuer.kid = "two"
		time.Sleep(keysFresh + 1)
		verify("its key is withdrawn", long, false)
	})
}

func TestNoMoreTokensAreKeptThanTwoGenerations(t *testing.T) {
	var k kept
	for n := range 5 * mostKept {
		k.add([32]byte{byte(n), byte(n >> 8), byte(n >> 16)}, verified{})
	}
	if len(k.young)+len(k.aged) > 2*mostKept {
		t.Errorf("%d and %d are kept", len(k.young), len(k.aged))
	}
}
