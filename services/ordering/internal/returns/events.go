package returns

import (
	"time"

	"quadrille.dev/platform/money"
	"quadrille.dev/services/ordering/internal/order"
)

// Event is something that happened to a return. Its JSON is what the store keeps.
type Event interface{ event() }

// Line is a SKU and how many of it come back.
type Line struct {
	SKU      string `json:"sku"`
	Quantity int32  `json:"quantity"`
}

// Request is everything that a return consists of when it is requested.
type Request struct {
	OrderID     order.ID         `json:"orderId"`
	OrderNumber string           `json:"orderNumber"`
	CustomerID  order.CustomerID `json:"customerId"`
	// Lines has each SKU once.
	Lines []Line `json:"lines"`
	// Refund is what the customer gets back.
	Refund money.Money `json:"refund"`
	// Reason is what the customer says.
	Reason string `json:"reason"`
}

// What happens to a return.
type (
	// Requested begins a return.
	Requested struct{ Request }
	// StepStarted tells that it is a step's turn.
	StepStarted struct {
		Step Name `json:"step"`
	}
	// Commanded asks the context of a step to do it, or to undo it.
	Commanded struct {
		Command Command `json:"command"`
		// Attempt counts how often it has been asked this, from 1; anew when an operator has it tried again.
		Attempt int `json:"attempt"`
		// Patience is how long the answer is waited for before it is asked again.
		Patience time.Duration `json:"patience"`
	}
	// StepCompleted tells that a step is done.
	StepCompleted struct {
		Step Name `json:"step"`
		// Reference is what the context calls it.
		Reference string `json:"reference"`
	}
	// StepFailed tells that a step is not done, as far as is known.
	StepFailed struct {
		Step   Name   `json:"step"`
		Cause  Cause  `json:"cause"`
		Reason string `json:"reason"`
	}
	// UndoRefused tells that a step cannot be undone now.
	UndoRefused struct {
		Step   Name   `json:"step"`
		Reason string `json:"reason"`
	}
	// StepCompensated tells that a step is undone.
	StepCompensated struct {
		Step Name  `json:"step"`
		By   Actor `json:"by"`
	}
	// Completed ends a return as intended.
	Completed struct{}
	// Compensated ends a return of which everything is undone.
	Compensated struct{}
	// NeedsOperator tells that a step could not be undone in many attempts.
	NeedsOperator struct {
		Step     Name `json:"step"`
		Attempts int  `json:"attempts"`
		// Reason is what the context said last; empty if nothing.
		Reason string `json:"reason"`
	}
)

// Cause is why a step failed.
type Cause string

// The causes. What has timed out may be done all the same.
const (
	Refusal  Cause = "REFUSED"
	TimedOut Cause = "TIMED_OUT"
)

// Actor is who says that a step is undone.
type Actor string

// The actors.
const (
	ByContext  Actor = "CONTEXT"
	ByOperator Actor = "OPERATOR"
)

func (Requested) event()       {}
func (StepStarted) event()     {}
func (Commanded) event()       {}
func (StepCompleted) event()   {}
func (StepFailed) event()      {}
func (UndoRefused) event()     {}
func (StepCompensated) event() {}
func (Completed) event()       {}
func (Compensated) event()     {}
func (NeedsOperator) event()   {}

// Blank is the event without what is personal.
func Blank(event Event) Event {
	if e, is := event.(Requested); is {
		e.Reason = ""
		return e
	}
	return event
}
