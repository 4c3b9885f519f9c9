package inventory_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/schema/eventtest"
	"quadrille.dev/services/inventory"
)

var (
	at       = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	orderID  = uuid.MustParse("01940000-0000-7000-8000-000000000001")
	customer = uuid.MustParse("01940000-0000-7000-8000-0000000000aa")
)

// fact is a neighbour's fact about the order; times tells apart facts that only say the same.
func fact(name string, times int64) event.Envelope {
	said := event.Fact{Name: name, Version: 1, Subject: orderID.String(), Sequence: times, At: at}
	data := map[string]any{"orderId": orderID}
	if slices.Contains(commands, name) {
		return command(name, firstReturn, times)
	}
	if name == "customers.customer.erased" {
		data["customerId"] = customer
	}
	if name == "ordering.order.placed" {
		data["customerId"] = customer
		data["lines"] = []map[string]any{{"sku": "CUP", "quantity": 2}, {"sku": "JUG", "quantity": 1}}
	}
	said.Data = data
	return event.New(context.Background(), said)
}

// permutations calls f with every order of items.
func permutations(items []string, f func([]string)) {
	if len(items) == 0 {
		f(nil)
		return
	}
	for i, first := range items {
		permutations(slices.Concat(items[:i], items[i+1:]), func(rest []string) { f(append([]string{first}, rest...)) })
	}
}

// subsets calls f with every choice of items.
func subsets(items []string, f func([]string)) {
	for chosen := range 1 << len(items) {
		var subset []string
		for i, item := range items {
			if chosen&(1<<i) != 0 {
				subset = append(subset, item)
			}
		}
		f(subset)
	}
}

// orderFacts are those that inventory hears of the order itself.
func orderFacts() []string {
	return slices.DeleteFunc(inventory.Facts(), func(name string) bool { return slices.Contains(commands, name) })
}

// Every choice of inventory's facts, in every order, each delivered again as the same message, as one that says the same,
// and once more after everything else.
func TestFactsInEveryOrderAndTwice(t *testing.T) {
	for _, goods := range []int64{2, 1} {
		subsets(orderFacts(), func(facts []string) {
			permutations(facts, func(schedule []string) {
				deliver(t, goods, schedule)
			})
		})
	}
}

func deliver(t *testing.T, cups int64, schedule []string) {
	t.Helper()
	participant := inventory.Participant(map[string]int64{"CUP": cups, "JUG": 1})
	var said []string
	for i, name := range slices.Concat(schedule, schedule) {
		for _, f := range []event.Envelope{fact(name, 1), fact(name, 1), fact(name, int64(i+2))} {
			published, err := participant.Deliver(t.Context(), f, at)
			if err != nil {
				t.Fatalf("%v: %s: %v", schedule, name, err)
			}
			for _, p := range published {
				said = append(said, strings.TrimPrefix(p.Name(), "inventory.stock."))
				if err := eventtest.Validate(p.Name(), p.DataVersion, p.Data); err != nil {
					t.Error(err)
				}
				if p.Sequence != int64(len(said)) || p.CorrelationID != orderID.String() {
					t.Errorf("%v: %s has sequence %d, correlation %q", schedule, p.Name(), p.Sequence, p.CorrelationID)
				}
			}
			for sku, received := range map[string]int64{"CUP": cups, "JUG": 1} {
				c := inventory.Look(participant, sku)
				if c.Reserved < 0 || c.Reserved > c.OnHand || c.OnHand+c.Deducted != received || c.Received != received {
					t.Fatalf("%v: %s does not add up: %+v", schedule, sku, c)
				}
			}
		}
	}
	if want := expected(cups, schedule); strings.Join(said, " ") != want {
		t.Errorf("%v: said %v, want %s", schedule, said, want)
	}
	cup := inventory.Look(participant, "CUP")
	wantReserved, wantDeducted := int64(0), int64(0)
	switch inventory.Status(participant, orderID) {
	case "RESERVED":
		wantReserved = 2
	case "DEDUCTED":
		wantDeducted = 2
	}
	if cup.Reserved != wantReserved || cup.Deducted != wantDeducted {
		t.Errorf("%v: %s at rest with %+v", schedule, inventory.Status(participant, orderID), cup)
	}
}

