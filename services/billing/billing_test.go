package billing_test

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/event"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/services/billing"
)

var t0 = context.Background()

// all are the facts of the order saga.
var all = []string{"ordering.order.placed", "inventory.stock.reserved", "ordering.order.cancelled", "fulfillment.shipment.failed"}

// Whatever the order in which facts come, how often, and what becomes of the calls: an order is charged at most once and never after
// it was voided, and when it is given up there is exactly one end.
func TestEveryOrderOfFacts(t *testing.T) {
	for _, test := range []struct {
		name, total string
		copies      int
		facts       []string
	}{
		{"everything, twice", "425", 2, all},
		{"not cancelled", "425", 2, all[:2]},
		{"cancelled", "425", 2, all[:3]},
		{"never placed", "425", 2, all[1:3]},
		{"costs nothing", "0", 2, all},
	} {
		t.Run(test.name, func(t *testing.T) { explore(t, facts(test.copies, test.total, test.facts...)) })
	}
}

// A card is kept no longer than the provider may have to be told it, in whatever order the customer is erased.
func TestEveryOrderOfErasure(t *testing.T) {
	for name, others := range map[string][]string{
		"while it is charged": {"inventory.stock.reserved"},
		"while it is undone":  {"inventory.stock.reserved", "ordering.order.cancelled"},
		"for nothing":         {"ordering.order.cancelled"},
	} {
		t.Run(name, func(t *testing.T) {
			explore(t, facts(1, "425", append(others, "ordering.order.placed", "customers.customer.erased")...))
		})
	}
}

func TestWhatCostsNothingIsNotAskedFor(t *testing.T) {
	actor := billing.Participant()
	for _, f := range facts(1, "0", "ordering.order.placed", "inventory.stock.reserved") {
		if _, err := actor.Deliver(t0, f, noon); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := actor.Fire(t0, noon); err != nil || len(actor.Calls()) != 0 {
		t.Errorf("calls %v, error %v", actor.Calls(), err)
	}
}

// schedule drives billing through a charge that is lost and a refund, and answers its hash after each step.
func schedule(t *testing.T) [][32]byte {
	t.Helper()
	actor := billing.Participant()
	var hashes [][32]byte
	did := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, actor.Hash())
	}
	for _, f := range facts(1, "425", "inventory.stock.reserved", "ordering.order.placed") {
		did(actor.Deliver(t0, f, noon))
	}
	did(actor.Fire(t0, noon))
	did(actor.Answer(t0, "charge-"+orderID, testkit.Answer{Outcome: testkit.Lost}, noon))
	for _, f := range facts(1, "425", "ordering.order.cancelled") {
		did(actor.Deliver(t0, f, noon))
	}
	did(actor.Answer(t0, "charge-"+orderID, testkit.Answer{Outcome: testkit.Done, Reference: "pi_1"}, noon))
	did(actor.Fire(t0, noon))
	did(actor.Answer(t0, "refund-"+orderID, testkit.Answer{Outcome: testkit.Done, Reference: "re_1"}, noon))
	return hashes
}

func TestOneScheduleGivesOneState(t *testing.T) {
	first := schedule(t)
	if diff := cmp.Diff(first, schedule(t)); diff != "" {
		t.Error(diff)
	}
	if distinct := slices.Compact(slices.Clone(first)); len(distinct) != len(first) {
		t.Errorf("%d steps made %d states", len(first), len(distinct))
	}
}

func TestCallsSayWhatIsAsked(t *testing.T) {
	actor := billing.Participant()
	for _, f := range facts(1, "425", "inventory.stock.reserved", "ordering.order.placed") {
		if _, err := actor.Deliver(t0, f, noon); err != nil {
			t.Fatal(err)
		}
	}
	if calls := actor.Calls(); len(calls) != 0 {
		t.Errorf("calls before they are handed over: %v", calls)
	}
	if _, err := actor.Fire(t0, noon); err != nil {
		t.Fatal(err)
	}
	want := []testkit.Call{{
		Key: "charge-" + orderID, To: "provider", Operation: "charge", Subject: orderID, Argument: "pm_card_visa 425 GBP",
	}}
	if diff := cmp.Diff(want, actor.Calls()); diff != "" {
		t.Error(diff)
	}
}

// published is every fact that an exploration has seen, and a provider that is away for long leads to, and what operators do.
func published(t *testing.T) []string {
	x := explore(t, facts(1, "425", all...))
	for _, fact := range askInVain(t, billing.Participant(), 10) {
		x.said[fact.Name()] = true
	}
	for _, fact := range giveBack(t, billing.Participant()) {
		x.said[fact.Name()] = true
	}
	x.said[audit.Fact("billing")] = true
	return slices.Sorted(maps.Keys(x.said))
}

// giveBack has money go back for a return, and answers what billing says.
func giveBack(t *testing.T, actor testkit.Participant) (said []event.Envelope) {
	t.Helper()
	say := func(more []event.Envelope, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, more...)
	}
	for _, f := range facts(1, "425", "inventory.stock.reserved", "ordering.order.placed") {
		say(actor.Deliver(t0, f, noon))
	}
	say(actor.Fire(t0, noon))
	say(actor.Answer(t0, "charge-"+orderID, testkit.Answer{Outcome: testkit.Done, Reference: "pi_1"}, noon))
	for _, f := range facts(1, "425", "ordering.return.refund") {
		say(actor.Deliver(t0, f, noon))
	}
	say(actor.Fire(t0, noon))
	want := []testkit.Call{{Key: "refund-" + returnID, To: "provider", Operation: "refund", Subject: returnID, Argument: "pi_1 300 GBP"}}
	if diff := cmp.Diff(want, actor.Calls()); diff != "" {
		t.Error(diff)
	}
	say(actor.Answer(t0, "refund-"+returnID, testkit.Answer{Outcome: testkit.Done, Reference: "re_1"}, noon))
	return said
}

// askInVain has the charge of an order lost so many times, and answers what billing says.
func askInVain(t *testing.T, actor testkit.Participant, times int) (said []event.Envelope) {
	t.Helper()
	say := func(more []event.Envelope, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, more...)
	}
	for _, f := range facts(1, "425", "inventory.stock.reserved", "ordering.order.placed") {
		say(actor.Deliver(t0, f, noon))
	}
	at := noon
	for range times {
		say(actor.Fire(t0, at))
		say(actor.Answer(t0, "charge-"+orderID, testkit.Answer{Outcome: testkit.Lost}, at))
		at = at.Add(time.Minute)
	}
	return said
}

func TestACallThatFailedTenTimesIsToldOf(t *testing.T) {
	for tries, want := range map[int]string{9: "billing.invoice.issued", 10: "billing.payment.stalled", 25: "billing.payment.stalled"} {
		said := askInVain(t, billing.Participant(), tries)
		if last := said[len(said)-1]; last.Name() != want || len(said) > 2 {
			t.Errorf("after %d tries: %d facts, the last %s", tries, len(said), last.Name())
		}
	}
}
