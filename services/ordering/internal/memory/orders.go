package memory

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
)

// Order derives an order from its events.
func (m *Memory) Order(_ context.Context, id order.ID) (order.Order, error) {
	events, exists := m.state.Events[id]
	if !exists {
		return order.Order{}, app.ErrNoOrder
	}
	return order.Rebuild(id, events), nil
}

// Orders derives orders from their events.
func (m *Memory) Orders(_ context.Context, ids []order.ID) ([]order.Order, error) {
	orders := make([]order.Order, 0, len(ids))
	for _, id := range ids {
		if events, exists := m.state.Events[id]; exists {
			orders = append(orders, order.Rebuild(id, events))
		}
	}
	return orders, nil
}

// Save appends events and publishes the facts among them.
func (m *Memory) Save(ctx context.Context, o order.Order, at time.Time, events ...order.Event) error {
	recorded, after := o.Record(at, events...), o.After(at, events...)
	m.state.Events[o.ID] = append(slices.Clip(m.state.Events[o.ID]), recorded...)
	for _, one := range recorded {
		if fact, public := m.publish.Order(after, one); public {
			m.published = append(m.published, event.New(ctx, fact))
		}
	}
	if after.Status == order.StatusPlaced {
		m.state.Due[o.ID] = after.Deadline
	} else {
		delete(m.state.Due, o.ID)
	}
	return nil
}

// OrdersOf sorts a customer's orders.
func (m *Memory) OrdersOf(_ context.Context, customer order.CustomerID, page app.Page) (app.OrderPage, error) {
	var all []order.Order
	for id, events := range m.state.Events {
		if o := order.Rebuild(id, events); o.CustomerID == customer {
			all = append(all, o)
		}
	}
	slices.SortFunc(all, newestFirst)
	rest := all
	if page.After != (app.Position{}) {
		after := order.Order{ID: page.After.ID, PlacedAt: page.After.PlacedAt}
		rest = slices.DeleteFunc(slices.Clone(all), func(o order.Order) bool { return newestFirst(o, after) <= 0 })
	}
	end := min(len(rest), page.First)
	return app.OrderPage{Orders: rest[:end], More: len(rest) > end, Total: len(all)}, nil
}

func newestFirst(x, y order.Order) int {
	if c := y.PlacedAt.Compare(x.PlacedAt); c != 0 {
		return c
	}
	return bytes.Compare(y.ID.UUID[:], x.ID.UUID[:])
}

// Due finds undecided orders past their deadline.
func (m *Memory) Due(_ context.Context, at time.Time, limit int) ([]order.ID, error) {
	return past(m.state.Due, at, limit), nil
}

// past are up to limit of what has a time that has come, the earliest first.
func past[ID interface {
	comparable
	String() string
}](times map[ID]time.Time, at time.Time, limit int) []ID {
	due := []ID{}
	for id, moment := range times {
		if !moment.After(at) {
			due = append(due, id)
		}
	}
	slices.SortFunc(due, func(x, y ID) int {
		return cmp.Or(times[x].Compare(times[y]), strings.Compare(x.String(), y.String()))
	})
	return due[:min(len(due), limit)]
}
