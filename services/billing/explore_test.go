package billing_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/schema/eventtest"
	"quadrille.dev/services/billing"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/app"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const (
	orderID  = "01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01"
	returnID = "01996f60-2b10-7a3c-8d55-0c4e7b9a1e01"
)

// facts are what neighbours publish about the order, so many copies of each. The copies have different ids, so that the inbox does
// not hide what a handler does when it hears the same twice.
func facts(copies int, total string, names ...string) []event.Envelope {
	var all []event.Envelope
	for _, name := range names {
		data := `{"orderId":"` + orderID + `"}`
		if name == "ordering.order.placed" {
			data = `{"orderId":"` + orderID + `","number":"Q-1","customerId":"01996f1e-0b7d-7a33-b1c9-5e4f2a6d8c11",
				"total":{"minorUnits":` + total + `,"currency":"GBP"},"payment":{"token":"pm_card_visa"}}`
		}
		if strings.HasPrefix(name, "customers.") {
			data = `{"customerId":"01996f1e-0b7d-7a33-b1c9-5e4f2a6d8c11"}`
		}
		subject, to, replyTo := orderID, "", ""
		if strings.HasPrefix(name, "ordering.return.") {
			data = `{"returnId":"` + returnID + `","orderId":"` + orderID + `","amount":{"minorUnits":300,"currency":"GBP"}}`
			subject, to, replyTo = returnID, "billing.commands", "ordering.replies"
		}
		position := slices.Index(billing.Facts(), name)
		for copy := range copies {
			all = append(all, event.New(t0, event.Fact{
				Name: name, Version: 1, Subject: subject, Sequence: int64(1 + 10*position + copy), CorrelationID: subject, At: noon,
				To: to, ReplyTo: replyTo, Data: json.RawMessage(data),
			}))
		}
	}
	return all
}

// world is billing among its neighbours, with the payment provider's own books.
type world struct {
	// left are the facts not yet delivered.
	left []event.Envelope
	// heard are the names of facts delivered, said are those published, in order.
	heard map[string]bool
	said  []string
	// books is what the provider has decided, by key. The same key always gets the same answer.
	books map[string]testkit.Outcome
	lost  int
	testkit.Backup
}

func (w world) clone() world {
	w.left, w.said, w.heard, w.books = slices.Clone(w.left), slices.Clone(w.said), maps.Clone(w.heard), maps.Clone(w.books)
	w.Told = slices.Clone(w.Told)
	return w
}

// state is equal for equal worlds.
func (w world) state() string {
	var left []string
	for _, fact := range w.left {
		left = append(left, fact.ID.String())
	}
	return fmt.Sprint(left, w.heard, w.said, w.books, w.lost, w.Key())
}

// explorer goes through everything that can happen, each state once.
type explorer struct {
	t       *testing.T
	actor   *testkit.Actor[app.Store]
	seen    map[string]bool
	said    map[string]bool
	valid   map[string]bool
	ends    int
	mayLose int
	// all is what there is to hear, from the beginning; empty unless a restore is to be explored.
	all []event.Envelope
}

func explore(t *testing.T, left []event.Envelope) *explorer {
	x := &explorer{
		t: t, actor: billing.Participant(), seen: map[string]bool{}, said: map[string]bool{}, valid: map[string]bool{}, mayLose: 2,
	}
	x.visit(world{left: left, heard: map[string]bool{}, books: map[string]testkit.Outcome{}})
	t.Logf("%d states, %d ends", len(x.seen), x.ends)
	return x
}

func (x *explorer) visit(w world) {
	before := x.actor.Hash()
	state := string(before[:]) + w.state()
	if x.seen[state] || x.t.Failed() {
		return
	}
	x.seen[state] = true
	x.check(w)
	moved := false
	for i, next := range w.left {
		if i > 0 && w.left[i-1].Name() == next.Name() {
			continue // Copies of a fact are alike.
		}
		x.try(w, &moved, func(w *world) ([]event.Envelope, error) {
			w.left, w.heard[next.Name()] = slices.Delete(w.left, i, i+1), true
			return x.actor.Deliver(w.Context(t0), next, noon)
		})
	}
	x.tryRestore(w)
	x.try(w, nil, func(w *world) ([]event.Envelope, error) {
		said, err := x.actor.Fire(w.Context(t0), noon.Add(time.Hour))
		moved = moved || x.actor.Hash() != before
		return said, err
	})
	for _, call := range x.actor.Calls() {
		x.answers(w, call, &moved)
	}
	if !moved {
		x.ends++
		x.checkEnd(w)
	}
}

