package history

import (
	"encoding/json"
	"fmt"

	"quadrille.dev/services/ordering/internal/returns"
)

// ofReturns names every event of returns for ever.
var ofReturns = forms[returns.Event]{
	"requested":       {read: asReturn[returns.Requested]},
	"stepStarted":     {read: asReturn[returns.StepStarted]},
	"commanded":       {read: asReturn[returns.Commanded]},
	"stepCompleted":   {read: asReturn[returns.StepCompleted]},
	"stepFailed":      {read: asReturn[returns.StepFailed]},
	"undoRefused":     {read: asReturn[returns.UndoRefused]},
	"stepCompensated": {read: asReturn[returns.StepCompensated]},
	"completed":       {read: asReturn[returns.Completed]},
	"compensated":     {read: asReturn[returns.Compensated]},
	"needsOperator":   {read: asReturn[returns.NeedsOperator]},
}

// EncodeReturn writes a return's event in its present form.
func EncodeReturn(event returns.Event) (Row, error) {
	return ofReturns.encode(nameOfReturn(event), event)
}

// DecodeReturn reads a return's event in any form that it ever had. A form that is not known yet is refused, never guessed.
func DecodeReturn(row Row) (returns.Event, error) { return ofReturns.decode(row) }

func asReturn[E returns.Event](data json.RawMessage) (returns.Event, error) {
	var event E
	err := json.Unmarshal(data, &event)
	return event, err
}

func nameOfReturn(event returns.Event) string {
	switch event.(type) {
	case returns.Requested:
		return "requested"
	case returns.StepStarted:
		return "stepStarted"
	case returns.Commanded:
		return "commanded"
	case returns.StepCompleted:
		return "stepCompleted"
	case returns.StepFailed:
		return "stepFailed"
	case returns.UndoRefused:
		return "undoRefused"
	case returns.StepCompensated:
		return "stepCompensated"
	case returns.Completed:
		return "completed"
	case returns.Compensated:
		return "compensated"
	case returns.NeedsOperator:
		return "needsOperator"
	}
	panic(fmt.Sprintf("no name for %T", event))
}
