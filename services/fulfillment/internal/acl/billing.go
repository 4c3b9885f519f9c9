package acl

import (
	"quadrille.dev/platform/event"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

func paymentCapturedV1(e event.Envelope) (shipment.OrderID, error) { return readOrderID(e) }
