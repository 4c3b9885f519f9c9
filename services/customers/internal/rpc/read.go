package rpc

import (
	"context"
	"errors"
	"fmt"

	"connectrpc.com/connect"
	"github.com/google/uuid"

	"quadrille.dev/platform/serve"
	customersv1 "quadrille.dev/schema/rpc/customers/v1"
	"quadrille.dev/services/customers/internal/app"
)

// GetCustomers answers those that exist and that the caller may see.
func (s *Service) GetCustomers(
	ctx context.Context, request *customersv1.GetCustomersRequest,
) (*customersv1.GetCustomersResponse, error) {
	if len(request.Ids) > most {
		return nil, connect.NewError(connect.CodeInvalidArgument, fmt.Errorf("at most %d ids", most))
	}
	caller := serve.CallerFrom(ctx)
	var visible []uuid.UUID
	for _, text := range request.Ids {
		if id, err := uuid.Parse(text); err == nil && caller.MaySee(id) {
			visible = append(visible, id)
		}
	}
	found, err := s.Directory.Customers(ctx, visible)
	if err != nil {
		return nil, err
	}
	response := &customersv1.GetCustomersResponse{}
	for _, c := range found {
		response.Customers = append(response.Customers, message(c))
	}
	return response, nil
}

// FindCustomer answers the customer with an e-mail address.
func (s *Service) FindCustomer(
	ctx context.Context, request *customersv1.FindCustomerRequest,
) (*customersv1.FindCustomerResponse, error) {
	if caller := serve.CallerFrom(ctx); !caller.IsOperator() && caller.Service == "" {
		return nil, denied()
	}
	found, _, err := s.Directory.Find(ctx, request.Email)
	if errors.Is(err, app.ErrNoCustomer) {
		return &customersv1.FindCustomerResponse{}, nil
	}
	if err != nil {
		return nil, err
	}
	return &customersv1.FindCustomerResponse{Customer: message(found)}, nil
}
