package system

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/stack/client"
)

// Order is an order as its customer sees it.
type Order struct {
	ID, Number, Status string
	Total              struct{ Amount string }
	Cancellation       *struct {
		Reason, CancelledBy string
		Settled             bool
	}
	Reservation *struct{ Status string }
	Payment     *struct {
		Status   string
		Refunded struct{ Amount string }
	}
	Invoice  *struct{ Status string }
	Shipment *struct{ Status string }
	Saga     *struct{ State string }
}

// AtRest tells whether the order's saga is over. Order and saga come from two contexts, so that the order may have been read before.
func (o Order) AtRest() bool {
	decided := o.Status == "FULFILLED" || o.Cancellation != nil && o.Cancellation.Settled
	return decided && o.Saga != nil && (o.Saga.State == "COMPLETED" || o.Saga.State == "COMPENSATED")
}

const orderFields = `id number status total { amount } cancellation { reason cancelledBy settled }
	reservation { status } payment { status refunded { amount } } invoice { status } shipment { status } saga { state }`

// Wish is an order to place. Zero values stand for what reaches its customer.
type Wish struct {
	SKU      string
	Quantity int
	Token    string
	Postcode string
	Key      uuid.UUID
}

// Input is the PlaceOrderInput of the wish.
func (w Wish) Input() map[string]any {
	if w.Quantity == 0 {
		w.Quantity = 1
	}
	if w.Token == "" {
		w.Token = "pm_card_visa"
	}
	if w.Postcode == "" {
		w.Postcode = "EC1A 1BB"
	}
	if w.Key == uuid.Nil {
		w.Key = uuid.New()
	}
	return map[string]any{
		"idempotencyKey": w.Key,
		"lines":          []any{map[string]any{"sku": w.SKU, "quantity": w.Quantity}},
		"shippingAddress": map[string]any{
			"name": "Ada", "street": "1 Analytical Row", "city": "London", "postalCode": w.Postcode, "countryCode": "GB",
		},
		"payment": map[string]any{"card": map[string]any{"token": w.Token}},
	}
}

// Place places an order and answers its id.
func Place(ctx context.Context, c *client.Client, wish Wish) (string, error) {
	var data struct {
		PlaceOrder struct {
			Order      *struct{ ID string }
			UserErrors []client.UserError
		}
	}
	err := c.Do(ctx, `mutation ($input: PlaceOrderInput!) {
		placeOrder(input: $input) { order { id } userErrors { code message path } }
	}`, map[string]any{"input": wish.Input()}, &data)
	if err != nil {
		return "", err
	}
	if len(data.PlaceOrder.UserErrors) > 0 {
		return "", fmt.Errorf("place order: %+v", data.PlaceOrder.UserErrors)
	}
	return data.PlaceOrder.Order.ID, nil
}

// Cancel cancels an order; it answers the codes of why it was refused.
func Cancel(ctx context.Context, c *client.Client, id string) ([]string, error) {
	var data struct {
		CancelOrder struct{ UserErrors []client.UserError }
	}
	err := c.Do(ctx, `mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) { userErrors { code message path } } }`,
		map[string]any{"input": map[string]any{"orderId": id, "reason": "changed my mind", "idempotencyKey": uuid.New()}}, &data)
	var codes []string
	for _, userError := range data.CancelOrder.UserErrors {
		codes = append(codes, userError.Code)
	}
	return codes, err
}

// Look reads an order.
func Look(ctx context.Context, c *client.Client, id string) (Order, error) {
	var data struct{ Order Order }
	err := c.Do(ctx, `query ($id: ID!) { order(id: $id) { `+orderFields+` } }`, map[string]any{"id": id}, &data)
	return data.Order, err
}

// Rest waits until an order's saga is over and answers the order. The test fails when that takes longer than patience.
func Rest(t testing.TB, c *client.Client, id string, patience time.Duration) Order {
	t.Helper()
	return Await(t, patience, "order "+id+" is at rest", func(ctx context.Context) (Order, bool, error) {
		order, err := Look(ctx, c, id)
		return order, order.AtRest(), err
	})
}

// Available is how many pieces of a SKU can be promised.
func Available(t testing.TB, c *client.Client, sku string) int {
	t.Helper()
	var data struct {
		Product struct{ Availability struct{ Available int } }
	}
	err := c.Do(t.Context(), `query ($sku: String!) { product(by: {sku: $sku}) { availability { available } } }`,
		map[string]any{"sku": sku}, &data)
	if err != nil {
		t.Fatalf("read availability of %s: %v", sku, err)
	}
	return data.Product.Availability.Available
}

// Receive has pieces of a SKU delivered. The client is an operator's.
func Receive(t testing.TB, c *client.Client, sku string, pieces int) {
	t.Helper()
	if err := receive(t.Context(), c, sku, pieces); err != nil {
		t.Fatal(err)
	}
}

func receive(ctx context.Context, c *client.Client, sku string, pieces int) error {
	return do(ctx, c, `mutation ($input: ReceiveStockInput!) { result: receiveStock(input: $input) { userErrors { code message path } } }`,
		map[string]any{"sku": sku, "quantity": pieces, "reference": "proof-" + uuid.NewString()})
}

// do has an operator do something that has to work.
func do(ctx context.Context, c *client.Client, document string, input map[string]any) error {
	var data struct {
		Result struct{ UserErrors []client.UserError }
	}
	if err := c.Do(ctx, document, map[string]any{"input": input}, &data); err != nil {
		return fmt.Errorf("%v: %w", input, err)
	}
	if len(data.Result.UserErrors) > 0 {
		return fmt.Errorf("%v: %+v", input, data.Result.UserErrors)
	}
	return nil
}

// Sell puts a product on sale, with a price and pieces in stock. The client is an operator's.
func Sell(t testing.TB, c *client.Client, sku, price string, pieces int) {
	t.Helper()
	if err := Offer(t.Context(), c, sku, price, pieces); err != nil {
		t.Fatal(err)
	}
}

// Offer is Sell for many at once.
func Offer(ctx context.Context, c *client.Client, sku, price string, pieces int) error {
	err := do(ctx, c, `mutation ($input: ListProductInput!) { result: listProduct(input: $input) { userErrors { code message path } } }`,
		map[string]any{"sku": sku, "name": sku, "description": "", "category": "Proof"})
	if err != nil {
		return err
	}
	err = do(ctx, c, `mutation ($input: ChangePriceInput!) { result: changePrice(input: $input) { userErrors { code message path } } }`,
		map[string]any{"sku": sku, "price": map[string]any{"amount": price, "currencyCode": "GBP"}})
	if err != nil {
		return err
	}
	return receive(ctx, c, sku, pieces)
}
