// Package memory is inventory's store without a database, for exploring every order of events.
package memory

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/services/inventory/internal/app"
	"quadrille.dev/services/inventory/internal/reservation"
	"quadrille.dev/services/inventory/internal/restock"
	"quadrille.dev/services/inventory/internal/stock"
)

// Memory is inventory's state. It does not keep times, so that states reached at different moments can be equal.
type Memory struct {
	language     app.Language
	reservations map[uuid.UUID]reservation.Reservation
	restocks     map[uuid.UUID]restock.Restock
	levels       map[string]stock.Level
	receipts     map[string]int64
	published    []event.Envelope
}

// New is an empty inventory.
func New(language app.Language) *Memory {
	return &Memory{
		language:     language,
		reservations: map[uuid.UUID]reservation.Reservation{},
		restocks:     map[uuid.UUID]restock.Restock{},
		levels:       map[string]stock.Level{},
		receipts:     map[string]int64{},
	}
}

// Store reads and writes this state.
func (m *Memory) Store() app.Store { return m }

// Published answers the facts published since it was last called.
func (m *Memory) Published() []event.Envelope {
	published := m.published
	m.published = nil
	return published
}

// Clone is a deep copy: the lines of a reservation, and of a restock, are never written to.
func (m *Memory) Clone() testkit.Memory[app.Store] {
	return &Memory{
		language:     m.language,
		reservations: maps.Clone(m.reservations),
		restocks:     maps.Clone(m.restocks),
		levels:       maps.Clone(m.levels),
		receipts:     maps.Clone(m.receipts),
		published:    append([]event.Envelope(nil), m.published...),
	}
}

// State is the state as JSON can write it.
func (m *Memory) State() any {
	return struct {
		Reservations map[uuid.UUID]reservation.Reservation
		Restocks     map[uuid.UUID]restock.Restock
		Levels       map[string]stock.Level
		Receipts     map[string]int64
	}{m.reservations, m.restocks, m.levels, m.receipts}
}

// Reservation loads or makes the reservation of an order.
func (m *Memory) Reservation(_ context.Context, orderID uuid.UUID) (reservation.Reservation, error) {
	if r, known := m.reservations[orderID]; known {
		return r, nil
	}
	return reservation.New(orderID), nil
}

// Available tells what can be promised of SKUs.
func (m *Memory) Available(_ context.Context, skus []string) (map[string]int64, error) {
	available := map[string]int64{}
	for _, sku := range skus {
		if level, known := m.levels[sku]; known {
			available[sku] = level.Available()
		}
	}
	return available, nil
}

// Save stores a reservation, moves stock and publishes.
func (m *Memory) Save(ctx context.Context, r reservation.Reservation, at time.Time, events ...reservation.Event) error {
	for i, e := range events {
		if err := m.move(e.Movement()); err != nil {
			return err
		}
		sequence := r.Version - int64(len(events)-i-1)
		m.published = append(m.published, event.New(ctx, m.language.Reservation(r.OrderID, sequence, e, at)))
	}
	m.reservations[r.OrderID] = r
	return nil
}

func (m *Memory) move(movement stock.Movement, lines []stock.Line) error {
	for _, line := range lines {
		level, err := m.levels[line.SKU].Move(movement, line.Quantity)
		if err != nil {
			return fmt.Errorf("move %s: %w", line.SKU, err)
		}
		m.levels[line.SKU] = level
	}
	return nil
}

// Levels tells how SKUs are counted.
func (m *Memory) Levels(_ context.Context, skus []string) (map[string]stock.Level, error) {
	levels := map[string]stock.Level{}
	for _, sku := range skus {
		if level, known := m.levels[sku]; known {
			levels[sku] = level
		}
	}
	return levels, nil
}

// Restock loads or makes the restock of a return.
func (m *Memory) Restock(_ context.Context, returnID uuid.UUID) (restock.Restock, error) {
	if r, known := m.restocks[returnID]; known {
		return r, nil
	}
	return restock.New(returnID), nil
}

// SaveRestock stores a restock, moves stock and publishes.
func (m *Memory) SaveRestock(ctx context.Context, r restock.Restock, at time.Time, events ...restock.Event) error {
	for _, e := range events {
		if err := m.move(e.Movement()); err != nil {
			return err
		}
	}
	for _, fact := range m.language.Restock(r, at, events) {
		m.published = append(m.published, event.New(ctx, fact))
	}
	m.restocks[r.ReturnID] = r
	return nil
}

// Forget does nothing: nothing waits here.
func (m *Memory) Forget(context.Context, uuid.UUID) error { return nil }

// Level loads or makes the level of a SKU.
func (m *Memory) Level(_ context.Context, sku string) (stock.Level, error) {
	level := m.levels[sku]
	level.SKU = sku
	return level, nil
}

// Received is the quantity booked in under a reference.
func (m *Memory) Received(_ context.Context, sku, reference string) (int64, error) {
	return m.receipts[sku+" "+reference], nil
}

// Receive stores the level after goods were booked in.
func (m *Memory) Receive(ctx context.Context, level stock.Level, received stock.Received, at time.Time) error {
	m.levels[level.SKU] = level
	m.receipts[level.SKU+" "+received.Reference] = received.Quantity
	m.published = append(m.published, event.New(ctx, m.language.Stock(level.Version, received, at)))
	return nil
}
