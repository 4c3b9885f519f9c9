// Package app has ordering's use cases, one file per verb.
package app

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/quote"
)

// Store is what the use cases need of a transaction. Whatever is written commits as a whole or not at all.
type Store interface {
	Reader
	Returns
	// Order derives an order from its events, and locks it. ErrNoOrder if it was never placed.
	Order(ctx context.Context, id order.ID) (order.Order, error)
	// Save appends events that were decided on o as loaded, and publishes the facts among them. An order that is placed gets
	// its deadline; one that is decided loses it.
	Save(ctx context.Context, o order.Order, at time.Time, events ...order.Event) error
	// Due locks and answers undecided orders whose deadline has passed, the oldest first. It passes over orders that are
	// locked by somebody else.
	Due(ctx context.Context, at time.Time, limit int) ([]order.ID, error)
	// Claim keeps a request with the id of the order or return that answers it, unless it was kept before: then it answers as Answered.
	Claim(ctx context.Context, request Request, id uuid.UUID, at time.Time) (uuid.UUID, bool, error)
	// KeepProduct remembers that a product exists; once retired it stays so.
	KeepProduct(ctx context.Context, product Product) error
	// KeepPrice remembers an announced price, unless a later one is known.
	KeepPrice(ctx context.Context, price quote.Price) error
	// KeepTier remembers a customer's tier, unless a later one is known.
	KeepTier(ctx context.Context, tier CustomerTier) error
	// KeepErased remembers to take no more orders of a customer.
	KeepErased(ctx context.Context, customer order.CustomerID) error
	// Erase blanks what is personal in a customer's orders and returns, and remembers to take no more orders.
	Erase(ctx context.Context, customer order.CustomerID) error
	// Erased tells whether a customer was erased. Nobody can be until the transaction ends.
	Erased(ctx context.Context, customer order.CustomerID) (bool, error)
	// Number is a number for an order that no other has. One that is not used in the end is lost.
	Number(ctx context.Context) (string, error)
}

// Reader is what can be read without changing anything.
type Reader interface {
	ReturnsReader
	// Orders derives orders from their events, in the order asked for. Those that were never placed are left out.
	Orders(ctx context.Context, ids []order.ID) ([]order.Order, error)
	// OrdersOf answers a page of a customer's orders, the newest first.
	OrdersOf(ctx context.Context, customer order.CustomerID, page Page) (OrderPage, error)
	// Answered is the id of the order or return that answered a request that was made before; false if there is none. ErrConflict if the
	// key was used with another input.
	Answered(ctx context.Context, request Request, at time.Time) (uuid.UUID, bool, error)
	// Known is what is known, without asking anyone, for pricing.
	Known(ctx context.Context, customer order.CustomerID, skus []string) (Known, error)
	// AnsweredOrKnown is Answered of a request, and Known of what it asks for, at once.
	AnsweredOrKnown(ctx context.Context, request Request, at time.Time, customer order.CustomerID, skus []string) (uuid.UUID, bool, Known, error)
	// HeardPricing notes that pricing was alive at a moment. It may note one up to ten seconds earlier.
	HeardPricing(ctx context.Context, at time.Time) error
}

// The reasons of refusals.
var (
	ErrNoOrder   = errors.New("no such order")
	ErrNoReturn  = errors.New("no such return")
	ErrConflict  = errors.New("idempotency key was used with another input")
	ErrForbidden = errors.New("not the caller's")
	ErrErased    = errors.New("the customer was erased")
)

// KeptFor is how long requests are answered again under their idempotency keys.
const KeptFor = 30 * 24 * time.Hour

// Request is what makes a command the same command when it comes again.
type Request struct {
	// Principal is who asks.
	Principal string
	Mutation  string
	Key       uuid.UUID
	// Input is a digest of everything that was asked for.
	Input [32]byte
}

// Page is the part of a list after an order; from the start for the zero After.
type Page struct {
	First int
	After Position
}

// Position is where an order stands among its customer's.
type Position struct {
	PlacedAt time.Time
	ID       order.ID
}

// OrderPage is a page of a list.
type OrderPage struct {
	Orders []order.Order
	// More tells whether the list goes on, Total how long it is.
	More  bool
	Total int
}

// Product is a product of the catalog's.
type Product struct {
	ID      uuid.UUID
	SKU     string
	Retired bool
}

// CustomerTier is a customer's tier as announced.
type CustomerTier struct {
	Customer order.CustomerID
	Tier     quote.Tier
	// Sequence orders what is said of a customer.
	Sequence int64
}

// Known is what is known for pricing.
type Known struct {
	// Heard tells that something was heard of the customer.
	Heard bool
	Tier  quote.Tier
	// Erased tells that the customer was erased.
	Erased bool
	// OnSale has the SKUs that are known: false for those that were retired.
	OnSale map[string]bool
	Prices map[string]quote.Price
	// PricingHeard is when pricing was last heard of.
	PricingHeard time.Time
}
