package saga_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/services/chronicle/internal/acl"
	"quadrille.dev/services/chronicle/internal/saga"
)

var (
	start = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	order = saga.Order{ID: "o", Number: "Q-1", Customer: uuid.MustParse("01996f1e-0b7d-7a33-b1c9-5e4f2a6d8c11"), Deadline: start.Add(15 * time.Minute)}
)

// names are short for the facts of the order saga.
var names = map[string]string{
	"placed": "ordering.order.placed", "cancelled": "ordering.order.cancelled", "fulfilled": "ordering.order.fulfilled",
	"settled": "ordering.order.settled", "reserved": "inventory.stock.reserved", "rejected": "inventory.stock.rejected",
	"deducted": "inventory.stock.deducted", "released": "inventory.stock.released", "reinstated": "inventory.stock.reinstated",
	"issued": "billing.invoice.issued", "invoice-voided": "billing.invoice.voided", "captured": "billing.payment.captured",
	"declined": "billing.payment.declined", "voided": "billing.payment.voided", "refunded": "billing.payment.refunded",
	"arranged": "fulfillment.shipment.arranged", "failed": "fulfillment.shipment.failed",
	"shipment-cancelled": "fulfillment.shipment.cancelled", "dispatched": "fulfillment.shipment.dispatched",
	"delivered": "fulfillment.shipment.delivered",
	"stalled":   "billing.payment.stalled", "shipment-stalled": "fulfillment.shipment.stalled",
}

// run is what happens to an order, one fact a second. A "!" marks what a person or the deadline brings about.
type run string

func (r run) facts(t *testing.T) (facts []saga.Fact, unprompted map[int]bool) {
	t.Helper()
	unprompted = map[int]bool{}
	for i, short := range strings.Fields(string(r)) {
		short, unprompted[i] = strings.CutPrefix(short, "!")
		fact := saga.Fact{Name: names[short], At: start.Add(time.Duration(i) * time.Second)}
		if fact.Name == "" {
			t.Fatalf("no fact is called %q", short)
		}
		if short == "placed" {
			fact.Order = &order
		}
		facts = append(facts, fact)
	}
	return facts, unprompted
}

func hear(facts []saga.Fact) saga.Saga {
	s := saga.Saga{ID: "o", Process: acl.Processes()["ORDER"]}
	for i, fact := range facts {
		s = s.Hear(fact, start.Add(time.Hour).Add(time.Duration(i)*time.Second))
	}
	return s
}

