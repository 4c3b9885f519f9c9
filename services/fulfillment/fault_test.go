package fulfillment_test

import (
	"slices"
	"testing"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/services/fulfillment"
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

var accepted = testkit.Answer{Outcome: testkit.Done, Reference: "QP1"}

func TestACompensationBeforeItsActionIsRememberedAndNothingIsBookedLater(t *testing.T) {
	actor := fulfillment.Participant()
	said := hears(t, actor, facts(1, "ordering.order.cancelled", "ordering.order.placed", "billing.payment.captured")...)
	if !slices.Equal(said, []string{"fulfillment.shipment.cancelled"}) {
		t.Errorf("said %v", said)
	}
	if asked := asks(t, actor, noon.Add(24*time.Hour)); len(asked) != 0 {
		t.Errorf("asked %v", asked)
	}
}

func TestSuccessAfterCancelIsCancelledWithTheCarrier(t *testing.T) {
	actor := fulfillment.Participant()
	hears(t, actor, facts(1, "ordering.order.placed", "billing.payment.captured")...)
	asks(t, actor, noon)
	said := hears(t, actor, facts(1, "ordering.order.cancelled")...)
	said = append(said, names(t)(actor.Answer(t0, "book-"+orderID, accepted, noon))...)
	if asked := asks(t, actor, noon); len(said) != 0 || !slices.Equal(asked, []string{"cancel-" + orderID}) {
		t.Errorf("said %v, asked %v", said, asked)
	}
	said = names(t)(actor.Answer(t0, "cancel-"+orderID, accepted, noon))
	if !slices.Equal(said, []string{"fulfillment.shipment.cancelled"}) {
		t.Errorf("said %v", said)
	}
}

// One worker's clock is an hour ahead: it takes a call whose lease has not ended for the worker that makes it.
func TestWorkersWhoseClocksDisagreeAskUnderOneKeyAndBookOnce(t *testing.T) {
	actor := fulfillment.Participant()
	hears(t, actor, facts(1, "ordering.order.placed", "billing.payment.captured")...)
	for _, clock := range []time.Time{noon, noon.Add(time.Hour), noon.Add(-time.Hour)} {
		if asked := asks(t, actor, clock); !slices.Equal(asked, []string{"book-" + orderID}) {
			t.Errorf("asked %v", asked)
		}
	}
	var said []string
	for _, clock := range []time.Time{noon.Add(time.Hour), noon, noon.Add(-time.Hour)} {
		said = append(said, names(t)(actor.Answer(t0, "book-"+orderID, accepted, clock))...)
	}
	if !slices.Equal(said, []string{"fulfillment.shipment.arranged"}) {
		t.Errorf("said %v", said)
	}
}

func TestAFactForAFinishedOrderChangesNothing(t *testing.T) {
	actor := fulfillment.Participant()
	hears(t, actor, facts(1, "ordering.order.placed", "ordering.order.cancelled")...)
	said := hears(t, actor, facts(2, "ordering.order.placed", "billing.payment.captured", "ordering.order.cancelled")...)
	if asked := asks(t, actor, noon.Add(24*time.Hour)); len(said) != 0 || len(asked) != 0 {
		t.Errorf("said %v, asked %v", said, asked)
	}
}
