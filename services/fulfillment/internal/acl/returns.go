package acl

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/personal"
	"quadrille.dev/services/fulfillment/internal/app"
	"quadrille.dev/services/fulfillment/internal/pickup"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

// returnAskedV1 reads what is asked for a return. What the carrier collects is in the parcel: the lines are of no matter.
func returnAskedV1(e event.Envelope) (app.Asked, error) {
	data, err := event.Data[struct {
		ReturnID uuid.UUID `json:"returnId"`
		OrderID  uuid.UUID `json:"orderId"`
	}](e)
	switch {
	case err != nil:
		return app.Asked{}, err
	case data.ReturnID == uuid.Nil:
		return app.Asked{}, errors.New("no returnId")
	case data.OrderID == uuid.Nil:
		return app.Asked{}, errNoOrder
	}
	return app.Asked{
		Return: pickup.ReturnID{UUID: data.ReturnID}, Order: shipment.OrderID{UUID: data.OrderID}, Asker: e.ReplyTo,
	}, nil
}

type pickupAnswered struct {
	ReturnID  pickup.ReturnID  `json:"returnId"`
	OrderID   shipment.OrderID `json:"orderId"`
	Command   string           `json:"command"`
	Outcome   pickup.Outcome   `json:"outcome"`
	Reference string           `json:"reference"`
	Reason    string           `json:"reason"`
}

// commands are what ordering calls what it asks for.
var commands = map[pickup.Asked]string{pickup.ToArrange: "arrangePickup", pickup.ToCancel: "cancelPickup"}

// PublishedOfPickup is what others hear of the events that have brought a pick-up to where it is: the answers.
func PublishedOfPickup(p pickup.Pickup, at time.Time, events []pickup.Event) []event.Fact {
	var facts []event.Fact
	for _, e := range events {
		answered, is := e.(pickup.Answered)
		if !is {
			continue
		}
		facts = append(facts, event.Fact{
			Name: "fulfillment.pickup.answered", Version: 1, Subject: p.Return.String(), CorrelationID: p.Return.String(), At: at,
			To: answered.Asker,
			Data: pickupAnswered{
				p.Return, p.Order, commands[answered.Asked], answered.Outcome, answered.Reference, clip(answered.Reason),
			},
		})
	}
	for i := range facts {
		facts[i].Sequence = p.Version - int64(len(facts)-1-i)
	}
	return facts
}

// Collect makes a call about a pick-up. An error means that the answer is lost: whether the carrier did it is unknown.
func (c *Carrier) Collect(ctx context.Context, call app.Collection) (app.Answer, error) {
	switch call.Operation {
	case pickup.Collect:
		return c.collect(ctx, call)
	case pickup.CancelPickup:
		return c.expect(ctx, call.Key(), http.MethodPost, "/pickups/"+url.PathEscape(call.Return.String())+"/cancellation", "CANCELLED")
	case pickup.NoOperation:
	}
	return app.Answer{}, fmt.Errorf("ask the carrier: no operation %q", call.Operation)
}

func (c *Carrier) collect(ctx context.Context, call app.Collection) (app.Answer, error) {
	body, err := json.Marshal(struct {
		ReturnID string          `json:"returnId"`
		OrderID  string          `json:"orderId"`
		Address  shippingAddress `json:"address"`
	}{call.Return.String(), call.Order.String(), shippingAddress(call.Address)})
	if err != nil {
		return app.Answer{}, fmt.Errorf("ask the carrier: %w", err)
	}
	status, s, err := c.send(ctx, call.Key(), http.MethodPost, "/pickups", body)
	switch {
	case err != nil:
		return app.Answer{}, err
	case status == http.StatusCreated && s.Status == "CANCELLED": // before, which was forgotten
		return app.Answer{Outcome: app.Refused, Reason: "The carrier was told not to come."}, nil
	case status == http.StatusCreated && s.CollectionNumber != "" && s.Carrier != "":
		return app.Answer{Outcome: app.Done, Carrier: s.Carrier, TrackingNumber: s.CollectionNumber}, nil
	case status == http.StatusUnprocessableEntity:
		return refusal(s, call.Address), nil
	}
	return app.Answer{}, misunderstood(status, s)
}

// refusal is the carrier's reason without what it repeats of the address.
func refusal(s said, address shipment.Address) app.Answer {
	return app.Answer{Outcome: app.Refused, Reason: personal.Without(cmp.Or(s.Message, s.Error, "The carrier refused."),
		address.Name, address.Street, address.City, address.PostalCode)}
}