// runs are the ways an order can go, the customer cancelling at every stage among them.
var runs = map[string]struct {
	run
	want  saga.State
	steps string
}{
	"fulfilled": {
		"placed reserved issued captured arranged deducted fulfilled dispatched delivered", saga.Completed,
		"place:DONE reserve:DONE invoice:DONE charge:DONE arrange:DONE deduct:DONE fulfil:DONE dispatch:DONE deliver:DONE",
	},
	"out of stock": {
		"placed issued rejected cancelled voided shipment-cancelled invoice-voided settled", saga.Compensated,
		"place:COMPENSATED reserve:FAILED invoice:COMPENSATED charge:SKIPPED arrange:SKIPPED deduct:SKIPPED fulfil:SKIPPED " +
			"dispatch:SKIPPED deliver:SKIPPED",
	},
	"declined": {
		"placed reserved issued declined cancelled released invoice-voided shipment-cancelled settled", saga.Compensated,
		"place:COMPENSATED reserve:COMPENSATED invoice:COMPENSATED charge:FAILED arrange:SKIPPED deduct:SKIPPED fulfil:SKIPPED " +
			"dispatch:SKIPPED deliver:SKIPPED",
	},
	"carrier refuses": {
		"placed reserved issued captured failed refunded invoice-voided cancelled released settled", saga.Compensated,
		"place:COMPENSATED reserve:COMPENSATED invoice:COMPENSATED charge:COMPENSATED arrange:FAILED deduct:SKIPPED fulfil:SKIPPED " +
			"dispatch:SKIPPED deliver:SKIPPED",
	},
	"cancelled at once, before anybody has heard of it": {
		"placed !cancelled voided shipment-cancelled released settled", saga.Compensated,
		"place:COMPENSATED reserve:SKIPPED invoice:SKIPPED charge:SKIPPED arrange:SKIPPED deduct:SKIPPED fulfil:SKIPPED " +
			"dispatch:SKIPPED deliver:SKIPPED",
	},
	"cancelled while reserved": {
		"placed issued reserved !cancelled voided invoice-voided released shipment-cancelled settled", saga.Compensated,
		"place:COMPENSATED reserve:COMPENSATED invoice:COMPENSATED charge:SKIPPED arrange:SKIPPED deduct:SKIPPED fulfil:SKIPPED " +
			"dispatch:SKIPPED deliver:SKIPPED",
	},
	"cancelled while being charged, which succeeds": {
		"placed issued reserved !cancelled shipment-cancelled captured refunded invoice-voided released settled", saga.Compensated,
		"place:COMPENSATED reserve:COMPENSATED invoice:COMPENSATED charge:COMPENSATED arrange:SKIPPED deduct:SKIPPED fulfil:SKIPPED " +
			"dispatch:SKIPPED deliver:SKIPPED",
	},
	"cancelled while being charged, which fails": {
		"placed issued reserved !cancelled declined invoice-voided released shipment-cancelled settled", saga.Compensated,
		"place:COMPENSATED reserve:COMPENSATED invoice:COMPENSATED charge:FAILED arrange:SKIPPED deduct:SKIPPED fulfil:SKIPPED " +
			"dispatch:SKIPPED deliver:SKIPPED",
	},
	"cancelled while booked": {
		"placed issued reserved captured arranged !cancelled refunded invoice-voided shipment-cancelled released settled", saga.Compensated,
		"place:COMPENSATED reserve:COMPENSATED invoice:COMPENSATED charge:COMPENSATED arrange:COMPENSATED deduct:SKIPPED fulfil:SKIPPED " +
			"dispatch:SKIPPED deliver:SKIPPED",
	},
	"cancelled while deducted": {
		"placed issued reserved captured arranged !cancelled deducted shipment-cancelled refunded reinstated settled invoice-voided",
		saga.Compensated,
		"place:COMPENSATED reserve:COMPENSATED invoice:COMPENSATED charge:COMPENSATED arrange:COMPENSATED deduct:COMPENSATED " +
			"fulfil:SKIPPED dispatch:SKIPPED deliver:SKIPPED",
	},
}

func TestRunsEndAsTheyShould(t *testing.T) {
	for name, test := range runs {
		t.Run(name, func(t *testing.T) {
			facts, _ := test.facts(t)
			view := hear(facts).View()
			if view.State != test.want {
				t.Errorf("state is %s, want %s", view.State, test.want)
			}
			if diff := cmp.Diff(strings.Fields(test.steps), states(view)); diff != "" {
				t.Error(diff)
			}
			if view.WaitingFor != nil || view.NextAction != "" || !view.Deadline.IsZero() {
				t.Errorf("at rest, yet waiting for %v, with next action %q and deadline %v", view.WaitingFor, view.NextAction, view.Deadline)
			}
		})
	}
}

func states(view saga.View) []string {
	var states []string
	for _, step := range view.Steps {
		states = append(states, step.Name+":"+string(step.State))
	}
	return states
}

// Whatever comes next was waited for, unless a person or the deadline brought it about or the saga is at rest.
func TestWhatComesWasWaitedFor(t *testing.T) {
	for name, test := range runs {
		t.Run(name, func(t *testing.T) {
			facts, unprompted := test.facts(t)
			for i, next := range facts {
				view := hear(facts[:i]).View()
				if view.State.AtRest() || unprompted[i] {
					continue
				}
				if !slices.Contains(view.WaitingFor, next.Name) {
					t.Errorf("after %d facts %s comes, while waiting for %v", i, next.Name, view.WaitingFor)
				}
				if view.NextAction == "" {
					t.Errorf("after %d facts nothing is said to be done next", i)
				}
				if i > 0 && !view.Deadline.Equal(order.Deadline) {
					t.Errorf("after %d facts the deadline is %v", i, view.Deadline)
				}
			}
		})
	}
}

