package acl

import (
	"context"
	"fmt"
	"io"
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

// keySet is an issuer's public keys, as last heard of. While the issuer does not answer, the keys known stay good.
type keySet struct {
	url    string
	client *http.Client

	mu    sync.Mutex
	keys  jwk.Set
	heard time.Time // last answer
	asked time.Time // last request
}

func newKeySet(url string) *keySet {
	return &keySet{url: url, client: &http.Client{Timeout: keysTimeout}, keys: jwk.NewSet()}
}

// find answers the key of an id. Whoever comes while the issuer is asked waits for the answer.
func (s *keySet) find(ctx context.Context, kid string) (jwk.Key, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key, known := s.keys.LookupKeyID(kid)
	if (!known || time.Since(s.heard) > keysFresh) && time.Since(s.asked) >= keysPause {
		s.asked = time.Now()
		// One caller asks for all, so it must not matter that this one goes away.
		if keys, err := s.fetch(context.WithoutCancel(ctx)); err == nil && keys.Len() > 0 {
			s.keys, s.heard = keys, time.Now()
		}
		key, known = s.keys.LookupKeyID(kid)
	}
	switch {
	case known:
		return key, nil
	case s.keys.Len() == 0:
		return nil, ErrKeys
	default:
		return nil, fmt.Errorf("%w: key %q is not known", ErrToken, kid)
	}
}

func (s *keySet) fetch(ctx context.Context) (jwk.Set, error) {
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
	keys, err := jwk.Parse(body)
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	return keys, nil
}
