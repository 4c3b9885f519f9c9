// Package viewer is who asks the gateway, and what they may ask.
package viewer

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"quadrille.dev/gateway/internal/fault"
	"quadrille.dev/platform/serve"
)

// Viewer is somebody with a verified token.
type Viewer struct {
	serve.Caller
	serve.Claims
}

// Has tells whether the viewer has a role.
func (v Viewer) Has(role string) bool { return slices.Contains(v.Roles, role) }

// IsCustomer tells whether the viewer buys for themselves.
func (v Viewer) IsCustomer() bool { return v.Has(serve.Customer) }

type key struct{}

// With returns a context in which From answers v, and whose calls to contexts are made under v's token.
func With(ctx context.Context, v Viewer, token string) context.Context {
	return serve.WithToken(context.WithValue(ctx, key{}, &v), token)
}

// Nobody returns a context in which nobody asks, and whose calls to contexts are made under the gateway's own credential: for what everybody
// may know.
func Nobody(ctx context.Context) context.Context {
	if ctx.Value(key{}) == nil {
		return ctx
	}
	return serve.WithToken(context.WithValue(ctx, key{}, nil), "")
}

// From is who asks; false for anonymous requests.
func From(ctx context.Context) (Viewer, bool) {
	if v, known := ctx.Value(key{}).(*Viewer); known {
		return *v, true
	}
	return Viewer{}, false
}

// Require is who asks, or UNAUTHENTICATED. Calls without a viewer are made under the gateway's own credential, which may see
// everything; so whatever is personal must require one first, which the schema declares.
func Require(ctx context.Context) (Viewer, error) {
	v, known := From(ctx)
	if !known {
		return Viewer{}, fault.NotSignedIn()
	}
	return v, nil
}

// MaySee tells whether who asks may see what belongs to a customer. What belongs to nobody is for operators.
func MaySee(ctx context.Context, customer string) bool {
	v, known := ctx.Value(key{}).(*Viewer)
	if !known {
		return false
	}
	id, err := uuid.Parse(customer)
	if err != nil {
		id = uuid.Nil
	}
	return v.Caller.MaySee(id)
}
