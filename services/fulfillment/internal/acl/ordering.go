package acl

import (
	"errors"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/personal"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

// shippingAddress is ordering's address, which is blotted when the customer was erased before it could be published. Some countries have no postal codes.
type shippingAddress struct {
	Name        string `json:"name"`
	Street      string `json:"street"`
	City        string `json:"city"`
	PostalCode  string `json:"postalCode"`
	CountryCode string `json:"countryCode"`
}

func orderPlacedV1(e event.Envelope) (shipment.Order, error) {
	data, err := event.Data[struct {
		OrderID         uuid.UUID       `json:"orderId"`
		CustomerID      uuid.UUID       `json:"customerId"`
		ShippingAddress shippingAddress `json:"shippingAddress"`
	}](e)
	if err != nil {
		return shipment.Order{}, err
	}
	address := data.ShippingAddress
	switch {
	case data.OrderID == uuid.Nil:
		return shipment.Order{}, errNoOrder
	case data.CustomerID == uuid.Nil:
		return shipment.Order{}, errors.New("no customerId")
	case address.Name == "" || address.Street == "" || address.City == "" || address.CountryCode == "":
		return shipment.Order{}, errors.New("no whole shippingAddress")
	}
	return shipment.Order{
		ID: shipment.OrderID{UUID: data.OrderID}, Customer: shipment.CustomerID{UUID: data.CustomerID},
		Address: shipment.Address(address), Erased: address.Name == personal.Blotted,
	}, nil
}

func orderCancelledV1(e event.Envelope) (shipment.OrderID, error) { return readOrderID(e) }

func orderFulfilledV1(e event.Envelope) (shipment.OrderID, error) { return readOrderID(e) }

var errNoOrder = errors.New("no orderId")

// readOrderID reads a fact of which only the order matters.
func readOrderID(e event.Envelope) (shipment.OrderID, error) {
	data, err := event.Data[struct {
		OrderID uuid.UUID `json:"orderId"`
	}](e)
	if err != nil {
		return shipment.OrderID{}, err
	}
	if data.OrderID == uuid.Nil {
		return shipment.OrderID{}, errNoOrder
	}
	return shipment.OrderID{UUID: data.OrderID}, nil
}
