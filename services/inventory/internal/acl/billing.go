package acl

import (
	"github.com/google/uuid"

	"quadrille.dev/platform/event"
)

// paymentEndedV1 reads any of the facts after which no money of the order is left with us.
func paymentEndedV1(e event.Envelope) (uuid.UUID, error) { return orderOf(e) }
