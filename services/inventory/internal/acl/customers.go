package acl

import (
	"fmt"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
)

func customerErasedV1(e event.Envelope) (uuid.UUID, error) {
	about, err := event.Data[struct {
		CustomerID uuid.UUID `json:"customerId"`
	}](e)
	if err == nil && about.CustomerID == uuid.Nil {
		err = fmt.Errorf("%s: customerId missing", e.Name())
	}
	return about.CustomerID, err
}
