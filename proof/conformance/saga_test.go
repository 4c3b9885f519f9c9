package conformance

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/proof/system"
	"quadrille.dev/stack/client"
)

// patience is far longer than a saga takes: a test that runs into it has found one that is stuck.
const patience = 60 * time.Second

// sell puts a product of the test's own on sale.
func sell(t *testing.T, pieces int) (sku string) {
	t.Helper()
	sku = "PROOF-" + uuid.NewString()[:8]
	system.Sell(t, quadrille.As(t, system.Olga), sku, "12.40", pieces)
	return strings.ToUpper(sku)
}

func place(t *testing.T, c *client.Client, wish system.Wish) string {
	t.Helper()
	id, err := system.Place(t.Context(), c, wish)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func anOrderIsFulfilled(t *testing.T) {
	t.Parallel()
	ada, sku := quadrille.As(t, system.Ada), sell(t, 5)
	order := system.Rest(t, ada, place(t, ada, system.Wish{SKU: sku, Quantity: 2}), patience)
	if order.Status != "FULFILLED" || order.Payment.Status != "CAPTURED" || order.Reservation.Status != "DEDUCTED" ||
		order.Invoice.Status != "ISSUED" || (order.Shipment.Status != "DISPATCHED" && order.Shipment.Status != "DELIVERED") {
		t.Errorf("order at rest: %+v", order)
	}
	if available := system.Available(t, ada, sku); available != 3 {
		t.Errorf("%d of 5 available after 2 were sold", available)
	}
	if codes, err := system.Cancel(t.Context(), ada, order.ID); err != nil || len(codes) != 1 || codes[0] != "ALREADY_FULFILLED" {
		t.Errorf("cancelling a fulfilled order: %v, %v; want ALREADY_FULFILLED", codes, err)
	}
}

func aLostAnswerOfTheProviderIsAskedForAgain(t *testing.T) {
	t.Parallel()
	ada, sku := quadrille.As(t, system.Ada), sell(t, 5)
	order := system.Rest(t, ada, place(t, ada, system.Wish{SKU: sku, Token: "pm_card_flaky"}), patience)
	if order.Status != "FULFILLED" || order.Payment.Status != "CAPTURED" {
		t.Errorf("order at rest: %+v", order)
	}
}

func whatFailsIsUndone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wish                 system.Wish
		reason               string
		payment, reservation string
		shipment             string
	}{
		"declined":    {system.Wish{Token: "pm_card_chargeDeclined"}, "PAYMENT_DECLINED", "DECLINED", "RELEASED", "CANCELLED"},
		"carrier":     {system.Wish{Postcode: "00000"}, "SHIPMENT_FAILED", "REFUNDED", "RELEASED", "FAILED"},
		"outOfStock":  {system.Wish{Quantity: 6}, "OUT_OF_STOCK", "VOIDED", "REJECTED", "CANCELLED"},
		"unknownCard": {system.Wish{Token: "pm_card_nobodyKnows"}, "PAYMENT_DECLINED", "DECLINED", "RELEASED", "CANCELLED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ada, sku := quadrille.As(t, system.Ada), sell(t, 5)
			c.wish.SKU = sku
			order := system.Rest(t, ada, place(t, ada, c.wish), patience)
			if order.Status != "CANCELLED" || order.Cancellation == nil || order.Cancellation.Reason != c.reason ||
				order.Cancellation.CancelledBy != "SYSTEM" || !order.Cancellation.Settled {
				t.Errorf("order at rest: %+v, cancellation %+v", order, order.Cancellation)
			}
			if order.Payment.Status != c.payment || order.Reservation.Status != c.reservation || order.Shipment.Status != c.shipment {
				t.Errorf("payment %s, reservation %s, shipment %s; want %s, %s, %s", order.Payment.Status, order.Reservation.Status,
					order.Shipment.Status, c.payment, c.reservation, c.shipment)
			}
			if available := system.Available(t, ada, sku); available != 5 {
				t.Errorf("%d of 5 available after nothing was sold", available)
			}
		})
	}
}

// cancelAtEveryStage cancels one order after each of its facts, as its customer watches them come.
func cancelAtEveryStage(t *testing.T) {
	t.Parallel()
	for _, stage := range []string{
		"ordering.order.placed", "inventory.stock.reserved", "billing.payment.captured", "fulfillment.shipment.arranged",
	} {
		t.Run(stage, func(t *testing.T) {
			t.Parallel()
			ada, sku := quadrille.As(t, system.Ada), sell(t, 5)
			id := place(t, ada, system.Wish{SKU: sku})
			cancelAfter(t, ada, id, stage)
			order := system.Rest(t, ada, id, patience)
			left := system.Available(t, ada, sku)
			switch order.Status {
			case "CANCELLED":
				if order.Cancellation.CancelledBy != "CUSTOMER" || order.Cancellation.Reason != "CUSTOMER_REQUEST" || !order.Cancellation.Settled || left != 5 {
					t.Errorf("order at rest: %+v, cancellation %+v, %d of 5 available", order, order.Cancellation, left)
				}
			case "FULFILLED": // the saga was faster than its customer
				if left != 4 {
					t.Errorf("order at rest: %+v, %d of 5 available after 1 was sold", order, left)
				}
			default:
				t.Errorf("order at rest: %+v", order)
			}
		})
	}
}

func cancelAfter(t *testing.T, c *client.Client, id, stage string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	err := c.Subscribe(ctx, `subscription ($id: ID!) { orderChanged(id: $id, since: 0) { fact { type } } }`, map[string]any{"id": id},
		func(data json.RawMessage) bool {
			var event struct {
				OrderChanged struct{ Fact *struct{ Type string } }
			}
			if err := json.Unmarshal(data, &event); err != nil {
				t.Errorf("read event: %v", err)
				return false
			}
			return event.OrderChanged.Fact == nil || event.OrderChanged.Fact.Type != stage
		})
	if err != nil {
		t.Fatalf("await %s: %v", stage, err)
	}
	if codes, err := system.Cancel(t.Context(), c, id); err != nil || (len(codes) > 0 && codes[0] != "ALREADY_FULFILLED") {
		t.Fatalf("cancel after %s: %v, %v", stage, codes, err)
	}
}

// manyOrdersForTheLastItem holds reliability line 33.
func manyOrdersForTheLastItem(t *testing.T) {
	t.Parallel()
	ada, sku := quadrille.As(t, system.Ada), sell(t, 3)
	var ids []string
	for range 12 {
		ids = append(ids, place(t, ada, system.Wish{SKU: sku}))
	}
	outcomes := map[string]int{}
	for _, id := range ids {
		outcomes[system.Rest(t, ada, id, patience).Status]++
	}
	if outcomes["FULFILLED"] != 3 || outcomes["CANCELLED"] != 9 {
		t.Errorf("12 orders for 3 pieces: %v", outcomes)
	}
}

// aKeyIsGoodForOneOrder holds design §7 on idempotency keys.
func aKeyIsGoodForOneOrder(t *testing.T) {
	t.Parallel()
	ada, sku := quadrille.As(t, system.Ada), sell(t, 5)
	wish := system.Wish{SKU: sku, Key: uuid.New()}
	first := place(t, ada, wish)
	if again := place(t, ada, wish); again != first {
		t.Errorf("the same key and input placed %s and %s", first, again)
	}
	wish.Quantity = 2
	if _, err := system.Place(t.Context(), ada, wish); err == nil {
		t.Error("the same key with another input was accepted")
	}
	if theirs := place(t, quadrille.As(t, system.Grace), wish); theirs == first {
		t.Error("a key is shared between two customers")
	}
}