func TestViewDoesNotDependOnArrival(t *testing.T) {
	for name, test := range runs {
		t.Run(name, func(t *testing.T) {
			facts, _ := test.facts(t)
			for n := range len(facts) + 1 {
				want := hear(facts[:n]).View()
				arrivals(facts[:n], func(arrival []saga.Fact) {
					if diff := cmp.Diff(want, hear(arrival).View()); diff != "" {
						t.Fatalf("of %d facts, in the order %v:\n%s", n, arrival, diff)
					}
				})
			}
		})
	}
}

// arrivals are all orders of up to five facts, and many of more.
func arrivals(facts []saga.Fact, try func([]saga.Fact)) {
	if len(facts) <= 5 {
		permute(slices.Clone(facts), 0, try)
		return
	}
	chance := rand.New(rand.NewPCG(1, uint64(len(facts))))
	for range 60 {
		shuffled := slices.Clone(facts)
		chance.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		try(shuffled)
	}
}

func permute(facts []saga.Fact, fixed int, try func([]saga.Fact)) {
	if fixed == len(facts) {
		try(facts)
		return
	}
	for i := fixed; i < len(facts); i++ {
		facts[fixed], facts[i] = facts[i], facts[fixed]
		permute(facts, fixed+1, try)
		facts[fixed], facts[i] = facts[i], facts[fixed]
	}
}

func TestViewUnderWay(t *testing.T) {
	for name, test := range map[string]struct {
		run
		state   saga.State
		waiting []string
		action  string
		steps   string
	}{
		"placed": {
			"placed", saga.Running,
			[]string{"inventory.stock.rejected", "inventory.stock.reserved", "billing.invoice.issued"},
			"Inventory reserves the lines; billing issues the invoice.",
			"place:DONE reserve:RUNNING invoice:RUNNING charge:PENDING arrange:PENDING deduct:PENDING fulfil:PENDING dispatch:PENDING " +
				"deliver:PENDING",
		},
		"reserved": {
			"placed reserved issued", saga.Running,
			[]string{"billing.payment.captured", "billing.payment.declined"},
			"Billing charges the payment provider.",
			"place:DONE reserve:DONE invoice:DONE charge:RUNNING arrange:PENDING deduct:PENDING fulfil:PENDING dispatch:PENDING " +
				"deliver:PENDING",
		},
		"reserved, before the order is heard of": {
			"reserved", saga.Running,
			[]string{"ordering.order.placed"},
			"Ordering stores the order.",
			"place:RUNNING reserve:DONE invoice:PENDING charge:PENDING arrange:PENDING deduct:PENDING fulfil:PENDING dispatch:PENDING " +
				"deliver:PENDING",
		},
		"fulfilled": {
			"placed reserved issued captured arranged deducted fulfilled", saga.Running,
			[]string{"fulfillment.shipment.dispatched"},
			"Fulfillment hands the parcel over.",
			"place:DONE reserve:DONE invoice:DONE charge:DONE arrange:DONE deduct:DONE fulfil:DONE dispatch:RUNNING deliver:PENDING",
		},
		"dispatched": {
			"placed reserved issued captured arranged deducted fulfilled dispatched", saga.Completed,
			nil, "",
			"place:DONE reserve:DONE invoice:DONE charge:DONE arrange:DONE deduct:DONE fulfil:DONE dispatch:DONE deliver:RUNNING",
		},
		"declined": {
			"placed reserved issued declined", saga.Compensating,
			[]string{"inventory.stock.released", "ordering.order.cancelled"},
			"Inventory releases the reservation; ordering cancels the order.",
			"place:COMPENSATING reserve:COMPENSATING invoice:COMPENSATING charge:FAILED arrange:SKIPPED deduct:SKIPPED fulfil:SKIPPED " +
				"dispatch:SKIPPED deliver:SKIPPED",
		},
		"cancelled while being charged": {
			"placed reserved issued !cancelled", saga.Compensating,
			[]string{
				"billing.invoice.voided", "billing.payment.captured", "billing.payment.declined", "billing.payment.voided",
				"fulfillment.shipment.cancelled",
			},
			"Billing voids the invoice; billing charges the payment provider; billing voids the payment; fulfillment cancels the shipment.",
			"place:COMPENSATING reserve:COMPENSATING invoice:COMPENSATING charge:RUNNING arrange:PENDING deduct:PENDING fulfil:SKIPPED " +
				"dispatch:SKIPPED deliver:SKIPPED",
		},
		"refunded after a deduction": {
			"placed reserved issued captured arranged deducted !cancelled refunded invoice-voided", saga.Compensating,
			[]string{"inventory.stock.reinstated", "fulfillment.shipment.cancelled"},
			"Inventory puts the lines back; fulfillment cancels the shipment.",
			"place:COMPENSATING reserve:COMPENSATING invoice:COMPENSATED charge:COMPENSATED arrange:COMPENSATING deduct:COMPENSATING " +
				"fulfil:SKIPPED dispatch:SKIPPED deliver:SKIPPED",
		},
		"all undone but not settled": {
			"placed reserved issued declined cancelled released invoice-voided shipment-cancelled", saga.Compensating,
			[]string{"ordering.order.settled"},
			"Ordering settles the order.",
			"place:COMPENSATING reserve:COMPENSATED invoice:COMPENSATED charge:FAILED arrange:SKIPPED deduct:SKIPPED fulfil:SKIPPED " +
				"dispatch:SKIPPED deliver:SKIPPED",
		},
	} {
		t.Run(name, func(t *testing.T) {
			facts, _ := test.facts(t)
			view := hear(facts).View()
			if view.State != test.state || view.NextAction != test.action {
				t.Errorf("state %s, next action %q; want %s, %q", view.State, view.NextAction, test.state, test.action)
			}
			if diff := cmp.Diff(test.waiting, view.WaitingFor); diff != "" {
				t.Errorf("waiting for:\n%s", diff)
			}
			if diff := cmp.Diff(strings.Fields(test.steps), states(view)); diff != "" {
				t.Errorf("steps:\n%s", diff)
			}
		})
	}
}

