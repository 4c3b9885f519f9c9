// Package stock counts goods: what there is of each SKU, what of it is promised, and what has left.
package stock

import (
	"errors"
	"fmt"
	"math"
)

// Level is the count of one SKU.
type Level struct {
	SKU string
	// OnHand is what lies in the warehouse, Reserved the part of it that is promised.
	OnHand, Reserved int64
	// Deducted is what has left, net of what was put back; Received is all that ever came in.
	Deducted, Received int64
	// Version counts the facts published about the SKU.
	Version int64
}

// Line is a quantity of one SKU.
type Line struct {
	SKU      string `json:"sku"`
	Quantity int64  `json:"quantity"`
}

// Available is what can be promised.
func (l Level) Available() int64 { return l.OnHand - l.Reserved }

// ErrInvariant is a count that cannot be: more promised than there is, or goods lost or made of nothing.
var ErrInvariant = errors.New("stock does not add up")

// Check holds the level against the invariants of every level.
func (l Level) Check() error {
	if l.Reserved < 0 || l.Reserved > l.OnHand || l.Deducted < 0 || l.OnHand+l.Deducted != l.Received {
		return fmt.Errorf("%w: %+v", ErrInvariant, l)
	}
	return nil
}

// Received says that goods were booked in.
type Received struct {
	SKU       string
	Quantity  int64
	Reference string
	OnHand    int64
}

// ErrFull refuses more of one SKU than a count that clients can read holds.
var ErrFull = errors.New("more than can be counted")

// Room is how many more can be counted.
func (l Level) Room() int64 { return math.MaxInt32 - l.OnHand }

// Receive books goods in.
func (l *Level) Receive(quantity int64, reference string) (Received, error) {
	if quantity > l.Room() {
		return Received{}, ErrFull
	}
	l.OnHand += quantity
	l.Received += quantity
	l.Version++
	return Received{SKU: l.SKU, Quantity: quantity, Reference: reference, OnHand: l.OnHand}, nil
}
