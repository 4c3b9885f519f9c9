package history

import (
	"encoding/json"
	"fmt"

	"quadrille.dev/services/ordering/internal/order"
)

// ofOrders names every event of orders for ever.
var ofOrders = forms[order.Event]{
	"placed":            {read: asOrder[order.Placed]},
	"fulfilled":         {read: asOrder[order.Fulfilled]},
	"cancelled":         {read: asOrder[order.Cancelled]},
	"settled":           {read: asOrder[order.Settled]},
	"stockRejected":     {read: asOrder[order.StockRejected]},
	"stockDeducted":     {read: asOrder[order.StockDeducted]},
	"stockReleased":     {read: asOrder[order.StockReleased]},
	"stockReinstated":   {read: asOrder[order.StockReinstated]},
	"paymentDeclined":   {read: asOrder[order.PaymentDeclined]},
	"paymentVoided":     {read: asOrder[order.PaymentVoided]},
	"paymentRefunded":   {read: asOrder[order.PaymentRefunded]},
	"shipmentFailed":    {read: asOrder[order.ShipmentFailed]},
	"shipmentCancelled": {read: asOrder[order.ShipmentCancelled]},
}

// Encode writes an order's event in its present form.
func Encode(event order.Event) (Row, error) { return ofOrders.encode(nameOf(event), event) }

// Decode reads an order's event in any form that it ever had. A form that is not known yet is refused, never guessed.
func Decode(row Row) (order.Event, error) { return ofOrders.decode(row) }

func asOrder[E order.Event](data json.RawMessage) (order.Event, error) {
	var event E
	err := json.Unmarshal(data, &event)
	return event, err
}

func nameOf(event order.Event) string {
	switch event.(type) {
	case order.Placed:
		return "placed"
	case order.Fulfilled:
		return "fulfilled"
	case order.Cancelled:
		return "cancelled"
	case order.Settled:
		return "settled"
	case order.StockRejected:
		return "stockRejected"
	case order.StockDeducted:
		return "stockDeducted"
	case order.StockReleased:
		return "stockReleased"
	case order.StockReinstated:
		return "stockReinstated"
	case order.PaymentDeclined:
		return "paymentDeclined"
	case order.PaymentVoided:
		return "paymentVoided"
	case order.PaymentRefunded:
		return "paymentRefunded"
	case order.ShipmentFailed:
		return "shipmentFailed"
	case order.ShipmentCancelled:
		return "shipmentCancelled"
	}
	panic(fmt.Sprintf("no name for %T", event))
}
