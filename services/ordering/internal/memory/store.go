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
)

// Publish is the fact that an event is to others; false if it is none.
type Publish func(order.ID, order.Recorded) (event.Fact, bool)

// Memory is the state, and an app.Store over it. It knows no transactions: whoever needs one works on a Clone.
type Memory struct {
	publish   Publish
	published []event.Envelope
	state     state
}

type state struct {
	Events    map[order.ID][]order.Recorded
	Due       map[order.ID]time.Time
	Requests  map[uuid.UUID][]kept
	Products  map[uuid.UUID]app.Product
	Prices    map[string]quote.Price
	Customers map[order.CustomerID]customer
	Pricing   time.Time
}

type kept struct {
	Request app.Request
	Order   order.ID
	At      time.Time
}

type customer struct {
	Tier     quote.Tier
	Sequence int64
	Erased   bool
}

// New is an empty state.
func New(publish Publish) *Memory {
	return &Memory{publish: publish, state: state{
		Events:    map[order.ID][]order.Recorded{},
		Due:       map[order.ID]time.Time{},
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
	histories := map[order.ID][]history.Row{}
	for id, events := range m.state.Events {
		for _, recorded := range events {
			row, err := history.Encode(recorded.Event)
			if err != nil {
				panic(err)
			}
			histories[id] = append(histories[id], row)
		}
	}
	return struct {
		State     state
		Histories map[order.ID][]history.Row
	}{m.state, histories}
}

// Clone copies what changes; what never changes is shared.
func (m *Memory) Clone() testkit.Memory[app.Store] {
	s := m.state
	s.Events, s.Due, s.Requests = maps.Clone(s.Events), maps.Clone(s.Due), maps.Clone(s.Requests)
	s.Products, s.Prices, s.Customers = maps.Clone(s.Products), maps.Clone(s.Prices), maps.Clone(s.Customers)
	return &Memory{publish: m.publish, published: slices.Clone(m.published), state: s}
}

// Claim keeps a request, or answers what it was answered with.
func (m *Memory) Claim(ctx context.Context, request app.Request, id order.ID, at time.Time) (order.ID, bool, error) {
	first, answered, err := m.Answered(ctx, request, at)
	if err != nil || answered {
		return first, answered, err
	}
	others := without(m.state.Requests[request.Key], func(k kept) bool { return k.of(request) })
	m.state.Requests[request.Key] = append(others, kept{request, id, at})
	return order.ID{}, false, nil
}

// Answered looks up what a request was answered with.
func (m *Memory) Answered(_ context.Context, request app.Request, at time.Time) (order.ID, bool, error) {
	for _, k := range m.state.Requests[request.Key] {
		switch {
		case !k.of(request) || k.old(at):
			continue
		case k.Request.Input != request.Input:
			return order.ID{}, false, app.ErrConflict
		}
		return k.Order, true, nil
	}
	return order.ID{}, false, nil
}

func (k kept) of(request app.Request) bool {
	return k.Request.Principal == request.Principal && k.Request.Mutation == request.Mutation && k.Request.Key == request.Key
}

func (k kept) old(at time.Time) bool { return !k.At.After(at.Add(-app.KeptFor)) }

// without is a copy, because slices are shared by clones.
func without(requests []kept, drop func(kept) bool) []kept {
	return slices.DeleteFunc(slices.Clone(requests), drop)
}
