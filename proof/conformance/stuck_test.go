package conformance

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"quadrille.dev/proof/system"
	"quadrille.dev/stack/client"
)

// aCompensationThatKeepsFailing holds reliability line 32: the provider is away while an order is cancelled that was charged. The saga
// shows as STUCK and says what to do; when the provider is back an operator retries the step, and everything is undone.
func aCompensationThatKeepsFailing(t *testing.T) {
	ada, olga, sku := quadrille.As(t, system.Ada), quadrille.As(t, system.Olga), sell(t, 5)
	quadrille.Halt("carrier") // so that there is time to cancel
	id := place(t, ada, system.Wish{SKU: sku})
	awaitFact(t, ada, id, "billing.payment.captured")
	quadrille.Halt("provider")
	if codes, err := system.Cancel(t.Context(), ada, id); err != nil || len(codes) > 0 {
		t.Fatalf("cancel: %v, %v", codes, err)
	}
	restart(t, "carrier")
	awaitFact(t, ada, id, "fulfillment.shipment.cancelled")

	saga := awaitStuck(t, olga, id)
	const action = "Billing refunds the payment; an operator retries or resolves the step charge."
	if saga.NextAction != action || !slices.Equal(saga.WaitingFor, []string{"billing.payment.refunded"}) {
		t.Errorf("stuck, waiting for %v, next action %q", saga.WaitingFor, saga.NextAction)
	}
	if codes := retry(t, olga, id, "arrange"); !slices.Equal(codes, []string{"NOT_STALLED"}) {
		t.Errorf("retrying what has not stalled: %v", codes)
	}

	if codes := retry(t, olga, id, "charge"); len(codes) > 0 {
		t.Errorf("retrying what has stalled: %v", codes)
	}
	awaitAudited(t, olga, "olga@quadrille.test step.retried Retried the step charge.")

	restart(t, "provider")
	if codes := retry(t, olga, id, "charge"); len(codes) > 0 && codes[0] != "NOT_STALLED" {
		t.Errorf("retrying what the next try may have ended already: %v", codes)
	}
	order := system.Rest(t, ada, id, patience)
	if order.Saga.State != "COMPENSATED" || order.Payment.Status != "REFUNDED" || !order.Cancellation.Settled {
		t.Errorf("order at rest: %+v", order)
	}
}

func restart(t *testing.T, program string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	if err := quadrille.Restart(ctx, program); err != nil {
		t.Fatal(err)
	}
}

// awaitFact returns when chronicle has recorded a fact of an order.
func awaitFact(t *testing.T, c *client.Client, id, fact string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	err := c.Subscribe(ctx, `subscription ($id: ID!) { orderChanged(id: $id, since: 0) { fact { type } } }`, map[string]any{"id": id},
		func(data json.RawMessage) bool { return !strings.Contains(string(data), `"`+fact+`"`) })
	if err != nil {
		t.Fatalf("await %s: %v", fact, err)
	}
}

type stuckSaga struct {
	Subject    struct{ ID string }
	State      string
	WaitingFor []string
	NextAction string
}

// awaitStuck waits until an order's saga is listed as stuck and waits for the refund alone, and answers it.
func awaitStuck(t *testing.T, olga *client.Client, id string) stuckSaga {
	t.Helper()
	for until := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		var data struct{ Sagas struct{ Nodes []stuckSaga } }
		err := olga.Do(t.Context(), `{ sagas(filter: {state: STUCK}, first: 10) {
			nodes { subject { ... on Order { id } } state waitingFor nextAction } } }`, nil, &data)
		if err != nil {
			t.Fatal(err)
		}
		for _, saga := range data.Sagas.Nodes {
			if saga.Subject.ID == id && saga.State == "STUCK" && len(saga.WaitingFor) == 1 {
				return saga
			}
		}
		if time.Now().After(until) {
			t.Fatalf("order %s is not among those that are stuck: %+v", id, data)
		}
	}
}

// awaitAudited returns when the audit log tells of an action: "actor action detail".
func awaitAudited(t *testing.T, olga *client.Client, want string) {
	t.Helper()
	for until := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		var data struct {
			AuditLog struct {
				Nodes []struct{ Actor, Action, Detail string }
			}
		}
		if err := olga.Do(t.Context(), `{ auditLog(first: 50) { nodes { actor action detail } } }`, nil, &data); err != nil {
			t.Fatal(err)
		}
		for _, entry := range data.AuditLog.Nodes {
			if strings.Join([]string{entry.Actor, entry.Action, entry.Detail}, " ") == want {
				return
			}
		}
		if time.Now().After(until) {
			t.Fatalf("the audit log does not tell of %q: %+v", want, data)
		}
	}
}

// retry retries a step and answers the codes of why it was refused.
func retry(t *testing.T, olga *client.Client, id, step string) (codes []string) {
	t.Helper()
	var data struct {
		RetryStep struct{ UserErrors []client.UserError }
	}
	err := olga.Do(t.Context(), `mutation ($input: RetryStepInput!) { retryStep(input: $input) { order { id } userErrors { code message path } } }`,
		map[string]any{"input": map[string]any{"orderId": id, "step": step}}, &data)
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range data.RetryStep.UserErrors {
		codes = append(codes, wrong.Code)
	}
	return codes
}
