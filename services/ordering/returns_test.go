package ordering_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/schema/eventtest"
	"quadrille.dev/services/ordering"
)

var (
	returnID = uuid.MustParse("01940000-0000-7000-8000-00000000000f")
	quick    = ordering.Pace{Patience: time.Minute, Tries: 2, UndoTries: 2}
)

// journey has a participant return the goods of a fulfilled order, and answers in the place of its neighbours.
type journey struct {
	*testing.T
	*ordering.Player
	now  time.Time
	said []string
	// answers counts what was answered.
	answers, last int64
}

func setOut(t *testing.T) *journey {
	t.Helper()
	j := &journey{T: t, Player: ordering.ParticipantAt(deadline, quick), now: at}
	if _, err := j.Place(t.Context(), orderID, placement(), at); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Deliver(t.Context(), fact("inventory.stock.deducted", 1), at); err != nil {
		t.Fatal(err)
	}
	j.hear(j.RequestReturn(t.Context(), returnID, orderID, []ordering.ReturnLine{{SKU: "CUP", Quantity: 1}}, at))
	return j
}

func (j *journey) hear(published []event.Envelope, err error) {
	j.Helper()
	if err != nil && !errors.Is(err, ordering.ErrNotStalled) {
		j.Fatal(err)
	}
	for _, p := range published {
		if err := eventtest.Validate(p.Name(), p.DataVersion, p.Data); err != nil {
			j.Error(err)
		}
		if p.Sequence <= j.last || p.Subject != returnID.String() || p.CorrelationID != returnID.String() {
			j.Errorf("%s has sequence %d after %d, subject %s, correlation %s", p.Name(), p.Sequence, j.last, p.Subject, p.CorrelationID)
		}
		j.last = p.Sequence
		j.said = append(j.said, strings.TrimPrefix(p.Name(), "ordering.return."))
	}
}

// answered is what a context says to a command, in a message of its own.
func (j *journey) answered(command, outcome string) event.Envelope {
	names := map[string]string{
		"arrangePickup": "fulfillment.pickup.answered", "cancelPickup": "fulfillment.pickup.answered",
		"restock": "inventory.restock.answered", "withdrawStock": "inventory.restock.answered",
		"refund": "billing.refund.answered", "cancelRefund": "billing.refund.answered",
	}
	j.answers++
	return event.New(context.Background(), event.Fact{
		Name: names[command], Version: 1, Subject: returnID.String(), Sequence: j.answers, CorrelationID: returnID.String(), At: j.now,
		Data: map[string]any{
			"returnId": returnID, "orderId": orderID, "command": command, "outcome": outcome, "reference": "", "reason": "",
		},
	})
}

// play does one step: "restock DONE" is an answer, that comes three times.
func (j *journey) play(step string) {
	j.Helper()
	switch step {
	case "silence":
		j.now = j.now.Add(time.Hour)
		for range 2 {
			j.hear(j.Fire(j.Context(), j.now))
		}
	case "operator retries":
		j.hear(j.RetryReturn(j.Context(), returnID, j.now))
	case "operator resolves":
		j.hear(j.ResolveReturn(j.Context(), returnID, j.now))
	default:
		command, outcome, _ := strings.Cut(step, " ")
		answer := j.answered(command, outcome)
		for _, envelope := range []event.Envelope{answer, answer, j.answered(command, outcome)} {
			j.hear(j.Deliver(j.Context(), envelope, j.now))
		}
	}
}

// journeys are ways of a return that together say everything that ordering says of returns.
var journeys = map[string]struct {
	steps       []string
	state, said string
}{
	"there": {
		steps: []string{"arrangePickup DONE", "restock DONE", "refund DONE"},
		state: "COMPLETED",
		said: "requested stepStarted arrangePickup stepCompleted stepStarted restock stepCompleted stepStarted refund " +
			"stepCompleted completed",
	},
	"and back": {
		steps: []string{"arrangePickup DONE", "restock DONE", "silence", "silence", "cancelRefund UNDONE", "withdrawStock UNDONE", "cancelPickup UNDONE"},
		state: "COMPENSATED",
		said: "requested stepStarted arrangePickup stepCompleted stepStarted restock stepCompleted stepStarted refund refund stepFailed " +
			"cancelRefund stepCompensated withdrawStock stepCompensated cancelPickup stepCompensated compensated",
	},
	"refused at once": {
		steps: []string{"arrangePickup REFUSED"},
		state: "COMPENSATED",
		said:  "requested stepStarted arrangePickup stepFailed compensated",
	},
	"stuck": {
		steps: []string{"arrangePickup DONE", "restock REFUSED", "silence", "silence"},
		state: "NEEDS_OPERATOR",
		said: "requested stepStarted arrangePickup stepCompleted stepStarted restock stepFailed cancelPickup cancelPickup " +
			"needsOperator",
	},
	"stuck, retried and resolved": {
		steps: []string{
			"arrangePickup DONE", "restock REFUSED", "silence", "silence", "operator retries", "silence", "silence", "operator resolves",
		},
		state: "COMPENSATED",
		said: "requested stepStarted arrangePickup stepCompleted stepStarted restock stepFailed cancelPickup cancelPickup " +
			"needsOperator cancelPickup cancelPickup needsOperator stepCompensated compensated",
	},
}

