package acl

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/personal"
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

// profiledV1 is read as what it is in the second version.
func profiledV1(e event.Envelope) (app.CustomerTier, error) {
	var err error
	if e.Data, err = profiledV1toV2(e.Data); err != nil {
		return app.CustomerTier{}, err
	}
	return profiledV2(e)
}

// profiledV1toV2 lifts the payload of a profile from version 1 to version 2. The first says neither phone nor tier, and null says as
// much: not even that the tier is the lowest.
func profiledV1toV2(v1 json.RawMessage) (json.RawMessage, error) {
	var data map[string]json.RawMessage
	if err := json.Unmarshal(v1, &data); err != nil {
		return nil, fmt.Errorf("upcast customer.profiled v1: %w", err)
	}
	if data == nil {
		return nil, errors.New("upcast customer.profiled v1: no payload")
	}
	data["phone"], data["tier"] = json.RawMessage("null"), json.RawMessage("null")
	return json.Marshal(data)
}

func profiledV2(e event.Envelope) (app.CustomerTier, error) {
	tier, err := tierOf(e)
	if err != nil {
		return tier, err
	}
	data, err := event.Data[struct {
		Tier json.RawMessage `json:"tier"`
	}](e)
	if err != nil {
		return tier, err
	}
	return tier, read(data.Tier, &tier.Tier)
}

// tierOf is the customer whom a fact is about, and nothing said of the tier.
func tierOf(e event.Envelope) (app.CustomerTier, error) {
	customer, err := ofCustomer(e)
	return app.CustomerTier{Customer: customer, Sequence: e.Sequence}, err
}

func customerUpdatedV1(e event.Envelope) (app.CustomerTier, error) {
	tier, err := tierOf(e)
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
		return tier, read(change.New, &tier.Tier)
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

// read reads a tier. Null says nothing of it, and so does one that was blotted, as the customer is erased.
func read(said json.RawMessage, tier *quote.Tier) error {
	var text *string
	if err := json.Unmarshal(said, &text); err != nil {
		return fmt.Errorf("read tier: %w", err)
	}
	if text == nil || *text == personal.Blotted {
		return nil
	}
	switch told := quote.Tier(*text); told {
	case quote.Standard, quote.Premium, quote.VIP:
		*tier = told
		return nil
	default:
		return fmt.Errorf("no tier %q", told)
	}
}
