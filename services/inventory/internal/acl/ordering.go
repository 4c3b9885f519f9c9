package acl

import (
	"fmt"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/inventory/internal/app"
	"quadrille.dev/services/inventory/internal/stock"
)

func orderPlacedV1(e event.Envelope) (app.Order, error) {
	placed, err := event.Data[struct {
		OrderID    uuid.UUID    `json:"orderId"`
		CustomerID uuid.UUID    `json:"customerId"`
		Lines      []stock.Line `json:"lines"`
	}](e)
	switch {
	case err != nil:
		return app.Order{}, err
	case placed.OrderID == uuid.Nil || placed.CustomerID == uuid.Nil:
		return app.Order{}, fmt.Errorf("%s: orderId or customerId missing", e.Name())
	}
	if err := checkLines(e, placed.Lines); err != nil {
		return app.Order{}, err
	}
	return app.Order{ID: placed.OrderID, CustomerID: placed.CustomerID, Lines: placed.Lines}, nil
}

func checkLines(e event.Envelope, lines []stock.Line) error {
	if len(lines) == 0 {
		return fmt.Errorf("%s: no lines", e.Name())
	}
	seen := make(map[string]bool, len(lines))
	for _, line := range lines {
		if line.SKU == "" || line.Quantity < 1 || seen[line.SKU] {
			return fmt.Errorf("%s: %d × %q is no line, or not the only one of its SKU", e.Name(), line.Quantity, line.SKU)
		}
		seen[line.SKU] = true
	}
	return nil
}
