package rpc

import (
	"context"
	"errors"

	"google.golang.org/protobuf/types/known/timestamppb"

	customersv1 "quadrille.dev/schema/rpc/customers/v1"
	"quadrille.dev/services/customers/internal/app"
	"quadrille.dev/services/customers/internal/customer"
)

// SignIn answers a token for an e-mail address and its password. Neither the answer nor the time it takes tells which of the
// two was wrong.
func (s *Service) SignIn(ctx context.Context, request *customersv1.SignInRequest) (*customersv1.SignInResponse, error) {
	found, stored, err := s.Directory.Find(ctx, request.Email)
	if err != nil && !errors.Is(err, app.ErrNoCustomer) {
		return nil, err
	}
	right, err := s.Passwords.Verify(ctx, stored, request.Password)
	if err != nil {
		return nil, err
	}
	if !right {
		wrong := problem(customer.InvalidCredentials, "E-mail address or password is wrong.")
		return &customersv1.SignInResponse{UserErrors: messages(wrong)}, nil
	}
	token, err := s.token(found)
	if err != nil {
		return nil, err
	}
	return &customersv1.SignInResponse{Token: token, Customer: message(found)}, nil
}

func (s *Service) token(c customer.Customer) (*customersv1.Token, error) {
	signed, expires, err := s.Tokens.Sign(c, s.Now())
	if err != nil {
		return nil, err
	}
	return &customersv1.Token{Token: signed, ExpiresAt: timestamppb.New(expires)}, nil
}
