// Package memory keeps ordering's whole state in memory, for explorers and fast tests.
package memory

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/history"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/quote"
	"quadrille.dev/services/ordering/internal/returns"
)

// Memory is the state, and an app.Store over it. It knows no transactions: whoever needs one works on a Clone.
type Memory struct {
	publish   app.Publish
	published []event.Envelope
	state     state
}

type state struct {
	Events    map[order.ID][]order.Recorded
	Due       map[order.ID]time.Time
	Returns   map[returns.ID][]returns.Recorded
	Timers    map[returns.ID]time.Time
	Requests  map[uuid.UUID][]kept
	Products  map[uuid.UUID]app.Product
	Prices    map[string]quote.Price
	Customers map[order.CustomerID]customer
	Pricing   time.Time
	// Numbers is how many were drawn.
	Numbers int64
}

type kept struct {
	Request app.Request
	// Answer is the order's or return's id.
	Answer uuid.UUID
	At     time.Time
}

type customer struct {
	Tier     quote.Tier
	Sequence int64
	Erased   bool
}

// New is an empty state.
func New(publish app.Publish) *Memory {
	return &Memory{publish: publish, state: state{
		Events:    map[order.ID][]order.Recorded{},
		Due:       map[order.ID]time.Time{},
		Returns:   map[returns.ID][]returns.Recorded{},
		Timers:    map[returns.ID]time.Time{},
		Requests:  map[uuid.UUID][]kept{},
		Products:  map[uuid.UUID]app.Product{},
		Prices:    map[string]quote.Price{},
		Customers: map[order.CustomerID]customer{},
		Pricing:   time.Unix(0, 0).UTC(),
	}}
}

// Store is the state's store.
func (m *Memory) Store() app.Store { return m }

// Published answers the facts published since it was last called.
func (m *Memory) Published() []event.Envelope {
	published := m.published
	m.published = nil
	return published
}

// State is everything that is kept, with events in the form that tells them apart.
func (m *Memory) State() any {
	orders := map[order.ID][]history.Row{}
	for id, events := range m.state.Events {
		for _, recorded := range events {
			orders[id] = append(orders[id], written(history.Encode(recorded.Event)))
		}
	}
	ofReturns := map[returns.ID][]history.Row{}
	for id, events := range m.state.Returns {
		for _, recorded := range events {
			ofReturns[id] = append(ofReturns[id], written(history.EncodeReturn(recorded.Event)))
		}
	}
	return struct {
		State   state
		Orders  map[order.ID][]history.Row
		Returns map[returns.ID][]history.Row
	}{m.state, orders, ofReturns}
}

func written(row history.Row, err error) history.Row {
	if err != nil {
		panic(err)
	}
	return row
}

// Essence is what the events of each order and return amount to instead of the events: everything reads them only as they are rebuilt.
func (m *Memory) Essence() any {
	orders := map[order.ID]order.Order{}
	for id, events := range m.state.Events {
		orders[id] = order.Rebuild(id, events)
	}
	all := map[returns.ID]returns.Return{}
	for id, events := range m.state.Returns {
		all[id] = returns.Rebuild(id, events)
	}
	rest := m.state
	rest.Events, rest.Returns = nil, nil
	return struct {
		Orders  map[order.ID]order.Order
		Returns map[returns.ID]returns.Return
		Rest    state
	}{orders, all, rest}
}

// Clone copies what changes; what never changes is shared.
func (m *Memory) Clone() testkit.Memory[app.Store] {
	s := m.state
	s.Events, s.Due, s.Requests = maps.Clone(s.Events), maps.Clone(s.Due), maps.Clone(s.Requests)
	s.Returns, s.Timers = maps.Clone(s.Returns), maps.Clone(s.Timers)
	s.Products, s.Prices, s.Customers = maps.Clone(s.Products), maps.Clone(s.Prices), maps.Clone(s.Customers)
	return &Memory{publish: m.publish, published: slices.Clone(m.published), state: s}
}

// Claim keeps a request, or answers what it was answered with.
func (m *Memory) Claim(ctx context.Context, request app.Request, id uuid.UUID, at time.Time) (uuid.UUID, bool, error) {
	first, answered, err := m.Answered(ctx, request, at)
	if err != nil || answered {
		return first, answered, err
	}
	others := without(m.state.Requests[request.Key], func(k kept) bool { return k.of(request) })
	m.state.Requests[request.Key] = append(others, kept{request, id, at})
	return uuid.Nil, false, nil
}

// AnsweredOrKnown is both.
func (m *Memory) AnsweredOrKnown(
	ctx context.Context, request app.Request, at time.Time, customer order.CustomerID, skus []string,
) (uuid.UUID, bool, app.Known, error) {
	id, answered, err := m.Answered(ctx, request, at)
	if err != nil {
		return id, answered, app.Known{}, err
	}
	known, err := m.Known(ctx, customer, skus)
	return id, answered, known, err
}

// Number counts.
func (m *Memory) Number(context.Context) (string, error) {
	m.state.Numbers++
	return order.Number(m.state.Numbers), nil
}

// Answered looks up what a request was answered with.
func (m *Memory) Answered(_ context.Context, request app.Request, at time.Time) (uuid.UUID, bool, error) {
	for _, k := range m.state.Requests[request.Key] {
		switch {
		case !k.of(request) || k.old(at):
			continue
		case k.Request.Input != request.Input:
			return uuid.Nil, false, app.ErrConflict
		}
		return k.Answer, true, nil
	}
	return uuid.Nil, false, nil
}

func (k kept) of(request app.Request) bool {
	return k.Request.Principal == request.Principal && k.Request.Mutation == request.Mutation && k.Request.Key == request.Key
}

func (k kept) old(at time.Time) bool { return !k.At.After(at.Add(-app.KeptFor)) }

// without is a copy, because slices are shared by clones.
func without(requests []kept, drop func(kept) bool) []kept {
	return slices.DeleteFunc(slices.Clone(requests), drop)
}
