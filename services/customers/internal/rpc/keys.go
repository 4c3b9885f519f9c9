package rpc

import "net/http"

// Keys serves the key set that verifies tokens to everyone. It may be kept for a few minutes.
func (s *Service) Keys(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/jwk-set+json")
	w.Header().Set("Cache-Control", "public, max-age=300")
	_, _ = w.Write(s.Tokens.KeySet())
}
