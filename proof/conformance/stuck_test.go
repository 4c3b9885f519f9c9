package conformance

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

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

	saga := awaitSaga(t, olga, id, "STUCK", "billing.payment.refunded")
	const action = "Billing refunds the payment; an operator retries or resolves the step charge."
	if saga.NextAction != action {
		t.Errorf("stuck, next action %q", saga.NextAction)
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

type listedSaga struct {
	Subject    struct{ ID string }
	State      string
	WaitingFor []string
	NextAction string
}

// awaitSaga waits until the saga of an order or a return is listed in a state, and waits for these facts alone if any are given, and answers it.
func awaitSaga(t *testing.T, olga *client.Client, id, state string, facts ...string) (saga listedSaga) {
	t.Helper()
	system.Await(t, patience, "the saga of "+id+" is listed as "+state, func(ctx context.Context) ([]listedSaga, bool, error) {
		var data struct{ Sagas struct{ Nodes []listedSaga } }
		err := olga.Do(ctx, `query ($state: SagaState!) { sagas(filter: {state: $state}, first: 10) {
			nodes { subject { ... on Order { id } ... on Return { id } } state waitingFor nextAction } } }`, map[string]any{"state": state}, &data)
		i := slices.IndexFunc(data.Sagas.Nodes, func(s listedSaga) bool {
			return s.Subject.ID == id && s.State == state && (len(facts) == 0 || slices.Equal(s.WaitingFor, facts))
		})
		if i >= 0 {
			saga = data.Sagas.Nodes[i]
		}
		return data.Sagas.Nodes, i >= 0, err
	})
	return saga
}

// awaitAudited returns when the audit log tells of an action: "actor action detail".
func awaitAudited(t *testing.T, olga *client.Client, want string) {
	t.Helper()
	system.Await(t, patience, "the audit log tells of "+want, func(ctx context.Context) (told []string, enough bool, err error) {
		var data struct {
			AuditLog struct {
				Nodes []struct{ Actor, Action, Detail string }
			}
		}
		err = olga.Do(ctx, `{ auditLog(first: 50) { nodes { actor action detail } } }`, nil, &data)
		for _, entry := range data.AuditLog.Nodes {
			told = append(told, strings.Join([]string{entry.Actor, entry.Action, entry.Detail}, " "))
		}
		return told, slices.Contains(told, want), err
	})
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