// expected is what has to be said, by what came before what.
func expected(cups int64, schedule []string) string {
	place := slices.Index(schedule, "ordering.order.placed")
	arrange := slices.Index(schedule, "fulfillment.shipment.arranged")
	unpay := slices.IndexFunc(schedule, func(name string) bool { return strings.HasPrefix(name, "billing.") })
	switch {
	case unpay >= 0 && (place < 0 || unpay < place):
		return "released"
	case place < 0:
		return ""
	case cups < 2:
		return "rejected"
	case arrange >= 0 && unpay >= 0 && unpay < arrange:
		return "reserved released"
	case arrange >= 0 && unpay >= 0:
		return "reserved deducted reinstated"
	case arrange >= 0:
		return "reserved deducted"
	case unpay >= 0:
		return "reserved released"
	default:
		return "reserved"
	}
}

func TestOneScheduleGivesOneState(t *testing.T) {
	permutations(orderFacts(), func(schedule []string) {
		var hashes [2][32]byte
		for run := range hashes {
			participant := inventory.Participant(map[string]int64{"CUP": 2, "JUG": 1})
			for _, name := range schedule {
				if _, err := participant.Deliver(t.Context(), fact(name, 1), at.Add(time.Duration(run)*time.Hour)); err != nil {
					t.Fatal(err)
				}
			}
			hashes[run] = participant.Hash()
		}
		if hashes[0] != hashes[1] {
			t.Errorf("%v: two states", schedule)
		}
	})
}

func TestSnapshotIsTheWholeState(t *testing.T) {
	participant := inventory.Participant(map[string]int64{"CUP": 2, "JUG": 1})
	before, hash := participant.Snapshot(), participant.Hash()
	for _, name := range inventory.Facts() {
		if _, err := participant.Deliver(t.Context(), fact(name, 1), at); err != nil {
			t.Fatal(err)
		}
	}
	if participant.Hash() == hash {
		t.Fatal("nothing happened")
	}
	participant.Restore(before)
	if participant.Hash() != hash {
		t.Error("restored to another state")
	}
}

func TestWhatCannotBeReadIsRefused(t *testing.T) {
	const order = `{"orderId":"01940000-0000-7000-8000-000000000001","customerId":"01940000-0000-7000-8000-0000000000aa",`
	for name, data := range map[string]string{
		"no order":      `{"customerId":"01940000-0000-7000-8000-0000000000aa","lines":[{"sku":"CUP","quantity":1}]}`,
		"no customer":   `{"orderId":"01940000-0000-7000-8000-000000000001","lines":[{"sku":"CUP","quantity":1}]}`,
		"no lines":      `{"orderId":"01940000-0000-7000-8000-000000000001","customerId":"01940000-0000-7000-8000-0000000000aa"}`,
		"no SKU":        order + `"lines":[{"quantity":1}]}`,
		"no quantity":   order + `"lines":[{"sku":"CUP"}]}`,
		"one SKU twice": order + `"lines":[{"sku":"CUP","quantity":1},{"sku":"CUP","quantity":1}]}`,
		"not an object": `[]`,
	} {
		t.Run(name, func(t *testing.T) {
			participant := inventory.Participant(map[string]int64{"CUP": 2})
			hash := participant.Hash()
			bad := fact("ordering.order.placed", 1)
			bad.Data = []byte(data)
			if _, err := participant.Deliver(t.Context(), bad, at); err == nil || !strings.Contains(err.Error(), "UNREADABLE_EVENT") {
				t.Errorf("answered %v", err)
			}
			if participant.Hash() != hash {
				t.Error("something changed")
			}
		})
	}
	for _, name := range inventory.Facts() {
		empty := fact(name, 1)
		empty.Data = []byte(`{}`)
		if _, err := inventory.Participant(nil).Deliver(t.Context(), empty, at); err == nil {
			t.Errorf("%s without orderId was accepted", name)
		}
		empty.DataVersion = 99
		_, err := inventory.Participant(nil).Deliver(t.Context(), empty, at)
		if unknown, is := errors.AsType[*inbox.UnknownVersionError](err); !is || unknown.Version != 99 {
			t.Errorf("%s v99: %v", name, err)
		}
	}
}

func TestEveryExampleIsUnderstood(t *testing.T) {
	for _, name := range inventory.Facts() {
		examples := eventtest.Examples(name, 1)
		if len(examples) == 0 {
			t.Errorf("%s has no examples", name)
		}
		for _, example := range examples {
			said := fact(name, 1)
			said.Data = example
			if _, err := inventory.Participant(nil).Deliver(t.Context(), said, at); err != nil {
				t.Error(err)
			}
		}
	}
}
