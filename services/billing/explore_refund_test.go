package billing_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/schema/eventtest"
	"quadrille.dev/services/billing"
	"quadrille.dev/services/billing/internal/acl"
	"quadrille.dev/services/billing/internal/app"
)

// captured is what the order has paid of which goods are returned.
const captured = 425

// goods is a return of some of the order's goods.
type goods struct {
	id     string
	amount int64
}

func (g goods) key() string { return "refund-" + g.id }

var (
	some = goods{returnID, 300}
	more = goods{"01996f60-2b10-7a3c-8d55-0c4e7b9a1e02", 300}
	gift = goods{"01996f60-2b10-7a3c-8d55-0c4e7b9a1e03", 0}
)

// command is what ordering sends: "refund" or "cancelRefund". Those sent at other times have other ids.
func (g goods) command(name string, sent int64) event.Envelope {
	return event.New(t0, event.Fact{
		Name: "ordering.return." + name, Version: 1, Subject: g.id, Sequence: sent, CorrelationID: g.id, At: noon, ReplyTo: "ordering.replies",
		Data: json.RawMessage(fmt.Sprintf(`{"returnId":%q,"orderId":%q,"amount":{"minorUnits":%d,"currency":"GBP"}}`, g.id, orderID, g.amount)),
	})
}

// anew is from when on commands are sent after the restore.
const anew = 100

// answered is an answer to a command, as it was published.
type answered struct{ Return, Command, Outcome string }

// counter is billing and the provider's books while goods are returned.
type counter struct {
	left  []event.Envelope
	heard map[answered]bool
	books map[string]testkit.Outcome
	lost  int
	testkit.Backup
}

func (c counter) clone() counter {
	c.left, c.heard, c.Told, c.books = slices.Clone(c.left), maps.Clone(c.heard), slices.Clone(c.Told), maps.Clone(c.books)
	return c
}

func (c counter) state() string {
	ids := func(all []event.Envelope) (ids []string) {
		for _, one := range all {
			ids = append(ids, one.Subject+one.Name()+string(one.Data)+fmt.Sprint(one.Sequence))
		}
		return ids
	}
	return fmt.Sprint(ids(c.left), c.heard, ids(c.Told), c.books, c.lost, c.Key())
}

// returns goes through everything that can happen when goods are returned, each state once.
type returns struct {
	t       *testing.T
	actor   *testkit.Actor[app.Store]
	all     []goods
	mayLose int
	// restores is whether the database is lost once, and brought back.
	restores bool
	seen     map[string]bool
	ends     int
}

func exploreReturns(t *testing.T, x returns, copies int64) {
	x.t, x.actor, x.seen = t, paid(t), map[string]bool{}
	c := counter{heard: map[answered]bool{}, books: map[string]testkit.Outcome{}}
	for _, g := range x.all {
		for sent := range copies {
			c.left = append(c.left, g.command("refund", 1+sent), g.command("cancelRefund", 10+sent))
		}
	}
	x.visit(c)
	t.Logf("%d states, %d ends", len(x.seen), x.ends)
}

func (x *returns) visit(c counter) {
	before := x.actor.Hash()
	state := string(before[:]) + c.state()
	if x.seen[state] || x.t.Failed() {
		return
	}
	x.seen[state] = true
	x.check(c)
	moved := false
	for i, next := range c.left {
		moved = true
		x.try(c, func(c *counter) ([]event.Envelope, error) {
			c.left = slices.Delete(c.left, i, i+1)
			c.heard[answered{Return: next.Subject, Command: next.Name()}] = true
			return x.actor.Deliver(c.ctx(next), next, noon)
		})
	}
	x.tryRestore(c)
	x.try(c, func(c *counter) ([]event.Envelope, error) {
		said, err := x.actor.Fire(t0, noon.Add(time.Hour))
		moved = moved || x.actor.Hash() != before
		return said, err
	})
	for _, call := range x.actor.Calls() {
		moved = true
		x.answers(c, call)
	}
	if !moved {
		x.ends++
		x.checkEnd(c)
	}
}

