// Package history writes events of orders and returns down and reads them again, also those that an older program wrote.
package history

import (
	"encoding/json"
	"errors"
	"fmt"
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
type form[E any] struct {
	upcasts []upcast
	read    func(json.RawMessage) (E, error)
}

func (f form[E]) schema() int { return len(f.upcasts) + 1 }

// forms names every event of one kind of aggregate for ever.
type forms[E any] map[string]form[E]

func (f forms[E]) encode(name string, event E) (Row, error) {
	data, err := json.Marshal(event)
	if err != nil {
		return Row{}, fmt.Errorf("encode %T: %w", event, err)
	}
	return Row{Type: name, Schema: f[name].schema(), Data: data}, nil
}

// decode reads an event in any form that it ever had. A form that is not known yet is refused, never guessed.
func (f forms[E]) decode(row Row) (event E, err error) {
	form, known := f[row.Type]
	if !known || row.Schema < 1 || row.Schema > form.schema() {
		return event, fmt.Errorf("%w: %s in schema version %d", ErrUnreadable, row.Type, row.Schema)
	}
	data := row.Data
	for _, lift := range form.upcasts[row.Schema-1:] {
		if data, err = lift(data); err != nil {
			return event, fmt.Errorf("%w: upcast %s: %w", ErrUnreadable, row.Type, err)
		}
	}
	if event, err = form.read(data); err != nil {
		return event, fmt.Errorf("%w: %s: %w", ErrUnreadable, row.Type, err)
	}
	return event, nil
}
