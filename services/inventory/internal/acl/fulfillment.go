package acl

import (
	"github.com/google/uuid"

	"quadrille.dev/platform/event"
)

func shipmentArrangedV1(e event.Envelope) (uuid.UUID, error) { return orderOf(e) }
