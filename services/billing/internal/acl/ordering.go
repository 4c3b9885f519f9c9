package acl

import (
	"errors"
	"fmt"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/money"
	"quadrille.dev/platform/personal"
	"quadrille.dev/services/billing/internal/account"
)

func orderPlacedV1(e event.Envelope) (account.Order, error) {
	data, err := event.Data[struct {
		OrderID    uuid.UUID   `json:"orderId"`
		Number     string      `json:"number"`
		CustomerID uuid.UUID   `json:"customerId"`
		Total      money.Money `json:"total"`
		Payment    struct {
			Token string `json:"token"`
		} `json:"payment"`
	}](e)
	if err != nil {
		return account.Order{}, err
	}
	order := account.Order{
		ID: account.OrderID{UUID: data.OrderID}, Number: data.Number, Customer: account.CustomerID{UUID: data.CustomerID},
		Total: data.Total, Token: data.Payment.Token, Erased: data.Payment.Token == personal.Blotted,
	}
	if _, err := money.Decimals(order.Total.Currency); err != nil {
		return account.Order{}, fmt.Errorf("total: %w", err)
	}
	switch {
	case data.OrderID == uuid.Nil:
		return account.Order{}, errNoOrder
	case data.CustomerID == uuid.Nil:
		return account.Order{}, errors.New("no customerId")
	case order.Number == "":
		return account.Order{}, errors.New("no number")
	case order.Token == "":
		return account.Order{}, errors.New("no payment.token")
	case order.Total.Minor < 0:
		return account.Order{}, fmt.Errorf("total %s is negative", order.Total)
	}
	return order, nil
}

func orderCancelledV1(e event.Envelope) (account.OrderID, error) { return readOrderID(e) }

var errNoOrder = errors.New("no orderId")

// readOrderID reads a fact of which only the order matters.
func readOrderID(e event.Envelope) (account.OrderID, error) {
	data, err := event.Data[struct {
		OrderID uuid.UUID `json:"orderId"`
	}](e)
	if err != nil {
		return account.OrderID{}, err
	}
	if data.OrderID == uuid.Nil {
		return account.OrderID{}, errNoOrder
	}
	return account.OrderID{UUID: data.OrderID}, nil
}
