package restock

import (
	"github.com/google/uuid"

	"quadrille.dev/services/inventory/internal/stock"
)

// Event is what happened to a restock.
type Event interface {
	// Movement is what the event does to the stock of lines; most do nothing, and have no lines.
	Movement() (stock.Movement, []stock.Line)
}

// The events of a restock.
type (
	// GoodsReturned says that the goods are back.
	GoodsReturned struct {
		OrderID uuid.UUID
		Lines   []stock.Line
	}
	// GoodsWithdrawn says that they are out again.
	GoodsWithdrawn struct{ Lines []stock.Line }
	// GoodsRefused says that they cannot come back, and why.
	GoodsRefused struct {
		OrderID uuid.UUID
		Reason  string
	}
	// ReturnCalledOff says that they are not to come back.
	ReturnCalledOff struct{ OrderID uuid.UUID }
	// Answered is what who asked is told.
	Answered struct {
		Asker string
		Asked Asked
		Outcome
		Reason string
	}
)

// Asked is what can be asked for.
type Asked int

// The goods are to be put back, or to be taken out again.
const (
	ToPutBack Asked = iota
	ToTakeOut
)

// Outcome is what came of it.
type Outcome string

// The outcomes: it is done; it is not; what was done is undone, or never will be done.
const (
	Done    Outcome = "DONE"
	NotDone Outcome = "REFUSED"
	Undone  Outcome = "UNDONE"
)

// Movement has the goods come back.
func (e GoodsReturned) Movement() (stock.Movement, []stock.Line) { return stock.Return, e.Lines }

// Movement has the goods leave again.
func (e GoodsWithdrawn) Movement() (stock.Movement, []stock.Line) { return stock.Withdraw, e.Lines }

// Movement is none.
func (GoodsRefused) Movement() (stock.Movement, []stock.Line) { return "", nil }

// Movement is none.
func (ReturnCalledOff) Movement() (stock.Movement, []stock.Line) { return "", nil }

// Movement is none.
func (Answered) Movement() (stock.Movement, []stock.Line) { return "", nil }
