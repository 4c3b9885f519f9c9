package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	amqp "github.com/rabbitmq/amqp091-go"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/testkit"
)

func TestFactsKeepTheirOrderWithinAnAggregate(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tap := b.tap("#", nil)
	b.relay(b.db).start()
	const aggregates, each = 100, 12
	var writers sync.WaitGroup
	for writer := range 4 {
		writers.Go(func() {
			for sequence := int64(1); sequence <= each; sequence++ {
				for a := writer; a < aggregates; a += 4 {
					b.append(placed(fmt.Sprint(a), sequence))
				}
			}
		})
	}
	writers.Wait()
	got := map[string][]int64{}
	for range aggregates * each {
		fact := tap.next()
		got[fact.Subject] = append(got[fact.Subject], fact.Sequence)
	}
	for subject, sequences := range got {
		if len(sequences) != each || !slices.IsSorted(sequences) {
			t.Errorf("aggregate %s came as %v", subject, sequences)
		}
	}
	b.eventuallyEmpty()
}

func TestMessagesSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tap := b.tap("order.placed.*", nil)
	b.relay(b.db).start()
	fact := placed("1", 1)
	b.append(fact)
	m := tap.nextMessage()
	type properties struct {
		ContentType, CorrelationID, MessageID, Type, AppID, RoutingKey string
		DeliveryMode                                                   uint8
		Timestamp                                                      time.Time
	}
	want := properties{
		"application/cloudevents+json", "1", fact.ID.String(), "quadrille.ordering.order.placed", "ordering", "order.placed.v1",
		amqp.Persistent, fact.Time.Truncate(time.Second),
	}
	got := properties{
		m.ContentType, m.CorrelationId, m.MessageId, m.Type, m.AppId, m.RoutingKey, m.DeliveryMode, m.Timestamp.UTC(),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	carried, err := event.Decode(m.Body)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fact, carried); diff != "" {
		t.Error(diff)
	}
}

func TestACrashAfterCommitAndBeforePublishingLosesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tap := b.tap("#", nil)
	if !b.process(appendRole, b.amqpURL).died() {
		t.Fatal("the process that appended did not die")
	}
	b.relay(b.db).start()
	if got, want := tap.next(), placed("1", 1); got.ID != want.ID {
		t.Errorf("got %s", got.ID)
	}
}

func TestACrashAfterPublishingAndBeforeTheConfirmPublishesAgainUnderTheSameID(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tap := b.tap("#", nil)
	proxy := proxyTo(t, b.amqpURL)
	relay := b.process(relayRole, proxy.url())
	b.append(placed("before", 1))
	tap.next()
	b.eventuallyEmpty()
	proxy.toRelay.hold(t)
	fact := placed("1", 1)
	b.append(fact)
	b.endAndTakeOver(relay, tap, fact, func() {})
}

func TestACrashAfterTheConfirmAndBeforeRemovalPublishesAgainUnderTheSameID(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tap := b.tap("#", nil)
	fact := placed("1", 1)
	b.append(fact)
	held := b.hold(fact)
	relay := b.process(relayRole, b.amqpURL)
	b.awaitRemoval()
	b.endAndTakeOver(relay, tap, fact, held)
}

// endAndTakeOver kills a relay that has published a fact, and expects that another publishes the fact again.
func (b *bench) endAndTakeOver(relay *process, tap *tap, fact event.Envelope, released func()) {
	b.t.Helper()
	if got := tap.next(); got.ID != fact.ID {
		b.t.Errorf("got %s", got.ID)
	}
	relay.kill()
	b.endOwners()
	released()
	if rows := b.rows(); rows != 1 {
		b.t.Fatalf("%d rows after the crash", rows)
	}
	b.relay(b.db).start()
	if got := tap.next(); got.ID != fact.ID {
		b.t.Errorf("then got %s", got.ID)
	}
	b.eventuallyEmpty()
}

func TestALaterSequenceDoesNotOvertakeThoseThatAreNotRemovedYet(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tap := b.tap("#", nil)
	first := placed("1", 1)
	b.append(first)
	held := b.hold(first)
	b.relay(b.db).start()
	tap.next()
	b.append(placed("1", 2))
	held()
	if got := tap.next(); got.Sequence != 2 {
		t.Errorf("got %d", got.Sequence)
	}
	b.eventuallyEmpty()
}

