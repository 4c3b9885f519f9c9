package memory

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/returns"
)

// Return derives a return from its events.
func (m *Memory) Return(_ context.Context, id returns.ID) (returns.Return, error) {
	events, exists := m.state.Returns[id]
	if !exists {
		return returns.Return{}, app.ErrNoReturn
	}
	return returns.Rebuild(id, events), nil
}

// Returns derives returns from their events.
func (m *Memory) Returns(_ context.Context, ids []returns.ID) ([]returns.Return, error) {
	all := make([]returns.Return, 0, len(ids))
	for _, id := range ids {
		if events, exists := m.state.Returns[id]; exists {
			all = append(all, returns.Rebuild(id, events))
		}
	}
	return all, nil
}

// ReturnsOf sorts the returns of some orders.
func (m *Memory) ReturnsOf(_ context.Context, orders []order.ID) ([]returns.Return, error) {
	all := []returns.Return{}
	for id, events := range m.state.Returns {
		if r := returns.Rebuild(id, events); slices.Contains(orders, r.OrderID) {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(x, y returns.Return) int {
		return cmp.Or(x.RequestedAt.Compare(y.RequestedAt), strings.Compare(x.ID.String(), y.ID.String()))
	})
	return all, nil
}

// SaveReturn appends events and publishes the facts and commands among them.
func (m *Memory) SaveReturn(ctx context.Context, r returns.Return, at time.Time, events ...returns.Event) error {
	if len(events) == 0 {
		return nil
	}
	recorded, after := r.Record(at, events...), r.After(at, events...)
	m.state.Returns[r.ID] = append(slices.Clip(m.state.Returns[r.ID]), recorded...)
	for _, one := range recorded {
		if fact, public := m.publish.Return(after, one); public {
			m.published = append(m.published, event.New(ctx, fact))
		}
	}
	if due, waits := after.Due(); waits {
		m.state.Timers[r.ID] = due
	} else {
		delete(m.state.Timers, r.ID)
	}
	return nil
}

// DueReturns finds returns whose answer is overdue.
func (m *Memory) DueReturns(_ context.Context, at time.Time, limit int) ([]returns.ID, error) {
	return past(m.state.Timers, at, limit), nil
}

func (m *Memory) eraseReturns(customer order.CustomerID) {
	for id, events := range m.state.Returns {
		if returns.Rebuild(id, events).CustomerID != customer {
			continue
		}
		blanked := make([]returns.Recorded, len(events))
		for i, recorded := range events {
			recorded.Event = returns.Blank(recorded.Event)
			blanked[i] = recorded
		}
		m.state.Returns[id] = blanked
	}
}
