// Package history writes an order's events down and reads them again, also those that an older program wrote.
package history

import (
	"encoding/json"
	"errors"
	"fmt"

	"quadrille.dev/services/ordering/internal/order"
)

// Row is an event as it is kept.
type Row struct {
	// Type is what happened: "placed".
	Type string
	// Schema is the version of the form of Data.
	Schema int
	Data   json.RawMessage
}

// ErrUnreadable is the reason of every failed Decode.
var ErrUnreadable = errors.New("unreadable event")

// upcast lifts data by one schema version.
type upcast func(json.RawMessage) (json.RawMessage, error)

// form is how events of one type are kept. upcasts[0] lifts version 1 to 2, and so on; what they lead to is the present
// version, which is the event's own JSON.
type form struct {
	upcasts []upcast
	read    func(json.RawMessage) (order.Event, error)
}

func (f form) schema() int { return len(f.upcasts) + 1 }

// forms names every event for ever.
var forms = map[string]form{
	"placed":            {read: as[order.Placed]},
	"fulfilled":         {read: as[order.Fulfilled]},
	"cancelled":         {read: as[order.Cancelled]},
	"settled":           {read: as[order.Settled]},
	"stockRejected":     {read: as[order.StockRejected]},
	"stockDeducted":     {read: as[order.StockDeducted]},
	"stockReleased":     {read: as[order.StockReleased]},
	"stockReinstated":   {read: as[order.StockReinstated]},
	"paymentDeclined":   {read: as[order.PaymentDeclined]},
	"paymentVoided":     {read: as[order.PaymentVoided]},
	"paymentRefunded":   {read: as[order.PaymentRefunded]},
	"shipmentFailed":    {read: as[order.ShipmentFailed]},
	"shipmentCancelled": {read: as[order.ShipmentCancelled]},
}

// Encode writes an event in its present form.
func Encode(event order.Event) (Row, error) {
	data, err := json.Marshal(event)
	if err != nil {
		return Row{}, fmt.Errorf("encode %T: %w", event, err)
	}
	name := nameOf(event)
	return Row{Type: name, Schema: forms[name].schema(), Data: data}, nil
}

// Decode reads an event in any form that it ever had. A form that is not known yet is refused, never guessed.
func Decode(row Row) (order.Event, error) { return decode(forms, row) }

func decode(forms map[string]form, row Row) (order.Event, error) {
	form, known := forms[row.Type]
	if !known || row.Schema < 1 || row.Schema > form.schema() {
		return nil, fmt.Errorf("%w: %s in schema version %d", ErrUnreadable, row.Type, row.Schema)
	}
	data := row.Data
	for _, lift := range form.upcasts[row.Schema-1:] {
		var err error
		if data, err = lift(data); err != nil {
			return nil, fmt.Errorf("%w: upcast %s: %w", ErrUnreadable, row.Type, err)
		}
	}
	event, err := form.read(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrUnreadable, row.Type, err)
	}
	return event, nil
}

func as[E order.Event](data json.RawMessage) (order.Event, error) {
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