func TestStepsTellWhenTheyBeganAndEnded(t *testing.T) {
	facts, _ := run("placed issued reserved !cancelled captured refunded").facts(t)
	second := func(n int) time.Time { return start.Add(time.Duration(n) * time.Second) }
	want := []saga.Step{
		{Context: "ordering", Name: "place", State: saga.StepCompensating, StartedAt: second(0)},
		{Context: "inventory", Name: "reserve", State: saga.StepCompensating, StartedAt: second(0)},
		{Context: "billing", Name: "invoice", State: saga.StepCompensating, StartedAt: second(0)},
		{Context: "billing", Name: "charge", State: saga.StepCompensated, StartedAt: second(2), FinishedAt: second(5)},
		{Context: "fulfillment", Name: "arrange", State: saga.StepRunning, StartedAt: second(4)},
		{Context: "inventory", Name: "deduct", State: saga.StepPending},
		{Context: "ordering", Name: "fulfil", State: saga.StepSkipped},
		{Context: "fulfillment", Name: "dispatch", State: saga.StepSkipped},
		{Context: "fulfillment", Name: "deliver", State: saga.StepSkipped},
	}
	if diff := cmp.Diff(want, hear(facts).View().Steps); diff != "" {
		t.Error(diff)
	}
}

func TestHearNumbersAndDates(t *testing.T) {
	facts, _ := run("placed issued reserved").facts(t)
	s := hear(facts)
	if s.Sequence != 3 || !s.StartedAt.Equal(start.Add(time.Hour)) || !s.LastFactAt.Equal(start.Add(time.Hour+2*time.Second)) {
		t.Errorf("sequence %d, started at %v, last fact at %v", s.Sequence, s.StartedAt, s.LastFactAt)
	}
	if s.Order != order {
		t.Errorf("order is %v", s.Order)
	}
	before := hear(facts[:1])
	before.Hear(facts[1], start)
	if len(before.Heard) != 1 || before.Sequence != 1 {
		t.Error("hearing a fact changed the saga that it was told to")
	}
}

