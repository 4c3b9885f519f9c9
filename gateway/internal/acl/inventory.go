package acl

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"time"

	"quadrille.dev/gateway/internal/fault"
	"quadrille.dev/gateway/internal/graph/model"
	"quadrille.dev/gateway/internal/together"
	inventoryv1 "quadrille.dev/schema/rpc/inventory/v1"
	"quadrille.dev/schema/rpc/inventory/v1/inventoryv1connect"
)

// scarce is from how many on there is enough of a product.
const scarce = 10

// Inventory knows stock and reservations.
type Inventory struct {
	rpc inventoryv1connect.InventoryServiceClient
}

// NewInventory makes a client of inventory.
func NewInventory(rpc inventoryv1connect.InventoryServiceClient) *Inventory { return &Inventory{rpc} }

// Availability answers by SKU what can be promised.
func (i *Inventory) Availability(ctx context.Context, skus []string) (map[string]*model.Availability, error) {
	answered, err := inParts(skus, atOnce, func(part []string) ([]*inventoryv1.Availability, error) {
		wanted := &stock{ctx: ctx, skus: part}
		err := i.ask(wanted)
		return wanted.availabilities, err
	})
	found, now := make(map[string]*model.Availability, len(answered)), time.Now()
	told := make([]model.Availability, len(answered))
	for i, a := range answered {
		told[i] = availability(a, now)
		found[a.GetSku()] = &told[i]
	}
	return found, err
}

// Reservations answers reservations by order; orders without one are missing.
func (i *Inventory) Reservations(ctx context.Context, orders []string) (map[string]*model.Reservation, error) {
	answered, err := inParts(orders, atOnce, func(part []string) ([]*inventoryv1.Reservation, error) {
		wanted := &stock{ctx: ctx, orders: part}
		err := i.ask(wanted)
		return wanted.reservations, err
	})
	found := make(map[string]*model.Reservation, len(answered))
	told := make([]model.Reservation, len(answered))
	for i, r := range answered {
		told[i] = model.Reservation{Status: model.ReservationStatus(r.GetStatus())}
		found[r.GetOrderId()] = &told[i]
	}
	return found, err
}

// stock is what one field wants to know: how many there are of SKUs, which everybody may know, or what is held for orders.
type stock struct {
	ctx          context.Context
	skus, orders []string

	availabilities []*inventoryv1.Availability
	reservations   []*inventoryv1.Reservation
	err            error
}

// ask asks for what is wanted, in one call with what others want at the same time.
func (i *Inventory) ask(wanted *stock) error {
	if err := together.Ask(wanted.ctx, wanted, i.askFor); err != nil {
		return err
	}
	return wanted.err
}

// askFor asks for everything at once if more than one want something, under the name of who wants to see orders. Should that fail for another
// reason than that inventory is away, it is asked for each by itself: what is wrong with one is not wrong with the others.
func (i *Inventory) askFor(wanted []*stock) {
	if len(wanted) == 1 {
		i.askAlone(wanted[0])
		return
	}
	request, asking := &inventoryv1.GetStockRequest{}, wanted[0]
	for _, one := range wanted {
		request.Skus, request.OrderIds = append(request.Skus, one.skus...), append(request.OrderIds, one.orders...)
		if len(one.orders) > 0 {
			asking = one
		}
	}
	ctx := asking.ctx
	answer, err := i.rpc.GetStock(ctx, request)
	failed := failure(ctx, "inventory", err)
	away, known := errors.AsType[*fault.Error](failed)
	for _, one := range wanted {
		switch {
		case failed == nil:
			one.availabilities, one.reservations = answer.GetAvailabilities(), answer.GetReservations()
		case known && away.Code == fault.ContextUnavailable:
			one.err = failed
		default:
			i.askAlone(one)
		}
	}
}

func (i *Inventory) askAlone(wanted *stock) {
	var err error
	if len(wanted.skus) > 0 {
		var answer *inventoryv1.GetAvailabilityResponse
		answer, err = i.rpc.GetAvailability(wanted.ctx, &inventoryv1.GetAvailabilityRequest{Skus: wanted.skus})
		wanted.availabilities = answer.GetAvailabilities()
	} else {
		var answer *inventoryv1.GetReservationsResponse
		answer, err = i.rpc.GetReservations(wanted.ctx, &inventoryv1.GetReservationsRequest{OrderIds: wanted.orders})
		wanted.reservations = answer.GetReservations()
	}
	wanted.err = failure(wanted.ctx, "inventory", err)
}

// Receive books goods in.
func (i *Inventory) Receive(ctx context.Context, input model.ReceiveStockInput) (*model.ReceiveStockPayload, error) {
	answer, err := i.rpc.ReceiveStock(ctx, &inventoryv1.ReceiveStockRequest{
		Sku: SKU(input.SKU), Quantity: int64(input.Quantity), Reference: input.Reference,
	})
	if err != nil {
		return nil, failure(ctx, "inventory", err)
	}
	payload := &model.ReceiveStockPayload{}
	if answer.GetAvailability() != nil {
		payload.Availability = new(availability(answer.GetAvailability(), time.Now()))
	}
	payload.UserErrors, err = refusals("inventory", answer.GetUserErrors())
	return payload, err
}

func availability(a *inventoryv1.Availability, now time.Time) model.Availability {
	status := model.AvailabilityStatusInStock
	switch available := a.GetAvailable(); {
	case available <= 0:
		status = model.AvailabilityStatusOutOfStock
	case available < scarce:
		status = model.AvailabilityStatusLowStock
	}
	return model.Availability{Available: clamp(a.GetAvailable()), Status: status, AsOf: now}
}

// ReadLevels reads inventory's signal stock.level: what can be promised of SKUs from now on.
func ReadLevels(message []byte) (map[string]*model.Availability, error) {
	signal, err := readLevels(message)
	if err != nil {
		return nil, err
	}
	levels, now := make(map[string]*model.Availability, 1+len(signal.Others)), time.Now()
	for level := range signal.all() {
		levels[level.SKU] = new(availability(&inventoryv1.Availability{Sku: level.SKU, Available: level.Available}, now))
	}
	return levels, nil
}

// stockLevels is the signal stock.level: that of one SKU, and maybe of others.
type stockLevels struct {
	stockLevel
	Others []stockLevel `json:"others"`
}

type stockLevel struct {
	SKU       string `json:"sku"`
	Available int64  `json:"available"`
}

func readLevels(message []byte) (stockLevels, error) {
	var signal stockLevels
	if err := json.Unmarshal(message, &signal); err != nil {
		return stockLevels{}, fmt.Errorf("read stock.level: %w", err)
	}
	return signal, nil
}

func (s stockLevels) all() iter.Seq[stockLevel] {
	return func(yield func(stockLevel) bool) {
		if !yield(s.stockLevel) {
			return
		}
		for _, other := range s.Others {
			if !yield(other) {
				return
			}
		}
	}
}

// clamp fits a count into a GraphQL Int.
func clamp(count int64) int32 {
	return int32(min(max(count, math.MinInt32), math.MaxInt32))
}
