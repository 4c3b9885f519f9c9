package acl

import (
	"fmt"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
)

// orderOf reads the order that a neighbour's fact is about.
func orderOf(e event.Envelope) (uuid.UUID, error) {
	about, err := event.Data[struct {
		OrderID uuid.UUID `json:"orderId"`
	}](e)
	if err == nil && about.OrderID == uuid.Nil {
		err = fmt.Errorf("%s: orderId missing", e.Name())
	}
	return about.OrderID, err
}
