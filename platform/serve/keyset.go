package serve

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwk"
)

const (
	// keysFresh is how long keys are used without asking for them again.
	keysFresh = 5 * time.Minute
	// keysPause is the least time between two requests for keys, whatever tokens come in.
	keysPause = 3 * time.Second
	// keysTimeout bounds a request for keys.
	keysTimeout = 2 * time.Second
	// keysLimit bounds the size of a key set.
	keysLimit = 1 << 20
)

// ErrKeys is the reason when there are no keys to verify tokens with.
var ErrKeys = errors.New("no keys to verify tokens with")

// keySet is an issuer's public keys, as last heard of. While the issuer does not answer, the keys known stay good.
type keySet struct {
	url    string
	client *http.Client

	asking sync.Mutex // held while asking the issuer

	mu    sync.Mutex
	keys  map[string]ed25519.PublicKey
	heard time.Time // last answer
	asked time.Time // last request
}

func newKeySet(url string) *keySet {
	return &keySet{url: url, client: &http.Client{Timeout: keysTimeout}}
}

// find answers the key of an id.
func (s *keySet) find(ctx context.Context, kid string) (ed25519.PublicKey, error) {
	key, known, stale := s.lookup(kid)
	switch {
	case known && stale && s.asking.TryLock():
		s.refresh(ctx)
		s.asking.Unlock()
		key, known, _ = s.lookup(kid)
	case !known:
		s.asking.Lock()
		if key, known, _ = s.lookup(kid); !known {
			s.refresh(ctx)
			key, known, _ = s.lookup(kid)
		}
		s.asking.Unlock()
	}
	if known {
		return key, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.keys) == 0 {
		return nil, ErrKeys
	}
	return nil, fmt.Errorf("%w: key %q is not known", ErrToken, kid)
}

func (s *keySet) lookup(kid string) (key ed25519.PublicKey, known, stale bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key, known = s.keys[kid]
	return key, known, time.Since(s.heard) > keysFresh
}

// refresh asks the issuer for its keys, unless it was asked just now. What it does not answer changes nothing.
func (s *keySet) refresh(ctx context.Context) {
	s.mu.Lock()
	early := time.Since(s.asked) < keysPause
	if !early {
		s.asked = time.Now()
	}
	s.mu.Unlock()
	if early {
		return
	}
	// One caller asks for all, so it must not matter that this one goes away.
	keys, err := s.fetch(context.WithoutCancel(ctx))
	if err != nil || len(keys) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys, s.heard = maps.Clone(keys), time.Now()
}

func (s *keySet) fetch(ctx context.Context) (map[string]ed25519.PublicKey, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		return nil, fmt.Errorf("ask for keys: %w", err)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask for keys: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("ask for keys: status %d", response.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, keysLimit))
	if err != nil {
		return nil, fmt.Errorf("ask for keys: %w", err)
	}
	return ed25519Keys(body)
}

// ed25519Keys reads the keys of a key set that can verify EdDSA; others are left out.
func ed25519Keys(body []byte) (map[string]ed25519.PublicKey, error) {
	set, err := jwk.Parse(body)
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	keys := map[string]ed25519.PublicKey{}
	for i := range set.Len() {
		entry, _ := set.Key(i)
		kid, named := entry.KeyID()
		var key ed25519.PublicKey
		if use, ok := entry.KeyUsage(); ok && use != "sig" {
			continue
		}
		if named && jwk.Export(entry, &key) == nil {
			keys[kid] = key
		}
	}
	return keys, nil
}
