package fulfillment_test

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
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/schema/eventtest"
	"quadrille.dev/services/fulfillment"
	"quadrille.dev/services/fulfillment/internal/app"
	"quadrille.dev/services/fulfillment/internal/pickup"
)

const (
	arrangePickup = "ordering.return.arrangePickup"
	cancelPickup  = "ordering.return.cancelPickup"
	returnID      = "01996f60-2b10-7a3c-8d55-0c4e7b9a1e01"
)

// asked are so many copies of what ordering asks for a return; each has an id of its own.
func asked(copies int, names ...string) []event.Envelope {
	var all []event.Envelope
	for _, name := range names {
		data := `{"returnId":"` + returnID + `","orderId":"` + orderID + `","lines":[{"sku":"MUG-BLUE","quantity":2}]}`
		for copy := range copies {
			all = append(all, event.New(t0, event.Fact{
				Name: name, Version: 1, Subject: returnID, Sequence: int64(1 + 10*slices.Index(fulfillment.Facts(), name) + copy),
				CorrelationID: returnID, At: noon, Data: json.RawMessage(data),
				To: rabbit.CommandsExchange("fulfillment"), ReplyTo: rabbit.RepliesExchange("ordering"),
			}))
		}
	}
	return all
}

// shed is fulfillment and the carrier, as far as a return goes.
type shed struct {
	left []event.Envelope
	// owed are the commands that are not answered.
	owed map[string]bool
	said
	carrier
	lost int
	testkit.Backup
}

// said tells whether it was said that the pick-up is undone, or refused; and done, if it was said after that.
type said struct{ undone, refused, done bool }

// carrier is what its ledger says of the return.
type carrier struct {
	decided   testkit.Outcome
	answers   bool
	cancelled bool
	// under way is a request to collect that has not come to the carrier, and of which nobody waits for the answer any more.
	underWay bool
}

func (c carrier) live() bool { return c.answers && c.decided == testkit.Done && !c.cancelled }

// collect has the carrier decide, unless it has.
func (c carrier) collect(decided testkit.Outcome) carrier {
	if !c.answers {
		if c.answers, c.decided = true, decided; c.cancelled {
			c.decided = testkit.Refused
		}
	}
	return c
}

func (s shed) state() string {
	var left []string
	for _, e := range s.left {
		left = append(left, e.ID.String())
	}
	return fmt.Sprint(left, s.owed, s.said, s.carrier, s.lost, s.Key())
}

// collecting goes through everything that can happen to a return, each state once.
type collecting struct {
	t       *testing.T
	actor   *testkit.Actor[app.Store]
	seen    map[string]bool
	ends    int
	mayLose int
	// all is what there is to hear, from the beginning; empty unless a restore is to be explored.
	all []event.Envelope
}

// exploreReturn begins after the facts before: no order is returned that was not heard of.
func exploreReturn(t *testing.T, mayLose int, restores bool, before, left []event.Envelope) {
	t.Helper()
	x := &collecting{t: t, actor: fulfillment.Participant(), seen: map[string]bool{}, mayLose: mayLose}
	if restores {
		x.all = slices.Concat(before, left)
	}
	empty := testkit.Save(x.actor, nil)
	for _, fact := range before {
		if _, err := x.actor.Deliver(t0, fact, noon); err != nil {
			t.Fatal(err)
		}
	}
	x.visit(shed{left: left, owed: map[string]bool{}})
	if restores {
		x.visit(shed{left: left, owed: map[string]bool{}, Backup: empty})
	}
	t.Logf("%d states, %d ends", len(x.seen), x.ends)
}

func (x *collecting) visit(s shed) {
	before := x.actor.Hash()
	state := string(before[:]) + s.state()
	if x.seen[state] || x.t.Failed() {
		return
	}
	x.seen[state] = true
	x.check(s)
	moved := false
	for i, next := range s.left {
		x.try(s, &moved, func(s *shed) ([]event.Envelope, error) {
			s.left = slices.Delete(slices.Clone(s.left), i, i+1)
			ctx, repeats := s.Context(t0), s.Restored && next.Time.Equal(noon)
			if s.owed = clone(s.owed); next.ReplyTo != "" && !repeats {
				s.owed[next.Name()] = true
			}
			if repeats {
				ctx = event.Repeating(ctx)
			}
			return x.actor.Deliver(ctx, next, noon)
		})
	}
	x.tryRestore(s)
	x.try(s, nil, func(s *shed) ([]event.Envelope, error) {
		told, err := x.actor.Fire(s.Context(t0), noon.Add(time.Hour))
		moved = moved || x.actor.Hash() != before
		return told, err
	})
	if s.underWay {
		decide(func(decided testkit.Outcome) {
			x.try(s, &moved, func(s *shed) ([]event.Envelope, error) {
				s.carrier, s.underWay = s.carrier.collect(decided), false
				return nil, nil
			})
		})
	}
	for _, call := range x.actor.Calls() {
		x.answers(s, call, &moved)
	}
	if !moved {
		x.ends++
		x.checkEnd(s)
	}
}

