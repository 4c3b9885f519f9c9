package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/proof/system"
	"quadrille.dev/stack/client"
)

// fulfilled places an order and waits until it is at rest.
func fulfilled(t *testing.T, c *client.Client, wish system.Wish) system.Order {
	t.Helper()
	order := system.Rest(t, c, place(t, c, wish), patience)
	if order.Status != "FULFILLED" {
		t.Fatalf("order at rest: %+v", order)
	}
	return order
}

func sendBack(t *testing.T, c *client.Client, order, sku string, quantity int) string {
	t.Helper()
	id, codes, err := system.RequestReturn(t.Context(), c, order, sku, quantity, uuid.New())
	if err != nil || len(codes) > 0 {
		t.Fatalf("request return: %v %v", codes, err)
	}
	return id
}

func refused(t *testing.T, c *client.Client, order, sku string, quantity int, want string) {
	t.Helper()
	_, codes, err := system.RequestReturn(t.Context(), c, order, sku, quantity, uuid.New())
	if err != nil || !slices.Equal(codes, []string{want}) {
		t.Errorf("returning %d: %v %v, want %s", quantity, codes, err, want)
	}
}

// goodsComeBack holds design §4: what is returned, in parts and never more than was bought, is collected, in stock again, and paid back.
func goodsComeBack(t *testing.T) {
	t.Parallel()
	ada, sku := quadrille.As(t, system.Ada), sell(t, 5)
	order := fulfilled(t, ada, system.Wish{SKU: sku, Quantity: 3}).ID
	refused(t, ada, order, sku, 4, "RETURN_EXCEEDS_PURCHASE")
	refused(t, quadrille.As(t, system.Grace), order, sku, 1, "FORBIDDEN")

	first := system.RestReturn(t, ada, sendBack(t, ada, order, sku, 1), patience)
	if first.State != "COMPLETED" || first.Refund.Amount != "12.40" || first.CreditNote == nil {
		t.Errorf("at rest: %+v", first)
	}
	if diff := cmp.Diff([]string{"pickup:DONE", "restock:DONE", "refund:DONE"}, first.StepsAre()); diff != "" {
		t.Error(diff)
	}
	refused(t, ada, order, sku, 3, "RETURN_EXCEEDS_PURCHASE")
	rest := system.RestReturn(t, ada, sendBack(t, ada, order, sku, 2), patience)
	if rest.State != "COMPLETED" || rest.Refund.Amount != "24.80" {
		t.Errorf("the rest at rest: %+v", rest)
	}
	refused(t, ada, order, sku, 1, "RETURN_EXCEEDS_PURCHASE")

	now, err := system.Look(t.Context(), ada, order)
	if err != nil || now.Status != "FULFILLED" || now.Payment.Status != "CAPTURED" || now.Payment.Refunded.Amount != "37.20" {
		t.Errorf("the order after all is back: %+v %v", now, err)
	}
	if available := system.Available(t, ada, sku); available != 5 {
		t.Errorf("%d of 5 available after all is back", available)
	}
}

// aReturnIsRequestedOnce holds design §7 on idempotency keys, and that only what was fulfilled comes back.
func aReturnIsRequestedOnce(t *testing.T) {
	t.Parallel()
	ada, sku := quadrille.As(t, system.Ada), sell(t, 5)
	order, key := fulfilled(t, ada, system.Wish{SKU: sku, Quantity: 2}).ID, uuid.New()
	var ids []string
	for range 2 {
		id, codes, err := system.RequestReturn(t.Context(), ada, order, sku, 1, key)
		if err != nil || len(codes) > 0 {
			t.Fatalf("request return: %v %v", codes, err)
		}
		ids = append(ids, id)
	}
	if ids[0] != ids[1] {
		t.Errorf("one key, and two returns: %v", ids)
	}
	if _, codes, err := system.RequestReturn(t.Context(), ada, order, sku, 2, key); err != nil || !slices.Equal(codes, []string{"IDEMPOTENCY_CONFLICT"}) {
		t.Errorf("the same key with another input: %v %v", codes, err)
	}
	declined := system.Rest(t, ada, place(t, ada, system.Wish{SKU: sku, Token: "pm_card_chargeDeclined"}), patience)
	refused(t, ada, declined.ID, sku, 1, "NOT_FULFILLED")
}

// whatAReturnCannotDoIsUndone has each step fail in turn.
func whatAReturnCannotDoIsUndone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wish  system.Wish
		full  bool
		steps []string
	}{
		"not collected":  {system.Wish{Postcode: "00001"}, false, []string{"pickup:FAILED", "restock:SKIPPED", "refund:SKIPPED"}},
		"not taken back": {system.Wish{}, true, []string{"pickup:COMPENSATED", "restock:FAILED", "refund:SKIPPED"}},
		"not paid back":  {system.Wish{Token: "pm_card_refundFail"}, false, []string{"pickup:COMPENSATED", "restock:COMPENSATED", "refund:FAILED"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ada, sku := quadrille.As(t, system.Ada), sell(t, 5)
			c.wish.SKU = sku
			order := fulfilled(t, ada, c.wish).ID
			left := 4
			if c.full {
				left = countable
				fill(t, sku)
			}
			back := system.RestReturn(t, ada, sendBack(t, ada, order, sku, 1), patience)
			if back.State != "COMPENSATED" || back.Failure == "" || back.CreditNote != nil {
				t.Errorf("at rest: %+v", back)
			}
			if diff := cmp.Diff(c.steps, back.StepsAre()); diff != "" {
				t.Error(diff)
			}
			now, err := system.Look(t.Context(), ada, order)
			if err != nil || now.Status != "FULFILLED" || now.Payment.Refunded.Amount != "0.00" {
				t.Errorf("the order: %+v %v", now, err)
			}
			if available := system.Available(t, ada, sku); available != left {
				t.Errorf("%d available, want %d", available, left)
			}
			refused(t, ada, order, sku, 2, "RETURN_EXCEEDS_PURCHASE")
		})
	}
}

