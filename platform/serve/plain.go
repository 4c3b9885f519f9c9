package serve

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	voi "github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
)

// asCryptoDoes has signatures verified as crypto/ed25519 does, in half of its time: a token is verified by everybody who is called with it.
var asCryptoDoes = &voi.Options{Verify: voi.VerifyOptionsStdLib}

// mostHeaders bounds the headers of tokens that are known: there is one for each key, nearly always.
const mostHeaders = 64

// headers are those of tokens that were verified by Ed25519, each with the id of the key. Whatever else a header may say, it was found to be
// no reason to refuse a token.
type headers struct {
	mu    sync.RWMutex
	known map[string]string
}

func (h *headers) kid(header string) (kid string, known bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	kid, known = h.known[header]
	return kid, known
}

func (h *headers) add(header, kid string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.known == nil || len(h.known) >= mostHeaders {
		h.known = map[string]string{}
	}
	h.known[strings.Clone(header)] = kid
}

// verifyPlain answers whose token it is if that is plain to see: it has a header that is known, and claims as nearly all have them. It
// refuses none: of any other token it says nothing.
func (v *Verifier) verifyPlain(ctx context.Context, token string) (caller Caller, claims Claims, plain bool) {
	end := strings.LastIndexByte(token, '.')
	header, payload, _ := strings.Cut(token[:max(end, 0)], ".")
	kid, known := v.headers.kid(header)
	if !known {
		return Caller{}, Claims{}, false
	}
	key, err := v.keys.find(ctx, kid)
	if err != nil || key.edwards == nil {
		return Caller{}, Claims{}, false
	}
	id := sha256.Sum256([]byte(token))
	if caller, claims, kept := v.kept.get(id, key); kept && !expired(claims.ExpiresAt) {
		return caller, claims, true
	}
	signature, err := base64.RawURLEncoding.DecodeString(token[end+1:])
	if err != nil || !voi.VerifyExpandedWithOptions(key.edwards, []byte(token[:end]), signature, asCryptoDoes) {
		return Caller{}, Claims{}, false
	}
	decoded, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		return Caller{}, Claims{}, false
	}
	caller, claims, plain = v.readPlain(decoded)
	if plain {
		v.kept.add(id, verified{key, caller, claims})
	}
	return caller, claims, plain
}

func expired(at time.Time) bool { return !time.Now().Before(at.Add(skew)) }

// given are claims by their names, none of which is read yet.
type given map[string]json.RawMessage

// read reads a claim; false if it is missing, or something else.
func (g given) read(name string, into any) bool { return json.Unmarshal(g[name], into) == nil }

// moment reads a claim that is a whole number of seconds.
func (g given) moment(name string) (moment time.Time, ok bool) {
	seconds, err := strconv.ParseInt(string(g[name]), 10, 64)
	return time.Unix(seconds, 0).UTC(), err == nil
}

// begun tells that a claim says no moment that is still to come.
func (g given) begun(name string) bool {
	if _, there := g[name]; !there {
		return true
	}
	moment, ok := g.moment(name)
	return ok && !time.Now().Before(moment.Add(-skew))
}

// text reads a claim that is a text; false if it is missing, or something else.
func (g given) text(name string) (text string, ok bool) {
	raw := g[name]
	if len(raw) > 1 && raw[0] == '"' && !bytes.ContainsRune(raw, '\\') && utf8.Valid(raw) {
		return string(raw[1 : len(raw)-1]), true
	}
	return text, g.read(name, &text)
}

// mayBeText reads a claim that may be missing.
func (g given) mayBeText(name string, into *string) (ok bool) {
	if _, there := g[name]; there {
		*into, ok = g.text(name)
		return ok
	}
	return true
}

// isFor tells that an audience is among those of the token.
func (g given) isFor(audience string) bool {
	var several []string
	if raw := g["aud"]; len(raw) > 0 && raw[0] == '[' {
		return g.read("aud", &several) && slices.Contains(several, audience)
	}
	one, ok := g.text("aud")
	return ok && one == audience
}

func (v *Verifier) readPlain(payload []byte) (caller Caller, claims Claims, plain bool) {
	var told given
	if json.Unmarshal(payload, &told) != nil {
		return Caller{}, Claims{}, false
	}
	issuer, named := told.text("iss")
	subject, of := told.text("sub")
	ends, limited := told.moment("exp")
	id, err := uuid.Parse(subject)
	switch {
	case !named || issuer != v.issuer || !told.isFor(v.audience):
	case !of || err != nil || id == uuid.Nil:
	case !limited || expired(ends) || !told.begun("iat") || !told.begun("nbf"):
	default:
		caller.ID, claims.ExpiresAt = id, ends
		_, roles := told["roles"]
		plain = (!roles || told.read("roles", &caller.Roles)) && told.mayBeText("email", &caller.Email) && told.mayBeText("name", &claims.Name)
	}
	return caller, claims, plain
}

// mostKept bounds the tokens of one generation.
const mostKept = 4096

// verified is what a key has verified.
type verified struct {
	key    *publicKey
	caller Caller
	claims Claims
}

// kept are the tokens that were verified last, by their hashes. When one generation of them is full, the one before is forgotten.
type kept struct {
	mu          sync.Mutex
	young, aged map[[sha256.Size]byte]verified
}

// get answers what a token says if it was verified by this key.
func (k *kept) get(id [sha256.Size]byte, key *publicKey) (Caller, Claims, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	found, known := k.young[id]
	if !known {
		found, known = k.aged[id]
	}
	return found.caller, found.claims, known && found.key == key
}

func (k *kept) add(id [sha256.Size]byte, one verified) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.young) >= mostKept {
		k.young, k.aged = nil, k.young
	}
	if k.young == nil {
		k.young = map[[sha256.Size]byte]verified{}
	}
	k.young[id] = one
}
