package acl

import (
	"quadrille.dev/platform/event"
	"quadrille.dev/services/billing/internal/account"
)

func stockReservedV1(e event.Envelope) (account.OrderID, error) { return readOrderID(e) }