// The relay's session waits for a lock in the middle of a turn, so that it reads nothing; and what was appended in another process is not
// handed over.
func TestAFactThatIsAppendedInTheRelaysProcessIsPublishedWithoutBeingRead(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tap := b.tap("#", nil)
	first := placed("1", 1)
	b.append(first)
	held := b.hold(first)
	b.relay(b.db).start()
	tap.next()
	b.awaitRemoval()
	if err := b.appendFrom(b.open(), placed("elsewhere", 1)); err != nil {
		t.Fatal(err)
	}
	b.append(placed("1", 2), placed("2", 1))
	b.append(placed("1", 3))
	for _, want := range []string{"1 2", "2 1", "1 3"} {
		if got := tap.next(); fmt.Sprint(got.Subject, " ", got.Sequence) != want {
			t.Errorf("got %s %d, want %s", got.Subject, got.Sequence, want)
		}
	}
	held()
	if got := tap.next(); got.Subject != "elsewhere" {
		t.Errorf("then got %s", got.Subject)
	}
	b.eventuallyEmpty()
	if more := len(tap.messages); more != 0 {
		t.Errorf("%d came twice", more)
	}
}

// Only what is committed is handed over.
func TestAFactThatIsRolledBackIsNotPublished(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tap := b.tap("#", nil)
	b.relay(b.db).start()
	b.append(placed("before", 1))
	tap.next()
	refused := errors.New("refused")
	attempts := 0
	for name, f := range map[string]func(tx pgx.Tx) error{
		"refused": func(tx pgx.Tx) error {
			return errors.Join(outbox.Append(t.Context(), tx, placed("refused", 1)), postgres.Now(t.Context(), tx), refused)
		},
		"failed": func(tx pgx.Tx) error {
			return outbox.Append(t.Context(), tx, placed("failed", 1), placed("before", 2), placed("before", 2))
		},
		"savepoint": func(tx pgx.Tx) error {
			_ = pgx.BeginFunc(t.Context(), tx, func(tx pgx.Tx) error {
				return errors.Join(outbox.Append(t.Context(), tx, placed("undone", 1)), postgres.Now(t.Context(), tx), refused)
			})
			return outbox.Append(t.Context(), tx, placed("savepoint", 1))
		},
		"attempt": func(tx pgx.Tx) error {
			attempts++
			if err := outbox.Append(t.Context(), tx, placed(fmt.Sprint("attempt ", attempts), 1)); err != nil || attempts > 1 {
				return err
			}
			_, err := tx.Exec(t.Context(), `DO $$ BEGIN RAISE EXCEPTION 'victim' USING ERRCODE = '40P01'; END $$`)
			return err
		},
	} {
		if err := b.db.InTx(t.Context(), f); (err != nil) != (name == "refused" || name == "failed") {
			t.Errorf("%s: %v", name, err)
		}
	}
	b.append(placed("before", 2), placed("after", 1))
	got := map[string]bool{}
	for len(got) < 4 {
		got[tap.next().Subject] = true
	}
	if diff := cmp.Diff(map[string]bool{"savepoint": true, "attempt 2": true, "before": true, "after": true}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	b.eventuallyEmpty()
}

// A row that was written before properties had columns is published like any other.
func TestARowWithoutPropertiesHasThoseOfItsEnvelope(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tap := b.tap("#", nil)
	b.append(placed("now", 1), placed("before", 1))
	_, err := b.db.Exec(t.Context(), `
		UPDATE outbox SET type = NULL, occurred_at = NULL, correlation_id = NULL WHERE subject = 'before'`)
	if err != nil {
		t.Fatal(err)
	}
	if n := b.count(`type IS NULL`); n != 1 {
		t.Fatalf("%d rows without properties", n)
	}
	b.relay(b.db).start()
	for range 2 {
		got := <-tap.messages
		fact, err := event.Decode(got.Body)
		if err != nil {
			t.Fatal(err)
		}
		type properties struct {
			ID, Type, CorrelationID string
			Time                    int64
		}
		want := properties{fact.ID.String(), fact.Type, fact.CorrelationID, fact.Time.Unix()}
		has := properties{got.MessageId, got.Type, got.CorrelationId, got.Timestamp.Unix()}
		if diff := cmp.Diff(want, has); diff != "" {
			t.Errorf("%s (-envelope +message):\n%s", fact.Subject, diff)
		}
	}
}

func TestTwoRelaysShareTheWorkWithoutDoingItTwice(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tap := b.tap("#", nil)
	stops := []func(){b.relay(b.db).start(), b.relay(b.open()).start()}
	const facts = 500
	publish := func(from int) {
		for i := range facts {
			b.append(placed(fmt.Sprint(from+i), 1))
		}
		seen := map[string]int{}
		for range facts {
			seen[tap.next().Subject]++
		}
		if len(seen) != facts {
			t.Errorf("%d aggregates of %d", len(seen), facts)
		}
		b.eventuallyEmpty()
		if more := len(tap.messages); more != 0 {
			t.Errorf("%d came twice", more)
		}
	}
	publish(0)
	stops[0]()
	publish(facts)
	stops[1]()
	b.relay(b.db).start()
	publish(2 * facts)
}

func TestALowerSequenceThatCommitsLaterIsNotSkipped(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tap := b.tap("#", nil)
	b.relay(b.db).start()
	tx, err := b.db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := outbox.Append(t.Context(), tx, placed("early", 1)); err != nil {
		t.Fatal(err)
	}
	b.append(placed("late", 1))
	if got := tap.next(); got.Subject != "late" {
		t.Errorf("got %s", got.Subject)
	}
	b.eventuallyEmpty()
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := tap.next(); got.Subject != "early" {
		t.Errorf("then got %s", got.Subject)
	}
}

func TestALongTransactionAndItsSnapshotHoldUpNothing(t *testing.T) {
	t.Parallel()
	for name, database := range map[string]func(b *bench) string{
		"in the same database":   func(b *bench) string { return b.url },
		"in another of the host": func(b *bench) string { return testkit.Postgres(b.t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			tap := b.tap("#", nil)
			tx, err := b.openAt(database(b)).BeginTx(t.Context(), pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tx.Rollback(context.Background()) }()
			// From its number on, no later transaction is old enough for its dead rows to be cleared away.
			if _, err := tx.Exec(t.Context(), `SELECT pg_current_xact_id(), count(*) FROM pg_class`); err != nil {
				t.Fatal(err)
			}
			b.relay(b.db).start()
			for range 3 {
				for i := range 100 {
					b.append(placed(fmt.Sprint(i), 1))
				}
				for range 100 {
					tap.next()
				}
				b.eventuallyEmpty()
			}
		})
	}
}

func TestAnUnroutableFactBlocksItsAggregateAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tap := b.tap("order.placed.*", nil)
	b.relay(b.db).start()
	const stuck, depth = 40, 30
	for i := range stuck {
		subject := fmt.Sprint("stuck ", i)
		b.append(fact("ordering.order.cancelled", subject, 1))
		for sequence := range int64(depth) {
			b.append(placed(subject, sequence+2))
		}
	}
	for i := range 100 {
		b.append(placed(fmt.Sprint("free ", i), 1))
	}
	for range 100 {
		if got := tap.next(); !strings.HasPrefix(got.Subject, "free") {
			t.Fatalf("%s overtook its aggregate's first fact", got.Subject)
		}
	}
	b.eventually("every unroutable fact has failed", func() bool {
		return b.count(`attempts > 0 AND sequence = 1 AND not_before > created_at AND error LIKE '%NO_ROUTE%'`) == stuck
	})
	if touched := b.count(`attempts > 0 AND sequence > 1`); touched != 0 {
		t.Errorf("%d facts tried before their turn", touched)
	}
	b.bind(tap, "order.cancelled.*")
	got := map[string][]int64{}
	for range stuck * (depth + 1) {
		fact := tap.next()
		got[fact.Subject] = append(got[fact.Subject], fact.Sequence)
	}
	for subject, sequences := range got {
		if len(sequences) != depth+1 || !slices.IsSorted(sequences) {
			t.Errorf("%s came as %v", subject, sequences)
		}
	}
	b.eventuallyEmpty()
}

