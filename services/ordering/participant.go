package ordering

import (
	"context"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/services/ordering/internal/acl"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/memory"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/returns"
)

// Player is ordering as an explorer drives it, with the commands of its users.
type Player struct {
	*testkit.Actor[app.Store]
	deadline time.Duration
	pace     returns.Pace
}

// Pace is how long a return waits for answers, and how often it asks.
type Pace = returns.Pace

// usual is the pace that is configured unless another is.
var usual = Pace{Patience: 30 * time.Second, Tries: 3, UndoTries: 10}

// Participant is a player whose orders are cancelled when they are not fulfilled within deadline, and whose returns go at the usual pace.
func Participant(deadline time.Duration) *Player { return ParticipantAt(deadline, usual) }

// ParticipantAt is a participant whose returns go at a pace. Without patience every answer that is waited for is overdue, so that time need
// not pass for a timer to fire.
func ParticipantAt(deadline time.Duration, pace Pace) *Player {
	return &Player{deadline: deadline, pace: pace, Actor: testkit.NewParticipant(testkit.Script[app.Store]{
		Name:     "ordering",
		Routes:   acl.Routes(pace),
		Memory:   memory.New(acl.Published),
		Describe: describe,
		Fire: func(ctx context.Context, store app.Store, at time.Time) error {
			for _, kind := range kinds(pace) {
				if err := kind.fire(ctx, store, at); err != nil {
					return err
				}
			}
			return nil
		},
	})}
}

// describe names how an order stands.
func describe(ctx context.Context, store app.Store, id uuid.UUID) (string, error) {
	o, err := store.Order(ctx, order.ID{UUID: id})
	if o.Cancellation.Settled {
		return string(o.Status) + ", settled", err
	}
	return string(o.Status), err
}

type (
	// Placement is what an order consists of.
	Placement = order.Placement
	// Line is a SKU and how many of it, at a price.
	Line = order.Line
	// Address is where an order goes.
	Address = order.Address
	// CustomerID names a customer.
	CustomerID = order.CustomerID
)

// Place places a priced order, which sets its deadline. The same id again changes nothing.
func (p *Player) Place(ctx context.Context, id uuid.UUID, placement Placement, at time.Time) ([]event.Envelope, error) {
	placement.Deadline = at.Add(p.deadline)
	return p.Do(func(store app.Store) error {
		request := app.Request{Principal: placement.CustomerID.String(), Mutation: "placeOrder", Key: id}
		_, err := app.Place(ctx, store, app.Placing{Request: request, ID: order.ID{UUID: id}, Placement: placement}, at)
		return err
	})
}

// Cancel cancels an order, for an operator or else for its own customer. A fulfilled order is an error, and stays as it is.
func (p *Player) Cancel(ctx context.Context, id uuid.UUID, operator bool, reason string, at time.Time) ([]event.Envelope, error) {
	return p.Do(func(store app.Store) error {
		o, err := store.Order(ctx, order.ID{UUID: id})
		if err != nil {
			return err
		}
		asked := app.Cancelling{
			Request: app.Request{Principal: o.CustomerID.String(), Mutation: "cancelOrder", Key: id},
			ID:      o.ID, By: order.ByCustomer, Customer: o.CustomerID, Reason: reason,
		}
		if operator {
			asked.By, asked.Customer, asked.Request.Principal = order.ByOperator, order.CustomerID{}, "operator"
		}
		_, err = app.Cancel(ctx, store, asked, at)
		return err
	})
}

// ErrFulfilled is why Cancel refuses, ErrErased why Place does.
var (
	ErrFulfilled = order.ErrFulfilled
	ErrErased    = app.ErrErased
)

// Status is what was decided about an order, and whether its cancellation is undone by all; empty if there is no such order.
func (p *Player) Status(ctx context.Context, id uuid.UUID) (status string, settled bool) {
	p.Read(func(store app.Store) {
		if o, err := store.Order(ctx, order.ID{UUID: id}); err == nil {
			status, settled = string(o.Status), o.Cancellation.Settled
		}
	})
	return status, settled
}
