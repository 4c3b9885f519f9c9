package ordering_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	orderingv1 "quadrille.dev/schema/rpc/ordering/v1"
	"quadrille.dev/services/ordering"
)

// returned requests a return of a fulfilled order.
func (r *running) returned() *orderingv1.Return {
	r.Helper()
	r.announce(time.Now())
	r.until("quoted", r.quoted)
	id := r.place()
	r.tell("inventory.stock.deducted", id, time.Now(), map[string]any{"orderId": id, "lines": []any{}})
	r.until("fulfilled", func() bool { return r.order(id).Status == "FULFILLED" })
	answer, err := r.client.RequestReturn(r.ada, &orderingv1.RequestReturnRequest{
		OrderId: id, Lines: []*orderingv1.LineInput{{Sku: "CUP", Quantity: 1}}, IdempotencyKey: uuid.NewString(),
	})
	if err != nil || len(answer.UserErrors) > 0 {
		r.Fatal(err, answer)
	}
	return answer.Return
}

func (r *running) getReturn(id string) *orderingv1.Return {
	r.Helper()
	answer, err := r.client.GetReturns(r.ada, &orderingv1.GetReturnsRequest{Ids: []string{id}})
	if err != nil || len(answer.Returns) != 1 {
		r.Fatal(err, answer)
	}
	return answer.Returns[0]
}

func (r *running) answer(fact string, to *orderingv1.Return, command, outcome string) {
	r.Helper()
	r.tell(fact, to.Id, time.Now(), map[string]any{
		"returnId": to.Id, "orderId": to.OrderId, "command": command, "outcome": outcome, "reference": "", "reason": "",
	})
}

// The orchestrator is stopped while each of the answers is on its way, and goes on where it was.
func TestAReturnSurvivesItsOrchestrator(t *testing.T) {
	r := start(t, time.Hour)
	back := r.returned()
	for i, answer := range []struct{ fact, command string }{
		{"fulfillment.pickup.answered", "arrangePickup"}, {"inventory.restock.answered", "restock"}, {"billing.refund.answered", "refund"},
	} {
		r.stop()
		r.answer(answer.fact, back, answer.command, "DONE")
		r.run()
		r.until("done", func() bool { return r.getReturn(back.Id).Steps[i].State == "DONE" })
	}
	r.until("completed", func() bool { return r.getReturn(back.Id).State == "COMPLETED" })
}

// While nobody answers, timers bring a return back step by step, also over a restart, until an operator has to see to it. That is on the
// metrics; a late answer, or the operator, ends it.
func TestAReturnThatNobodyAnswersNeedsAnOperator(t *testing.T) {
	r := start(t, time.Hour, func(c *ordering.Config) { c.StepTimeout, c.StepTries, c.UndoTries = 100*time.Millisecond, 2, 2 })
	back := r.returned()
	r.until("on its way back", func() bool { return r.getReturn(back.Id).State != "RUNNING" })
	r.stop()
	r.run()
	r.until("in need of an operator", func() bool { return r.getReturn(back.Id).State == "NEEDS_OPERATOR" })
	if step := r.getReturn(back.Id).Steps[0]; step.State != "COMPENSATING" || step.Attempts != 4 {
		t.Errorf("%v", step)
	}
	const gauge = "\nquadrille_returns_needing_operator "
	if _, metrics := r.get("/metrics"); !strings.Contains(metrics, gauge+"1\n") {
		t.Error("it is not on the metrics")
	}
	retried, err := r.client.RetryReturn(r.olga, &orderingv1.RetryReturnRequest{ReturnId: back.Id})
	if err != nil || retried.GetReturn().GetState() != "COMPENSATING" {
		t.Fatal(err, retried)
	}
	r.until("in need of an operator again", func() bool { return r.getReturn(back.Id).State == "NEEDS_OPERATOR" })
	r.answer("fulfillment.pickup.answered", back, "cancelPickup", "UNDONE")
	r.until("compensated", func() bool { return r.getReturn(back.Id).State == "COMPENSATED" })
	if _, metrics := r.get("/metrics"); !strings.Contains(metrics, gauge+"0\n") {
		t.Error("it is still on the metrics")
	}
}

// A timer that an answer sets is seen at once, not when somebody looks anyway: with nothing due, that would be seconds later.
func TestATimerThatAnAnswerSetsFiresInTime(t *testing.T) {
	r := start(t, time.Hour, func(c *ordering.Config) { c.StepTimeout, c.StepTries, c.UndoTries = time.Second, 5, 1 })
	back := r.returned()
	r.answer("fulfillment.pickup.answered", back, "arrangePickup", "DONE")
	r.until("in need of an operator", func() bool { return r.getReturn(back.Id).State == "NEEDS_OPERATOR" })
	answered := time.Now()
	r.answer("inventory.restock.answered", back, "withdrawStock", "UNDONE")
	r.until("in need of an operator for the pick-up too", func() bool {
		now := r.getReturn(back.Id)
		return now.Steps[1].State == "COMPENSATED" && now.State == "NEEDS_OPERATOR"
	})
	if took := time.Since(answered); took > 4*time.Second {
		t.Errorf("a timer of %s has fired %s after the answer", r.config.StepTimeout, took)
	}
}
