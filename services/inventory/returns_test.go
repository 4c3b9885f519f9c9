package inventory_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/schema/eventtest"
	"quadrille.dev/services/inventory"
	"quadrille.dev/services/inventory/internal/acl"
	"quadrille.dev/services/inventory/internal/app"
)

var (
	commands     = []string{"ordering.return.restock", "ordering.return.withdrawStock"}
	firstReturn  = uuid.MustParse("01940000-0000-7000-8000-0000000000f1")
	secondReturn = uuid.MustParse("01940000-0000-7000-8000-0000000000f2")
)

// command is what ordering asks for a return of one cup; times tells apart commands that only say the same.
func command(name string, returnID uuid.UUID, times int64) event.Envelope {
	data := map[string]any{"returnId": returnID, "orderId": orderID}
	if name == "ordering.return.restock" {
		data["lines"] = []map[string]any{{"sku": "CUP", "quantity": 1}}
	}
	return event.New(context.Background(), event.Fact{
		Name: name, Version: 1, Subject: returnID.String(), CorrelationID: returnID.String(), At: at,
		Sequence: times*int64(len(commands)) + int64(slices.Index(commands, name)),
		To:       rabbit.CommandsExchange("inventory"), ReplyTo: rabbit.RepliesExchange("ordering"), Data: data,
	})
}

// happens is what a schedule names: a fact about the order, or a command about one of its returns.
func happens(name string, times int64) event.Envelope {
	switch name, which, _ := strings.Cut(name, " of "); which {
	case "first":
		return command(name, firstReturn, times)
	case "second":
		return command(name, secondReturn, times)
	default:
		return fact(name, times)
	}
}

// answer is what ordering reads of an answer.
type answer struct {
	ReturnID                 uuid.UUID
	Command, Outcome, Reason string
}

// returns is what inventory has said of an order and of its returns.
type returns struct {
	t        *testing.T
	schedule []string
	// cup is the count of cups by what was said of them.
	cup     inventory.Count
	answers map[uuid.UUID][]answer
}

func (r *returns) hear(told []event.Envelope) {
	r.t.Helper()
	for _, e := range told {
		if err := eventtest.Validate(e.Name(), e.DataVersion, e.Data); err != nil {
			r.t.Error(err)
		}
		data, err := event.Data[struct {
			answer
			Lines []struct {
				SKU      string
				Quantity int64
			}
		}](e)
		if err != nil {
			r.t.Fatal(err)
		}
		cups := int64(0)
		for _, line := range data.Lines {
			if line.SKU == "CUP" {
				cups += line.Quantity
			}
		}
		switch strings.TrimPrefix(e.Name(), "inventory.") {
		case "stock.reserved":
			r.cup.Reserved += cups
		case "stock.released":
			r.cup.Reserved -= cups
		case "stock.deducted":
			r.cup.OnHand, r.cup.Reserved, r.cup.Deducted = r.cup.OnHand-cups, r.cup.Reserved-cups, r.cup.Deducted+cups
		case "stock.reinstated", "stock.returned":
			r.cup.OnHand, r.cup.Deducted = r.cup.OnHand+cups, r.cup.Deducted-cups
		case "stock.withdrawn":
			r.cup.OnHand, r.cup.Deducted = r.cup.OnHand-cups, r.cup.Deducted+cups
		case "restock.answered":
			if e.To != "ordering.replies" || e.Subject != data.ReturnID.String() || e.CorrelationID != e.Subject {
				r.t.Errorf("%v: answered %+v", r.schedule, e)
			}
			r.answers[data.ReturnID] = append(r.answers[data.ReturnID], data.answer)
		}
	}
}

// check holds the answers of a return: what is undone stays so, and what is done is until then.
func (r *returns) check(returnID uuid.UUID) {
	r.t.Helper()
	said := ""
	for _, a := range r.answers[returnID] {
		undone := strings.Contains(said, "UNDONE")
		switch {
		case a.Command == "restock" && a.Outcome == "DONE" && (undone || strings.Contains(said, "REFUSED")):
			r.t.Errorf("%v: done after %s", r.schedule, said)
		case a.Command == "restock" && a.Outcome == "REFUSED" && !undone && strings.Contains(said, "DONE"):
			r.t.Errorf("%v: refused after %s", r.schedule, said)
		case a.Command == "withdrawStock" && a.Outcome != "UNDONE":
			r.t.Errorf("%v: nobody else wants them, and yet %q", r.schedule, a.Reason)
		}
		said += a.Outcome + " "
	}
}

