package rpc

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/serve"
	customersv1 "quadrille.dev/schema/rpc/customers/v1"
	"quadrille.dev/services/customers/internal/app"
	"quadrille.dev/services/customers/internal/customer"
)

// UpdateProfile changes what is set.
func (s *Service) UpdateProfile(
	ctx context.Context, request *customersv1.UpdateProfileRequest,
) (*customersv1.UpdateProfileResponse, error) {
	id, wrong, err := whose(ctx, request.CustomerId)
	if err != nil {
		return nil, err
	}
	name, phone := trimmed(request.Name), trimmed(request.Phone)
	if name != nil {
		wrong = append(wrong, customer.CheckName(*name)...)
	}
	if phone != nil {
		wrong = append(wrong, customer.CheckPhone(*phone)...)
	}
	c, wrong, err := s.change(ctx, id, wrong, deed{"profile.updated", "Updated the profile."}, func(store app.Store) (customer.Customer, error) {
		return app.UpdateProfile(ctx, store, id, name, phone, s.Now())
	})
	if err != nil || wrong != nil {
		return &customersv1.UpdateProfileResponse{UserErrors: messages(wrong)}, err
	}
	return &customersv1.UpdateProfileResponse{Customer: message(c)}, nil
}

// AddAddress adds an address to those that a customer keeps.
func (s *Service) AddAddress(ctx context.Context, request *customersv1.AddAddressRequest) (*customersv1.AddAddressResponse, error) {
	id, wrong, err := whose(ctx, request.CustomerId)
	if err != nil {
		return nil, err
	}
	address := readAddress(request.Address)
	if address.ID, err = uuid.NewV7(); err != nil {
		return nil, fmt.Errorf("make id: %w", err)
	}
	wrong = append(wrong, address.Check()...)
	c, wrong, err := s.change(ctx, id, wrong, deed{"address.added", "Added an address."}, func(store app.Store) (customer.Customer, error) {
		return app.AddAddress(ctx, store, id, address, s.Now())
	})
	if err != nil || wrong != nil {
		return &customersv1.AddAddressResponse{UserErrors: messages(wrong)}, err
	}
	return &customersv1.AddAddressResponse{Customer: message(c), Address: addressMessage(address)}, nil
}

// SetTier changes a customer's tier.
func (s *Service) SetTier(ctx context.Context, request *customersv1.SetTierRequest) (*customersv1.SetTierResponse, error) {
	if !serve.CallerFrom(ctx).IsOperator() {
		return nil, denied()
	}
	id, wrong, err := whose(ctx, request.CustomerId)
	if err != nil {
		return nil, err
	}
	tier, known := tiers[request.Tier]
	if !known {
		wrong = append(wrong, problem(customer.Required, "A tier is required.", "tier")...)
	}
	done := deed{"tier.set", fmt.Sprintf("Set the tier to %s.", tier)}
	c, wrong, err := s.change(ctx, id, wrong, done, func(store app.Store) (customer.Customer, error) {
		return app.SetTier(ctx, store, id, tier, s.Now())
	})
	if err != nil || wrong != nil {
		return &customersv1.SetTierResponse{UserErrors: messages(wrong)}, err
	}
	return &customersv1.SetTierResponse{Customer: message(c)}, nil
}

// deed is what is done to a customer, in the words of the audit.
type deed struct{ action, detail string }

// change runs a use case on a customer unless the input is wrong already. What operators do is audited.
func (s *Service) change(
	ctx context.Context, id customer.ID, wrong []customer.Problem, done deed, use func(app.Store) (customer.Customer, error),
) (changed customer.Customer, problems []customer.Problem, err error) {
	if len(wrong) > 0 {
		return customer.Customer{}, wrong, nil
	}
	caller := serve.CallerFrom(ctx)
	if caller.IsOperator() {
		err = s.Act(ctx, func(store app.Store) (audit.Entry, error) {
			var err error
			changed, err = use(store)
			return audit.Entry{
				ID: uuid.Must(uuid.NewV7()), Actor: caller.Actor(), Action: done.action, Target: id.String(), Detail: done.detail, At: s.Now(),
			}, err
		})
	} else {
		err = s.InTx(ctx, func(store app.Store) error {
			var err error
			changed, err = use(store)
			return err
		})
	}
	if problems = refused(err); problems != nil {
		return customer.Customer{}, problems, nil
	}
	return changed, nil, err
}

func trimmed(s *string) *string {
	if s == nil {
		return nil
	}
	return new(strings.TrimSpace(*s))
}
