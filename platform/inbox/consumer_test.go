package inbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/testkit"
)

func doIt(ctx context.Context, s store, fact event.Envelope) error { return s.do(ctx, fact) }

func TestAMessageTakesEffectOnce(t *testing.T) {
	b := newBench(t)
	stop := b.consumer(b.db, doIt).start()
	fact := order("1", 1)
	b.publish(fact, fact, order("1", 2), fact, order("1", 3))
	b.eventually("the last is done", func() bool { return slices.Contains(b.sequences("1"), 3) })
	if got := b.sequences("1"); !slices.Equal(got, []int64{1, 2, 3}) {
		t.Errorf("done %v", got)
	}
	b.finish(stop)
}

func TestAMessageTakesEffectOnceOnTwoConsumersAtATime(t *testing.T) {
	b := newBench(t)
	var begun atomic.Int64
	// The first to handle the message goes on when the second waits for it.
	meet := func(ctx context.Context, s store, fact event.Envelope) error {
		if begun.Add(1) == 1 {
			b.eventually("the other consumer has it too", func() bool {
				return b.scalar(`SELECT count(*) FROM pg_stat_activity
					WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%INSERT INTO inbox%'`) == 1
			})
		}
		return s.do(ctx, fact)
	}
	one := func(c *inbox.Config) { c.Prefetch = 1 }
	stops := []func(){b.consumer(b.open(), meet, one).start(), b.consumer(b.open(), meet, one).start()}
	fact := order("1", 1)
	for range 50 {
		b.publish(fact)
	}
	b.eventually("all are taken", func() bool { return b.depth() == 0 })
	for _, stop := range stops {
		b.finish(stop)
	}
	if done, handled := b.done(), b.handled(); done != 1 || handled != 1 || begun.Load() != 1 {
		t.Errorf("%d done, %d recorded, %d begun", done, handled, begun.Load())
	}
}

func TestOneSubjectInOrderManyAtATime(t *testing.T) {
	b := newBench(t)
	begun, release := make(chan string, 100), make(chan struct{})
	b.consumer(b.db, func(ctx context.Context, s store, fact event.Envelope) error {
		begun <- fact.Subject
		<-release
		return s.do(ctx, fact)
	}, func(c *inbox.Config) { c.Workers = 3 }).start()
	b.publish(order("a", 1), order("a", 2), order("b", 1), order("a", 3), order("b", 2), order("c", 1))
	together := []string{receive(t, begun, "first"), receive(t, begun, "second"), receive(t, begun, "third")}
	slices.Sort(together)
	if !slices.Equal(together, []string{"a", "b", "c"}) {
		t.Errorf("%v at a time", together)
	}
	close(release)
	b.eventually("all are done", func() bool { return b.done() == 6 })
	if got := b.sequences("a"); !slices.Equal(got, []int64{1, 2, 3}) {
		t.Errorf("done %v", got)
	}
}

func TestAFailureLeavesNothing(t *testing.T) {
	b := newBench(t)
	var attempts atomic.Int64
	b.consumer(b.db, func(ctx context.Context, s store, fact event.Envelope) error {
		if err := s.do(ctx, fact); err != nil {
			return err
		}
		if attempts.Add(1) == 1 {
			return errors.New("not yet")
		}
		return nil
	}, func(c *inbox.Config) { c.Patience = time.Minute }).start()
	b.publish(order("1", 1))
	b.eventually("done", func() bool { return b.done() == 1 })
	if got := b.sequences("1"); !slices.Equal(got, []int64{1}) || attempts.Load() != 2 {
		t.Errorf("done %v in %d attempts", got, attempts.Load())
	}
	if n := b.waiting("RETRYING"); n != 0 {
		t.Errorf("%d set aside", n)
	}
}

func TestAPanicIsAFailure(t *testing.T) {
	b := newBench(t)
	c := b.consumer(b.db, func(context.Context, store, event.Envelope) error { panic("at the disco") },
		func(c *inbox.Config) { c.Attempts = 2 })
	c.start()
	fact := order("1", 1)
	b.publish(fact)
	b.eventually("parked", func() bool { return b.waiting("PARKED") == 1 })
	if _, reason := b.errorOf(fact); !strings.Contains(reason, "at the disco") {
		t.Errorf("reason %q", reason)
	}
}

