package acl

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	customersv1 "quadrille.dev/schema/rpc/customers/v1"
	"quadrille.dev/schema/rpc/customers/v1/customersv1connect"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/app"
	"quadrille.dev/services/billing/internal/party"
)

func customerErasedV1(e event.Envelope) (account.CustomerID, error) {
	data, err := event.Data[struct {
		CustomerID uuid.UUID `json:"customerId"`
	}](e)
	if err == nil && data.CustomerID == uuid.Nil {
		err = errors.New("no customerId")
	}
	return account.CustomerID{UUID: data.CustomerID}, err
}

func customerRegisteredV1(e event.Envelope) (app.News, error) {
	customer, err := customerErasedV1(e)
	return app.News{Customer: customer, Sequence: e.Sequence}, err
}

// billed are the fields that an invoice shows.
var billed = map[string]bool{"name": true, "email": true, "address": true}

// customerUpdatedV1 is news if it is about a field that an invoice shows. What is new in it, customers is asked: an answer is right
// whatever came before it, while deltas would have to come in order.
func customerUpdatedV1(e event.Envelope) (app.News, error) {
	news, err := customerRegisteredV1(e)
	if err != nil {
		return news, err
	}
	data, err := event.Data[struct {
		Changes []struct {
			Field string `json:"field"`
		} `json:"changes"`
	}](e)
	for _, change := range data.Changes {
		if billed[change.Field] {
			return news, err
		}
	}
	news.Sequence = 0
	return news, err
}

// Customers asks customers.
type Customers struct {
	Client customersv1connect.CustomersServiceClient
}

// Who tells who a customer is; a customer who is not there any more has no details. An error means that there was no answer.
func (c Customers) Who(ctx context.Context, customer account.CustomerID) (party.Details, error) {
	answer, err := c.Client.GetCustomers(ctx, &customersv1.GetCustomersRequest{Ids: []string{customer.String()}})
	if err != nil {
		return party.Details{}, fmt.Errorf("ask customers who %s is: %w", customer, err)
	}
	for _, found := range answer.GetCustomers() {
		if found.GetId() == customer.String() {
			return details(found), nil
		}
	}
	return party.Details{}, nil
}

// details takes the address that the customer has kept for longest.
func details(c *customersv1.Customer) party.Details {
	details := party.Details{Name: c.GetName(), Email: c.GetEmail()}
	if len(c.GetAddresses()) > 0 {
		a := c.GetAddresses()[0]
		details.Address = party.Address{
			Name: a.GetName(), Street: a.GetStreet(), City: a.GetCity(), PostalCode: a.GetPostalCode(), CountryCode: a.GetCountryCode(),
		}
	}
	return details
}
