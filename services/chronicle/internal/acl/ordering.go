package acl

import (
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"

	"quadrille.dev/services/chronicle/internal/saga"
)

// about reads what a saga is about; nil from a fact that does not say it, and from a version that does not say it in this way.
func about(e event.Envelope) *saga.Order {
	if name := e.Name(); name != "ordering.order.placed" && name != "ordering.return.requested" {
		return nil
	}
	said, err := event.Data[struct {
		ID         uuid.UUID `json:"orderId"`
		Number     string    `json:"number"`
		OfReturn   string    `json:"orderNumber"`
		CustomerID uuid.UUID `json:"customerId"`
		Deadline   time.Time `json:"deadline"`
	}](e)
	if err != nil || said.CustomerID == uuid.Nil {
		return nil
	}
	return &saga.Order{
		ID: said.ID.String(), Number: text(said.Number + said.OfReturn), Customer: said.CustomerID, Deadline: said.Deadline.UTC(),
	}
}

// stepOf reads of which step a fact is, if its process has it of several; empty from a version that does not say it in this way.
func stepOf(process *saga.Process, e event.Envelope) string {
	if process == nil || !process.OfStep(e.Name()) {
		return ""
	}
	said, err := event.Data[struct {
		Step string `json:"step"`
	}](e)
	if err != nil {
		return ""
	}
	return said.Step
}