func TestWhatFailsIsSetAsideAndThoseBehindItKeepTheirOrder(t *testing.T) {
	b := newBench(t)
	var mended atomic.Bool
	b.consumer(b.db, func(ctx context.Context, s store, fact event.Envelope) error {
		if fact.Subject == "bad" && fact.Sequence == 1 && !mended.Load() {
			return errors.New("broken")
		}
		return s.do(ctx, fact)
	}, func(c *inbox.Config) { c.Attempts = 1_000 }).start()
	b.publish(order("bad", 1), order("bad", 2), order("good", 1), order("bad", 3))
	b.eventually("two are behind", func() bool { return b.waiting("BEHIND") == 2 })
	b.eventually("the innocent is done", func() bool { return len(b.sequences("good")) == 1 })
	if retrying, behind := b.waiting("RETRYING"), b.waiting("BEHIND"); retrying != 1 || behind != 2 || b.handled() != 1 {
		t.Errorf("%d retrying, %d behind, %d handled", retrying, behind, b.handled())
	}
	b.publish(order("bad", 2), order("bad", 4))
	b.eventually("three are behind", func() bool { return b.waiting("BEHIND") == 3 })
	mended.Store(true)
	b.eventually("all are done", func() bool { return b.done() == 5 })
	if got := b.sequences("bad"); !slices.Equal(got, []int64{1, 2, 3, 4}) {
		t.Errorf("done %v", got)
	}
	b.eventually("nothing waits", func() bool { return b.scalar(`SELECT count(*) FROM waiting`) == 0 })
	b.publish(order("bad", 5))
	b.eventually("the next is done", func() bool { return len(b.sequences("bad")) == 5 })
}

func TestWhatKeepsFailingIsParkedAndHoldsUpItsAggregateAlone(t *testing.T) {
	b := newBench(t)
	const attempts = 3
	c := b.consumer(b.db, func(ctx context.Context, s store, fact event.Envelope) error {
		if fact.Subject == "bad" {
			return errors.New("never\x00\xff")
		}
		return s.do(ctx, fact)
	}, func(c *inbox.Config) { c.Attempts = attempts })
	c.start()
	bad := order("bad", 1)
	b.publish(bad, order("bad", 2), order("good", 1))
	b.eventually("parked", func() bool { return b.waiting("PARKED") == 1 })
	b.eventually("the innocent is done", func() bool { return b.done() == 1 })
	b.eventually("the next is behind", func() bool { return b.waiting("BEHIND") == 1 })
	if n := b.scalar(`SELECT attempts FROM waiting WHERE message_id = $1`, bad.ID); n != attempts {
		t.Errorf("%d attempts", n)
	}
	counts, err := c.Counts(t.Context())
	if err != nil || counts != (inbox.Counts{Parked: 1, Behind: 1}) {
		t.Errorf("counts %+v, %v", counts, err)
	}
}

func TestWhatNoRetryCanMendIsParkedAtOnce(t *testing.T) {
	b := newBench(t)
	b.consumer(b.db, doIt, func(c *inbox.Config) { c.Patience = time.Hour }).start()
	v99 := order("version", 1)
	v99.DataVersion = 99
	missing := order("field", 1)
	missing.Data = json.RawMessage(`{}`)
	wrong := order("type of field", 1)
	wrong.Data = json.RawMessage(`{"orderId":{}}`)
	other := order("type", 1)
	other.Type = "quadrille.ordering.order.unheard"
	for _, c := range []struct {
		fact   event.Envelope
		reason string
	}{
		{v99, "UNKNOWN_EVENT_VERSION: ordering.order.placed v99"},
		{missing, "UNREADABLE_EVENT: no orderId"},
		{wrong, "UNREADABLE_EVENT: read ordering.order.placed v1"},
		{other, "UNKNOWN_EVENT_TYPE: ordering.order.unheard"},
	} {
		b.publish(c.fact)
		b.eventually("parked: "+c.reason, func() bool {
			return b.scalar(`SELECT count(*) FROM waiting WHERE message_id = $1`, c.fact.ID) == 1
		})
		if state, reason := b.errorOf(c.fact); state != "PARKED" || !strings.HasPrefix(reason, c.reason) {
			t.Errorf("%s: %s", state, reason)
		}
	}
}

func TestWhatCannotBeReadIsBuriedWithTheReason(t *testing.T) {
	b := newBench(t)
	stop := b.consumer(b.db, doIt).start()
	unstorable := order("nul\x00", 1)
	encoded, err := json.Marshal(unstorable)
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range [][]byte{
		[]byte("not JSON"), []byte(`{"specversion":"0.3"}`), nil, encoded, []byte(strings.Repeat("x", 10<<20)),
	} {
		b.publishBody(body)
		var message struct {
			reason any
			body   []byte
		}
		b.eventually("a dead letter", func() bool {
			m, ok, err := b.ch.Get("inventory.dead", true)
			if err != nil {
				t.Fatal(err)
			}
			message.reason, message.body = m.Headers["x-reason"], m.Body
			return ok
		})
		if reason, _ := message.reason.(string); !strings.HasPrefix(reason, "unreadable envelope") || string(message.body) != string(body) {
			t.Errorf("reason %q, %d bytes of %d", reason, len(message.body), len(body))
		}
	}
	b.publish(order("good", 1))
	b.eventually("the next is done", func() bool { return b.done() == 1 })
	b.finish(stop)
}

