package acl

import (
	"context"
	"slices"
	"strings"

	"quadrille.dev/gateway/internal/graph/model"
	customersv1 "quadrille.dev/schema/rpc/customers/v1"
	"quadrille.dev/schema/rpc/customers/v1/customersv1connect"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"
)

// Customers knows who buys, and signs them in.
type Customers struct {
	rpc customersv1connect.CustomersServiceClient
}

// NewCustomers makes a client of customers.
func NewCustomers(rpc customersv1connect.CustomersServiceClient) *Customers { return &Customers{rpc} }

// ByID answers customers by id; those that do not exist or may not be seen are missing.
func (c *Customers) ByID(ctx context.Context, ids []string) (map[string]*model.Customer, error) {
	customers, err := inParts(ids, atOnce, func(part []string) ([]*customersv1.Customer, error) {
		answer, err := c.rpc.GetCustomers(ctx, &customersv1.GetCustomersRequest{Ids: part})
		return answer.GetCustomers(), failure(ctx, "customers", err)
	})
	found := make(map[string]*model.Customer, len(customers))
	for _, one := range customers {
		found[one.GetId()] = customer(one)
	}
	return found, err
}

// IDByEmail answers the id of the customer with an e-mail address; empty when there is none.
func (c *Customers) IDByEmail(ctx context.Context, email string) (string, error) {
	answer, err := c.rpc.FindCustomer(ctx, &customersv1.FindCustomerRequest{Email: email})
	return answer.GetCustomer().GetId(), failure(ctx, "customers", err)
}

// SignIn answers a token for e-mail address and password.
func (c *Customers) SignIn(ctx context.Context, input model.SignInInput) (*model.SignInPayload, error) {
	answer, err := c.rpc.SignIn(ctx, &customersv1.SignInRequest{Email: input.Email, Password: input.Password})
	return signInAnswer(ctx, answer, err)
}

// SignInWithToken answers a token for one of an issuer outside.
func (c *Customers) SignInWithToken(ctx context.Context, input model.SignInWithTokenInput) (*model.SignInPayload, error) {
	answer, err := c.rpc.SignInWithToken(ctx, &customersv1.SignInWithTokenRequest{Token: input.Token})
	return signInAnswer(ctx, answer, err)
}

func signInAnswer(ctx context.Context, answer interface {
	GetToken() *customersv1.Token
	GetCustomer() *customersv1.Customer
	GetUserErrors() []*problemv1.UserError
}, err error,
) (*model.SignInPayload, error) {
	if err != nil {
		return nil, failure(ctx, "customers", err)
	}
	payload := &model.SignInPayload{
		Token:     optional(answer.GetToken().GetToken()),
		ExpiresAt: moment(answer.GetToken().GetExpiresAt()),
		Viewer:    signedIn(answer.GetCustomer()),
	}
	payload.UserErrors, err = refusals("customers", answer.GetUserErrors())
	return payload, err
}

// Register makes a customer and signs them in.
func (c *Customers) Register(ctx context.Context, input model.RegisterCustomerInput) (*model.RegisterCustomerPayload, error) {
	answer, err := c.rpc.RegisterCustomer(ctx, &customersv1.RegisterCustomerRequest{
		Email: input.Email, Password: input.Password, Name: input.Name, Phone: input.Phone, IdempotencyKey: input.IdempotencyKey,
	})
	if err != nil {
		return nil, failure(ctx, "customers", err)
	}
	payload := &model.RegisterCustomerPayload{
		Customer:  customer(answer.GetCustomer()),
		Token:     optional(answer.GetToken().GetToken()),
		ExpiresAt: moment(answer.GetToken().GetExpiresAt()),
		Replayed:  answer.GetReplayed(),
	}
	payload.UserErrors, err = refusals("customers", answer.GetUserErrors())
	return payload, err
}

// UpdateProfile changes the profile of a customer, or of the caller if customer is empty.
func (c *Customers) UpdateProfile(ctx context.Context, who string, input model.UpdateProfileInput) (*model.UpdateProfilePayload, error) {
	answer, err := c.rpc.UpdateProfile(ctx, &customersv1.UpdateProfileRequest{
		CustomerId: who, Name: input.Name, Phone: input.Phone,
	})
	if err != nil {
		return nil, failure(ctx, "customers", err)
	}
	refused, err := refusals("customers", answer.GetUserErrors())
	return &model.UpdateProfilePayload{Customer: customer(answer.GetCustomer()), UserErrors: refused}, err
}

