package saga_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/services/chronicle/internal/acl"
	"quadrille.dev/services/chronicle/internal/saga"
)

// returned is what a return is about; it has no deadline.
var returned = saga.Order{ID: "o", Number: order.Number, Customer: order.Customer}

// course is what happens to a return, one fact a second, steps behind a colon. A "!" marks what is not waited for.
type course string

func (c course) facts() (facts []saga.Fact, unprompted map[int]bool) {
	unprompted = map[int]bool{}
	for i, short := range strings.Fields(string(c)) {
		short, unprompted[i] = strings.CutPrefix(short, "!")
		name, step, _ := strings.Cut(short, ":")
		fact := saga.Fact{Name: "ordering.return." + name, Step: step, At: start.Add(time.Duration(i) * time.Second)}
		if name == "requested" {
			fact.Order = &returned
		}
		facts = append(facts, fact)
	}
	return facts, unprompted
}

func hearReturn(facts []saga.Fact) saga.Saga {
	s := saga.Saga{ID: "r", Process: acl.Processes()["RETURN"]}
	for i, fact := range facts {
		s = s.Hear(fact, start.Add(time.Hour).Add(time.Duration(i)*time.Second))
	}
	return s
}

const (
	collected = "requested stepStarted:pickup stepCompleted:pickup "
	restocked = collected + "stepStarted:restock stepCompleted:restock stepStarted:refund "
)

// courses are the ways a return can go.
var courses = map[string]struct {
	course
	want  saga.State
	steps string
}{
	"completed": {
		restocked + "stepCompleted:refund completed", saga.Completed, "pickup:DONE restock:DONE refund:DONE",
	},
	"pick-up refused": {
		"requested stepStarted:pickup stepFailed:pickup compensated", saga.Compensated, "pickup:FAILED restock:SKIPPED refund:SKIPPED",
	},
	"pick-up not answered": {
		"requested stepStarted:pickup stepFailed:pickup stepCompensated:pickup compensated", saga.Compensated,
		"pickup:COMPENSATED restock:SKIPPED refund:SKIPPED",
	},
	"restock refused": {
		collected + "stepStarted:restock stepFailed:restock stepCompensated:pickup compensated", saga.Compensated,
		"pickup:COMPENSATED restock:FAILED refund:SKIPPED",
	},
	"refund not answered": {
		restocked + "stepFailed:refund stepCompensated:refund stepCompensated:restock stepCompensated:pickup compensated", saga.Compensated,
		"pickup:COMPENSATED restock:COMPENSATED refund:COMPENSATED",
	},
	"refund made after all": {
		restocked + "stepFailed:refund !stepCompleted:refund completed", saga.Completed, "pickup:DONE restock:DONE refund:DONE",
	},
	"an operator needed, twice": {
		restocked + "stepFailed:refund !needsOperator:restock !needsOperator:restock stepCompensated:restock !needsOperator:pickup " +
			"stepCompensated:pickup compensated", saga.Compensated,
		"pickup:COMPENSATED restock:COMPENSATED refund:FAILED",
	},
}

