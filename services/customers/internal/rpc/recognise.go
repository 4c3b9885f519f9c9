package rpc

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"connectrpc.com/connect"
	"github.com/google/uuid"

	customersv1 "quadrille.dev/schema/rpc/customers/v1"
	"quadrille.dev/services/customers/internal/acl"
	"quadrille.dev/services/customers/internal/app"
	"quadrille.dev/services/customers/internal/customer"
)

// SignInWithToken answers a token of ours for one of an issuer acl. At the first sign-in it makes a customer.
func (s *Service) SignInWithToken(
	ctx context.Context, request *customersv1.SignInWithTokenRequest,
) (*customersv1.SignInWithTokenResponse, error) {
	person, err := s.Outside.Verify(ctx, request.GetToken())
	switch {
	case errors.Is(err, acl.ErrKeys):
		return nil, connect.NewError(connect.CodeUnavailable, err)
	case err != nil:
		return refusedToken("The token is not one that is good for a sign-in here."), nil
	case person.Email == "":
		return refusedToken("The token tells no e-mail address that its issuer has verified."), nil
	}
	id, err := s.recognise(ctx, person)
	if wrong := refused(err); wrong != nil {
		return &customersv1.SignInWithTokenResponse{UserErrors: messages(onToken(wrong))}, nil
	}
	if wrong, ok := errors.AsType[unusable](err); ok {
		return &customersv1.SignInWithTokenResponse{UserErrors: messages(onToken(wrong))}, nil
	}
	if err != nil {
		return nil, err
	}
	found, err := s.Directory.Customers(ctx, []uuid.UUID{uuid.UUID(id)})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 { // erased in between
		return &customersv1.SignInWithTokenResponse{UserErrors: messages(onToken(refused(app.ErrErased)))}, nil
	}
	token, err := s.token(found[0])
	if err != nil {
		return nil, err
	}
	return &customersv1.SignInWithTokenResponse{Token: token, Customer: message(found[0])}, nil
}

// unusable is what is wrong with the profile of somebody who would become a customer.
type unusable []customer.Problem

func (u unusable) Error() string { return fmt.Sprintf("profile: %+v", []customer.Problem(u)) }

func (s *Service) recognise(ctx context.Context, person acl.Person) (id customer.ID, err error) {
	fresh, err := uuid.NewV7()
	if err != nil {
		return id, fmt.Errorf("make id: %w", err)
	}
	newcomer := app.Newcomer{
		Identity: app.Identity{Issuer: person.Issuer, Subject: person.Subject},
		Customer: customer.ID(fresh),
		Profile:  customer.Profile{Email: strings.TrimSpace(person.Email), Name: strings.TrimSpace(person.Name)},
	}
	if newcomer.Profile.Name == "" {
		newcomer.Profile.Name = newcomer.Profile.Email
	}
	if wrong := newcomer.Profile.Check(); len(wrong) > 0 {
		return id, unusable(wrong)
	}
	err = s.InTx(ctx, func(store app.Store) error {
		id, err = app.Recognise(ctx, store, newcomer, s.Now())
		return err
	})
	return id, err
}

func refusedToken(message string) *customersv1.SignInWithTokenResponse {
	return &customersv1.SignInWithTokenResponse{UserErrors: messages(problem(customer.InvalidCredentials, message, "token"))}
}

// onToken says of the token what is wrong with something in it.
func onToken(problems []customer.Problem) []customer.Problem {
	for i := range problems {
		problems[i].Path = []string{"token"}
	}
	return problems
}
