package acl

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/inventory/internal/reservation"
	"quadrille.dev/services/inventory/internal/restock"
	"quadrille.dev/services/inventory/internal/stock"
)

// Published is the language that inventory's facts are written in.
type Published struct{}

// Facts lists what inventory publishes.
func (Published) Facts() []string {
	return []string{
		"inventory.stock.reserved", "inventory.stock.rejected", "inventory.stock.deducted",
		"inventory.stock.released", "inventory.stock.reinstated", "inventory.stock.received",
		"inventory.stock.returned", "inventory.stock.withdrawn", "inventory.restock.answered",
	}
}

type (
	heldV1 struct {
		OrderID uuid.UUID    `json:"orderId"`
		Lines   []stock.Line `json:"lines"`
	}
	rejectedV1 struct {
		OrderID uuid.UUID   `json:"orderId"`
		Missing []missingV1 `json:"missing"`
	}
	missingV1 struct {
		SKU       string `json:"sku"`
		Requested int64  `json:"requested"`
		Available int64  `json:"available"`
	}
	returnedV1 struct {
		ReturnID uuid.UUID    `json:"returnId"`
		OrderID  uuid.UUID    `json:"orderId"`
		Lines    []stock.Line `json:"lines"`
	}
	answeredV1 struct {
		ReturnID  uuid.UUID       `json:"returnId"`
		OrderID   uuid.UUID       `json:"orderId"`
		Command   string          `json:"command"`
		Outcome   restock.Outcome `json:"outcome"`
		Reference string          `json:"reference"`
		Reason    string          `json:"reason"`
	}
	receivedV1 struct {
		SKU       string `json:"sku"`
		Quantity  int64  `json:"quantity"`
		Reference string `json:"reference"`
		OnHand    int64  `json:"onHand"`
	}
)

// Reservation publishes what happened to the reservation of an order.
func (Published) Reservation(orderID uuid.UUID, sequence int64, e reservation.Event, at time.Time) event.Fact {
	fact := event.Fact{
		Version: 1, Subject: orderID.String(), Sequence: sequence, CorrelationID: orderID.String(), At: at,
	}
	switch e := e.(type) {
	case reservation.StockReserved:
		fact.Name, fact.Data = "inventory.stock.reserved", held(orderID, e.Lines)
	case reservation.StockRejected:
		fact.Name, fact.Data = "inventory.stock.rejected", rejected(orderID, e.Missing)
	case reservation.StockDeducted:
		fact.Name, fact.Data = "inventory.stock.deducted", held(orderID, e.Lines)
	case reservation.StockReleased:
		fact.Name, fact.Data = "inventory.stock.released", held(orderID, e.Lines)
	case reservation.StockReinstated:
		fact.Name, fact.Data = "inventory.stock.reinstated", held(orderID, e.Lines)
	default:
		panic(fmt.Sprintf("publish %T", e))
	}
	return fact
}

// commands are what ordering calls what it asks for.
var commands = map[restock.Asked]string{restock.ToPutBack: "restock", restock.ToTakeOut: "withdrawStock"}

// Restock publishes those of the events that have brought a restock to where it is which others hear of.
func (Published) Restock(r restock.Restock, at time.Time, events []restock.Event) []event.Fact {
	id := r.ReturnID.String()
	var facts []event.Fact
	for _, e := range events {
		fact := event.Fact{Version: 1, Subject: id, CorrelationID: id, At: at}
		switch e := e.(type) {
		case restock.GoodsRefused, restock.ReturnCalledOff:
			continue
		case restock.GoodsReturned:
			fact.Name, fact.Data = "inventory.stock.returned", returnedV1{r.ReturnID, r.OrderID, e.Lines}
		case restock.GoodsWithdrawn:
			fact.Name, fact.Data = "inventory.stock.withdrawn", returnedV1{r.ReturnID, r.OrderID, e.Lines}
		case restock.Answered:
			fact.Name, fact.To = "inventory.restock.answered", e.Asker
			fact.Data = answeredV1{
				ReturnID: r.ReturnID, OrderID: r.OrderID, Command: commands[e.Asked], Outcome: e.Outcome, Reason: e.Reason,
			}
		default:
			panic(fmt.Sprintf("publish %T", e))
		}
		facts = append(facts, fact)
	}
	for i := range facts {
		facts[i].Sequence = r.Version - int64(len(facts)-1-i)
	}
	return facts
}

// Stock publishes that goods were booked in.
func (Published) Stock(sequence int64, e stock.Received, at time.Time) event.Fact {
	return event.Fact{
		Name: "inventory.stock.received", Version: 1, Subject: e.SKU, Sequence: sequence, At: at,
		Data: receivedV1{SKU: e.SKU, Quantity: e.Quantity, Reference: e.Reference, OnHand: e.OnHand},
	}
}

// held never has null for no lines.
func held(orderID uuid.UUID, lines []stock.Line) heldV1 {
	return heldV1{OrderID: orderID, Lines: append([]stock.Line{}, lines...)}
}

func rejected(orderID uuid.UUID, missing []reservation.Missing) rejectedV1 {
	published := rejectedV1{OrderID: orderID, Missing: make([]missingV1, len(missing))}
	for i, m := range missing {
		published.Missing[i] = missingV1(m)
	}
	return published
}
