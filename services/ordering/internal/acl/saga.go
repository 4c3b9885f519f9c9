package acl

import (
	"errors"
	"fmt"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
)

// ofOrder reads a fact of which only the order matters.
func ofOrder(e event.Envelope) (order.ID, error) {
	data, err := event.Data[struct {
		OrderID uuid.UUID `json:"orderId"`
	}](e)
	if err != nil {
		return order.ID{}, err
	}
	if data.OrderID == uuid.Nil {
		return order.ID{}, errors.New("no orderId")
	}
	return order.ID{UUID: data.OrderID}, nil
}

// refusalOfOrder reads a fact of which the order and the reason matter.
func refusalOfOrder(e event.Envelope) (app.Refusal, error) {
	id, err := ofOrder(e)
	if err != nil {
		return app.Refusal{}, err
	}
	data, err := event.Data[struct {
		Reason string `json:"reason"`
	}](e)
	return app.Refusal{Order: id, Reason: data.Reason}, err
}

func stockRejectedV1(e event.Envelope) (app.StockRejection, error) {
	id, err := ofOrder(e)
	if err != nil {
		return app.StockRejection{}, err
	}
	data, err := event.Data[struct {
		Missing []struct {
			SKU       string `json:"sku"`
			Requested int64  `json:"requested"`
			Available int64  `json:"available"`
		} `json:"missing"`
	}](e)
	if err != nil {
		return app.StockRejection{}, err
	}
	rejection := app.StockRejection{Order: id}
	for i, short := range data.Missing {
		if short.SKU == "" {
			return app.StockRejection{}, fmt.Errorf("no sku in missing %d", i)
		}
		rejection.Missing = append(rejection.Missing, order.Shortage(short))
	}
	return rejection, nil
}