// try does something from where we are, goes on from there, and comes back.
func (x *explorer) try(w world, moved *bool, do func(*world) ([]event.Envelope, error)) {
	x.t.Helper()
	here, next := x.actor.Snapshot(), w.clone()
	said, err := do(&next)
	if err != nil {
		x.t.Fatalf("after %v: %v", w.said, err)
	}
	for i, s := range said {
		if payload := s.Name() + string(s.Data); !x.valid[payload] {
			x.valid[payload] = true
			if err := eventtest.Validate(s.Name(), s.DataVersion, s.Data); err != nil {
				x.t.Error(err)
			}
		}
		if next.Told = append(next.Told, s); !next.Restored && s.Sequence != int64(len(next.said)+1) {
			x.t.Errorf("fact %d of %v has sequence %d", i, next.said, s.Sequence)
		}
		next.said = append(next.said, s.Name())
		x.said[s.Name()] = true
	}
	if moved != nil {
		*moved = true
	}
	x.visit(next)
	x.actor.Restore(here)
}

// answers has the provider do each thing that it can do with a call, and the answer arrive or get lost.
func (x *explorer) answers(w world, call testkit.Call, moved *bool) {
	if decided, known := w.books[call.Key]; known {
		x.answer(w, call, decided, moved)
		return
	}
	for _, decided := range []testkit.Outcome{testkit.Done, testkit.Refused} {
		if call.Operation == "refund" && decided == testkit.Refused {
			continue
		}
		next := w.clone()
		next.books[call.Key] = decided
		x.answer(next, call, decided, moved)
	}
	x.lose(w, call, moved)
}

func (x *explorer) answer(w world, call testkit.Call, decided testkit.Outcome, moved *bool) {
	x.try(w, moved, func(*world) ([]event.Envelope, error) {
		return x.actor.Answer(t0, call.Key, testkit.Answer{Outcome: decided, Reference: call.Operation + "-1", Reason: "No."}, noon)
	})
	x.lose(w, call, moved)
}

func (x *explorer) lose(w world, call testkit.Call, moved *bool) {
	if w.lost == x.mayLose {
		return
	}
	x.try(w, moved, func(w *world) ([]event.Envelope, error) {
		w.lost++
		return x.actor.Answer(t0, call.Key, testkit.Answer{Outcome: testkit.Lost}, noon)
	})
}

// ends are the facts of which every order given up gets exactly one.
var ends = []string{"billing.payment.voided", "billing.payment.refunded", "billing.payment.declined"}

func count(said []string, names ...string) int {
	n := 0
	for _, s := range said {
		if slices.Contains(names, s) {
			n++
		}
	}
	return n
}

func charged(w world) bool {
	decided, known := w.books["charge-"+orderID]
	return known && decided == testkit.Done
}

// check is what is true at every moment.
func (x *explorer) check(w world) {
	x.t.Helper()
	for _, name := range w.said {
		if count(w.said, name) > 1 {
			x.t.Errorf("%s twice: %v", name, w.said)
		}
	}
	if count(w.said, ends...) > 1 {
		x.t.Errorf("two ends: %v", w.said)
	}
	for key := range w.books {
		if key != "charge-"+orderID && key != "refund-"+orderID {
			x.t.Errorf("the provider knows the key %s", key)
		}
	}
	if w.heard["customers.customer.erased"] && x.keepsCard() {
		x.t.Errorf("erased, and the card is kept after %v", w.said)
	}
	voided := slices.Contains(w.said, "billing.payment.voided")
	if _, asked := w.books["charge-"+orderID]; voided && (asked || len(x.actor.Calls()) > 0) {
		x.t.Errorf("voided, and the provider was asked: %v %v", w.said, w.books)
	}
}

// keepsCard tells whether a card is kept of which the provider need not be told any more.
func (x *explorer) keepsCard() (kept bool) {
	x.t.Helper()
	x.actor.Read(func(store app.Store) {
		a, err := store.Account(t0, account.OrderID{UUID: uuid.MustParse(orderID)})
		if err != nil {
			x.t.Fatal(err)
		}
		kept = a.Token != "" && a.Payment.Status != account.Pending && a.Payment.Status != account.Charging
	})
	return kept
}

// checkEnd is what is true when nothing is left to happen.
func (x *explorer) checkEnd(w world) {
	x.t.Helper()
	givenUp := w.heard["ordering.order.cancelled"] || w.heard["fulfillment.shipment.failed"]
	_, refunded := w.books["refund-"+orderID]
	switch {
	case givenUp:
		if count(w.said, ends...) != 1 {
			x.t.Errorf("given up, with ends %v", w.said)
		}
		if charged(w) != refunded {
			x.t.Errorf("given up, charged %v, refunded %v", charged(w), refunded)
		}
		if count(w.said, "billing.invoice.issued") != count(w.said, "billing.invoice.voided") {
			x.t.Errorf("given up, with an invoice: %v", w.said)
		}
	case w.heard["ordering.order.placed"] && w.heard["inventory.stock.reserved"]:
		if count(w.said, "billing.payment.captured", "billing.payment.declined") != 1 || refunded {
			x.t.Errorf("placed and reserved: %v, refunded %v", w.said, refunded)
		}
	}
}