// countable is the most of one SKU that inventory counts.
const countable = 1<<31 - 1

// fill does what some thousand deliveries would: not one more piece of the SKU can be counted.
func fill(t *testing.T, sku string) {
	t.Helper()
	_, err := quadrille.Database(t, "inventory").Exec(t.Context(),
		`UPDATE stock SET on_hand = $2, received = $2 + deducted WHERE sku = $1`, sku, countable)
	if err != nil {
		t.Fatal(err)
	}
}

// aReturnThatCannotBeUndone holds design §4: goods that came back are promised to somebody else when the refund is refused. The return
// needs an operator, who has more delivered and retries; another is resolved.
func aReturnThatCannotBeUndone(t *testing.T) {
	ada, olga := quadrille.As(t, system.Ada), quadrille.As(t, system.Olga)
	retried, resolved := unreturnable(t, ada), unreturnable(t, ada)
	quadrille.Halt("provider") // so that there is time to buy what came back
	for _, c := range []*unreturned{&retried, &resolved} {
		c.id = sendBack(t, ada, c.order.ID, c.sku, 1)
		awaitAvailable(t, ada, c.sku, 1)
		place(t, ada, system.Wish{SKU: c.sku})
		awaitAvailable(t, ada, c.sku, 0)
	}
	restart(t, "provider")
	for _, c := range []unreturned{retried, resolved} {
		back := system.RestReturn(t, ada, c.id, patience)
		if back.State != "NEEDS_OPERATOR" {
			t.Fatalf("at rest: %+v", back)
		}
	}
	saga := awaitSaga(t, olga, retried.id, "NEEDS_OPERATOR")
	if saga.NextAction == "" {
		t.Errorf("nobody says what is to be done: %+v", saga)
	}
	if codes := actOn(t, ada, "retryReturn", retried.id); !slices.Equal(codes, []string{"FORBIDDEN"}) {
		t.Errorf("a customer retries: %v", codes)
	}
	system.Receive(t, olga, retried.sku, 1)
	done := deeds{t, map[string][]string{}}
	done.do(olga, "retryReturn", "", map[string]any{"returnId": retried.id}, nil)
	done.do(olga, "resolveReturn", "", map[string]any{"returnId": resolved.id, "reason": "counted by hand"}, nil)
	awaitAudited(t, olga, "olga@quadrille.test return.retried Retried the return of order "+retried.order.Number+".")
	awaitAudited(t, olga, "olga@quadrille.test return.resolved Resolved the return of order "+resolved.order.Number+": counted by hand")
	for _, c := range []unreturned{retried, resolved} {
		back := awaitState(t, ada, c.id, "COMPENSATED")
		if diff := cmp.Diff([]string{"pickup:COMPENSATED", "restock:COMPENSATED", "refund:FAILED"}, back.StepsAre()); diff != "" {
			t.Error(diff)
		}
	}
	if codes := actOn(t, olga, "retryReturn", retried.id); !slices.Equal(codes, []string{"NOT_STALLED"}) {
		t.Errorf("retrying what is over: %v", codes)
	}
	declared := declaredFacts(t)
	for mutation, traces := range done.traces {
		if got := published(t, traces); len(got) == 0 || !covers(declared[mutation], got) {
			t.Errorf("%s sets off %v, and declares %v", mutation, got, declared[mutation])
		}
	}
}

// unreturned is an order whose last piece comes back, and is sold again.
type unreturned struct {
	sku, id string
	order   system.Order
}

func unreturnable(t *testing.T, c *client.Client) unreturned {
	t.Helper()
	sku := sell(t, 1)
	return unreturned{sku: sku, order: fulfilled(t, c, system.Wish{SKU: sku, Token: "pm_card_refundFail"})}
}

func awaitAvailable(t *testing.T, c *client.Client, sku string, want int) {
	t.Helper()
	system.Await(t, patience, fmt.Sprintf("%d of %s are available", want, sku), func(context.Context) (int, bool, error) {
		available := system.Available(t, c, sku)
		return available, available == want, nil
	})
}

func awaitState(t *testing.T, c *client.Client, id, state string) system.Return {
	t.Helper()
	return system.Await(t, patience, "return "+id+" is "+state, func(ctx context.Context) (system.Return, bool, error) {
		back, err := system.LookReturn(ctx, c, id)
		return back, back.State == state, err
	})
}

// actOn has somebody see to a return, and answers the codes of why it was refused.
func actOn(t *testing.T, c *client.Client, mutation, id string) (codes []string) {
	t.Helper()
	input := map[string]any{"returnId": id}
	if mutation == "resolveReturn" {
		input["reason"] = "counted by hand"
	}
	var data struct {
		Result struct{ UserErrors []client.UserError }
	}
	name := strings.ToUpper(mutation[:1]) + mutation[1:]
	err := c.Do(t.Context(), `mutation ($input: `+name+`Input!) { result: `+mutation+`(input: $input) { return { id } userErrors { code message path } } }`,
		map[string]any{"input": input}, &data)
	if err != nil && strings.Contains(err.Error(), "FORBIDDEN") {
		return []string{"FORBIDDEN"}
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, refused := range data.Result.UserErrors {
		codes = append(codes, refused.Code)
	}
	return codes
}