// ctx is that in which a command is heard.
func (c counter) ctx(command event.Envelope) context.Context {
	switch {
	case !c.Restored:
		return t0
	case command.Sequence >= anew:
		return event.Doubting(t0)
	default:
		return event.Repeating(event.Doubting(t0))
	}
}

func (x *returns) try(c counter, do func(*counter) ([]event.Envelope, error)) {
	x.t.Helper()
	here, next := x.actor.Snapshot(), c.clone()
	said, err := do(&next)
	if err != nil {
		x.t.Fatalf("after %v: %v", answers(x.t, c.Told), err)
	}
	for _, m := range said {
		if err := eventtest.Validate(m.Name(), m.DataVersion, m.Data); err != nil {
			x.t.Error(err)
		}
		if !next.Restored && m.Sequence != sequence(next.Told, m.Subject)+1 {
			x.t.Errorf("%s has sequence %d after %v", m.Name(), m.Sequence, answers(x.t, c.Told))
		}
		if m.Name() == "billing.refund.answered" && m.To != "ordering.replies" {
			x.t.Errorf("answered to %q", m.To)
		}
		next.Told = append(next.Told, m)
	}
	x.visit(next)
	x.actor.Restore(here)
}

func sequence(told []event.Envelope, subject string) (last int64) {
	for _, m := range told {
		if m.Subject == subject {
			last = m.Sequence
		}
	}
	return last
}

func (x *returns) amountOf(key string) int64 {
	for _, g := range x.all {
		if g.key() == key {
			return g.amount
		}
	}
	x.t.Errorf("the provider knows the key %s", key)
	return 0
}

func (x *returns) given(books map[string]testkit.Outcome) (sum int64) {
	for key, decided := range books {
		if decided == testkit.Done {
			sum += x.amountOf(key)
		}
	}
	return sum
}

// asked is what the provider is asked to give back and has not decided.
func (x *returns) asked(c counter) (sum int64) {
	for _, call := range x.actor.Calls() {
		if _, known := c.books[call.Key]; !known && call.Operation == "refund" {
			sum += x.amountOf(call.Key)
		}
	}
	return sum
}

// answers has the provider do each thing that it can do with a call, and the answer arrive or get lost.
func (x *returns) answers(c counter, call testkit.Call) {
	decided, known := c.books[call.Key]
	switch {
	case call.Operation == "findRefund" && known:
		x.answer(c, call, decided)
	case call.Operation == "findRefund":
		x.answer(c, call, testkit.Refused)
	case known:
		x.answer(c, call, decided)
	default:
		for _, decided := range []testkit.Outcome{testkit.Done, testkit.Refused} {
			next := c.clone()
			next.books[call.Key] = decided
			if x.given(next.books) <= captured {
				x.answer(next, call, decided)
			}
		}
	}
	x.lose(c, call)
}

func (x *returns) answer(c counter, call testkit.Call, decided testkit.Outcome) {
	x.try(c, func(*counter) ([]event.Envelope, error) {
		before := x.actor.Hash()
		said, err := x.actor.Answer(t0, call.Key, testkit.Answer{Outcome: decided, Reference: "re-" + call.Subject, Reason: "No."}, noon)
		if x.actor.Hash() == before {
			x.t.Errorf("the provider has answered, and %s is asked again", call.Operation)
		}
		return said, err
	})
	x.lose(c, call)
}

func (x *returns) lose(c counter, call testkit.Call) {
	if c.lost == x.mayLose {
		return
	}
	x.try(c, func(c *counter) ([]event.Envelope, error) {
		c.lost++
		return x.actor.Answer(t0, call.Key, testkit.Answer{Outcome: testkit.Lost}, noon)
	})
}

