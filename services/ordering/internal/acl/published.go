// Package acl is the only place that knows both ordering's words and its neighbours'.
package acl

import (
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/money"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/returns"
)

// Facts lists what ordering publishes: facts, and the commands of returns.
func Facts() []string {
	facts := []string{
		"ordering.order.placed", "ordering.order.cancelled", "ordering.order.fulfilled", "ordering.order.settled",
		"ordering.return.requested", "ordering.return.stepStarted", "ordering.return.stepCompleted", "ordering.return.stepFailed",
		"ordering.return.stepCompensated", "ordering.return.completed", "ordering.return.compensated", "ordering.return.needsOperator",
	}
	for _, step := range returns.Steps {
		facts = append(facts, command(step.Do), command(step.Undo))
	}
	return facts
}

// Published is what events are to the other contexts.
var Published = app.Publish{Order: publishedOfOrder, Return: publishedOfReturn}

type placed struct {
	OrderID         string        `json:"orderId"`
	Number          string        `json:"number"`
	CustomerID      string        `json:"customerId"`
	Lines           []order.Line  `json:"lines"`
	Discount        money.Money   `json:"discount"`
	Total           money.Money   `json:"total"`
	ShippingAddress order.Address `json:"shippingAddress"`
	Payment         payment       `json:"payment"`
	PricedFrom      string        `json:"pricedFrom"`
	PromotionCodes  []string      `json:"promotionCodes"`
	Deadline        time.Time     `json:"deadline"`
}

type payment struct {
	Token string `json:"token"`
}

type cancelled struct {
	OrderID     string `json:"orderId"`
	Reason      string `json:"reason"`
	Detail      string `json:"detail"`
	CancelledBy string `json:"cancelledBy"`
}

type decided struct {
	OrderID string `json:"orderId"`
}

// publishedOfOrder is the fact that an event is; false for what others said themselves.
func publishedOfOrder(o order.Order, recorded order.Recorded) (event.Fact, bool) {
	id := o.ID.String()
	name, data := words(id, recorded.Event)
	return event.Fact{
		Name:          name,
		Version:       1,
		Subject:       id,
		Sequence:      recorded.Version,
		CorrelationID: id,
		OrderNumber:   o.Number,
		At:            recorded.At,
		Data:          data,
	}, name != ""
}

func words(id string, e order.Event) (string, any) {
	switch e := e.(type) {
	case order.Placed:
		return "ordering.order.placed", placed{
			OrderID: id, Number: e.Number, CustomerID: e.CustomerID.String(), Lines: e.Lines, Discount: e.Discount, Total: e.Total,
			ShippingAddress: e.ShippingAddress, Payment: payment{e.PaymentToken}, PricedFrom: string(e.PricedFrom),
			PromotionCodes: e.PromotionCodes, Deadline: e.Deadline,
		}
	case order.Cancelled:
		return "ordering.order.cancelled", cancelled{id, string(e.Reason), e.Detail, string(e.By)}
	case order.Fulfilled:
		return "ordering.order.fulfilled", decided{id}
	case order.Settled:
		return "ordering.order.settled", decided{id}
	}
	return "", nil
}