func clone(owed map[string]bool) map[string]bool {
	copied := map[string]bool{}
	maps.Copy(copied, owed)
	return copied
}

func decide(does func(testkit.Outcome)) {
	does(testkit.Done)
	does(testkit.Refused)
}

// answers has the carrier do what it is asked, and the answer arrive or get lost; or the request come late.
func (x *collecting) answers(s shed, call testkit.Call, moved *bool) {
	if call.Subject != returnID {
		return // parcels are explored elsewhere
	}
	hear := func(s shed, outcome testkit.Outcome) {
		x.try(s, moved, func(s *shed) ([]event.Envelope, error) {
			if outcome == testkit.Lost {
				s.lost++
			}
			return x.actor.Answer(s.Context(t0), call.Key, testkit.Answer{Outcome: outcome, Reference: "QC1", Reason: "No."}, noon)
		})
	}
	did := func(c carrier, outcome testkit.Outcome) {
		after := s
		after.carrier = c
		hear(after, outcome)
		if s.lost < x.mayLose {
			hear(after, testkit.Lost)
		}
	}
	if call.Operation == "cancelPickup" {
		c := s.carrier
		c.cancelled = true
		did(c, testkit.Done)
		return
	}
	decide(func(decided testkit.Outcome) {
		c := s.carrier.collect(decided)
		if c.live() {
			did(c, testkit.Done)
		} else {
			did(c, testkit.Refused)
		}
	})
	if s.lost < x.mayLose && !s.underWay {
		late := s
		late.underWay = true
		hear(late, testkit.Lost)
	}
}

// try does something from where we are, goes on from there, and comes back.
func (x *collecting) try(s shed, moved *bool, do func(*shed) ([]event.Envelope, error)) {
	x.t.Helper()
	here, next := x.actor.Snapshot(), s
	told, err := do(&next)
	if err != nil {
		x.t.Fatalf("while %s: %v", s.state(), err)
	}
	next.Told = slices.Clone(next.Told)
	for _, e := range told {
		if next.Told = append(next.Told, e); e.Name() == "fulfillment.pickup.answered" {
			next.hear(x.t, e)
		}
	}
	if moved != nil {
		*moved = true
	}
	x.visit(next)
	x.actor.Restore(here)
}

// hear takes note of an answer.
func (s *shed) hear(t *testing.T, e event.Envelope) {
	t.Helper()
	data, err := event.Data[struct{ ReturnID, OrderID, Command, Outcome, Reference, Reason string }](e)
	if err != nil || data.ReturnID != returnID || data.OrderID != orderID || e.To != "ordering.replies" || e.CorrelationID != returnID {
		t.Errorf("answered %+v, %v", e, err)
	}
	if err := eventtest.Validate(e.Name(), e.DataVersion, e.Data); err != nil {
		t.Error(err)
	}
	command := "ordering.return." + data.Command
	if s.owed = clone(s.owed); !s.owed[command] && !s.Restored {
		t.Errorf("%s is answered %s, and nobody has asked", command, data.Outcome)
	}
	delete(s.owed, command)
	switch command + " " + data.Outcome {
	case arrangePickup + " DONE":
		if s.said != (said{done: s.said.done}) || data.Reference != "QC1" {
			t.Errorf("done as %q after %+v", data.Reference, s.said)
		}
		s.said.done = true
	case arrangePickup + " REFUSED":
		s.said.refused, s.said.done = true, false
	case cancelPickup + " UNDONE":
		s.said.undone, s.said.done = true, false
	default:
		t.Errorf("%s is answered %s", command, data.Outcome)
	}
}

// check is what is true at every moment.
func (x *collecting) check(s shed) {
	x.t.Helper()
	if (s.said.undone || s.said.refused) && s.live() {
		x.t.Errorf("said %+v, and the carrier comes, while %s", s.said, s.state())
	}
	if s.said.done && !s.answers {
		x.t.Error("done, and the carrier has not decided")
	}
}

// checkEnd is what is true when nothing is left to happen.
func (x *collecting) checkEnd(s shed) {
	x.t.Helper()
	if len(s.owed) > 0 {
		x.t.Errorf("%v are not answered", s.owed)
	}
	if s.done != s.live() {
		x.t.Errorf("said %+v, and the carrier comes: %t, when %s", s.said, s.live(), s.state())
	}
}

// tryRestore backs the database up, or brings it back as it was then: what was told of parcels is recalled, and all that was heard is heard
// again.
func (x *collecting) tryRestore(s shed) {
	x.t.Helper()
	if x.all == nil {
		return
	}
	ofParcels := func(store app.Store, told []event.Envelope) error {
		return recall(store, slices.DeleteFunc(slices.Clone(told), func(e event.Envelope) bool { return e.To != "" }))
	}
	testkit.Lose(x.t, x.actor, s.Backup, ofParcels, func(b testkit.Backup) {
		next := s
		next.Backup = b
		switch {
		case !b.Restored:
			x.visit(next)
		case len(b.Told) == len(s.Told): // of what is recalled, all was published
			next.left, next.owed = append(slices.Clone(x.all), s.anew(x.all)...), x.owed()
			x.visit(next)
		}
	})
}

