package serve

import (
	"context"
	"slices"

	"github.com/google/uuid"
)

// The roles that a token can carry.
const (
	Customer = "CUSTOMER"
	Operator = "OPERATOR"
)

// Caller is who makes a request: a person with a verified token, or a service with a credential of its own.
type Caller struct {
	// Service is the calling service's name; empty for a person.
	Service string
	// ID is the person's id; zero for a service.
	ID    uuid.UUID
	Roles []string
	// Email is the person's address, where the token says it.
	Email string
}

// Actor names the caller in an audit: by e-mail address where the token says one, else by id; a service by its name.
func (c Caller) Actor() string {
	switch {
	case c.Email != "":
		return c.Email
	case c.Service != "":
		return c.Service
	default:
		return c.ID.String()
	}
}

// IsOperator tells whether the caller runs the shop.
func (c Caller) IsOperator() bool { return slices.Contains(c.Roles, Operator) }

// MaySee tells whether the caller may read what belongs to a customer: the customer, operators and services may.
func (c Caller) MaySee(customer uuid.UUID) bool {
	return c.Service != "" || c.IsOperator() || (c.ID == customer && c.ID != uuid.Nil)
}

type callerKey struct{}

// WithCaller returns a context in which CallerFrom answers c.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// CallerFrom is who made the request that ctx belongs to; the zero Caller, which may do nothing, outside of one.
func CallerFrom(ctx context.Context) Caller {
	c, _ := ctx.Value(callerKey{}).(Caller)
	return c
}