// tryRestore backs the database up, or brings it back as it was then, after any number of messages have been published. Credit notes among them
// are recalled, every command is heard again, and ordering sends the one anew whose answer it may be waiting for.
func (x *returns) tryRestore(c counter) {
	x.t.Helper()
	if !x.restores {
		return
	}
	testkit.Lose(x.t, x.actor, c.Backup, recallNotes, func(b testkit.Backup) {
		next := c.clone()
		if next.Backup = b; b.Restored {
			next.left = x.anew(c)
		}
		x.visit(next)
	})
}

// anew are the commands that are heard after a restore.
func (x *returns) anew(c counter) (left []event.Envelope) {
	for _, g := range x.all {
		left = append(left, g.command("refund", 1), g.command("cancelRefund", 10))
		if c.heard[answered{Return: g.id, Command: "ordering.return.cancelRefund"}] {
			left = append(left, g.command("cancelRefund", anew))
		} else {
			left = append(left, g.command("refund", anew))
		}
	}
	return left
}

// recallNotes is what billing does about credit notes that it told before its database was restored.
func recallNotes(store app.Store, told []event.Envelope) error {
	for _, m := range told {
		if m.Name() != "billing.creditnote.issued" {
			continue
		}
		if err := acl.Recalled().Handle(t0, store, m, noon); err != nil {
			return err
		}
	}
	_, err := app.DoubtRefunds(t0, store, noon.Add(time.Hour), 9)
	return err
}

// answers reads what was answered, each once, and credit notes as answers to nobody.
func answers(t *testing.T, told []event.Envelope) map[answered]bool {
	t.Helper()
	all := map[answered]bool{}
	for _, m := range told {
		data, err := event.Data[struct{ Command, Outcome, Number string }](m)
		if err != nil {
			t.Fatal(err)
		}
		if m.Name() == "billing.creditnote.issued" {
			note := answered{Command: "note", Outcome: data.Number}
			if all[note] {
				t.Errorf("%s is issued twice", data.Number)
			}
			all[note], all[answered{m.Subject, "note", ""}] = true, true
			continue
		}
		all[answered{m.Subject, data.Command, data.Outcome}] = true
		if data.Outcome == "DONE" && !all[answered{m.Subject, "note", ""}] {
			t.Errorf("done, and no credit note before")
		}
	}
	return all
}

// check is what is true at every moment.
func (x *returns) check(c counter) {
	x.t.Helper()
	if sum := x.given(c.books) + x.asked(c); sum > captured {
		x.t.Errorf("%d given back, or asked for", sum)
	}
	said := answers(x.t, c.Told)
	for _, g := range x.all {
		gave := c.books[g.key()] == testkit.Done && x.isKnown(c, g) || g.amount == 0
		for _, wrong := range []struct {
			is   bool
			what string
		}{
			{said[answered{g.id, "cancelRefund", "REFUSED"}] || said[answered{g.id, "refund", "UNDONE"}], "an answer to the other command"},
			{said[answered{g.id, "refund", "DONE"}] && said[answered{g.id, "refund", "REFUSED"}], "done and refused"},
			{said[answered{g.id, "cancelRefund", "DONE"}] && said[answered{g.id, "cancelRefund", "UNDONE"}], "undone and not"},
			{said[answered{g.id, "cancelRefund", "UNDONE"}] && gave && g.amount > 0, "undone, and given back"},
			{said[answered{g.id, "refund", "REFUSED"}] && gave && g.amount > 0, "refused, and given back"},
			{(said[answered{g.id, "refund", "DONE"}] || said[answered{g.id, "cancelRefund", "DONE"}]) && !gave, "done, and not given back"},
		} {
			if wrong.is {
				x.t.Errorf("return %s: %s: %v, books %v", g.id, wrong.what, said, c.books)
			}
		}
	}
}

func (*returns) isKnown(c counter, g goods) bool {
	_, known := c.books[g.key()]
	return known
}