func TestNoReturnIsTakenForAnArrival(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const facts = 3000
	for i := range facts {
		b.append(placed(fmt.Sprint(i), 1))
	}
	b.relay(b.db).start()
	b.eventually("all have come back", func() bool { return b.count(`attempts > 0`) == b.rows() })
	if rows := b.rows(); rows != facts {
		t.Errorf("%d of %d facts are left, and nobody got one", rows, facts)
	}
}

func TestANackOfAFullQueueIsNoArrivalAndTheFactIsPublishedAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tap := b.tap("order.placed.*", amqp.Table{"x-max-length": 1, "x-overflow": "reject-publish"})
	tap.hold()
	b.relay(b.db).start()
	const facts = 5
	for i := range facts {
		b.append(placed(fmt.Sprint(i), 1))
	}
	b.eventually("some are refused", func() bool { return b.count(`error = 'refused by the broker'`) > 0 })
	tap.release()
	seen := map[string]bool{}
	for len(seen) < facts {
		seen[tap.next().Subject] = true
	}
	b.eventuallyEmpty()
}

func TestACutConnectionInMidWindowLosesNothingAndKeepsTheOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tap := b.tap("#", nil)
	const aggregates, each = 300, 10
	for sequence := int64(1); sequence <= each; sequence++ {
		for a := range aggregates {
			b.append(placed(fmt.Sprint(a), sequence))
		}
	}
	b.relay(b.db).start()
	cut := make(chan struct{})
	go func() {
		defer close(cut)
		b.eventually("the connection is cut", func() bool { return testkit.CutConnections(t, b.amqpURL, "publisher") > 0 })
	}()
	seen := map[string][]int64{}
	distinct := 0
	for distinct < aggregates*each {
		fact := tap.next()
		if !slices.Contains(seen[fact.Subject], fact.Sequence) {
			seen[fact.Subject] = append(seen[fact.Subject], fact.Sequence)
			distinct++
		}
	}
	for subject, sequences := range seen {
		if !slices.IsSorted(sequences) {
			t.Errorf("%s came first as %v", subject, sequences)
		}
	}
	<-cut
	b.eventuallyEmpty()
	b.append(placed("after", 1))
	for tap.next().Subject != "after" {
	}
}

