package serve

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// publisher plays the issuer of keys.
type publisher struct {
	kid   string
	down  bool
	asked int
	takes time.Duration
}

func (p *publisher) RoundTrip(*http.Request) (*http.Response, error) {
	p.asked++
	time.Sleep(p.takes)
	if p.down {
		return nil, errors.New("connection refused")
	}
	x := base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{1}, ed25519.PublicKeySize))
	body := fmt.Sprintf(`{"keys":[{"kty":"OKP","crv":"Ed25519","kid":%q,"x":%q},{"kty":"oct","kid":"hmac","k":"c2VjcmV0"}]}`, p.kid, x)
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader([]byte(body)))}, nil
}

func newPublished() (*KeySet, *publisher) {
	p := &publisher{kid: "one"}
	set := NewKeySet("http://issuer.test", noKeysPause)
	set.client.Transport = p
	return set, p
}

func (p *publisher) mustHaveBeenAsked(t *testing.T, times int) {
	t.Helper()
	if p.asked != times {
		t.Fatalf("asked %d times, want %d", p.asked, times)
	}
}

func TestUnknownKeysAreAskedForOnceInAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set, issuer := newPublished()
		for range 3 {
			if _, err := set.Find(t.Context(), "two"); !errors.Is(err, ErrToken) {
				t.Fatalf("got %v", err)
			}
		}
		issuer.mustHaveBeenAsked(t, 1)
		issuer.kid = "two"
		time.Sleep(keysPause)
		if _, err := set.Find(t.Context(), "two"); err != nil {
			t.Fatal(err)
		}
		issuer.mustHaveBeenAsked(t, 2)
	})
}

// A key that its issuer has withdrawn must not be good for ever.
func TestWithdrawnKeysAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set, issuer := newPublished()
		if _, err := set.Find(t.Context(), "one"); err != nil {
			t.Fatal(err)
		}
		issuer.kid = "two"
		time.Sleep(keysFresh)
		if _, err := set.Find(t.Context(), "one"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Nanosecond)
		if _, err := set.Find(t.Context(), "one"); !errors.Is(err, ErrToken) {
			t.Errorf("got %v", err)
		}
	})
}

func TestKeysStayGoodWhileTheIssuerDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set, issuer := newPublished()
		if _, err := set.Find(t.Context(), "one"); err != nil {
			t.Fatal(err)
		}
		issuer.down = true
		time.Sleep(24 * time.Hour)
		for range 10 {
			if _, err := set.Find(t.Context(), "one"); err != nil {
				t.Fatal(err)
			}
		}
		issuer.mustHaveBeenAsked(t, 2)
	})
}

func TestOnlyKeysOfTheAlgorithmAreTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set, _ := newPublished()
		if _, err := set.Find(t.Context(), "hmac"); !errors.Is(err, ErrToken) {
			t.Errorf("got %v", err)
		}
	})
}

func TestNoKeysAtAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set, issuer := newPublished()
		issuer.down = true
		if _, err := set.Find(t.Context(), "one"); !errors.Is(err, ErrKeys) {
			t.Errorf("got %v", err)
		}
		issuer.down = false
		time.Sleep(keysPause)
		if _, err := set.Find(t.Context(), "one"); err != nil {
			t.Error(err)
		}
	})
}

// An issuer that takes its time holds up nobody whose key is known.
func TestWhoseKeyIsKnownWaitsForNobodyWhoAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set, issuer := newPublished()
		if _, err := set.Find(t.Context(), "one"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(keysFresh + time.Second)
		issuer.takes = 2 * time.Second
		asked := make(chan error, 1)
		go func() {
			_, err := set.Find(t.Context(), "one")
			asked <- err
		}()
		synctest.Wait()
		begun := time.Now()
		if _, err := set.Find(t.Context(), "one"); err != nil || time.Since(begun) != 0 {
			t.Errorf("found after %s, %v", time.Since(begun), err)
		}
		if err := <-asked; err != nil {
			t.Error(err)
		}
		issuer.mustHaveBeenAsked(t, 2)
	})
}

func TestAnIssuerWithoutKeysIsAskedNoSoonerThanAPauseLater(t *testing.T) {
	for _, pause := range []time.Duration{noKeysPause, keysPause} {
		synctest.Test(t, func(t *testing.T) {
			issuer := &publisher{down: true}
			set := NewKeySet("http://issuer.test", pause)
			set.client.Transport = issuer
			for range 10 {
				for range 3 {
					if _, err := set.Find(t.Context(), "one"); !errors.Is(err, ErrKeys) {
						t.Fatalf("got %v", err)
					}
				}
				time.Sleep(pause / 2)
			}
			issuer.mustHaveBeenAsked(t, 5)
		})
	}
}
