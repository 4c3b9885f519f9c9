package acl

import (
	"fmt"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/inventory/internal/app"
	"quadrille.dev/services/inventory/internal/stock"
)

func restockV1(e event.Envelope) (app.Asked, error) {
	asked, err := withdrawStockV1(e)
	if err != nil {
		return app.Asked{}, err
	}
	goods, err := event.Data[struct {
		Lines []stock.Line `json:"lines"`
	}](e)
	if err != nil {
		return app.Asked{}, err
	}
	asked.Lines = goods.Lines
	return asked, checkLines(e, goods.Lines)
}

func withdrawStockV1(e event.Envelope) (app.Asked, error) {
	about, err := event.Data[struct {
		ReturnID uuid.UUID `json:"returnId"`
		OrderID  uuid.UUID `json:"orderId"`
	}](e)
	switch {
	case err != nil:
		return app.Asked{}, err
	case about.ReturnID == uuid.Nil || about.OrderID == uuid.Nil:
		return app.Asked{}, fmt.Errorf("%s: returnId or orderId missing", e.Name())
	}
	return app.Asked{ReturnID: about.ReturnID, OrderID: about.OrderID, Asker: e.ReplyTo}, nil
}
