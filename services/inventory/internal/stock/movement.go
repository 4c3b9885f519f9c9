package stock

import "fmt"

// Movement is what an order, or a return of its goods, does to stock.
type Movement string

// The movements: goods are promised; they leave; the promise is taken back; they come back after having left;
// a return brings some of them back, which leave again when it does not come about.
const (
	Reserve   Movement = "RESERVED"
	Deduct    Movement = "DEDUCTED"
	Release   Movement = "RELEASED"
	Reinstate Movement = "REINSTATED"
	Return    Movement = "RETURNED"
	Withdraw  Movement = "WITHDRAWN"
)

// Effect is what a movement adds to the counters for each unit moved.
type Effect struct{ OnHand, Reserved, Deducted int64 }

// Effect tells what the movement adds to the counters.
func (m Movement) Effect() Effect {
	switch m {
	case Reserve:
		return Effect{Reserved: 1}
	case Deduct:
		return Effect{OnHand: -1, Reserved: -1, Deducted: 1}
	case Release:
		return Effect{Reserved: -1}
	case Reinstate, Return:
		return Effect{OnHand: 1, Deducted: -1}
	case Withdraw:
		return Effect{OnHand: -1, Deducted: 1}
	}
	panic(fmt.Sprintf("movement %q", string(m)))
}

// Promises tells whether the effect leaves more or less to be promised.
func (e Effect) Promises() bool { return e.OnHand != e.Reserved }

// Move is the level after a movement; ErrInvariant when it cannot be made.
func (l Level) Move(m Movement, quantity int64) (Level, error) {
	effect := m.Effect()
	l.OnHand += quantity * effect.OnHand
	l.Reserved += quantity * effect.Reserved
	l.Deducted += quantity * effect.Deducted
	return l, l.Check()
}
