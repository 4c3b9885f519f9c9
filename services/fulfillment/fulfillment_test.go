package fulfillment_test

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
	"quadrille.dev/services/fulfillment"
)

var t0 = context.Background()

// Whatever the order in which facts come, how often, and what becomes of the calls: nothing is booked after it was cancelled, nothing
// is sent that was not fulfilled, and a cancelled order has exactly one end and nothing booked.
func TestEveryOrderOfFacts(t *testing.T) {
	for _, test := range []struct {
		name    string
		refuses bool
		facts   []string
	}{
		{"cancelled", true, []string{"ordering.order.placed", "billing.payment.captured", "ordering.order.cancelled"}},
		{"fulfilled", false, []string{"ordering.order.placed", "billing.payment.captured", "ordering.order.fulfilled"}},
		{"neither", true, []string{"ordering.order.placed", "billing.payment.captured"}},
		{"never placed", true, []string{"billing.payment.captured", "ordering.order.cancelled"}},
		{"never paid", true, []string{"ordering.order.placed", "ordering.order.cancelled"}},
	} {
		t.Run(test.name, func(t *testing.T) { explore(t, test.refuses, facts(2, test.facts...)) })
	}
}

// An address is kept no longer than the carrier may have to be told it, in whatever order the customer is erased.
func TestEveryOrderOfErasure(t *testing.T) {
	for name, others := range map[string][]string{
		"while it is arranged": {"billing.payment.captured"},
		"while it is undone":   {"billing.payment.captured", "ordering.order.cancelled"},
		"for nothing":          {"ordering.order.cancelled"},
	} {
		t.Run(name, func(t *testing.T) {
			explore(t, true, facts(1, append(others, "ordering.order.placed", "customers.customer.erased")...))
		})
	}
}

// schedule drives fulfillment from the end of the facts to the beginning, and answers its hash after each step.
func schedule(t *testing.T) [][32]byte {
	t.Helper()
	actor := fulfillment.Participant()
	var hashes [][32]byte
	did := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, actor.Hash())
	}
	for _, f := range facts(1, "ordering.order.fulfilled", "billing.payment.captured", "ordering.order.placed") {
		did(actor.Deliver(t0, f, noon))
	}
	at := noon
	for _, operation := range []string{"book", "handover", "track"} {
		at = at.Add(2 * time.Second)
		did(actor.Fire(t0, at))
		did(actor.Answer(t0, operation+"-"+orderID, testkit.Answer{Outcome: testkit.Lost}, at))
		did(actor.Answer(t0, operation+"-"+orderID, testkit.Answer{Outcome: testkit.Done, Reference: "QP1"}, at))
	}
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
	actor := fulfillment.Participant()
	for _, f := range facts(1, "ordering.order.placed", "billing.payment.captured") {
		if _, err := actor.Deliver(t0, f, noon); err != nil {
			t.Fatal(err)
		}
	}
	if calls := actor.Calls(); len(calls) != 0 {
		t.Errorf("calls before they are taken: %v", calls)
	}
	if _, err := actor.Fire(t0, noon); err != nil {
		t.Fatal(err)
	}
	want := []testkit.Call{{
		Key: "book-" + orderID, To: "carrier", Operation: "book", Subject: orderID,
		Argument: `{"Ada" "12 St James's Square" "London" "SW1Y 4JH" "GB"}`,
	}}
	if diff := cmp.Diff(want, actor.Calls()); diff != "" {
		t.Error(diff)
	}
}

// askInVain has the booking of an order lost so many times, and answers what fulfillment says.
func askInVain(t *testing.T, actor testkit.Participant, times int) (said []event.Envelope) {
	t.Helper()
	say := func(more []event.Envelope, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, more...)
	}
	for _, f := range facts(1, "ordering.order.placed", "billing.payment.captured") {
		say(actor.Deliver(t0, f, noon))
	}
	at := noon
	for range times {
		say(actor.Fire(t0, at))
		say(actor.Answer(t0, "book-"+orderID, testkit.Answer{Outcome: testkit.Lost}, at))
		at = at.Add(time.Minute)
	}
	return said
}

func TestACallThatFailedTenTimesIsToldOf(t *testing.T) {
	for tries, want := range map[int]int{9: 0, 10: 1, 25: 1} {
		said := askInVain(t, fulfillment.Participant(), tries)
		if len(said) != want || want > 0 && said[0].Name() != "fulfillment.shipment.stalled" {
			t.Errorf("after %d tries: %v", tries, said)
		}
	}
}

// published is every fact that explorations have seen, and a carrier that is away for long leads to, and what operators do.
func published(t *testing.T) []string {
	cancelled := explore(t, true, facts(1, "ordering.order.placed", "billing.payment.captured", "ordering.order.cancelled"))
	fulfilled := explore(t, false, facts(1, "ordering.order.placed", "billing.payment.captured", "ordering.order.fulfilled"))
	maps.Copy(cancelled.said, fulfilled.said)
	for _, fact := range askInVain(t, fulfillment.Participant(), 10) {
		cancelled.said[fact.Name()] = true
	}
	for _, fact := range answered(t) {
		cancelled.said[fact.Name()] = true
	}
	cancelled.said[audit.Fact("fulfillment")] = true
	return slices.Sorted(maps.Keys(cancelled.said))
}
