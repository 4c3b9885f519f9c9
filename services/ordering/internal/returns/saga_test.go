package returns_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/money"
	"quadrille.dev/services/ordering/internal/history"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/returns"
)

var (
	at   = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)
	id   = returns.ID{UUID: uuid.MustParse("01940000-0000-7000-8000-00000000000f")}
	pace = returns.Pace{Patience: 30 * time.Second, Tries: 2, UndoTries: 3}
)

func gbp(minor int64) money.Money { return money.Money{Minor: minor, Currency: "GBP"} }

// bought is a fulfilled order of two CUPs and a JUG, with 50 off.
func bought() order.Order {
	return order.Order{
		ID: order.ID{UUID: uuid.MustParse("01940000-0000-7000-8000-000000000001")}, Status: order.StatusFulfilled,
		Placement: order.Placement{
			Number: "Q-00000001", CustomerID: order.CustomerID{UUID: uuid.MustParse("01940000-0000-7000-8000-0000000000aa")},
			Lines: []order.Line{
				{SKU: "CUP", Quantity: 2, UnitPrice: gbp(425), LineTotal: gbp(850)},
				{SKU: "JUG", Quantity: 1, UnitPrice: gbp(900), LineTotal: gbp(900)},
			},
			Discount: gbp(50), Total: gbp(1700),
		},
	}
}

// saga is a return whose orchestrator is killed after every decision: it keeps nothing but rows.
type saga struct {
	*testing.T
	rows  []history.Row
	times []time.Time
	now   time.Time
	// uninterrupted is the same return, never forgotten.
	uninterrupted returns.Return
	happened      []string
}

func begin(t *testing.T) *saga {
	t.Helper()
	s := &saga{T: t, now: at, uninterrupted: returns.Return{ID: id}}
	events, err := s.load().Begin(bought(), nil, returns.Ask{Lines: []returns.Line{{SKU: "CUP", Quantity: 1}}, Reason: "a crack"}, pace)
	if err != nil {
		t.Fatal(err)
	}
	s.save(events)
	return s
}

// load is the return as the rows tell.
func (s *saga) load() returns.Return {
	s.Helper()
	r := returns.Rebuild(id, s.recorded())
	if diff := cmp.Diff(s.uninterrupted, r); diff != "" {
		s.Fatal("(-uninterrupted +loaded):\n" + diff)
	}
	return r
}

func (s *saga) recorded() []returns.Recorded {
	s.Helper()
	recorded := make([]returns.Recorded, len(s.rows))
	for i, row := range s.rows {
		event, err := history.DecodeReturn(row)
		if err != nil {
			s.Fatal(err)
		}
		recorded[i] = returns.Recorded{Version: int64(i + 1), At: s.times[i], Event: event}
	}
	return recorded
}

func (s *saga) save(events []returns.Event) {
	s.Helper()
	for _, recorded := range s.uninterrupted.Record(s.now, events...) {
		row, err := history.EncodeReturn(recorded.Event)
		if err != nil {
			s.Fatal(err)
		}
		s.rows, s.times = append(s.rows, row), append(s.times, recorded.At)
		s.happened = append(s.happened, inWords(recorded.Event))
	}
	s.uninterrupted = s.uninterrupted.After(s.now, events...)
}

func inWords(e returns.Event) string {
	switch e := e.(type) {
	case returns.Requested:
		return "requested"
	case returns.StepStarted:
		return "start " + string(e.Step)
	case returns.Commanded:
		return fmt.Sprintf("%s #%d", e.Command, e.Attempt)
	case returns.StepCompleted:
		return string(e.Step) + " done"
	case returns.StepFailed:
		return fmt.Sprintf("%s failed: %s", e.Step, e.Cause)
	case returns.UndoRefused:
		return fmt.Sprintf("%s stays", e.Step)
	case returns.StepCompensated:
		return fmt.Sprintf("%s undone by %s", e.Step, e.By)
	case returns.Completed:
		return "completed"
	case returns.Compensated:
		return "compensated"
	case returns.NeedsOperator:
		return fmt.Sprintf("%s needs operator after %d: %s", e.Step, e.Attempts, e.Reason)
	}
	return fmt.Sprintf("%T", e)
}