// owed are the commands that fulfillment has heard.
func (x *collecting) owed() map[string]bool {
	x.t.Helper()
	owed := map[string]bool{}
	x.actor.Read(func(store app.Store) {
		p, err := store.Pickup(t0, pickup.ReturnID{UUID: uuid.MustParse(returnID)})
		if err != nil {
			x.t.Fatal(err)
		}
		if p.Arranger != "" {
			owed[arrangePickup] = true
		}
		if p.Canceller != "" {
			owed[cancelPickup] = true
		}
	})
	return owed
}

// anew are the commands that ordering sends after a restore: the last that it is not answered, and those that it has not sent before.
func (s shed) anew(all []event.Envelope) (commands []event.Envelope) {
	among := func(name string, envelopes []event.Envelope) bool {
		return slices.ContainsFunc(envelopes, func(e event.Envelope) bool { return e.Name() == name })
	}
	cancels := among(cancelPickup, all) && !among(cancelPickup, s.left)
	for _, name := range []string{arrangePickup, cancelPickup} {
		if among(name, s.left) && !cancels || s.owed[name] && (name == cancelPickup || !cancels) {
			command := asked(1, name)[0]
			command.ID, command.Time = uuid.NewSHA1(command.ID, nil), noon.Add(time.Minute)
			commands = append(commands, command)
		}
	}
	return commands
}

// Commands, twice, in any order, with answers lost, requests that come late and refusals: the carrier never comes once it was said that it
// does not, and every command is answered in the end.
func TestEveryOrderOfCommands(t *testing.T) {
	placed := facts(1, "ordering.order.placed")
	for name, left := range map[string][]event.Envelope{
		"arranged":              slices.Concat(placed, asked(2, arrangePickup)),
		"arranged and not":      slices.Concat(placed, asked(2, arrangePickup, cancelPickup)),
		"not, and never placed": asked(2, cancelPickup, arrangePickup),
	} {
		t.Run(name, func(t *testing.T) { exploreReturn(t, 2, false, nil, left) })
	}
	// Of a parcel that goes nowhere the address is forgotten at once.
	t.Run("erased", func(t *testing.T) {
		gone := facts(1, "ordering.order.placed", "ordering.order.cancelled")
		exploreReturn(t, 2, false, gone, append(asked(1, arrangePickup, cancelPickup), facts(1, "customers.customer.erased")...))
	})
}

// Whenever the database is saved, and whenever it is lost and brought back as it was: also then the carrier never comes once it was said that it
// does not, and what is done stays so. What was asked is heard again, and what ordering still waits for it asks anew.
func TestEveryMomentOfARestoreOfPickups(t *testing.T) {
	placed := facts(1, "ordering.order.placed")
	for name, left := range map[string][]event.Envelope{
		"arranged":         asked(1, arrangePickup),
		"arranged and not": asked(1, arrangePickup, cancelPickup),
	} {
		t.Run(name, func(t *testing.T) { exploreReturn(t, 1, true, placed, left) })
	}
}

func TestACollectionIsAskedForInWords(t *testing.T) {
	actor := fulfillment.Participant()
	for _, e := range slices.Concat(facts(1, "ordering.order.placed"), asked(1, arrangePickup)) {
		if _, err := actor.Deliver(t0, e, noon); err != nil {
			t.Fatal(err)
		}
	}
	if keys := asks(t, actor, noon); !slices.Equal(keys, []string{"pickup-" + returnID}) {
		t.Errorf("asked %v", keys)
	}
	call := actor.Calls()[0]
	if call.To != "carrier" || call.Operation != "collect" || call.Subject != returnID || !strings.Contains(call.Argument, "SW1Y 4JH") {
		t.Errorf("%+v", call)
	}
	_, err := actor.Answer(t0, call.Key, accepted, noon)
	if err != nil || fulfillment.Collection(actor, uuid.MustParse(returnID)) != "BOOKED" {
		t.Error(err)
	}
	if _, err := actor.Deliver(t0, asked(1, cancelPickup)[0], noon); err != nil {
		t.Fatal(err)
	}
	if keys := asks(t, actor, noon); !slices.Equal(keys, []string{"cancel-pickup-" + returnID}) {
		t.Errorf("asked %v", keys)
	}
}

// answered is what is said of a pick-up that is called off before it is asked for.
func answered(t *testing.T) []event.Envelope {
	t.Helper()
	told, err := fulfillment.Participant().Deliver(t0, asked(1, cancelPickup)[0], noon)
	if err != nil {
		t.Fatal(err)
	}
	return told
}
