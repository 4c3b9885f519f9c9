package serve

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"
	voi "github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
)

const (
	// keysFresh is how long keys are used without asking for them again.
	keysFresh = 5 * time.Minute
	// keysPause is the least time between two requests for keys, whatever tokens come in, and noKeysPause while there are none of our own.
	keysPause   = 3 * time.Second
	noKeysPause = 250 * time.Millisecond
	// keysTimeout bounds a request for keys.
	keysTimeout = 2 * time.Second
	// keysLimit bounds the size of a key set.
	keysLimit = 1 << 20
)

// ErrKeys is the reason when there are no keys to verify tokens with.
var ErrKeys = errors.New("no keys to verify tokens with")

// KeySet is an issuer's public keys, as last heard of. While the issuer does not answer, the keys known stay good, also over a restart if
// there is a file for them. Whoever needs a key that is known waits for nobody who asks the issuer.
type KeySet struct {
	url    string
	client *http.Client
	// nonePause is the least time between two requests for keys while there are none.
	nonePause time.Duration
	// file is where the keys are kept; empty if they are not.
	file string

	asking sync.Mutex // held while asking the issuer

	mu    sync.Mutex
	keys  map[string]*publicKey
	heard time.Time // last answer
	asked time.Time // last request
}

// publicKey is a key, and the same as an Ed25519 key, made ready to verify by, if it is one.
type publicKey struct {
	jwk.Key
	edwards *voi.ExpandedPublicKey
}

// NewKeySet makes the set of the keys at a URL, of which none is known yet; while that is so they are asked for no sooner than a pause after
// the last time.
func NewKeySet(url string, pause time.Duration) *KeySet {
	return &KeySet{url: url, client: &http.Client{Timeout: keysTimeout}, nonePause: pause}
}

// keepIn has the keys kept in a file, and takes those that are there. Keys that cannot be read are asked for, as if there were none.
func (s *KeySet) keepIn(file string) {
	s.file = file
	if body, err := os.ReadFile(file); err == nil {
		s.keys, _ = publicKeys(body)
	}
}

// Find answers the key of an id. The error is an ErrToken, or an ErrKeys while there are no keys at all.
func (s *KeySet) Find(ctx context.Context, kid string) (jwk.Key, error) {
	key, err := s.find(ctx, kid)
	if err != nil {
		return nil, err
	}
	return key.Key, nil
}

func (s *KeySet) find(ctx context.Context, kid string) (*publicKey, error) {
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

func (s *KeySet) any(ctx context.Context) bool {
	if s.count() == 0 {
		s.asking.Lock()
		defer s.asking.Unlock()
		s.refresh(ctx)
	}
	return s.count() > 0
}

func (s *KeySet) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.keys)
}

func (s *KeySet) lookup(kid string) (key *publicKey, known, stale bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key, known = s.keys[kid]
	return key, known, time.Since(s.heard) > keysFresh
}

// refresh asks the issuer for its keys, unless it was asked just now. What it does not answer changes nothing.
func (s *KeySet) refresh(ctx context.Context) {
	s.mu.Lock()
	pause := keysPause
	if len(s.keys) == 0 {
		pause = s.nonePause
	}
	early := time.Since(s.asked) < pause
	if !early {
		s.asked = time.Now()
	}
	s.mu.Unlock()
	if early {
		return
	}
	// One caller asks for all, so it must not matter that this one goes away.
	body, err := s.fetch(context.WithoutCancel(ctx))
	if err != nil {
		return
	}
	keys, err := publicKeys(body)
	if err != nil || len(keys) == 0 {
		return
	}
	s.keep(body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys, s.heard = keys, time.Now()
}

// keep writes a key set to the file, whole or not at all. Without it the keys are good until a restart, which is no reason to serve nobody.
func (s *KeySet) keep(body []byte) {
	if s.file == "" {
		return
	}
	file, err := os.CreateTemp(filepath.Dir(s.file), filepath.Base(s.file)+".*")
	if err != nil {
		return
	}
	_, err = file.Write(body)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), s.file)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
}

func (s *KeySet) fetch(ctx context.Context) ([]byte, error) {
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
	return body, nil
}

// publicKeys reads the keys of a key set that verify signatures. Secrets are left out: whoever knows the public keys could sign by them.
func publicKeys(body []byte) (map[string]*publicKey, error) {
	set, err := jwk.Parse(body)
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	keys := map[string]*publicKey{}
	for i := range set.Len() {
		entry, _ := set.Key(i)
		kid, named := entry.KeyID()
		use, used := entry.KeyUsage()
		if !named || used && use != "sig" || entry.KeyType() == jwa.OctetSeq() {
			continue
		}
		if key, err := entry.PublicKey(); err == nil {
			keys[kid] = &publicKey{key, edwards(key)}
		}
	}
	return keys, nil
}

// edwards is nil for a key of any other kind.
func edwards(key jwk.Key) *voi.ExpandedPublicKey {
	var public ed25519.PublicKey
	if err := jwk.Export(key, &public); err != nil {
		return nil
	}
	expanded, err := voi.NewExpandedPublicKey(voi.PublicKey(public))
	if err != nil {
		return nil
	}
	return expanded
}