// play does one step of a schedule: "restock DONE" is an answer, "silence" that none comes in time.
func (s *saga) play(step string) {
	s.Helper()
	r := s.load()
	switch step {
	case "silence":
		due, _ := r.Due()
		if events := r.TimeOut(due.Add(-1), pace); len(events) > 0 {
			s.Errorf("too early: %v", events)
		}
		s.now = due
		s.save(r.TimeOut(due, pace))
		if again := s.load().TimeOut(due, pace); len(again) > 0 {
			s.Errorf("the timer fires twice: %v", again)
		}
	case "operator retries":
		s.save(mayFail(r.Retry(pace)))
	case "operator resolves":
		s.save(mayFail(r.Resolve(pace)))
	default:
		command, outcome, _ := strings.Cut(step, " ")
		s.save(r.Answered(returns.Answer{
			Command: returns.Command(command), Outcome: returns.Outcome(outcome), Reference: "REF-" + command, Reason: "no " + command,
		}, pace))
	}
}

func mayFail(events []returns.Event, err error) []returns.Event {
	if err != nil && !errors.Is(err, returns.ErrNotStalled) {
		panic(err)
	}
	return events
}

var start = []string{"requested", "start pickup", "arrangePickup #1"}

// ways are the ways that a return can take: what comes, what happens then, and how it ends.
var ways = map[string]struct {
	comes, happens []string
	state          returns.State
	phases         string
}{
	"all goes well": {
		comes: []string{"arrangePickup DONE", "restock DONE", "refund DONE"},
		happens: []string{
			"pickup done", "start restock", "restock #1", "restock done", "start refund", "refund #1", "refund done", "completed",
		},
		state: returns.StateCompleted, phases: "DONE DONE DONE",
	},
	"the carrier refuses": {
		comes:   []string{"arrangePickup REFUSED"},
		happens: []string{"pickup failed: REFUSED", "compensated"},
		state:   returns.StateCompensated, phases: "FAILED SKIPPED SKIPPED",
	},
	"the stock refuses": {
		comes: []string{"arrangePickup DONE", "restock REFUSED", "cancelPickup UNDONE"},
		happens: []string{
			"pickup done", "start restock", "restock #1", "restock failed: REFUSED", "cancelPickup #1", "pickup undone by CONTEXT", "compensated",
		},
		state: returns.StateCompensated, phases: "COMPENSATED FAILED SKIPPED",
	},
	"the refund is refused": {
		comes: []string{"arrangePickup DONE", "restock DONE", "refund REFUSED", "withdrawStock UNDONE", "cancelPickup UNDONE"},
		happens: []string{
			"pickup done", "start restock", "restock #1", "restock done", "start refund", "refund #1", "refund failed: REFUSED",
			"withdrawStock #1", "restock undone by CONTEXT", "cancelPickup #1", "pickup undone by CONTEXT", "compensated",
		},
		state: returns.StateCompensated, phases: "COMPENSATED COMPENSATED FAILED",
	},
	"every answer is lost once": {
		comes: []string{"silence", "arrangePickup DONE", "silence", "restock DONE", "silence", "refund DONE"},
		happens: []string{
			"arrangePickup #2", "pickup done", "start restock", "restock #1", "restock #2", "restock done",
			"start refund", "refund #1", "refund #2", "refund done", "completed",
		},
		state: returns.StateCompleted, phases: "DONE DONE DONE",
	},
	"the carrier is silent": {
		comes:   []string{"silence", "silence", "cancelPickup UNDONE"},
		happens: []string{"arrangePickup #2", "pickup failed: TIMED_OUT", "cancelPickup #1", "pickup undone by CONTEXT", "compensated"},
		state:   returns.StateCompensated, phases: "COMPENSATED SKIPPED SKIPPED",
	},
	"the stock is silent": {
		comes: []string{"arrangePickup DONE", "silence", "silence", "withdrawStock UNDONE", "cancelPickup UNDONE"},
		happens: []string{
			"pickup done", "start restock", "restock #1", "restock #2", "restock failed: TIMED_OUT", "withdrawStock #1",
			"restock undone by CONTEXT", "cancelPickup #1", "pickup undone by CONTEXT", "compensated",
		},
		state: returns.StateCompensated, phases: "COMPENSATED COMPENSATED SKIPPED",
	},
	"the money is not given back after all": {
		comes: []string{"arrangePickup DONE", "restock DONE", "silence", "silence", "cancelRefund UNDONE", "withdrawStock UNDONE", "cancelPickup UNDONE"},
		happens: []string{
			"pickup done", "start restock", "restock #1", "restock done", "start refund", "refund #1", "refund #2", "refund failed: TIMED_OUT",
			"cancelRefund #1", "refund undone by CONTEXT", "withdrawStock #1", "restock undone by CONTEXT", "cancelPickup #1",
			"pickup undone by CONTEXT", "compensated",
		},
		state: returns.StateCompensated, phases: "COMPENSATED COMPENSATED COMPENSATED",
	},
	"the money was given back all the same": {
		comes: []string{"arrangePickup DONE", "restock DONE", "silence", "silence", "cancelRefund DONE"},
		happens: []string{
			"pickup done", "start restock", "restock #1", "restock done", "start refund", "refund #1", "refund #2", "refund failed: TIMED_OUT",
			"cancelRefund #1", "refund done", "completed",
		},
		state: returns.StateCompleted, phases: "DONE DONE DONE",
	},
	"that the money was given back is heard too late, but is heard": {
		comes: []string{"arrangePickup DONE", "restock DONE", "silence", "silence", "refund DONE"},
		happens: []string{
			"pickup done", "start restock", "restock #1", "restock done", "start refund", "refund #1", "refund #2", "refund failed: TIMED_OUT",
			"cancelRefund #1", "refund done", "completed",
		},
		state: returns.StateCompleted, phases: "DONE DONE DONE",
	},
	"the goods are promised to others": {
		comes: []string{
			"arrangePickup DONE", "restock DONE", "refund REFUSED", "withdrawStock REFUSED", "silence", "silence", "withdrawStock REFUSED", "silence",
		},
		happens: []string{
			"pickup done", "start restock", "restock #1", "restock done", "start refund", "refund #1", "refund failed: REFUSED",
			"withdrawStock #1", "restock stays", "withdrawStock #2", "withdrawStock #3", "restock needs operator after 3: no withdrawStock",
		},
		state: returns.StateNeedsOperator, phases: "DONE COMPENSATING FAILED",
	},
	"an operator retries": {
		comes: []string{
			"silence", "silence", "silence", "silence", "silence", "operator retries", "operator retries", "silence", "cancelPickup UNDONE",
		},
		happens: []string{
			"arrangePickup #2", "pickup failed: TIMED_OUT", "cancelPickup #1", "cancelPickup #2", "cancelPickup #3",
			"pickup needs operator after 3: ", "cancelPickup #1", "cancelPickup #2", "pickup undone by CONTEXT", "compensated",
		},
		state: returns.StateCompensated, phases: "COMPENSATED SKIPPED SKIPPED",
	},
	"an operator resolves": {
		comes: []string{
			"arrangePickup DONE", "silence", "silence", "silence", "silence", "silence", "operator resolves", "operator resolves",
			"cancelPickup UNDONE",
		},
		happens: []string{
			"pickup done", "start restock", "restock #1", "restock #2", "restock failed: TIMED_OUT", "withdrawStock #1", "withdrawStock #2",
			"withdrawStock #3", "restock needs operator after 3: ", "restock undone by OPERATOR", "cancelPickup #1", "pickup undone by CONTEXT",
			"compensated",
		},
		state: returns.StateCompensated, phases: "COMPENSATED COMPENSATED SKIPPED",
	},
	"the answer comes while an operator is waited for": {
		comes: []string{"silence", "silence", "silence", "silence", "silence", "cancelPickup REFUSED", "cancelPickup UNDONE"},
		happens: []string{
			"arrangePickup #2", "pickup failed: TIMED_OUT", "cancelPickup #1", "cancelPickup #2", "cancelPickup #3",
			"pickup needs operator after 3: ", "pickup undone by CONTEXT", "compensated",
		},
		state: returns.StateCompensated, phases: "COMPENSATED SKIPPED SKIPPED",
	},
	"the money turns out to be back while an operator is waited for": {
		comes: []string{
			"arrangePickup DONE", "restock DONE", "silence", "silence", "silence", "silence", "silence", "cancelRefund DONE", "operator resolves",
		},
		happens: []string{
			"pickup done", "start restock", "restock #1", "restock done", "start refund", "refund #1", "refund #2", "refund failed: TIMED_OUT",
			"cancelRefund #1", "cancelRefund #2", "cancelRefund #3", "refund needs operator after 3: ", "refund done", "completed",
		},
		state: returns.StateCompleted, phases: "DONE DONE DONE",
	},
	"what cannot be called off is a failed attempt": {
		comes: []string{"silence", "silence", "cancelPickup DONE", "cancelPickup UNDONE"},
		happens: []string{
			"arrangePickup #2", "pickup failed: TIMED_OUT", "cancelPickup #1", "pickup stays", "pickup undone by CONTEXT", "compensated",
		},
		state: returns.StateCompensated, phases: "COMPENSATED SKIPPED SKIPPED",
	},
}