// The exchange is gone for a moment, for which the broker closes the channel with all that is in flight.
func TestAClosedChannelInMidWindowLosesNothingAndKeepsTheOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tap := b.tap("#", nil)
	const aggregates, each = 300, 5
	relay := b.relay(b.db)
	relay.start()
	b.appendMany(aggregates, 1, 2)
	seen, distinct := arrivals{}, 0
	seen.hear(tap.next())
	distinct++
	if err := b.ch.ExchangeDelete("ordering.events", false, false); err != nil {
		t.Fatal(err)
	}
	b.appendMany(aggregates, 3, 4, 5)
	relay.logs.await(t, "relay interrupted")
	if err := b.ch.ExchangeDeclare("ordering.events", "topic", true, false, false, false, nil); err != nil {
		t.Fatal(err)
	}
	b.bind(tap, "#")
	for distinct < aggregates*each {
		if seen.hear(tap.next()) {
			distinct++
		}
	}
	seen.check(t, aggregates, each)
	b.eventuallyEmpty()
}

func TestTheEndDoesNotWaitForABrokerThatReadsNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tap := b.tap("#", nil)
	proxy := proxyTo(t, b.amqpURL)
	stop := b.relayThrough(proxy.url()).start()
	b.append(placed("before", 1))
	tap.next()
	b.eventuallyEmpty()
	proxy.toServer.hold(t)
	const facts = 300
	for i := range facts {
		large := placed(fmt.Sprint(i), 1)
		large.Data = []byte(`"` + strings.Repeat("x", 64<<10) + `"`)
		b.append(large)
	}
	b.awaitStuckRelay()
	stop()
	b.relay(b.db).start()
	seen := map[string]bool{}
	for len(seen) < facts {
		seen[tap.next().Subject] = true
	}
	b.eventuallyEmpty()
}

func TestALostLockEndsTheOwnershipAndNothingElse(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tap := b.tap("#", nil)
	b.relay(b.db).start()
	for round := range 3 {
		for i := range 200 {
			b.append(placed(fmt.Sprint(round, " ", i), 1))
		}
		b.terminateOwner()
		seen := map[string]bool{}
		for len(seen) < 200 {
			if subject := tap.next().Subject; strings.HasPrefix(subject, fmt.Sprint(round, " ")) {
				seen[subject] = true
			}
		}
	}
	b.eventuallyEmpty()
}

// Each fact is said to be a year older than the one before; order is a matter of sequences, and rest of the database's clock.
func TestClocksThatDisagreeReorderAndDelayNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tap := b.tap("#", nil)
	b.relay(b.db).start()
	const facts = 20
	for sequence := range int64(facts) {
		old := placed("1", sequence+1)
		old.Time = time.Now().AddDate(facts/2-int(sequence), 0, 0).UTC()
		b.append(old)
	}
	for want := range int64(facts) {
		if got := tap.next(); got.Sequence != want+1 {
			t.Fatalf("got %d after %d", got.Sequence, want)
		}
	}
	b.eventuallyEmpty()
}