func TestReturnsGoThereOrAllTheWayBack(t *testing.T) {
	for name, way := range journeys {
		t.Run(name, func(t *testing.T) {
			j := setOut(t)
			for _, step := range way.steps {
				j.play(step)
			}
			if said := strings.Join(j.said, " "); said != way.said || j.ReturnState(t.Context(), returnID) != way.state {
				t.Errorf("%s, said %s", j.ReturnState(t.Context(), returnID), said)
			}
		})
	}
}

// Timers that fire early, late, or when nothing waits any more, do no harm.
func TestTimersFireWheneverTheyLike(t *testing.T) {
	j := setOut(t)
	j.hear(j.Fire(t.Context(), at))
	j.hear(j.Fire(t.Context(), at.Add(quick.Patience-time.Microsecond)))
	for _, step := range []string{"arrangePickup DONE", "restock DONE", "refund DONE"} {
		j.play(step)
	}
	j.hear(j.Fire(t.Context(), at.Add(24*time.Hour)))
	if said := strings.Join(j.said, " "); said != journeys["there"].said {
		t.Errorf("said %s", said)
	}
}

func TestTheSameReturnIsRequestedOnce(t *testing.T) {
	j := setOut(t)
	before := j.Hash()
	j.hear(j.RequestReturn(t.Context(), returnID, orderID, []ordering.ReturnLine{{SKU: "CUP", Quantity: 1}}, at))
	if j.Hash() != before {
		t.Error("something has changed")
	}
	var tooMany *ordering.TooManyError
	_, err := j.RequestReturn(t.Context(), uuid.New(), orderID, []ordering.ReturnLine{{SKU: "CUP", Quantity: 1}}, at)
	if !errors.As(err, &tooMany) {
		t.Errorf("more comes back than was bought: %v", err)
	}
	if j.Hash() != before {
		t.Error("something has changed by what was refused")
	}
}

func TestOrdersThatAreNotFulfilledAreNotReturned(t *testing.T) {
	s := enter(t)
	before := s.Hash()
	_, err := s.RequestReturn(t.Context(), returnID, orderID, []ordering.ReturnLine{{SKU: "CUP", Quantity: 1}}, at)
	if !errors.Is(err, ordering.ErrNotFulfilled) || s.Hash() != before || s.ReturnState(t.Context(), returnID) != "" {
		t.Errorf("got %v", err)
	}
}

// The timer of one return fires without those of others; without patience it need not wait.
func TestOneTimerFiresAlone(t *testing.T) {
	j := setOut(t)
	j.hear(j.TimeOutReturn(t.Context(), returnID, at))
	j.hear(j.TimeOutReturn(t.Context(), returnID, at.Add(quick.Patience)))
	if said := strings.Join(j.said, " "); said != "requested stepStarted arrangePickup arrangePickup" {
		t.Errorf("said %s", said)
	}
	hasty := &journey{T: t, Player: ordering.ParticipantAt(0, ordering.Pace{Tries: 1, UndoTries: 1}), now: at}
	if _, err := hasty.Place(t.Context(), orderID, placement(), at); err != nil {
		t.Fatal(err)
	}
	if _, err := hasty.Deliver(t.Context(), fact("inventory.stock.deducted", 1), at); err != nil {
		t.Fatal(err)
	}
	hasty.hear(hasty.RequestReturn(t.Context(), returnID, orderID, []ordering.ReturnLine{{SKU: "CUP", Quantity: 1}}, at))
	for _, state := range []string{"RUNNING", "COMPENSATING", "NEEDS_OPERATOR", "NEEDS_OPERATOR"} {
		if got := hasty.ReturnState(t.Context(), returnID); got != state {
			t.Errorf("%s, not %s", got, state)
		}
		hasty.hear(hasty.Fire(t.Context(), at))
	}
}

func TestAnswersForReturnsThatWereNeverRequestedAreRefused(t *testing.T) {
	j := &journey{T: t, Player: ordering.ParticipantAt(deadline, quick), now: at}
	before := j.Hash()
	if _, err := j.Deliver(t.Context(), j.answered("restock", "DONE"), at); err == nil || j.Hash() != before {
		t.Errorf("got %v", err)
	}
}

// The same schedule gives the same state and the same messages, and going back in time gives them again.
func TestOneJourneyGivesOneState(t *testing.T) {
	for name, way := range journeys {
		t.Run(name, func(t *testing.T) {
			run := func(j *journey) [32]byte {
				for _, step := range way.steps {
					j.play(step)
				}
				return j.Hash()
			}
			j := setOut(t)
			start, answers, last := j.Snapshot(), j.answers, j.last
			first := run(j)
			j.Restore(start)
			j.now, j.answers, j.last = at, answers, last
			if again, other := run(j), run(setOut(t)); first != again || first != other {
				t.Errorf("hashes %x, %x and %x", first[:4], again[:4], other[:4])
			}
			said := j.said[3:] // after the request
			if half := len(said) / 2; !slices.Equal(said[:half], said[half:]) {
				t.Errorf("said %v", said)
			}
		})
	}
}