func TestAConsumerWaitsForItsDatabaseAndGivesNothingBack(t *testing.T) {
	b := newBench(t)
	stop := b.consumer(b.db, doIt).start()
	b.publish(order("before", 1))
	b.eventually("done", func() bool { return b.done() == 1 })
	b.lock()
	b.publish(subjects(50)...)
	b.eventually("the messages are in hand", func() bool { return b.depth() == 0 })
	b.unlock()
	b.eventually("all are done", func() bool { return b.done() == 51 })
	if n := b.redelivered(51); n != 0 {
		t.Errorf("%d messages were given back to the broker", n)
	}
	b.finish(stop)
	if n := b.scalar(`SELECT count(*) FROM waiting`); n != 0 {
		t.Errorf("%d failed for want of a database", n)
	}
}

func TestADatabaseThatAnswersAndRefusesIsNotHammered(t *testing.T) {
	b := newBench(t)
	var attempts atomic.Int64
	full := time.Now().Add(time.Second)
	b.consumer(b.db, func(ctx context.Context, s store, fact event.Envelope) error {
		if attempts.Add(1); time.Now().Before(full) {
			return &pgconn.PgError{Code: "53100", Message: "could not extend file: No space left on device"}
		}
		return s.do(ctx, fact)
	}).start()
	b.publish(order("1", 1))
	b.eventually("done", func() bool { return b.done() == 1 })
	if n := attempts.Load(); n > 20 {
		t.Errorf("%d attempts within a second", n)
	}
	if n := b.scalar(`SELECT count(*) FROM waiting`); n != 0 {
		t.Errorf("%d failed for want of space", n)
	}
}

// redelivered is how many messages the broker says to have delivered more than once, after it has counted all. The channel they came by
// is still open: of one that is closed the broker forgets every two minutes what it had not yet counted.
func (b *bench) redelivered(all int) (again int) {
	b.t.Helper()
	vhost := b.amqpURL[strings.LastIndex(b.amqpURL, "/"):]
	b.eventually("the broker has counted", func() bool {
		response, err := http.Get(testkit.RabbitMQManagement(b.t) + "/api/queues" + vhost + "/inventory.inbox")
		if err != nil {
			b.t.Fatal(err)
		}
		defer response.Body.Close()
		var queue struct {
			Stats struct{ Deliver, Redeliver int } `json:"message_stats"`
		}
		if err := json.NewDecoder(response.Body).Decode(&queue); err != nil {
			b.t.Fatal(err)
		}
		again = queue.Stats.Redeliver
		return queue.Stats.Deliver >= all
	})
	return again
}

// lock makes the database refuse everyone, and unlock admits them again.
func (b *bench) lock() {
	name := b.name()
	b.admin(`ALTER DATABASE ` + name + ` ALLOW_CONNECTIONS false`)
	b.admin(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '` + name + `'`)
}

func (b *bench) unlock() { b.admin(`ALTER DATABASE ` + b.name() + ` ALLOW_CONNECTIONS true`) }

func (b *bench) name() string {
	parsed, err := url.Parse(b.url)
	if err != nil {
		b.t.Fatal(err)
	}
	return strings.TrimPrefix(parsed.Path, "/")
}

func (b *bench) admin(statement string) {
	b.t.Helper()
	parsed, err := url.Parse(b.url)
	if err != nil {
		b.t.Fatal(err)
	}
	parsed.Path = "/postgres"
	conn, err := pgx.Connect(b.t.Context(), parsed.String())
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = conn.Close(b.t.Context()) }()
	if _, err := conn.Exec(b.t.Context(), statement); err != nil {
		b.t.Fatal(err)
	}
}

func TestTheEndWaitsForWhatIsBegunAndLeavesTheRest(t *testing.T) {
	b := newBench(t)
	begun, release := make(chan struct{}, 100), make(chan struct{})
	c := b.consumer(b.db, func(ctx context.Context, s store, fact event.Envelope) error {
		begun <- struct{}{}
		<-release
		return s.do(ctx, fact)
	}, func(c *inbox.Config) { c.Workers = 1 })
	stop := c.start()
	b.publish(order("1", 1), order("1", 2), order("1", 3))
	receive(t, begun, "message")
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		stop()
	}()
	close(release)
	receive(t, stopped, "end")
	if got := b.sequences("1"); len(got) == 0 || len(got) != b.handled() {
		t.Errorf("done %v, %d recorded", got, b.handled())
	}
	b.consumer(b.open(), doIt).start()
	b.eventually("all are done", func() bool { return b.done() == 3 })
	if got := b.sequences("1"); !slices.Equal(got, []int64{1, 2, 3}) {
		t.Errorf("done %v", got)
	}
}

func TestACutConnectionMakesNothingHappenTwiceOrNever(t *testing.T) {
	b := newBench(t)
	stop := b.consumer(b.db, doIt).start()
	const facts = 300
	cut := make(chan struct{})
	go func() {
		defer close(cut)
		b.eventually("the connection is cut", func() bool { return testkit.CutConnections(t, b.amqpURL, "consumer") > 0 })
	}()
	for i, fact := range subjects(facts) {
		if i == facts/2 {
			<-cut
		}
		b.publish(fact)
	}
	b.eventually("all are done", func() bool { return b.done() >= facts })
	b.finish(stop)
	if done := b.done(); done != facts {
		t.Errorf("%d done", done)
	}
}
