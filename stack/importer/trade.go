// Package importer trades a week of a real shop through the public API, as an operator would.
package importer

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"quadrille.dev/stack/client"
)

// Trader carries out plans against one gateway. Carrying out a plan twice places nothing twice.
type Trader struct {
	API *client.Client
	// Reference marks the stock that is received; the same reference again is the same delivery.
	Reference string
	// Secret makes the passwords of the customers it registers.
	Secret string
	// AtOnce is how many requests are under way at a time.
	AtOnce int
	// Progress is told how far a phase has come; it may be called from several goroutines.
	Progress func(phase string, done, of int)
}

// Placed is an order that the gateway accepted.
type Placed struct {
	Order
	ID       string
	Replayed bool
}

// Failure is an order that the gateway refused.
type Failure struct {
	Order
	Reason string
}

// Stock makes the products ready for sale: listed, priced, and enough of each received.
func (t *Trader) Stock(ctx context.Context, products []Product) error {
	return t.each(ctx, "products", len(products), func(ctx context.Context, i int) error {
		return t.stock(ctx, products[i])
	})
}

func (t *Trader) stock(ctx context.Context, p Product) error {
	err := t.mutate(ctx, `mutation ($input: ListProductInput!) { result: listProduct(input: $input) { userErrors { code message path } } }`,
		map[string]any{"sku": p.SKU, "name": p.Name, "description": "", "category": "Online Retail"})
	if err != nil && !refused(err, "SKU_TAKEN") {
		return fmt.Errorf("list %s: %w", p.SKU, err)
	}
	err = t.mutate(ctx, `mutation ($input: ChangePriceInput!) { result: changePrice(input: $input) { userErrors { code message path } } }`,
		map[string]any{"sku": p.SKU, "price": map[string]any{"amount": p.Price.Decimal(), "currencyCode": p.Price.Currency}})
	if err != nil {
		return fmt.Errorf("price %s: %w", p.SKU, err)
	}
	err = t.mutate(ctx, `mutation ($input: ReceiveStockInput!) { result: receiveStock(input: $input) { userErrors { code message path } } }`,
		map[string]any{"sku": p.SKU, "quantity": p.Quantity, "reference": t.Reference})
	if err != nil {
		return fmt.Errorf("receive %s: %w", p.SKU, err)
	}
	return nil
}

// Register registers the customers, and answers their ids by e-mail address.
func (t *Trader) Register(ctx context.Context, customers []Customer) (map[string]string, error) {
	ids := make(map[string]string, len(customers))
	var mu sync.Mutex
	err := t.each(ctx, "customers", len(customers), func(ctx context.Context, i int) error {
		id, err := t.register(ctx, customers[i])
		if err != nil {
			return fmt.Errorf("register %s: %w", customers[i].Email, err)
		}
		mu.Lock()
		defer mu.Unlock()
		ids[customers[i].Email] = id
		return nil
	})
	return ids, err
}

func (t *Trader) register(ctx context.Context, c Customer) (string, error) {
	var data struct {
		RegisterCustomer struct {
			Customer   *struct{ ID string }
			UserErrors []client.UserError
		}
	}
	err := t.API.Do(ctx, `mutation ($input: RegisterCustomerInput!) {
		registerCustomer(input: $input) { customer { id } userErrors { code message path } }
	}`, input(map[string]any{
		"email": c.Email, "name": c.Name, "password": t.password(c.Email), "idempotencyKey": c.Key,
	}), &data)
	if err != nil {
		return "", err
	}
	if err := refusal(data.RegisterCustomer.UserErrors); err != nil {
		return "", err
	}
	return data.RegisterCustomer.Customer.ID, nil
}

// password is one that only those who know the secret can tell, and the same each time.
func (t *Trader) password(email string) string {
	mac := hmac.New(sha256.New, []byte(t.Secret))
	mac.Write([]byte(email))
	return base32.StdEncoding.EncodeToString(mac.Sum(nil))[:32]
}

// Place places the orders, each on behalf of its customer.
func (t *Trader) Place(ctx context.Context, orders []Order, customers map[string]string, placed func(Placed)) ([]Failure, error) {
	var failures []Failure
	var mu sync.Mutex
	err := t.each(ctx, "orders", len(orders), func(ctx context.Context, i int) error {
		order, err := t.place(ctx, orders[i], customers[orders[i].Email])
		mu.Lock()
		defer mu.Unlock()
		var no refusedError
		if errors.As(err, &no) {
			failures = append(failures, Failure{orders[i], no.Error()})
			return nil
		}
		if err != nil {
			return fmt.Errorf("place %s: %w", orders[i].Invoice, err)
		}
		placed(order)
		return nil
	})
	return failures, err
}

