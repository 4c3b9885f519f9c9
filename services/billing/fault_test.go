package billing_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/services/billing"
	"quadrille.dev/services/billing/internal/app"
)

// hears delivers facts and answers the names of those that follow.
func hears(t *testing.T, actor testkit.Participant, facts ...event.Envelope) (said []string) {
	t.Helper()
	for _, fact := range facts {
		said = append(said, names(t)(actor.Deliver(t0, fact, noon))...)
	}
	return said
}

func names(t *testing.T) func([]event.Envelope, error) []string {
	t.Helper()
	return func(facts []event.Envelope, err error) (names []string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		for _, fact := range facts {
			names = append(names, fact.Name())
		}
		return names
	}
}

// asks has the workers take what is due, and answers the keys of the calls under way.
func asks(t *testing.T, actor testkit.Participant, at time.Time) (keys []string) {
	t.Helper()
	if _, err := actor.Fire(t0, at); err != nil {
		t.Fatal(err)
	}
	for _, call := range actor.Calls() {
		keys = append(keys, call.Key)
	}
	return keys
}

func TestACompensationBeforeItsActionIsRememberedAndNothingIsChargedLater(t *testing.T) {
	actor := billing.Participant()
	said := hears(t, actor, facts(1, "425", "ordering.order.cancelled", "ordering.order.placed", "inventory.stock.reserved")...)
	if !slices.Equal(said, []string{"billing.payment.voided"}) {
		t.Errorf("said %v", said)
	}
	if asked := asks(t, actor, noon.Add(24*time.Hour)); len(asked) != 0 {
		t.Errorf("asked %v", asked)
	}
}

func TestSuccessAfterCancelIsRefunded(t *testing.T) {
	actor := billing.Participant()
	hears(t, actor, facts(1, "425", "ordering.order.placed", "inventory.stock.reserved")...)
	asks(t, actor, noon)
	hears(t, actor, facts(1, "425", "ordering.order.cancelled")...)
	charged := testkit.Answer{Outcome: testkit.Done, Reference: "pi_1"}
	if said := names(t)(actor.Answer(t0, "charge-"+orderID, charged, noon)); !slices.Equal(said, []string{"billing.payment.captured"}) {
		t.Errorf("charged: %v", said)
	}
	if asked := asks(t, actor, noon); !slices.Equal(asked, []string{"refund-" + orderID}) {
		t.Errorf("asked %v", asked)
	}
	refunded := testkit.Answer{Outcome: testkit.Done, Reference: "re_1"}
	if said := names(t)(actor.Answer(t0, "refund-"+orderID, refunded, noon)); !slices.Equal(said, []string{"billing.payment.refunded"}) {
		t.Errorf("refunded: %v", said)
	}
}

// One worker's clock is an hour ahead: it takes a call whose lease has not ended for the worker that makes it.
func TestWorkersWhoseClocksDisagreeAskUnderOneKeyAndChargeOnce(t *testing.T) {
	actor := billing.Participant()
	hears(t, actor, facts(1, "425", "ordering.order.placed", "inventory.stock.reserved")...)
	for _, clock := range []time.Time{noon, noon.Add(time.Hour), noon.Add(-time.Hour)} {
		if asked := asks(t, actor, clock); !slices.Equal(asked, []string{"charge-" + orderID}) {
			t.Errorf("asked %v", asked)
		}
	}
	var said []string
	for _, clock := range []time.Time{noon.Add(time.Hour), noon, noon.Add(-time.Hour)} {
		answer := testkit.Answer{Outcome: testkit.Done, Reference: "pi_1"}
		said = append(said, names(t)(actor.Answer(t0, "charge-"+orderID, answer, clock))...)
	}
	if !slices.Equal(said, []string{"billing.payment.captured"}) {
		t.Errorf("said %v", said)
	}
}

