package inventory

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/services/inventory/internal/acl"
	"quadrille.dev/services/inventory/internal/app"
	"quadrille.dev/services/inventory/internal/memory"
	"quadrille.dev/services/inventory/internal/reservation"
)

// Participant is inventory in memory, with goods of each SKU in stock.
func Participant(goods map[string]int64) *testkit.Actor[app.Store] {
	state := memory.New(acl.Published{})
	for _, sku := range slices.Sorted(maps.Keys(goods)) {
		delivery := app.Delivery{SKU: sku, Quantity: goods[sku], Reference: "opening stock"}
		if _, err := app.Receive(context.Background(), state, delivery, time.Unix(0, 0)); err != nil {
			panic(fmt.Sprintf("receive %s: %v", sku, err))
		}
	}
	state.Published()
	return testkit.NewParticipant(testkit.Script[app.Store]{
		Name: "inventory", Routes: acl.Routes(), Memory: state, Describe: describe,
	})
}

// describe names how the reservation of an order stands.
func describe(ctx context.Context, store app.Store, orderID uuid.UUID) (string, error) {
	r, err := store.Reservation(ctx, orderID)
	if r.Status == reservation.Pending && r.ShipmentArranged {
		return string(r.Status) + ", shipment remembered", err
	}
	return string(r.Status), err
}

// Count is the count of one SKU.
type Count struct{ OnHand, Reserved, Deducted, Received int64 }

// Look answers how a participant counts a SKU.
func Look(participant *testkit.Actor[app.Store], sku string) (count Count) {
	participant.Read(func(store app.Store) {
		level, _ := store.Level(context.Background(), sku)
		count = Count{OnHand: level.OnHand, Reserved: level.Reserved, Deducted: level.Deducted, Received: level.Received}
	})
	return count
}

// Receive has a participant book more goods in, once for each SKU and delivery note.
func Receive(ctx context.Context, participant *testkit.Actor[app.Store], sku string, quantity int64, note string, at time.Time) ([]event.Envelope, error) {
	return participant.Do(func(store app.Store) error {
		_, err := app.Receive(ctx, store, app.Delivery{SKU: sku, Quantity: quantity, Reference: note}, at)
		return err
	})
}

// Restocked answers how a participant's restock of a return stands.
func Restocked(participant *testkit.Actor[app.Store], returnID uuid.UUID) (status string) {
	participant.Read(func(store app.Store) {
		r, _ := store.Restock(context.Background(), returnID)
		status = string(r.Status)
	})
	return status
}

// Status answers how a participant's reservation of an order stands.
func Status(participant *testkit.Actor[app.Store], orderID uuid.UUID) (status string) {
	participant.Read(func(store app.Store) {
		r, _ := store.Reservation(context.Background(), orderID)
		status = string(r.Status)
	})
	return status
}
