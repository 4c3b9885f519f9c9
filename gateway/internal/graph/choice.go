package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"quadrille.dev/gateway/internal/fault"
)

// oneOf enforces @oneOf on inputs that come in variables, which are not looked into when the document is validated.
func oneOf(ctx context.Context, input any, next graphql.Resolver) (any, error) {
	given, _ := input.(map[string]any)
	if len(given) != 1 {
		return nil, fault.BadInput("Exactly one field must be given here, not %d.", len(given))
	}
	for name, value := range given {
		if value == nil {
			return nil, fault.BadInput("%s must not be null: it is the one field that is given here.", name)
		}
	}
	return next(ctx)
}