func (t *Trader) place(ctx context.Context, o Order, customer string) (Placed, error) {
	lines := make([]map[string]any, len(o.Lines))
	for i, line := range o.Lines {
		lines[i] = map[string]any{"sku": line.SKU, "quantity": line.Quantity}
	}
	var data struct {
		PlaceOrder struct {
			Order      *struct{ ID string }
			Replayed   bool
			UserErrors []client.UserError
		}
	}
	err := t.API.Do(ctx, `mutation ($input: PlaceOrderInput!) {
		placeOrder(input: $input) { order { id } replayed userErrors { code message path } }
	}`, input(map[string]any{
		"idempotencyKey": o.Key, "lines": lines, "onBehalfOf": customer,
		"shippingAddress": placeholder(o.Country),
		"payment":         map[string]any{"card": map[string]any{"token": "pm_card_visa"}}, //nolint:gosec // everyone's test token
	}), &data)
	if err != nil {
		return Placed{}, err
	}
	if err := refusal(data.PlaceOrder.UserErrors); err != nil {
		return Placed{}, err
	}
	return Placed{o, data.PlaceOrder.Order.ID, data.PlaceOrder.Replayed}, nil
}

// placeholder stands for the addresses that the data set does not have: one for each country.
func placeholder(country string) map[string]any {
	return map[string]any{
		"name": "Online Retail customer", "street": "1 Placeholder Street", "city": "Placeholder", "postalCode": "10001", "countryCode": country,
	}
}

// each runs one of a phase's pieces of work after another, some at once, and reports progress.
func (t *Trader) each(ctx context.Context, phase string, count int, do func(ctx context.Context, i int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(t.AtOnce)
	var mu sync.Mutex
	done := 0
	for i := range count {
		group.Go(func() error {
			if err := do(ctx, i); err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			done++
			t.Progress(phase, done, count)
			return nil
		})
	}
	return group.Wait()
}

func (t *Trader) mutate(ctx context.Context, document string, fields map[string]any) error {
	var data struct {
		Result struct{ UserErrors []client.UserError }
	}
	if err := t.API.Do(ctx, document, input(fields), &data); err != nil {
		return err
	}
	return refusal(data.Result.UserErrors)
}

func input(fields map[string]any) map[string]any { return map[string]any{"input": fields} }

// refusedError is what the gateway answers to an input that it does not accept.
type refusedError []client.UserError

func (e refusedError) Error() string {
	return fmt.Sprintf("%s %s at %v", e[0].Code, e[0].Message, e[0].Path)
}

func refusal(userErrors []client.UserError) error {
	if len(userErrors) == 0 {
		return nil
	}
	return refusedError(userErrors)
}

func refused(err error, code string) bool {
	var no refusedError
	return errors.As(err, &no) && no[0].Code == code
}

// Outcome is what became of an order.
type Outcome struct {
	Placed
	// Status is FULFILLED or CANCELLED.
	Status string
	// Took is the time from placement to fulfilment, by the shop's clock; zero for cancelled orders.
	Took time.Duration
}

// restPage is how many orders are asked about in one request.
const restPage = 50

// Await waits until the saga of every order rests.
func (t *Trader) Await(ctx context.Context, orders []Placed) ([]Outcome, error) {
	var outcomes []Outcome
	for waiting := orders; len(waiting) > 0; {
		var next []Placed
		for start := 0; start < len(waiting); start += restPage {
			page := waiting[start:min(start+restPage, len(waiting))]
			rested, resting, err := t.rest(ctx, page)
			if err != nil {
				return nil, fmt.Errorf("await orders: %w", err)
			}
			outcomes, next = append(outcomes, rested...), append(next, resting...)
		}
		t.Progress("sagas at rest", len(outcomes), len(orders))
		waiting = next
		select {
		case <-ctx.Done():
			return outcomes, fmt.Errorf("await orders: %d sagas are not at rest: %w", len(waiting), ctx.Err())
		case <-time.After(200 * time.Millisecond):
		}
	}
	return outcomes, nil
}

type orderState struct {
	Status      string
	PlacedAt    time.Time
	FulfilledAt *time.Time
	Saga        *struct{ State string }
}

func (t *Trader) rest(ctx context.Context, page []Placed) (rested []Outcome, waiting []Placed, err error) {
	ids := make([]string, len(page))
	for i, order := range page {
		ids[i] = order.ID
	}
	var data struct{ Nodes []*orderState }
	err = t.API.Do(ctx, `query ($ids: [ID!]!) {
		nodes(ids: $ids) { ... on Order { status placedAt fulfilledAt saga { state } } }
	}`, map[string]any{"ids": ids}, &data)
	if err != nil {
		return nil, nil, err
	}
	for i, order := range data.Nodes {
		if order == nil || order.Saga == nil || (order.Saga.State != "COMPLETED" && order.Saga.State != "COMPENSATED") {
			waiting = append(waiting, page[i])
			continue
		}
		outcome := Outcome{Placed: page[i], Status: order.Status}
		if order.FulfilledAt != nil {
			outcome.Took = order.FulfilledAt.Sub(order.PlacedAt)
		}
		rested = append(rested, outcome)
	}
	return rested, waiting, nil
}
