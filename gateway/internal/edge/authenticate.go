package edge

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"quadrille.dev/gateway/internal/fault"
	"quadrille.dev/gateway/internal/viewer"
	"quadrille.dev/platform/serve"
)

// authenticator finds out who asks. Without a token the request is anonymous; with one that is refused it is not served.
type authenticator struct{ verifier *serve.Verifier }

func (a authenticator) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, err := a.authenticate(r.Context(), r.Header.Get("Authorization"))
		if err != nil {
			refuse(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

func (a authenticator) authenticate(ctx context.Context, authorization string) (context.Context, error) {
	if authorization == "" {
		return ctx, nil
	}
	scheme, token, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "bearer") {
		return nil, refusedToken(nil)
	}
	token = strings.TrimSpace(token)
	caller, claims, err := a.verifier.Verify(ctx, token)
	switch {
	case errors.Is(err, serve.ErrKeys):
		return nil, fault.Unavailable("customers", err)
	case err != nil:
		return nil, refusedToken(err)
	}
	return viewer.With(ctx, viewer.Viewer{Caller: caller, Claims: claims}, token), nil
}

func refusedToken(err error) error {
	return &fault.Error{
		Code: fault.Unauthenticated, Message: "The token is not valid, or no longer. Sign in again, or send none.", Err: err,
	}
}