func TestReturnsEndAsTheyShould(t *testing.T) {
	for name, test := range courses {
		t.Run(name, func(t *testing.T) {
			facts, _ := test.facts()
			view := hearReturn(facts).View()
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

func TestWhatComesOfAReturnWasWaitedFor(t *testing.T) {
	for name, test := range courses {
		t.Run(name, func(t *testing.T) {
			facts, unprompted := test.facts()
			for i, next := range facts {
				view := hearReturn(facts[:i]).View()
				if !unprompted[i] && !slices.Contains(view.WaitingFor, next.Name) {
					t.Errorf("after %d facts %s comes, while waiting for %v", i, next.Name, view.WaitingFor)
				}
				if view.NextAction == "" || !view.Deadline.IsZero() {
					t.Errorf("after %d facts next action %q, deadline %v", i, view.NextAction, view.Deadline)
				}
			}
		})
	}
}

func TestViewOfAReturnDoesNotDependOnArrival(t *testing.T) {
	for name, test := range courses {
		t.Run(name, func(t *testing.T) {
			facts, _ := test.facts()
			for n := range len(facts) + 1 {
				want := hearReturn(facts[:n]).View()
				arrivals(facts[:n], func(arrival []saga.Fact) {
					if diff := cmp.Diff(want, hearReturn(arrival).View()); diff != "" {
						t.Fatalf("of %d facts, in the order %v:\n%s", n, arrival, diff)
					}
				})
			}
		})
	}
}

func TestReturnIsEndedOnce(t *testing.T) {
	for name, test := range courses {
		facts, _ := test.facts()
		for range 20 {
			rand.Shuffle(len(facts), func(i, j int) { facts[i], facts[j] = facts[j], facts[i] })
			ended := 0
			for i := range facts {
				if hearReturn(facts[:i+1]).EndedBy(facts[i]) {
					ended++
				}
			}
			if ended != 1 {
				t.Errorf("%s: ended %d times", name, ended)
			}
		}
	}
}

func TestViewOfAReturnUnderWay(t *testing.T) {
	const undoing = "Ordering has what was done undone, the last step first."
	for name, test := range map[string]struct {
		course
		state   saga.State
		waiting string
		action  string
		steps   string
	}{
		"requested": {
			"requested", saga.Running, "stepStarted", "Ordering asks fulfillment for the step pickup.",
			"pickup:PENDING restock:PENDING refund:PENDING",
		},
		"asked": {
			"requested stepStarted:pickup", saga.Running, "stepCompleted stepFailed", "Fulfillment does the step pickup.",
			"pickup:RUNNING restock:PENDING refund:PENDING",
		},
		"asked, before the return is heard of": {
			"stepStarted:pickup", saga.Running, "stepCompleted stepFailed requested",
			"Fulfillment does the step pickup; ordering accepts the return.", "pickup:RUNNING restock:PENDING refund:PENDING",
		},
		"collected": {
			collected, saga.Running, "stepStarted", "Ordering asks inventory for the step restock.",
			"pickup:DONE restock:PENDING refund:PENDING",
		},
		"refunded": {
			restocked + "stepCompleted:refund", saga.Running, "completed", "Ordering completes the return.",
			"pickup:DONE restock:DONE refund:DONE",
		},
		"refund refused": {
			restocked + "stepFailed:refund", saga.Compensating, "stepCompensated", undoing,
			"pickup:COMPENSATING restock:COMPENSATING refund:FAILED",
		},
		"all undone": {
			collected + "stepStarted:restock stepFailed:restock stepCompensated:restock stepCompensated:pickup", saga.Compensating,
			"compensated", undoing, "pickup:COMPENSATED restock:COMPENSATED refund:SKIPPED",
		},
		"needs an operator": {
			restocked + "stepFailed:refund needsOperator:restock", saga.NeedsOperator, "stepCompensated",
			"An operator retries or resolves the return.", "pickup:COMPENSATING restock:COMPENSATING refund:FAILED",
		},
		"needs an operator for what failed": {
			"requested stepStarted:pickup stepFailed:pickup needsOperator:pickup", saga.NeedsOperator, "compensated stepCompensated",
			"An operator retries or resolves the return.", "pickup:FAILED restock:SKIPPED refund:SKIPPED",
		},
		"needed one": {
			restocked + "stepFailed:refund needsOperator:restock stepCompensated:restock", saga.Compensating, "stepCompensated", undoing,
			"pickup:COMPENSATING restock:COMPENSATED refund:FAILED",
		},
	} {
		t.Run(name, func(t *testing.T) {
			facts, _ := test.facts()
			arrivals(facts, func(arrival []saga.Fact) {
				s := hearReturn(arrival)
				view := s.View()
				if view.State != test.state || view.NextAction != test.action {
					t.Fatalf("state %s, next action %q; want %s, %q", view.State, view.NextAction, test.state, test.action)
				}
				var waiting []string
				for fact := range strings.FieldsSeq(test.waiting) {
					waiting = append(waiting, "ordering.return."+fact)
				}
				if diff := cmp.Diff(waiting, view.WaitingFor); diff != "" {
					t.Fatalf("waiting for:\n%s", diff)
				}
				if diff := cmp.Diff(strings.Fields(test.steps), states(view)); diff != "" {
					t.Fatalf("steps:\n%s", diff)
				}
				if needs := test.state == saga.NeedsOperator; s.Stuck(start.Add(48*time.Hour)) == needs || s.Stalled() {
					t.Fatalf("after a silence stuck is %t, stalled %t", needs, s.Stalled())
				}
			})
		})
	}
}

func TestStepsOfAReturnTellWhoDoesThemAndWhen(t *testing.T) {
	facts, _ := course(restocked + "stepFailed:refund stepCompensated:restock").facts()
	second := func(n int) time.Time { return start.Add(time.Duration(n) * time.Second) }
	want := []saga.Step{
		{Context: "fulfillment", Name: "pickup", State: saga.StepCompensating, StartedAt: second(1)},
		{Context: "inventory", Name: "restock", State: saga.StepCompensated, StartedAt: second(3), FinishedAt: second(7)},
		{Context: "billing", Name: "refund", State: saga.StepFailed, StartedAt: second(5), FinishedAt: second(6)},
	}
	if diff := cmp.Diff(want, hearReturn(facts).View().Steps); diff != "" {
		t.Error(diff)
	}
}

// A version that does not name its step as the schema has it, or a step that is not declared, is news of the return and no more.
func TestAFactOfNoStepIsHeardAndDoesNothing(t *testing.T) {
	facts, _ := course("requested stepStarted:pickup").facts()
	before := hearReturn(facts)
	for _, step := range []string{"", "hop"} {
		after := before.Hear(saga.Fact{Name: "ordering.return.stepCompleted", Step: step, At: start}, start.Add(2*time.Hour))
		if diff := cmp.Diff(before.View(), after.View()); diff != "" || after.Sequence != 3 || !after.LastFactAt.Equal(start.Add(2*time.Hour)) {
			t.Errorf("sequence %d, last fact at %v\n%s", after.Sequence, after.LastFactAt, diff)
		}
	}
}