func TestAFactForAFinishedOrderChangesNothing(t *testing.T) {
	actor := billing.Participant()
	told := slices.DeleteFunc(billing.Facts(), func(name string) bool { return strings.HasPrefix(name, "ordering.return.") })
	all := facts(2, "425", told...)
	hears(t, actor, facts(1, "425", "ordering.order.placed", "ordering.order.cancelled")...)
	if said := hears(t, actor, all...); len(said) != 0 {
		t.Errorf("said %v", said)
	}
	if asked := asks(t, actor, noon.Add(24*time.Hour)); len(asked) != 0 {
		t.Errorf("asked %v", asked)
	}
}

// paid is billing with an order that has paid 425.
func paid(t *testing.T) *testkit.Actor[app.Store] {
	t.Helper()
	actor := billing.Participant()
	hears(t, actor, facts(1, "425", "ordering.order.placed", "inventory.stock.reserved")...)
	asks(t, actor, noon)
	names(t)(actor.Answer(t0, "charge-"+orderID, testkit.Answer{Outcome: testkit.Done, Reference: "pi_1"}, noon))
	return actor
}

// told answers the outcomes of the commands that are answered.
func told(t *testing.T) func([]event.Envelope, error) []string {
	t.Helper()
	return func(said []event.Envelope, err error) (outcomes []string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range said {
			data, err := event.Data[struct{ Command, Outcome string }](m)
			if err != nil {
				t.Fatal(err)
			}
			outcomes = append(outcomes, strings.TrimSpace(data.Command+" "+data.Outcome))
		}
		return outcomes
	}
}

// The charge has a name that is not the customer's.
func TestAnErasedCustomerIsPaidBack(t *testing.T) {
	actor := paid(t)
	hears(t, actor, facts(1, "", "customers.customer.erased", "ordering.return.refund")...)
	if asked := asks(t, actor, noon); !slices.Equal(asked, []string{"refund-" + returnID}) {
		t.Errorf("asked %v", asked)
	}
	given := testkit.Answer{Outcome: testkit.Done, Reference: "re_1"}
	if said := told(t)(actor.Answer(t0, "refund-"+returnID, given, noon)); !slices.Equal(said, []string{"", "refund DONE"}) {
		t.Errorf("said %v", said)
	}
}

func TestWhatWasNeverChargedIsNotPaidBack(t *testing.T) {
	for _, heard := range [][]string{
		nil, {"ordering.order.placed"}, {"ordering.order.placed", "ordering.order.cancelled"}, {"ordering.order.placed", "inventory.stock.reserved"},
	} {
		actor := billing.Participant()
		hears(t, actor, facts(1, "425", heard...)...)
		said := told(t)(actor.Deliver(t0, some.command("refund", 1), noon))
		if !slices.Equal(said, []string{"refund REFUSED"}) {
			t.Errorf("after %v: %v", heard, said)
		}
	}
}

// A cancellation that comes while the provider is asked waits for what it says, however often the answer is lost.
func TestARefundThatMayHaveBeenMadeIsNotCalledOff(t *testing.T) {
	for outcome, want := range map[testkit.Outcome][]string{
		testkit.Done:    {"", "refund DONE", "cancelRefund DONE"},
		testkit.Refused: {"refund REFUSED", "cancelRefund UNDONE"},
	} {
		actor := paid(t)
		hears(t, actor, some.command("refund", 1))
		asks(t, actor, noon)
		names(t)(actor.Answer(t0, some.key(), testkit.Answer{Outcome: testkit.Lost}, noon))
		for sent := range int64(3) {
			if said := hears(t, actor, some.command("cancelRefund", 2+sent)); len(said) > 0 {
				t.Errorf("said %v while it is not known", said)
			}
		}
		asks(t, actor, noon.Add(time.Minute))
		if said := told(t)(actor.Answer(t0, some.key(), testkit.Answer{Outcome: outcome, Reference: "re_1"}, noon)); !slices.Equal(said, want) {
			t.Errorf("said %v, want %v", said, want)
		}
	}
}