// Every way, with an orchestrator that is killed after every decision, and with every answer that has come coming again all the time.
func TestEveryWay(t *testing.T) {
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			s := begin(t)
			for i, step := range way.comes {
				s.play(step)
				before := len(s.happened)
				for _, earlier := range way.comes[:i+1] {
					if step != "silence" && strings.Contains(earlier, "DONE") || strings.HasPrefix(earlier, "operator") && earlier == step {
						s.play(earlier)
					}
				}
				if len(s.happened) > before {
					t.Errorf("repeats after %q: %v", step, s.happened[before:])
				}
			}
			if diff := cmp.Diff(append(start[:len(start):len(start)], way.happens...), s.happened); diff != "" {
				t.Error("(-want +happened):\n" + diff)
			}
			r := s.load()
			var phases []string
			for _, step := range r.Steps {
				phases = append(phases, string(step.Phase))
			}
			if r.State != way.state || strings.Join(phases, " ") != way.phases {
				t.Errorf("%s, %v; want %s, %s", r.State, phases, way.state, way.phases)
			}
			over := r.State == returns.StateCompleted || r.State == returns.StateCompensated
			if _, waits := r.Due(); waits || over == r.EndedAt.IsZero() || (r.Failure == "") != (r.State == returns.StateCompleted) {
				t.Errorf("waits %t, ended at %s, because of %q", waits, r.EndedAt, r.Failure)
			}
		})
	}
}

