package acl

import (
	"github.com/google/uuid"

	"quadrille.dev/platform/event"
)

// customerErased is who is erased, if the fact says so.
func customerErased(e event.Envelope) uuid.UUID {
	if e.Name() != "customers.customer.erased" {
		return uuid.Nil
	}
	data, err := event.Data[struct {
		CustomerID uuid.UUID `json:"customerId"`
	}](e)
	if err != nil {
		return uuid.Nil
	}
	return data.CustomerID
}
