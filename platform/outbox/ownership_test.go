package outbox_test

import (
	"fmt"
	"slices"
	"syscall"
	"testing"

	"quadrille.dev/platform/event"
)

// arrivals is what came of each aggregate, repeats left out.
type arrivals map[string][]int64

// hear notes a fact, and tells whether it is new.
func (a arrivals) hear(fact event.Envelope) (fresh bool) {
	if slices.Contains(a[fact.Subject], fact.Sequence) {
		return false
	}
	a[fact.Subject] = append(a[fact.Subject], fact.Sequence)
	return true
}

// check expects that of each aggregate so many facts have come, first in the order of their sequence.
func (a arrivals) check(t *testing.T, aggregates, each int) {
	t.Helper()
	if len(a) != aggregates {
		t.Errorf("%d aggregates of %d", len(a), aggregates)
	}
	for subject, sequences := range a {
		if len(sequences) != each || !slices.IsSorted(sequences) {
			t.Errorf("aggregate %s came first as %v", subject, sequences)
		}
	}
}

func (b *bench) appendMany(aggregates int, sequences ...int64) {
	b.t.Helper()
	var facts []event.Envelope
	for _, sequence := range sequences {
		for a := range aggregates {
			facts = append(facts, placed(fmt.Sprint(a), sequence))
		}
	}
	b.append(facts...)
}

// The first relay is cut off from the database, which ends its session and gives its partitions to the second; the first does not
// hear of that, and goes on with what it has read.
func TestTwoRelaysThatBelieveTheyOwnAPartitionRepeatButLoseAndReorderNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tap := b.tap("#", nil)
	broker, database := proxyTo(t, b.amqpURL), proxyTo(t, b.url)
	first := b.relayTo(broker.url(), b.openAt(database.url()))
	first.start()
	b.append(placed("before", 1))
	tap.next()
	b.eventuallyEmpty()

	letPublish := broker.toServer.hold(t)
	const aggregates, each = 50, 5
	b.appendMany(aggregates, 1, 2, 3, 4, 5)
	b.eventually("the first relay has read", broker.toServer.holding)
	letAsk, letHear := database.toServer.hold(t), database.toRelay.hold(t)
	b.terminateOwner()
	stopSecond := b.relay(b.open()).start()
	seen, distinct := arrivals{}, 0
	for distinct < aggregates*each {
		if seen.hear(tap.next()) {
			distinct++
		}
	}
	b.eventuallyEmpty()

	letPublish()
	if again := tap.next(); seen.hear(again) {
		t.Errorf("the first relay published %s %d, which nobody has appended", again.Subject, again.Sequence)
	}
	b.appendMany(aggregates, 6)
	for distinct < aggregates*(each+1) {
		if seen.hear(tap.next()) {
			distinct++
		}
	}
	b.eventuallyEmpty()
	seen.check(t, aggregates, each+1)

	letAsk()
	letHear()
	stopSecond()
	b.append(placed("after", 1))
	for tap.next().Subject != "after" {
	}
	b.eventuallyEmpty()
}

// A process is frozen in mid-window for so long that the database ends its session, and another takes over.
func TestARelayThatWasPausedPastItsOwnershipRepeatsButLosesAndReordersNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tap := b.tap("#", nil)
	const aggregates, each = 500, 8
	b.appendMany(aggregates, 1, 2, 3, 4, 5, 6, 7, 8)
	paused := b.process(relayRole, b.amqpURL)
	seen, distinct := arrivals{}, 0
	seen.hear(tap.next())
	distinct++
	paused.signal(syscall.SIGSTOP)
	if b.rows() == 0 {
		t.Fatal("all was done before the pause")
	}
	b.terminateOwner()
	stop := b.relay(b.db).start()
	for distinct < aggregates*each {
		if seen.hear(tap.next()) {
			distinct++
		}
	}
	b.eventuallyEmpty()
	b.appendMany(aggregates, 9)
	b.eventuallyEmpty()

	paused.signal(syscall.SIGCONT)
	stop()
	b.append(placed("0", 10))
	for last := (event.Envelope{}); last.Sequence != 10; {
		last = tap.next()
		if last.Sequence != 10 {
			seen.hear(last)
		}
	}
	seen.check(t, aggregates, each+1)
	b.eventuallyEmpty()
}