// A return that is over stays as it is, whatever comes.
func TestWhatIsOverStays(t *testing.T) {
	for name, way := range ways {
		if way.state == returns.StateNeedsOperator {
			continue
		}
		t.Run(name, func(t *testing.T) {
			s := begin(t)
			for _, step := range way.comes {
				s.play(step)
			}
			before := len(s.happened)
			for _, step := range returns.Steps {
				for _, command := range []returns.Command{step.Do, step.Undo} {
					for _, outcome := range []returns.Outcome{returns.Done, returns.Refused, returns.Undone} {
						s.play(string(command) + " " + string(outcome))
					}
				}
			}
			s.play("silence")
			s.play("operator retries")
			s.play("operator resolves")
			if len(s.happened) > before {
				t.Errorf("happens afterwards: %v", s.happened[before:])
			}
		})
	}
}

// Answers to what is not asked change nothing, in whatever state.
func TestOnlyTheAnswerThatIsWaitedForCounts(t *testing.T) {
	s := begin(t)
	for _, strange := range []string{
		"restock DONE", "refund DONE", "refund REFUSED", "cancelPickup UNDONE", "withdrawStock UNDONE", "cancelRefund DONE", "arrangePickup UNDONE",
		"operator retries", "operator resolves", "dance DONE", "arrangePickup PERHAPS",
	} {
		s.play(strange)
	}
	if diff := cmp.Diff(start, s.happened); diff != "" {
		t.Error("(-want +happened):\n" + diff)
	}
}

// The pause before the next attempt to undo something doubles, up to five minutes.
func TestPausesDouble(t *testing.T) {
	slow := returns.Pace{Patience: 30 * time.Second, Tries: 1, UndoTries: 7}
	r := returns.Return{ID: id}
	events, err := r.Begin(bought(), nil, returns.Ask{Lines: []returns.Line{{SKU: "JUG", Quantity: 1}}}, slow)
	if err != nil {
		t.Fatal(err)
	}
	r = r.After(at, events...)
	var pauses []string
	for now, waits := r.Due(); waits; now, waits = r.Due() {
		pauses = append(pauses, now.Sub(r.Asked.At).String())
		r = r.After(now, r.TimeOut(now, slow)...)
	}
	want := []string{"30s", "30s", "1m0s", "2m0s", "4m0s", "5m0s", "5m0s", "5m0s"}
	if diff := cmp.Diff(want, pauses); diff != "" {
		t.Error("(-want +got):\n" + diff)
	}
	if r.State != returns.StateNeedsOperator || r.Steps[0].Attempts != 8 {
		t.Errorf("%s after %d attempts", r.State, r.Steps[0].Attempts)
	}
}
