package acl

import (
	"errors"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

func customerErasedV1(e event.Envelope) (shipment.CustomerID, error) {
	data, err := event.Data[struct {
		CustomerID uuid.UUID `json:"customerId"`
	}](e)
	if err == nil && data.CustomerID == uuid.Nil {
		err = errors.New("no customerId")
	}
	return shipment.CustomerID{UUID: data.CustomerID}, err
}