// Commands in every order beside the facts of the order, each as the same message twice, and as one that says the same: every one of them is
// answered, what is said of the goods is what is counted, and never is more put back than has left.
func TestCommandsInEveryOrderAndTwice(t *testing.T) {
	subsets([]string{
		"ordering.order.placed", "fulfillment.shipment.arranged", "billing.payment.refunded",
		"ordering.return.restock of first", "ordering.return.withdrawStock of first", "ordering.return.restock of second",
	}, func(chosen []string) {
		permutations(chosen, func(schedule []string) { askInOrder(t, schedule) })
	})
}

func askInOrder(t *testing.T, schedule []string) {
	t.Helper()
	participant := inventory.Participant(map[string]int64{"CUP": 2, "JUG": 1})
	r := &returns{t: t, schedule: schedule, answers: map[uuid.UUID][]answer{}, cup: inventory.Count{OnHand: 2, Received: 2}}
	asked := 0
	for i, name := range slices.Concat(schedule, schedule) {
		first, second := int64(1+i*10), int64(2+i*10)
		for _, e := range []event.Envelope{happens(name, first), happens(name, first), happens(name, second)} {
			told, err := participant.Deliver(t.Context(), e, at)
			if err != nil {
				t.Fatalf("%v: %s: %v", schedule, name, err)
			}
			r.hear(told)
			if counted := inventory.Look(participant, "CUP"); counted != r.cup || counted.OnHand+counted.Deducted != 2 ||
				counted.Reserved < 0 || counted.Reserved > counted.OnHand || counted.Deducted < 0 {
				t.Fatalf("%v: counted %+v, told %+v", schedule, counted, r.cup)
			}
		}
		if strings.Contains(name, "ordering.return") {
			asked += 2
		}
	}
	if got := len(r.answers[firstReturn]) + len(r.answers[secondReturn]); got != asked {
		t.Errorf("%v: %d commands, %d answers", schedule, asked, got)
	}
	r.check(firstReturn)
	r.check(secondReturn)
}

// warehouse is inventory with two cups and a jug, and all that it has told.
type warehouse struct {
	*testing.T
	participant *testkit.Actor[app.Store]
	told        []event.Envelope
}

func newWarehouse(t *testing.T) *warehouse {
	return &warehouse{T: t, participant: inventory.Participant(map[string]int64{"CUP": 2, "JUG": 1})}
}

// hear answers what the answers say.
func (w *warehouse) hear(heard ...event.Envelope) (said []string) {
	w.Helper()
	for _, e := range heard {
		told, err := w.participant.Deliver(w.Context(), e, at)
		if err != nil {
			w.Fatal(err)
		}
		w.told = append(w.told, told...)
		for _, e := range told {
			if e.Name() != "inventory.restock.answered" {
				continue
			}
			a, err := event.Data[answer](e)
			if err != nil {
				w.Fatal(err)
			}
			said = append(said, strings.TrimSpace(fmt.Sprintf("%s %s %s", a.Command, a.Outcome, a.Reason)))
		}
	}
	return said
}

// another is an order of somebody else's of so many cups.
func another(order uuid.UUID, cups int64) event.Envelope {
	return event.New(context.Background(), event.Fact{
		Name: "ordering.order.placed", Version: 1, Subject: order.String(), Sequence: 1, At: at,
		Data: map[string]any{"orderId": order, "customerId": uuid.New(), "lines": []map[string]any{{"sku": "CUP", "quantity": cups}}},
	})
}

func TestGoodsPromisedToOthersAreNotTakenOutUntilTheyAreFree(t *testing.T) {
	w, other := newWarehouse(t), uuid.New()
	w.hear(fact("ordering.order.placed", 1), fact("fulfillment.shipment.arranged", 1))
	said := w.hear(command("ordering.return.restock", firstReturn, 1), another(other, 1), command("ordering.return.withdrawStock", firstReturn, 2))
	freed := event.New(context.Background(), event.Fact{
		Name: "billing.payment.declined", Version: 1, Subject: other.String(), Sequence: 1, At: at, Data: map[string]any{"orderId": other},
	})
	said = append(said, w.hear(freed, command("ordering.return.withdrawStock", firstReturn, 3))...)
	want := []string{"restock DONE", "withdrawStock REFUSED None of CUP is left.", "withdrawStock UNDONE"}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Error(diff)
	}
	if cup := inventory.Look(w.participant, "CUP"); cup != (inventory.Count{Deducted: 2, Received: 2}) {
		t.Errorf("%+v", cup)
	}
}