// AddAddress adds to the addresses of a customer, or of the caller if customer is empty.
func (c *Customers) AddAddress(ctx context.Context, who string, address *model.AddressInput) (*model.AddAddressPayload, error) {
	answer, err := c.rpc.AddAddress(ctx, &customersv1.AddAddressRequest{
		CustomerId: who,
		Address: &customersv1.Address{
			Name: address.Name, Street: address.Street, City: address.City,
			PostalCode: address.PostalCode, CountryCode: address.CountryCode,
		},
	})
	if err != nil {
		return nil, failure(ctx, "customers", err)
	}
	payload := &model.AddAddressPayload{Customer: customer(answer.GetCustomer())}
	if answer.GetAddress() != nil {
		payload.Address = kept(answer.GetAddress())
	}
	payload.UserErrors, err = refusals("customers", answer.GetUserErrors())
	return payload, err
}

// SetTier changes a customer's tier.
func (c *Customers) SetTier(ctx context.Context, input model.SetCustomerTierInput) (*model.SetCustomerTierPayload, error) {
	id, wrong := key(model.KindCustomer, input.CustomerID, "customerId")
	if wrong != nil {
		return &model.SetCustomerTierPayload{UserErrors: wrong}, nil
	}
	answer, err := c.rpc.SetTier(ctx, &customersv1.SetTierRequest{
		CustomerId: id, Tier: customersv1.Tier(customersv1.Tier_value["TIER_"+string(input.Tier)]),
	})
	if err != nil {
		return nil, failure(ctx, "customers", err)
	}
	refused, err := refusals("customers", answer.GetUserErrors())
	return &model.SetCustomerTierPayload{Customer: customer(answer.GetCustomer()), UserErrors: refused}, err
}

// Erase forgets a customer.
func (c *Customers) Erase(ctx context.Context, input model.EraseCustomerInput) (*model.EraseCustomerPayload, error) {
	id, wrong := key(model.KindCustomer, input.CustomerID, "customerId")
	if wrong != nil {
		return &model.EraseCustomerPayload{UserErrors: wrong}, nil
	}
	request := &customersv1.EraseRequest{CustomerId: id, Reason: input.Reason}
	if input.IdempotencyKey != nil {
		request.IdempotencyKey = *input.IdempotencyKey
	}
	answer, err := c.rpc.Erase(ctx, request)
	if err != nil {
		return nil, failure(ctx, "customers", err)
	}
	payload := &model.EraseCustomerPayload{Replayed: answer.GetReplayed()}
	if payload.UserErrors, err = refusals("customers", answer.GetUserErrors()); len(payload.UserErrors) == 0 {
		payload.CustomerID = new(model.GlobalID(model.KindCustomer, id))
	}
	return payload, err
}

// Roles are those that the client's API knows.
func Roles(given []string) []model.Role {
	roles := []model.Role{}
	for _, name := range given {
		if role := model.Role(name); role.IsValid() {
			roles = append(roles, role)
		}
	}
	return roles
}

func signedIn(c *customersv1.Customer) *model.Viewer {
	if c == nil {
		return nil
	}
	viewer := &model.Viewer{ID: c.GetId(), Email: c.GetEmail(), Name: c.GetName(), Roles: Roles(c.GetRoles())}
	if slices.Contains(viewer.Roles, model.RoleCustomer) {
		viewer.Known = customer(c)
	}
	return viewer
}

func customer(c *customersv1.Customer) *model.Customer {
	if c == nil {
		return nil
	}
	addresses := make([]*model.CustomerAddress, len(c.GetAddresses()))
	for i, address := range c.GetAddresses() {
		addresses[i] = kept(address)
	}
	return &model.Customer{
		ID:        model.GlobalID(model.KindCustomer, c.GetId()),
		Key:       c.GetId(),
		Email:     c.GetEmail(),
		Name:      c.GetName(),
		Phone:     c.Phone,
		Tier:      model.Tier(strings.TrimPrefix(c.GetTier().String(), "TIER_")),
		Addresses: addresses,
	}
}

func kept(a *customersv1.Address) *model.CustomerAddress {
	return &model.CustomerAddress{
		ID: a.GetId(), Name: a.GetName(), Street: a.GetStreet(), City: a.GetCity(),
		PostalCode: a.GetPostalCode(), CountryCode: a.GetCountryCode(),
	}
}