// As the clients of a database see a failover: every session ends, nobody is admitted for a while, and then again.
func TestAFailoverOfTheDatabaseLosesNothingAndKeepsTheOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tap := b.tap("#", nil)
	const aggregates, each = 200, 6
	relay := b.relay(b.open())
	relay.start()
	b.appendMany(aggregates, 1, 2, 3, 4, 5)
	seen, distinct := arrivals{}, 0
	seen.hear(tap.next())
	distinct++
	b.refuse()
	relay.logs.await(t, "relay interrupted")
	b.admit()
	b.eventually("appending works again", func() bool {
		return b.db.Ping(t.Context()) == nil
	})
	b.appendMany(aggregates, 6)
	for distinct < aggregates*each {
		if seen.hear(tap.next()) {
			distinct++
		}
	}
	seen.check(t, aggregates, each)
	b.eventuallyEmpty()
}

func TestAFactThatCannotBePublishedBlocksItsAggregateAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tap := b.tap("#", nil)
	for name, row := range map[string]struct{ key, envelope string }{
		"no envelope":      {"order.placed.v1", "not JSON"},
		"a key too long":   {strings.Repeat("long.", 100), "{}"},
		"a type too long":  {"order.placed.v1", `{"type":"` + strings.Repeat("x", 300) + `"}`},
		"a body too large": {"order.placed.v1", `{"type":"x","data":"` + strings.Repeat("x", 16<<20) + `"}`},
	} {
		_, err := b.db.Exec(t.Context(), `
			INSERT INTO outbox (id, partition, source, subject, sequence, routing_key, envelope)
			VALUES (gen_random_uuid(), 0, '/ordering', $1, 1, $2, $3)`, name, row.key, []byte(row.envelope))
		if err != nil {
			t.Fatal(err)
		}
	}
	b.relay(b.db).start()
	b.append(placed("free", 1))
	if got := tap.next(); got.Subject != "free" {
		t.Errorf("got %s", got.Subject)
	}
	b.eventually("each has failed", func() bool { return b.count(`attempts > 0 AND error LIKE 'cannot be published%'`) == 4 })
}

func TestTheRelayPausesWhileABindingIsMissing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	everything := b.tap("#", nil)
	b.append(placed("1", 1))
	relay := b.relay(b.db)
	relay.config.Consumers = map[string][]string{"ordering.order.placed": {"inventory.inbox"}}
	relay.start()
	relay.logs.await(t, "relay pauses: bindings are missing")
	if b.rows() != 1 || len(everything.messages) != 0 {
		t.Error("published without the binding")
	}
	if reason := relay.started.Paused(); reason != "inventory.inbox is not bound to ordering.events by order.placed.*" {
		t.Errorf("paused because %q", reason)
	}
	missing := b.tapNamed("inventory.inbox", "order.placed.*", nil)
	missing.next()
	everything.next()
	if reason := relay.started.Paused(); reason != "" {
		t.Errorf("publishes, and is paused because %q", reason)
	}
}

func TestFactsAreCountedUntilTheyArrive(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	relay := b.relay(b.db)
	b.append(placed("1", 1), placed("2", 1))
	rows, oldest, err := relay.relay().Backlog(t.Context())
	if err != nil || rows != 2 || oldest <= 0 {
		t.Errorf("%d rows, oldest %s, %v", rows, oldest, err)
	}
}

// What the relay costs, end to end: facts of as many aggregates, appended before, until the outbox is empty.
func BenchmarkRelay(b *testing.B) {
	bench := newBench(b)
	tap := bench.tap("#", nil)
	facts := make([]event.Envelope, b.N)
	for i := range facts {
		facts[i] = placed(fmt.Sprint(i), 1)
	}
	for batch := range slices.Chunk(facts, 1000) {
		bench.append(batch...)
	}
	b.ResetTimer()
	bench.relay(bench.db).start()
	for range facts {
		tap.next()
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "facts/s")
}

// What a fact takes from before its transaction to its delivery, when nothing else is to be done.
func BenchmarkAFactAlone(b *testing.B) {
	bench := newBench(b)
	tap := bench.tap("#", nil)
	bench.relay(bench.db).start()
	bench.append(placed("before", 1))
	tap.next()
	i := int64(0)
	for b.Loop() {
		bench.append(placed(fmt.Sprint(i/5), i%5+1))
		tap.next()
		i++
	}
}

func placed(subject string, sequence int64) event.Envelope {
	return fact("ordering.order.placed", subject, sequence)
}

func fact(name, subject string, sequence int64) event.Envelope {
	return event.New(context.Background(), event.Fact{
		Name: name, Version: 1, Subject: subject, Sequence: sequence, CorrelationID: subject,
		At: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Data: map[string]any{"orderId": subject, "sequence": sequence},
	})
}
