package fulfillment_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/schema/eventtest"
	"quadrille.dev/services/fulfillment"
	"quadrille.dev/services/fulfillment/internal/app"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const orderID = "01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01"

// facts are what neighbours publish about the order, so many copies of each. The copies have different ids, so that the inbox does
// not hide what a handler does when it hears the same twice.
func facts(copies int, names ...string) []event.Envelope {
	var all []event.Envelope
	for _, name := range names {
		data := `{"orderId":"` + orderID + `"}`
		if name == "ordering.order.placed" {
			data = `{"orderId":"` + orderID + `","customerId":"01996f1e-0b7d-7a33-b1c9-5e4f2a6d8c11","shippingAddress":{"name":"Ada",
				"street":"12 St James's Square","city":"London","postalCode":"SW1Y 4JH","countryCode":"GB"}}`
		}
		if name == "customers.customer.erased" {
			data = `{"customerId":"01996f1e-0b7d-7a33-b1c9-5e4f2a6d8c11"}`
		}
		position := slices.Index(fulfillment.Facts(), name)
		for copy := range copies {
			all = append(all, event.New(t0, event.Fact{
				Name: name, Version: 1, Subject: orderID, Sequence: int64(1 + 10*position + copy), CorrelationID: orderID, At: noon,
				Data: json.RawMessage(data),
			}))
		}
	}
	return all
}

// world is fulfillment among its neighbours, with the carrier's own books.
type world struct {
	// left are the facts not yet delivered.
	left []event.Envelope
	// heard are the names of facts delivered, said are those published, in order.
	heard map[string]bool
	said  []string
	// books is what the carrier has decided, by key. The same key always gets the same answer.
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
	// refuses tells whether the carrier may refuse a booking; it has not, when an order is fulfilled.
	refuses bool
}

func explore(t *testing.T, refuses bool, left []event.Envelope) *explorer {
	x := &explorer{
		t: t, actor: fulfillment.Participant(), seen: map[string]bool{}, said: map[string]bool{}, valid: map[string]bool{}, mayLose: 2,
		refuses: refuses,
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

// answers has the carrier do each thing that it can do with a call, and the answer arrive or get lost.
func (x *explorer) answers(w world, call testkit.Call, moved *bool) {
	if decided, known := w.books[call.Key]; known {
		x.answer(w, call, decided, moved)
		return
	}
	done := w.clone()
	done.books[call.Key] = testkit.Done
	x.answer(done, call, testkit.Done, moved)
	if call.Operation == "book" && x.refuses {
		refused := w.clone()
		refused.books[call.Key] = testkit.Refused
		x.answer(refused, call, testkit.Refused, moved)
	}
	x.loseOr(w, call, testkit.Lost, moved)
	if call.Operation == "track" {
		x.loseOr(w, call, testkit.Refused, moved)
	}
}

func (x *explorer) answer(w world, call testkit.Call, decided testkit.Outcome, moved *bool) {
	x.try(w, moved, func(*world) ([]event.Envelope, error) {
		return x.actor.Answer(t0, call.Key, testkit.Answer{Outcome: decided, Reference: "QP1", Reason: "No."}, noon)
	})
	x.loseOr(w, call, testkit.Lost, moved)
}

// loseOr gives an answer after which the call is made again.
func (x *explorer) loseOr(w world, call testkit.Call, outcome testkit.Outcome, moved *bool) {
	if w.lost == x.mayLose {
		return
	}
	x.try(w, moved, func(w *world) ([]event.Envelope, error) {
		w.lost++
		return x.actor.Answer(t0, call.Key, testkit.Answer{Outcome: outcome}, noon)
	})
}

// ends are the facts of which every cancelled order gets exactly one.
var ends = []string{"fulfillment.shipment.cancelled", "fulfillment.shipment.failed"}

func count(said []string, names ...string) int {
	n := 0
	for _, s := range said {
		if slices.Contains(names, s) {
			n++
		}
	}
	return n
}

// did tells whether the carrier has done something.
func did(w world, operation string) bool {
	decided, known := w.books[operation+"-"+orderID]
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
		if _, order, _ := strings.Cut(key, "-"); order != orderID {
			x.t.Errorf("the carrier knows the key %s", key)
		}
	}
	if count(w.said, ends...) > 0 && len(x.actor.Calls()) > 0 {
		x.t.Errorf("ended %v, and still asks %v", w.said, x.actor.Calls())
	}
	if w.heard["customers.customer.erased"] && x.keepsAddress(w) {
		x.t.Errorf("erased, and the address is kept after %v", w.said)
	}
	if did(w, "handover") && (!w.heard["ordering.order.fulfilled"] || did(w, "cancel")) {
		x.t.Errorf("handed over %v after %v", w.books, w.heard)
	}
}

// keepsAddress tells whether an address is kept of which the carrier need not be told any more, or for the first time.
func (x *explorer) keepsAddress(w world) (kept bool) {
	x.t.Helper()
	x.actor.Read(func(store app.Store) {
		s, err := store.Shipment(t0, shipment.OrderID{UUID: uuid.MustParse(orderID)})
		if err != nil {
			x.t.Fatal(err)
		}
		known := s.Address != shipment.Address{} && s.Address != shipment.Address{CountryCode: "GB"}
		kept = known && (len(w.said) > 0 || s.Status != shipment.Pending && s.Status != shipment.Booking)
	})
	return kept
}

// checkEnd is what is true when nothing is left to happen.
func (x *explorer) checkEnd(w world) {
	x.t.Helper()
	ready := w.heard["ordering.order.placed"] && w.heard["billing.payment.captured"]
	switch {
	case w.heard["ordering.order.cancelled"]:
		if count(w.said, ends...) != 1 {
			x.t.Errorf("cancelled, with ends %v", w.said)
		}
		if did(w, "book") != did(w, "cancel") {
			x.t.Errorf("cancelled, with the carrier's books %v", w.books)
		}
	case ready && w.heard["ordering.order.fulfilled"]:
		want := []string{"fulfillment.shipment.arranged", "fulfillment.shipment.dispatched", "fulfillment.shipment.delivered"}
		if diff := cmp.Diff(want, w.said); diff != "" {
			x.t.Error(diff)
		}
	case ready:
		if count(w.said, "fulfillment.shipment.arranged", "fulfillment.shipment.failed") != 1 {
			x.t.Errorf("placed and paid: %v", w.said)
		}
	}
}
