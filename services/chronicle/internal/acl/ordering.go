package acl

import (
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"

	"quadrille.dev/services/chronicle/internal/saga"
)

// orderPlaced reads what an order's saga is about; nil from any other fact, and from a version that does not say it in this way.
func orderPlaced(e event.Envelope) *saga.Order {
	if e.Name() != "ordering.order.placed" {
		return nil
	}
	order, err := event.Data[struct {
		Number     string    `json:"number"`
		CustomerID uuid.UUID `json:"customerId"`
		Deadline   time.Time `json:"deadline"`
	}](e)
	if err != nil || order.CustomerID == uuid.Nil {
		return nil
	}
	return &saga.Order{Number: text(order.Number), Customer: order.CustomerID, Deadline: order.Deadline.UTC()}
}
