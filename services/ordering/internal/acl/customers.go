package acl

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	customersv1 "quadrille.dev/schema/rpc/customers/v1"
	"quadrille.dev/schema/rpc/customers/v1/customersv1connect"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/quote"
)

func ofCustomer(e event.Envelope) (order.CustomerID, error) {
	data, err := event.Data[struct {
		CustomerID uuid.UUID `json:"customerId"`
	}](e)
	if err != nil {
		return order.CustomerID{}, err
	}
	if data.CustomerID == uuid.Nil {
		return order.CustomerID{}, errors.New("no customerId")
	}
	return order.CustomerID{UUID: data.CustomerID}, nil
}

// profiledV1 lacks the tier, so that it says nothing of it: not even that the tier is the lowest.
func profiledV1(e event.Envelope) (app.CustomerTier, error) {
	customer, err := ofCustomer(e)
	return app.CustomerTier{Customer: customer, Sequence: e.Sequence}, err
}

func profiledV2(e event.Envelope) (app.CustomerTier, error) {
	tier, err := profiledV1(e)
	if err != nil {
		return tier, err
	}
	data, err := event.Data[struct {
		Tier quote.Tier `json:"tier"`
	}](e)
	if err != nil {
		return tier, err
	}
	tier.Tier = data.Tier
	return tier, known(data.Tier)
}

func customerUpdatedV1(e event.Envelope) (app.CustomerTier, error) {
	tier, err := profiledV1(e)
	if err != nil {
		return tier, err
	}
	data, err := event.Data[struct {
		Changes []struct {
			Field string          `json:"field"`
			New   json.RawMessage `json:"new"`
		} `json:"changes"`
	}](e)
	if err != nil {
		return tier, err
	}
	for _, change := range data.Changes {
		if change.Field != "tier" {
			continue
		}
		if err := json.Unmarshal(change.New, &tier.Tier); err != nil {
			return tier, fmt.Errorf("read new tier: %w", err)
		}
		return tier, known(tier.Tier)
	}
	return tier, nil
}

// Customers asks customers.
type Customers struct {
	Client customersv1connect.CustomersServiceClient
}

// Exists tells whether there is such a customer.
func (c Customers) Exists(ctx context.Context, customer order.CustomerID) (bool, error) {
	answer, err := c.Client.GetCustomers(ctx, &customersv1.GetCustomersRequest{Ids: []string{customer.String()}})
	if err != nil {
		return false, fmt.Errorf("ask customers for %s: %w", customer, err)
	}
	return len(answer.Customers) > 0, nil
}

func known(tier quote.Tier) error {
	switch tier {
	case quote.Standard, quote.Premium, quote.VIP:
		return nil
	}
	return fmt.Errorf("no tier %q", tier)
}
