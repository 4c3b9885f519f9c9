package shop

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// Issuer signs tokens of an operator, who may see all orders, and serves the key set that verifies them.
type Issuer struct {
	key     ed25519.PrivateKey
	expires int64
	signed  atomic.Int64
}

const keyID = "bench"

// NewIssuer makes an issuer whose tokens are good for a time.
func NewIssuer(goodFor time.Duration) (*Issuer, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("generate key: %w", err)
	}
	return &Issuer{key: key, expires: time.Now().Add(goodFor).Unix()}, nil
}

// Token signs a token that is like no other.
func (i *Issuer) Token() string {
	encode := base64.RawURLEncoding
	message := encode.AppendEncode(nil, []byte(`{"alg":"EdDSA","kid":"`+keyID+`","typ":"JWT"}`))
	message = append(message, '.')
	message = encode.AppendEncode(message, fmt.Appendf(nil, `{"iss":"https://quadrille.dev","aud":["quadrille"],"sub":"0192f0c1-0000-7000-8000-00000000000c",`+
		`"exp":%d,"roles":["OPERATOR"],"email":"olga@quadrille.test","name":"Olga","jti":"%s"}`, i.expires, strconv.FormatInt(i.signed.Add(1), 36)))
	return string(encode.AppendEncode(append(message, '.'), ed25519.Sign(i.key, message)))
}

// ServeHTTP serves the key set.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	public, _ := i.key.Public().(ed25519.PublicKey)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"keys": []any{map[string]string{
		"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": keyID, "x": base64.RawURLEncoding.EncodeToString(public),
	}}})
}
