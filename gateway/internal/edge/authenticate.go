package edge

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/99designs/gqlgen/graphql/handler/transport"

	"quadrille.dev/gateway/internal/fault"
	"quadrille.dev/gateway/internal/viewer"
	"quadrille.dev/platform/serve"
)

// What a web socket is closed with: whose token is refused, as usual with graphql-transport-ws; and whose token cannot be
// judged at present, after which clients try again.
const (
	closeUnauthorized  = 4401
	closeTryAgainLater = 1013
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

// connect is for clients that can send no headers with a web socket and say who they are in its first message.
func (a authenticator) connect(ctx context.Context, payload transport.InitPayload) (context.Context, *transport.InitPayload, error) {
	authorized, err := a.authenticate(ctx, payload.Authorization())
	if err != nil {
		ours, _ := errors.AsType[*fault.Error](err)
		code := closeUnauthorized
		if ours.Code == fault.ContextUnavailable {
			code = closeTryAgainLater
		}
		refused := transport.AppendCloseReason(ctx, string(ours.Code))
		// The client is told all of the error that it is given, and the cause is for nobody's eyes.
		return transport.WithWebsocketCloseCode(refused, code), nil, errors.New(ours.Message)
	}
	return authorized, nil, nil
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
