package graph

import (
	"context"
	"fmt"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"quadrille.dev/gateway/internal/fault"
	"quadrille.dev/gateway/internal/graph/generated"
	"quadrille.dev/gateway/internal/graph/model"
	"quadrille.dev/gateway/internal/viewer"
)

// schema is the client's API, which declares who may ask what.
var schema = generated.NewExecutableSchema(generated.Config{}).Schema()

// Directives enforce what the schema declares: who may ask, of which shared.graphqls says what each means; and which inputs are a choice.
func Directives() generated.DirectiveRoot {
	return generated.DirectiveRoot{Authenticated: authenticated, RequiresRole: requiresRole, Owner: owner, OneOf: oneOf}
}

func authenticated(ctx context.Context, _ any, next graphql.Resolver) (any, error) {
	if _, err := viewer.Require(ctx); err != nil {
		return nil, err
	}
	return next(ctx)
}

func requiresRole(ctx context.Context, _ any, next graphql.Resolver, role model.Role) (any, error) {
	asking, err := viewer.Require(ctx)
	if err != nil {
		return nil, err
	}
	if !asking.Has(string(role)) {
		return nil, refusals[role]
	}
	return next(ctx)
}

// refusals are what those are told who lack a role.
var refusals = map[model.Role]error{
	model.RoleOperator: fault.Denied("Only operators may do this."),
	model.RoleCustomer: fault.Denied("Only customers may do this."),
}

// owner is for fields that have @owner, and for those that answer what has it.
func owner(ctx context.Context, of any, next graphql.Resolver) (any, error) {
	field := graphql.GetFieldContext(ctx).Field.Definition
	if declares(field.Directives, "owner") {
		if err := mayHave(ctx, of); err != nil {
			return nil, err
		}
	}
	found, err := next(ctx)
	if err != nil || declares(field.Directives, "self") || !isOwned(field.Type.Name()) {
		return found, err
	}
	return visible(ctx, found)
}

// visible is what a field answers, without what belongs to somebody else.
func visible(ctx context.Context, found any) (any, error) {
	switch found := found.(type) {
	case []model.Node:
		return visibleAmong(ctx, found), nil
	case []model.SagaSubject:
		return visibleAmong(ctx, found), nil
	case []*model.Order:
		return visibleAmong(ctx, found), nil
	case []*model.Return:
		return visibleAmong(ctx, found), nil
	case []*model.Saga:
		return visibleAmong(ctx, found), nil
	case []*model.Customer:
		return visibleAmong(ctx, found), nil
	case []*model.AuditEntry:
		return visibleAmong(ctx, found), nil
	case []*model.ParkedMessage:
		return visibleAmong(ctx, found), nil
	}
	if err := mayHave(ctx, found); err != nil {
		return nil, err
	}
	return found, nil
}

// visibleAmong has nothing where something belongs to somebody else.
func visibleAmong[T any](ctx context.Context, found []T) []T {
	left := found
	for i, element := range found {
		if err := mayHave(ctx, element); err != nil {
			refuseElement(ctx, i, err)
			if &left[0] == &found[0] {
				left = slices.Clone(found)
			}
			left[i] = *new(T)
		}
	}
	return left
}

// mayHave refuses objects that belong to somebody else, and those of which nobody can tell to whom they belong.
func mayHave(ctx context.Context, object any) error {
	switch object := object.(type) {
	case nil, *model.Product:
		return nil
	case model.Owned:
		if object.IsNothing() {
			return nil
		}
		return maySee(ctx, object.Owner())
	default:
		return fmt.Errorf("tell to whom a %T belongs", object)
	}
}

// maySee refuses those who may not see what belongs to a customer.
func maySee(ctx context.Context, customer string) error {
	if viewer.MaySee(ctx, customer) {
		return nil
	}
	if _, err := viewer.Require(ctx); err != nil {
		return err
	}
	return foreign()
}

// nobodys is whose it is what is for operators only.
const nobodys = ""

func foreign() error { return fault.Denied("This belongs to another customer.") }

// refuseElement adds the error of an element of the list that a field answers.
func refuseElement(ctx context.Context, i int, err error) {
	path := append(append(ast.Path{}, graphql.GetPath(ctx)...), ast.PathIndex(i))
	graphql.AddError(ctx, gqlerror.WrapPath(path, err))
}

// isOwned tells whether objects of a type belong to customers.
func isOwned(name string) bool { return declares(schema.Types[name].Directives, "owner") }

func declares(directives ast.DirectiveList, name string) bool { return directives.ForName(name) != nil }
