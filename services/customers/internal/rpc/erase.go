package rpc

import (
	"context"
	"errors"
	"strings"

	"github.com/google/uuid"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/serve"
	customersv1 "quadrille.dev/schema/rpc/customers/v1"
	"quadrille.dev/services/customers/internal/app"
	"quadrille.dev/services/customers/internal/customer"
)

// Erase forgets a customer.
func (s *Service) Erase(ctx context.Context, request *customersv1.EraseRequest) (*customersv1.EraseResponse, error) {
	if !serve.CallerFrom(ctx).IsOperator() {
		return nil, denied()
	}
	asked, wrong, err := s.readErasure(ctx, request)
	if err != nil || len(wrong) > 0 {
		return &customersv1.EraseResponse{UserErrors: messages(wrong)}, err
	}
	replayed, err := s.erase(ctx, asked)
	if wrong := refused(err); wrong != nil {
		return &customersv1.EraseResponse{UserErrors: keyed(messages(wrong), request.IdempotencyKey)}, nil
	}
	return &customersv1.EraseResponse{Replayed: replayed}, err
}

// errReplayed keeps an erasure that was made before from being audited again.
var errReplayed = errors.New("erased before")

// erase runs the use case, which is audited.
func (s *Service) erase(ctx context.Context, asked app.Erasure) (replayed bool, err error) {
	err = s.Act(ctx, func(store app.Store) (audit.Entry, error) {
		replayed, err := app.Erase(ctx, store, asked, s.Now())
		if replayed && err == nil {
			err = errReplayed
		}
		return audit.Entry{
			ID: uuid.Must(uuid.NewV7()), Actor: serve.CallerFrom(ctx).Actor(), Action: "customer.erased", Target: asked.Claim.Customer.String(),
			Detail: "Erased the customer: " + asked.Reason, At: s.Now(),
		}, err
	})
	if errors.Is(err, errReplayed) {
		return true, nil
	}
	return false, err
}

func (s *Service) readErasure(ctx context.Context, request *customersv1.EraseRequest) (app.Erasure, []customer.Problem, error) {
	if request.CustomerId == "" {
		return app.Erasure{}, problem(customer.Required, "It must be said who.", "customerId"), nil
	}
	id, wrong, err := whose(ctx, request.CustomerId)
	if err != nil {
		return app.Erasure{}, nil, err
	}
	reason := strings.TrimSpace(request.Reason)
	wrong = append(wrong, customer.CheckReason(reason)...)
	asked := app.Erasure{Reason: reason, Claim: app.Claim{
		Principal: principal(ctx), Mutation: "eraseCustomer", Customer: id, Digest: s.digest(id.String(), reason),
	}}
	if request.IdempotencyKey != "" {
		key, malformed := readKey(request.IdempotencyKey)
		asked.Claim.Key, wrong = key, append(wrong, malformed...)
	}
	return asked, wrong, nil
}
