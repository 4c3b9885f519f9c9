package rpc

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"quadrille.dev/platform/serve"
	customersv1 "quadrille.dev/schema/rpc/customers/v1"
	"quadrille.dev/services/customers/internal/app"
	"quadrille.dev/services/customers/internal/customer"
)

// RegisterCustomer makes a customer and signs them in.
func (s *Service) RegisterCustomer(
	ctx context.Context, request *customersv1.RegisterCustomerRequest,
) (*customersv1.RegisterCustomerResponse, error) {
	registration, wrong, err := s.readRegistration(ctx, request)
	if err != nil || len(wrong) > 0 {
		return &customersv1.RegisterCustomerResponse{UserErrors: messages(wrong)}, err
	}
	id, replayed, err := s.register(ctx, registration, request.Password)
	if wrong := refused(err); wrong != nil {
		return &customersv1.RegisterCustomerResponse{UserErrors: keyed(messages(wrong), request.IdempotencyKey)}, nil
	}
	if err != nil {
		return nil, err
	}
	found, err := s.Directory.Customers(ctx, []uuid.UUID{uuid.UUID(id)})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 { // erased in between
		return &customersv1.RegisterCustomerResponse{UserErrors: messages(refused(app.ErrErased))}, nil
	}
	token, err := s.token(found[0])
	if err != nil {
		return nil, err
	}
	return &customersv1.RegisterCustomerResponse{Customer: message(found[0]), Token: token, Replayed: replayed}, nil
}

// register runs the use case, and compares the password with that of the first time: the digest knows nothing of it.
func (s *Service) register(ctx context.Context, r app.Registration, password string) (id customer.ID, replayed bool, err error) {
	if r.Password, err = s.Passwords.Hash(ctx, password); err != nil {
		return customer.ID{}, false, err
	}
	err = s.InTx(ctx, func(store app.Store) error {
		var err error
		id, replayed, err = app.Register(ctx, store, r, s.Now())
		return err
	})
	if err != nil || !replayed {
		return id, replayed, err
	}
	stored, err := s.Directory.Password(ctx, id)
	if err != nil {
		return customer.ID{}, false, err
	}
	same, err := s.Passwords.Verify(ctx, stored, password)
	if err == nil && !same {
		err = app.ErrKeyConflict
	}
	return id, replayed, err
}

func (s *Service) readRegistration(
	ctx context.Context, request *customersv1.RegisterCustomerRequest,
) (app.Registration, []customer.Problem, error) {
	profile := customer.Profile{
		Email: strings.TrimSpace(request.Email),
		Name:  strings.TrimSpace(request.Name),
		Phone: strings.TrimSpace(request.GetPhone()),
	}
	wrong := append(profile.Check(), customer.CheckPassword(request.Password)...)
	key, malformed := readKey(request.IdempotencyKey)
	if request.IdempotencyKey == "" {
		malformed = problem(customer.Required, "An idempotency key is required.", "idempotencyKey")
	}
	if wrong = append(wrong, malformed...); len(wrong) > 0 {
		return app.Registration{}, wrong, nil
	}
	id, err := uuid.NewV7()
	if err != nil {
		return app.Registration{}, nil, fmt.Errorf("make id: %w", err)
	}
	claim := app.Claim{
		Principal: principal(ctx), Mutation: "registerCustomer", Key: key, Customer: customer.ID(id),
		Digest: s.digest(profile.Email, profile.Name, profile.Phone),
	}
	return app.Registration{Claim: claim, Profile: profile}, nil, nil
}

func readKey(text string) (uuid.UUID, []customer.Problem) {
	key, err := uuid.Parse(text)
	if err != nil || key.String() != strings.ToLower(text) || key == uuid.Nil {
		return uuid.Nil, problem(customer.Malformed, "An idempotency key is a UUID.", "idempotencyKey")
	}
	return key, nil
}

// principal is who chooses idempotency keys; all who are not signed in are one.
func principal(ctx context.Context) string {
	if caller := serve.CallerFrom(ctx); caller.ID != uuid.Nil {
		return caller.ID.String()
	}
	return "anonymous"
}

// digest is a keyed hash of an input without any password, so that neither can be guessed from it.
func (s *Service) digest(input ...string) []byte {
	encoded, err := json.Marshal(input)
	if err != nil {
		panic(fmt.Sprintf("encode input: %v", err))
	}
	mac := hmac.New(sha256.New, s.DigestKey)
	mac.Write(encoded)
	return mac.Sum(nil)
}