// checkEnd is what is true when nothing is left to happen: every command is answered, and who has money back has a credit note. An answer to
// refund that a restore has lost nobody waits for any more once it was cancelled.
func (x *returns) checkEnd(c counter) {
	x.t.Helper()
	said := answers(x.t, c.Told)
	for _, g := range x.all {
		refunded := said[answered{g.id, "refund", "DONE"}] || said[answered{g.id, "cancelRefund", "DONE"}]
		asked, cancelled := c.heard[answered{Return: g.id, Command: "ordering.return.refund"}],
			c.heard[answered{Return: g.id, Command: "ordering.return.cancelRefund"}]
		if cancelled && !said[answered{g.id, "cancelRefund", "DONE"}] && !said[answered{g.id, "cancelRefund", "UNDONE"}] {
			x.t.Errorf("return %s has no answer to cancelRefund: %v, books %v", g.id, said, c.books)
		}
		if moot := c.Restored && cancelled; asked && !moot && !said[answered{g.id, "refund", "DONE"}] && !said[answered{g.id, "refund", "REFUSED"}] {
			x.t.Errorf("return %s has no answer to refund: %v, books %v", g.id, said, c.books)
		}
		if gave := x.isKnown(c, g) && c.books[g.key()] == testkit.Done; g.amount > 0 && gave != refunded {
			x.t.Errorf("return %s: given back %t, answered so %t", g.id, gave, refunded)
		}
		if refunded != said[answered{g.id, "note", ""}] {
			x.t.Errorf("return %s: given back %t, with a credit note %t", g.id, refunded, !refunded)
		}
	}
}

// Whatever the order in which commands come, how often, and what becomes of the calls: money goes back at most once for a return, never more
// than was charged, never after it was said to be called off; and every command is answered.
func TestEveryOrderOfRefundsAndCancellations(t *testing.T) {
	for name, test := range map[string]struct {
		returns
		copies int64
	}{
		"one, everything twice":      {returns{all: []goods{some}, mayLose: 2}, 2},
		"two that do not both fit":   {returns{all: []goods{some, more}, mayLose: 1}, 1},
		"one for nothing, and other": {returns{all: []goods{gift, some}}, 1},
	} {
		t.Run(name, func(t *testing.T) { exploreReturns(t, test.returns, test.copies) })
	}
}

// Whenever the database is saved, and whenever it is lost and brought back as it was: what the provider has given back and billing has forgotten
// is found out, and what was called off is never given back.
func TestEveryMomentOfABackupAndOfARestoreWhileGoodsAreReturned(t *testing.T) {
	exploreReturns(t, returns{all: []goods{some}, mayLose: 1, restores: true}, 1)
}

// An answer that comes when it is known already takes no number of a credit note.
func TestALateAnswerLeavesNoNumberOut(t *testing.T) {
	actor := billing.Participant()
	do := func(said []event.Envelope, err error) (names []string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		for _, fact := range said {
			if note, err := event.Data[struct{ Number string }](fact); err == nil && note.Number != "" && fact.Name() == "billing.creditnote.issued" {
				names = append(names, note.Number)
			}
		}
		return names
	}
	for _, fact := range facts(1, "700", "ordering.order.placed", "inventory.stock.reserved") {
		do(actor.Deliver(t0, fact, noon))
	}
	do(actor.Fire(t0, noon.Add(time.Hour)))
	do(actor.Answer(t0, "charge-"+orderID, testkit.Answer{Outcome: testkit.Done, Reference: "ch_1"}, noon))
	var numbers []string
	for _, g := range []goods{some, more} {
		do(actor.Deliver(t0, g.command("refund", 1), noon))
		do(actor.Fire(t0, noon.Add(time.Hour)))
		for range 2 {
			numbers = append(numbers, do(actor.Answer(t0, g.key(), testkit.Answer{Outcome: testkit.Done, Reference: "re_" + g.id}, noon))...)
		}
	}
	if diff := cmp.Diff([]string{"CN-00000001", "CN-00000002"}, numbers); diff != "" {
		t.Error(diff)
	}
}