// A stalled step makes its saga stuck until anything else is heard of it, whatever else is heard of the saga.
func TestAStalledStepHoldsUpItsSaga(t *testing.T) {
	const cancelled = "placed reserved issued captured !cancelled"
	for name, test := range map[string]struct {
		run
		action string
	}{
		"charge":                {"placed reserved issued stalled", "Billing charges the payment provider; an operator retries or resolves the step charge."},
		"charge, answered":      {"placed reserved issued stalled captured", ""},
		"charge, cancelled":     {"placed reserved issued stalled !cancelled invoice-voided", "an operator retries or resolves the step charge."},
		"refund":                {cancelled + " stalled", "an operator retries or resolves the step charge."},
		"refund, others go on":  {cancelled + " stalled invoice-voided shipment-cancelled", "Billing refunds the payment; an operator retries or resolves the step charge."},
		"refund, made":          {cancelled + " stalled refunded", ""},
		"both":                  {"placed reserved issued stalled !cancelled captured stalled", "an operator retries or resolves the step charge."},
		"both, made":            {"placed reserved issued stalled !cancelled captured stalled refunded", ""},
		"booking":               {"placed reserved issued captured shipment-stalled", "an operator retries or resolves the step arrange."},
		"booking, booked":       {"placed reserved issued captured shipment-stalled arranged", ""},
		"booking, undone":       {"placed reserved issued captured arranged !cancelled shipment-stalled", "an operator retries or resolves the step arrange."},
		"handover":              {"placed reserved issued captured arranged deducted fulfilled shipment-stalled", "an operator retries or resolves the step dispatch."},
		"handover, handed over": {"placed reserved issued captured arranged deducted fulfilled shipment-stalled dispatched", ""},
	} {
		t.Run(name, func(t *testing.T) {
			facts, _ := test.facts(t)
			arrivals(facts, func(arrival []saga.Fact) {
				s := hear(arrival)
				view, stuck := s.View(), s.Stuck(start)
				if stuck != (test.action != "") || s.Stalled() != stuck {
					t.Fatalf("stuck is %t after %v", stuck, arrival)
				}
				if stuck != strings.Contains(view.NextAction, "operator") || !strings.HasSuffix(view.NextAction, test.action) {
					t.Fatalf("next action is %q, want %q", view.NextAction, test.action)
				}
				if slices.ContainsFunc(view.WaitingFor, func(fact string) bool { return strings.HasSuffix(fact, ".stalled") }) {
					t.Fatalf("waits for a step to stall: %v", view.WaitingFor)
				}
			})
		})
	}
}

func TestARemarkIsCountedAndIsNoNews(t *testing.T) {
	facts, _ := run("placed reserved").facts(t)
	before := hear(facts)
	after := before.Hear(saga.Fact{Name: "chronicle.saga.stuck", Remark: true, At: start}, start.Add(24*time.Hour))
	if diff := cmp.Diff(before.View(), after.View()); diff != "" {
		t.Error(diff)
	}
	if after.Sequence != 3 || after.LastFactAt != before.LastFactAt || after.StartedAt != before.StartedAt {
		t.Errorf("sequence %d, started at %v, last fact at %v", after.Sequence, after.StartedAt, after.LastFactAt)
	}
	if !after.Stuck(start.Add(48 * time.Hour)) {
		t.Error("a remark has ended the silence")
	}
}

func TestStuck(t *testing.T) {
	facts, _ := run("placed reserved issued captured arranged deducted fulfilled dispatched").facts(t)
	last := start.Add(time.Hour)
	moving := hear(facts[:1])
	if !moving.Stuck(last.Add(time.Nanosecond)) || moving.Stuck(last) {
		t.Error("a saga is stuck when its last fact lies before the moment, and only then")
	}
	if hear(facts).Stuck(last.Add(24 * time.Hour)) {
		t.Error("a saga at rest is never stuck")
	}
}

// However its facts come, one of them brings a saga to rest, and those after it do not do so again.
func TestASagaIsEndedOnce(t *testing.T) {
	for name, test := range runs {
		facts, _ := test.facts(t)
		for range 20 {
			rand.Shuffle(len(facts), func(i, j int) { facts[i], facts[j] = facts[j], facts[i] })
			ended := 0
			for i := range facts {
				if hear(facts[:i+1]).EndedBy(facts[i]) {
					ended++
				}
			}
			if rests := hear(facts).State().AtRest(); rests != (ended == 1) || ended > 1 {
				t.Errorf("%s: ended %d times", name, ended)
			}
		}
	}
}