func TestNoMoreComesBackThanHasLeft(t *testing.T) {
	w := newWarehouse(t)
	said := w.hear(command("ordering.return.restock", uuid.New(), 1))
	w.hear(fact("ordering.order.placed", 1), fact("fulfillment.shipment.arranged", 1))
	third := uuid.New()
	said = append(said, w.hear(
		command("ordering.return.restock", firstReturn, 1), command("ordering.return.restock", secondReturn, 1),
		command("ordering.return.restock", third, 1), command("ordering.return.withdrawStock", firstReturn, 2),
		command("ordering.return.restock", uuid.New(), 1), command("ordering.return.withdrawStock", third, 2))...)
	want := []string{
		"restock REFUSED None of CUP is with the customer.", "restock DONE", "restock DONE",
		"restock REFUSED None of CUP is with the customer.", "withdrawStock UNDONE", "restock DONE", "withdrawStock UNDONE",
	}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Error(diff)
	}
}

// The goods that a return brought back have gone to somebody else before the database was lost. What was told is taken up, though each fact
// may come before those that it needs, and whoever asks again is answered as before.
func TestARestockHeardAgainAfterARestoreIsAnsweredAsItWas(t *testing.T) {
	for undone, want := range map[bool]inventory.Count{
		false: {OnHand: 1, Reserved: 1, Deducted: 1, Received: 2}, true: {Deducted: 2, Received: 2},
	} {
		asked := []event.Envelope{command("ordering.return.restock", firstReturn, 1)}
		w := newWarehouse(t)
		w.hear(fact("ordering.order.placed", 1), fact("fulfillment.shipment.arranged", 1))
		said := w.hear(asked...)
		if undone {
			asked = append(asked, command("ordering.return.withdrawStock", firstReturn, 2))
			said = append(said, w.hear(asked[1])...)
		} else {
			w.hear(another(uuid.New(), 1))
		}
		restored := newWarehouse(t)
		restored.recall(w.told)
		before := restored.participant.Hash()
		var again []string
		for _, e := range asked {
			e.ID = uuid.New()
			again = append(again, restored.hear(e)...)
		}
		if undone {
			said[0] = "restock REFUSED The return was called off."
		}
		if cup := inventory.Look(restored.participant, "CUP"); cup != want || before == restored.participant.Hash() {
			t.Errorf("%+v, want %+v", cup, want)
		}
		if diff := cmp.Diff(said, again); diff != "" {
			t.Error(diff)
		}
	}
}

// It may have been refused, or called off since, and that be forgotten.
func TestARestockSentBeforeARestoreIsDoneOnlyWhenItIsSentAnew(t *testing.T) {
	w := newWarehouse(t)
	w.hear(fact("ordering.order.placed", 1), fact("fulfillment.shipment.arranged", 1))
	told, err := w.participant.Deliver(event.Repeating(event.Doubting(t.Context())), command("ordering.return.restock", firstReturn, 1), at)
	if cup := inventory.Look(w.participant, "CUP"); err != nil || len(told) != 0 || cup.Deducted != 2 {
		t.Errorf("sent before: told %v, %+v, %v", told, cup, err)
	}
	if said := w.hear(command("ordering.return.restock", firstReturn, 2)); !slices.Equal(said, []string{"restock DONE"}) {
		t.Errorf("sent anew: %v", said)
	}
}

// recall takes facts up until none is left, those of returns first.
func (w *warehouse) recall(told []event.Envelope) {
	w.Helper()
	left := slices.DeleteFunc(slices.Clone(told), func(e event.Envelope) bool { return e.To != "" })
	slices.SortStableFunc(left, func(x, y event.Envelope) int {
		ofReturn := map[string]int{firstReturn.String(): -1}
		return ofReturn[x.Subject] - ofReturn[y.Subject]
	})
	for len(left) > 0 {
		var failed []event.Envelope
		for _, e := range left {
			_, err := w.participant.Do(func(store app.Store) error { return acl.Recalled().Handle(outbox.Mute(w.Context()), store, e, at) })
			if err != nil {
				failed = append(failed, e)
			}
		}
		if len(failed) == len(left) {
			w.Fatalf("%d facts are left", len(left))
		}
		left = failed
	}
}

func TestWhatCannotBeAnsweredIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(*event.Envelope){
		"nowhere":        func(e *event.Envelope) { e.ReplyTo = "" },
		"somewhere else": func(e *event.Envelope) { e.ReplyTo = "billing.replies" },
		"no return":      func(e *event.Envelope) { e.Data = json.RawMessage(`{"orderId":"` + orderID.String() + `"}`) },
		"no order":       func(e *event.Envelope) { e.Data = json.RawMessage(`{"returnId":"` + firstReturn.String() + `"}`) },
	} {
		for _, asked := range commands {
			bad := command(asked, firstReturn, 1)
			spoil(&bad)
			_, err := inventory.Participant(nil).Deliver(t.Context(), bad, at)
			if err == nil || !strings.Contains(err.Error(), "UNREADABLE_EVENT") {
				t.Errorf("%s: %s: %v", asked, name, err)
			}
		}
	}
}
