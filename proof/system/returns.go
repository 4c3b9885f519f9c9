package system

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/stack/client"
)

// Return is a return as its customer sees it.
type Return struct {
	ID, State, Failure string
	Refund             struct{ Amount string }
	Steps              []struct{ Name, State string }
	CreditNote         *struct{ Number string }
}

// AtRest tells whether the return is over, or waits for an operator.
func (r Return) AtRest() bool {
	return r.State == "COMPLETED" || r.State == "COMPENSATED" || r.State == "NEEDS_OPERATOR"
}

// StepsAre the steps in words: "pickup:DONE".
func (r Return) StepsAre() (words []string) {
	for _, step := range r.Steps {
		words = append(words, step.Name+":"+step.State)
	}
	return words
}

const returnFields = `id state failure refund { amount } steps { name state } creditNote { number }`

// RequestReturn sends so many of a SKU back, under a key; it answers the return's id, or the codes of why it was refused.
func RequestReturn(ctx context.Context, c *client.Client, order, sku string, quantity int, key uuid.UUID) (id string, codes []string, err error) {
	var data struct {
		RequestReturn struct {
			Return     *struct{ ID string }
			UserErrors []client.UserError
		}
	}
	err = c.Do(ctx, `mutation ($input: RequestReturnInput!) {
		requestReturn(input: $input) { return { id } userErrors { code message path } }
	}`, map[string]any{"input": map[string]any{
		"orderId": order, "lines": []any{map[string]any{"sku": sku, "quantity": quantity}}, "reason": "not what I wanted", "idempotencyKey": key,
	}}, &data)
	for _, refused := range data.RequestReturn.UserErrors {
		codes = append(codes, refused.Code)
	}
	switch {
	case err != nil || len(codes) > 0:
		return "", codes, err
	case data.RequestReturn.Return == nil:
		return "", nil, fmt.Errorf("neither a return nor a reason")
	}
	return data.RequestReturn.Return.ID, nil, nil
}

// LookReturn reads a return.
func LookReturn(ctx context.Context, c *client.Client, id string) (Return, error) {
	var data struct{ Return Return }
	err := c.Do(ctx, `query ($id: ID!) { return(id: $id) { `+returnFields+` } }`, map[string]any{"id": id}, &data)
	return data.Return, err
}

// RestReturn waits until a return is over or waits for an operator, and answers it. The test fails when that takes longer than patience.
func RestReturn(t testing.TB, c *client.Client, id string, patience time.Duration) Return {
	t.Helper()
	return Await(t, patience, "return "+id+" is at rest", func(ctx context.Context) (Return, bool, error) {
		back, err := LookReturn(ctx, c, id)
		return back, back.AtRest(), err
	})
}
