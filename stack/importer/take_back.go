package importer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"quadrille.dev/platform/money"
	"quadrille.dev/stack/client"
)

// TakenBack is a return that the gateway accepted, and what became of it.
type TakenBack struct {
	Return
	ID       string
	Replayed bool
	// State is COMPLETED, COMPENSATED or NEEDS_OPERATOR.
	State string
	// Refund is what the customer got back, if it is COMPLETED.
	Refund money.Money
}

// TakeBack requests the returns of orders that are fulfilled, and waits until each is at rest or needs an operator. The rows that come to
// nothing are answered with the reason.
func (t *Trader) TakeBack(ctx context.Context, returns []Return, orders []Outcome) (taken []TakenBack, undone []Back, err error) {
	fulfilled := map[string]string{}
	for _, order := range orders {
		if order.Status == "FULFILLED" {
			fulfilled[order.Invoice] = order.ID
		}
	}
	var mu sync.Mutex
	err = t.each(ctx, "returns", len(returns), func(ctx context.Context, i int) error {
		one, reason, detail := TakenBack{Return: returns[i]}, NotFulfilled, ""
		if order := fulfilled[one.Order]; order != "" {
			err := t.requestReturn(ctx, &one, order)
			var no refusedError
			switch {
			case errors.As(err, &no):
				reason, detail = NotAccepted, no.Error()
			case err != nil:
				return fmt.Errorf("return %s of %s: %w", one.Invoice, one.Order, err)
			default:
				reason = ""
			}
		}
		mu.Lock()
		defer mu.Unlock()
		if reason == "" {
			taken = append(taken, one)
			return nil
		}
		for _, back := range one.Rows {
			back.Reason, back.Detail = reason, detail
			undone = append(undone, back)
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return taken, undone, t.awaitReturns(ctx, taken)
}

func (t *Trader) requestReturn(ctx context.Context, one *TakenBack, order string) error {
	lines := make([]map[string]any, len(one.Lines))
	for i, line := range one.Lines {
		lines[i] = map[string]any{"sku": line.SKU, "quantity": line.Quantity}
	}
	var data struct {
		RequestReturn struct {
			Return     *struct{ ID string }
			Replayed   bool
			UserErrors []client.UserError
		}
	}
	err := t.API.Do(ctx, `mutation ($input: RequestReturnInput!) {
		requestReturn(input: $input) { return { id } replayed userErrors { code message path } }
	}`, input(map[string]any{"orderId": order, "lines": lines, "reason": "Credit note " + one.Invoice, "idempotencyKey": one.Key}), &data)
	if err != nil {
		return err
	}
	if err := refusal(data.RequestReturn.UserErrors); err != nil {
		return err
	}
	one.ID, one.Replayed = data.RequestReturn.Return.ID, data.RequestReturn.Replayed
	return nil
}

// awaitReturns waits until none of the returns goes on by itself, and notes how they are then.
func (t *Trader) awaitReturns(ctx context.Context, taken []TakenBack) error {
	for waiting := len(taken); waiting > 0; {
		waiting = 0
		for start := 0; start < len(taken); start += restPage {
			left, err := t.look(ctx, taken[start:min(start+restPage, len(taken))])
			if err != nil {
				return fmt.Errorf("await returns: %w", err)
			}
			waiting += left
		}
		t.Progress("returns at rest", len(taken)-waiting, len(taken))
		select {
		case <-ctx.Done():
			return fmt.Errorf("await returns: %d are not at rest: %w", waiting, ctx.Err())
		case <-time.After(200 * time.Millisecond):
		}
	}
	return nil
}

type returnState struct {
	State  string
	Refund struct{ Amount, CurrencyCode string }
}

// look notes how returns are that are at rest or need an operator, and answers how many are not.
func (t *Trader) look(ctx context.Context, page []TakenBack) (waiting int, err error) {
	ids := make([]string, len(page))
	for i, one := range page {
		ids[i] = one.ID
	}
	var data struct{ Nodes []*returnState }
	err = t.API.Do(ctx, `query ($ids: [ID!]!) {
		nodes(ids: $ids) { ... on Return { state refund { amount currencyCode } } }
	}`, map[string]any{"ids": ids}, &data)
	if err != nil {
		return 0, err
	}
	for i, now := range data.Nodes {
		switch {
		case now == nil:
			waiting++
		case now.State == "COMPLETED":
			page[i].State = now.State
			if page[i].Refund, err = money.Parse(now.Refund.Amount, now.Refund.CurrencyCode); err != nil {
				return 0, err
			}
		case now.State == "COMPENSATED" || now.State == "NEEDS_OPERATOR":
			page[i].State = now.State
		default:
			waiting++
		}
	}
	return waiting, nil
}
