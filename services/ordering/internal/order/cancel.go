package order

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Reason is why an order was cancelled.
type Reason string

// The reasons.
const (
	OutOfStock      Reason = "OUT_OF_STOCK"
	Declined        Reason = "PAYMENT_DECLINED"
	Undeliverable   Reason = "SHIPMENT_FAILED"
	TimedOut        Reason = "TIMED_OUT"
	CustomerRequest Reason = "CUSTOMER_REQUEST"
	OperatorRequest Reason = "OPERATOR_REQUEST"
)

// Canceller is who decided to cancel.
type Canceller string

// The cancellers.
const (
	ByCustomer Canceller = "CUSTOMER"
	ByOperator Canceller = "OPERATOR"
	BySystem   Canceller = "SYSTEM"
)

// ErrFulfilled refuses to cancel an order whose parcel goes.
var ErrFulfilled = errors.New("the order is already fulfilled")

// Cancel cancels the order for a customer or an operator, with what they say. A cancelled order stays as it is.
func (o Order) Cancel(by Canceller, detail string) ([]Event, error) {
	switch o.Status {
	case StatusPlaced:
		return o.cancel(requestOf(by), detail, by), nil
	case StatusCancelled:
		return nil, nil
	case StatusFulfilled:
		return nil, ErrFulfilled
	case StatusUnknown:
		return nil, fmt.Errorf("cancel order %s, which was not placed: %w", o.ID, ErrImpossible)
	}
	panic("no case for status " + o.Status)
}

func requestOf(by Canceller) Reason {
	if by == ByOperator {
		return OperatorRequest
	}
	return CustomerRequest
}

// Expire cancels an order that is undecided at its deadline.
func (o Order) Expire(at time.Time) []Event {
	if o.Status != StatusPlaced || at.Before(o.Deadline) {
		return nil
	}
	return o.cancel(TimedOut, "not fulfilled by "+o.Deadline.Format(time.RFC3339), BySystem)
}

// cancel is what follows from the decision to cancel; settled too, if all was undone before.
func (o Order) cancel(reason Reason, detail string, by Canceller) []Event {
	cancelled := Cancelled{Reason: reason, Detail: detail, By: by}
	return append([]Event{cancelled}, o.with(cancelled).settle()...)
}

func inWords(missing []Shortage) string {
	words := make([]string, len(missing))
	for i, short := range missing {
		words[i] = fmt.Sprintf("%s: %d ordered, %d available", short.SKU, short.Requested, short.Available)
	}
	return strings.Join(words, "; ")
}
