package acl

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"

	"quadrille.dev/services/chronicle/internal/saga"
)

// begins tells whether a fact says what its saga is about.
func begins(e event.Envelope) bool {
	return e.Name() == "ordering.order.placed" || e.Name() == "ordering.return.requested"
}

// about reads what a saga is about; nil from a fact that does not say it, and from a version that does not say it in this way.
func about(e event.Envelope) *saga.Order {
	if !begins(e) {
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

// longestSKU bounds what is kept to search by, in bytes, so that it fits an index; no product has one so long.
const longestSKU = 200

// skus reads of which SKUs a saga is about lines, like about.
func skus(e event.Envelope) []string {
	if !begins(e) {
		return nil
	}
	said, err := event.Data[struct {
		Lines []struct {
			SKU string `json:"sku"`
		} `json:"lines"`
	}](e)
	if err != nil {
		return nil
	}
	var all []string
	for _, line := range said.Lines {
		if line.SKU != "" && len(line.SKU) <= longestSKU {
			all = append(all, text(line.SKU))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
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
