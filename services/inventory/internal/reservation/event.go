package reservation

import "quadrille.dev/services/inventory/internal/stock"

// Event is what happened to a reservation.
type Event interface {
	// Movement is what the event does to the stock of lines; a rejection, and a release of nothing, have no lines.
	Movement() (stock.Movement, []stock.Line)
}

// Missing is a line that could not be held.
type Missing struct {
	SKU                  string
	Requested, Available int64
}

// The events of a reservation.
type (
	// StockReserved says that all lines are held.
	StockReserved struct{ Lines []stock.Line }
	// StockRejected says that nothing is held, because these were short.
	StockRejected struct{ Missing []Missing }
	// StockDeducted says that the goods have left.
	StockDeducted struct{ Lines []stock.Line }
	// StockReleased says that nothing is held any more; without lines, that nothing ever was.
	StockReleased struct{ Lines []stock.Line }
	// StockReinstated says that goods which had left were put back.
	StockReinstated struct{ Lines []stock.Line }
)

// Movement holds the goods.
func (e StockReserved) Movement() (stock.Movement, []stock.Line) { return stock.Reserve, e.Lines }

// Movement is none.
func (e StockRejected) Movement() (stock.Movement, []stock.Line) { return "", nil }

// Movement has the goods leave.
func (e StockDeducted) Movement() (stock.Movement, []stock.Line) { return stock.Deduct, e.Lines }

// Movement sets the goods free.
func (e StockReleased) Movement() (stock.Movement, []stock.Line) { return stock.Release, e.Lines }

// Movement puts the goods back.
func (e StockReinstated) Movement() (stock.Movement, []stock.Line) { return stock.Reinstate, e.Lines }
