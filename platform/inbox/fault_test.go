package inbox_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/testkit"
)

func TestACrashBeforeTheCommitLeavesNothingAndTheMessageComesAgain(t *testing.T) {
	b := newBench(t)
	b.dies(beforeCommit, func() { b.publish(order("1", 1)) })
	if done, handled := b.done(), b.handled(); done != 0 || handled != 0 {
		t.Errorf("%d done, %d recorded by a process that had not committed", done, handled)
	}
	stop := b.consumer(b.db, doIt).start()
	b.eventually("done", func() bool { return b.done() == 1 })
	b.finish(stop)
}

func TestACrashAfterTheCommitAndBeforeTheAckTakesEffectOnce(t *testing.T) {
	b := newBench(t)
	b.dies(beforeAck, func() { b.publish(order("1", 1)) })
	if done, handled := b.done(), b.handled(); done != 1 || handled != 1 {
		t.Errorf("%d done, %d recorded by a process that had committed", done, handled)
	}
	var begun atomic.Int64
	stop := b.consumer(b.db, func(ctx context.Context, s store, fact event.Envelope) error {
		begun.Add(1)
		return s.do(ctx, fact)
	}).start()
	b.publish(order("1", 2))
	b.eventually("the next is done", func() bool { return slices.Contains(b.sequences("1"), 2) })
	b.finish(stop)
	if got := b.sequences("1"); !slices.Equal(got, []int64{1, 2}) || begun.Load() != 1 {
		t.Errorf("done %v; %d begun after the crash", got, begun.Load())
	}
}

// However many were in the transaction: all have taken effect or none, and none takes effect again.
func TestACrashInATransactionOfSeveralLosesAndRepeatsNothing(t *testing.T) {
	for _, moment := range []string{beforeCommitOfSeveral, beforeAckOfSeveral} {
		t.Run(moment, func(t *testing.T) {
			b := newBench(t)
			b.consumer(b.open(), doIt).start()() // It leaves its queue, so that the messages wait together.
			const facts = 50
			b.publish(subjects(facts)...)
			b.dies(moment, func() {})
			before := b.done()
			if handled := b.handled(); before != handled || before == facts {
				t.Errorf("%d done, %d recorded", before, handled)
			}
			stop := b.consumer(b.db, doIt, func(c *inbox.Config) { c.Together = several }).start()
			b.eventually("all are done", func() bool { return b.done() >= facts })
			b.finish(stop)
			if done, handled := b.done(), b.handled(); done != facts || handled != facts {
				t.Errorf("%d done, %d recorded", done, handled)
			}
		})
	}
}

// The first consumer loses its connection in the middle of a message, which the broker gives to the second, and goes on all the same.
func TestARedeliveryWhileTheHandlerStillRunsTakesEffectOnce(t *testing.T) {
	b := newBench(t)
	begun, release := make(chan struct{}, 100), make(chan struct{})
	letGo := sync.OnceFunc(func() { close(release) })
	slow := b.consumer(b.open(), func(ctx context.Context, s store, fact event.Envelope) error {
		begun <- struct{}{}
		<-release
		return s.do(ctx, fact)
	})
	stopSlow := slow.start()
	t.Cleanup(letGo)
	b.publish(order("1", 1))
	receive(t, begun, "message")
	var again atomic.Int64
	stopOther := b.consumer(b.open(), func(context.Context, store, event.Envelope) error {
		again.Add(1)
		return errors.New("handled a second time")
	}).start()
	slow.broker.Close()
	b.eventually("the message is delivered again", func() bool {
		return b.scalar(`SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%INSERT INTO inbox%'`) > 0
	})
	letGo()
	b.eventually("done", func() bool { return b.done() == 1 })
	stopSlow()
	b.finish(stopOther)
	if done, handled := b.done(), b.handled(); done != 1 || handled != 1 || again.Load() != 0 {
		t.Errorf("%d done, %d recorded, %d handled again", done, handled, again.Load())
	}
}

// Without a broker there is nobody to acknowledge to, but what is begun is finished all the same.
func TestTheEndWaitsForWhatIsBegunAlsoWithoutABroker(t *testing.T) {
	b := newBench(t)
	begun, release := make(chan struct{}, 1), make(chan struct{})
	var finished atomic.Bool
	c := b.consumer(b.db, func(context.Context, store, event.Envelope) error {
		begun <- struct{}{}
		<-release
		finished.Store(true)
		return nil
	})
	stop := c.start()
	b.publish(order("1", 1))
	receive(t, begun, "message")
	c.broker.Close()
	c.logs.await(t, "consumer interrupted")
	time.AfterFunc(100*time.Millisecond, func() { close(release) })
	stop()
	if !finished.Load() {
		t.Error("the end did not wait")
	}
}

// The broker here would give up a message that it has delivered twice, as versions do in their own ways. It never comes to that: attempts
// are made on one delivery and then from our own table, and counted there.
func TestAPoisonMessageIsCountedInOurTableWhateverTheBrokerCounts(t *testing.T) {
	b := newBench(t)
	b.policy("inventory.inbox", `{"delivery-limit":1}`)
	var attempts atomic.Int64
	const limit = 5
	stop := b.consumer(b.db, func(context.Context, store, event.Envelope) error {
		attempts.Add(1)
		return errors.New("poison")
	}, func(c *inbox.Config) { c.Attempts = limit }).start()
	poison := order("1", 1)
	b.publish(poison)
	b.eventually("parked", func() bool { return b.waiting("PARKED") == 1 })
	if n := b.scalar(`SELECT attempts FROM waiting WHERE message_id = $1`, poison.ID); n != limit || attempts.Load() < limit {
		t.Errorf("%d attempts counted, %d made, want %d", n, attempts.Load(), limit)
	}
	b.finish(stop)
	if _, dead, err := b.ch.Get("inventory.dead", true); err != nil || dead {
		t.Errorf("the broker gave it up: %t, %v", dead, err)
	}
}

func TestPoisonMessagesThatFillThePrefetchHoldUpNoInnocents(t *testing.T) {
	b := newBench(t)
	const prefetch = 4
	stop := b.consumer(b.db, func(ctx context.Context, s store, fact event.Envelope) error {
		if strings.HasPrefix(fact.Subject, "poison") {
			return errors.New("poison")
		}
		return s.do(ctx, fact)
	}, func(c *inbox.Config) { c.Prefetch, c.Patience, c.Attempts = prefetch, time.Hour, 1_000 }).start()
	for i := range 3 * prefetch {
		b.publish(order(fmt.Sprint("poison ", i), 1))
	}
	b.publish(subjects(20)...)
	b.eventually("the innocents are done", func() bool { return b.done() == 20 })
	stop() // The last of the poison, fewer than may be in hand, are tried for an hour; the end gives them back.
}

func TestALargeMessageIsHandledLikeAnyOther(t *testing.T) {
	b := newBench(t)
	stop := b.consumer(b.db, doIt).start()
	large := order("1", 1)
	large.Data = []byte(`{"orderId":"1","note":"` + strings.Repeat("x", 10<<20) + `"}`)
	b.publish(large, order("1", 2))
	b.eventually("both are done", func() bool { return slices.Equal(b.sequences("1"), []int64{1, 2}) })
	b.finish(stop)
}

func TestADeadLetterIsHeldUntilItsTargetTakesIt(t *testing.T) {
	for name, c := range map[string]struct{ spoil, mend func(b *bench) }{
		"the queue is missing": {
			func(b *bench) { b.must(b.ch.QueueDelete("inventory.dead", false, false, false)) },
			func(*bench) {}, // It is declared again.
		},
		"the exchange is missing": {
			func(b *bench) { b.must(0, b.ch.ExchangeDelete("inventory.dead", false, false)) },
			func(*bench) {},
		},
		"the queue is full": {
			func(b *bench) {
				b.policy("inventory.dead", `{"max-length":1,"overflow":"reject-publish"}`)
				b.fill("inventory.dead")
			},
			func(b *bench) { b.must(b.ch.QueuePurge("inventory.dead", false)) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			consumer := b.consumer(b.db, doIt)
			stop := consumer.start()
			b.publishBody([]byte("dead before"))
			b.awaitDead("dead before")
			c.spoil(b)
			b.publishBody([]byte("dead"))
			consumer.logs.await(t, "cannot bury a message")
			b.publish(order("good", 1))
			b.eventually("others are handled meanwhile", func() bool { return b.done() == 1 })
			c.mend(b)
			b.awaitDead("dead")
			b.finish(stop)
		})
	}
}

func (b *bench) awaitDead(body string) {
	b.t.Helper()
	b.eventually("the dead letter is there: "+body, func() bool {
		m, _, err := b.ch.Get("inventory.dead", true)
		b.must(0, err)
		return string(m.Body) == body
	})
}

// must fails the test when what was asked of the broker did not work.
func (b *bench) must(_ any, err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// policy sets a policy for one queue, before or after it is declared.
func (b *bench) policy(queue, definition string) {
	b.t.Helper()
	vhost := b.amqpURL[strings.LastIndex(b.amqpURL, "/"):]
	body := fmt.Sprintf(`{"pattern":"^%s$","apply-to":"queues","definition":%s}`, queue, definition)
	testkit.Manage(b.t, http.MethodPut, "/api/policies"+vhost+"/"+url.PathEscape(queue), body)
}

// fill publishes to a queue until it refuses.
func (b *bench) fill(queue string) {
	b.t.Helper()
	b.eventually(queue+" is full", func() bool {
		confirm, err := b.ch.PublishWithDeferredConfirm("", queue, true, false, amqp.Publishing{Body: []byte("filling")})
		b.must(0, err)
		return !confirm.Wait()
	})
}

// While two builds of a context run side by side, of which the older knows one version of a fact and the newer two, the publishers still
// speak the old one: each message takes effect once, wherever it goes.
func TestTwoBuildsSideBySideHandleEachMessageOnce(t *testing.T) {
	b := newBench(t)
	stops := []func(){
		b.consumer(b.open(), doIt).start(),
		b.consumerOf(b.open(), routed(map[int]reader{1: readOrder, 2: readOrder}, doIt)).start(),
	}
	for _, fact := range subjects(100) {
		b.publish(fact, fact)
	}
	b.eventually("all are done", func() bool { return b.done() == 100 })
	stops[0]()
	v2 := order("new", 1)
	v2.DataVersion = 2
	b.publish(v2)
	b.eventually("what only the newer knows is done", func() bool { return len(b.sequences("new")) == 1 })
	b.finish(stops[1])
	if done, waiting := b.done(), b.scalar(`SELECT count(*) FROM waiting`); done != 101 || waiting != 0 {
		t.Errorf("%d done, %d waiting", done, waiting)
	}
}

// A message that an older build could not read waits as it came, and a newer build reads it there.
func TestWhatAnOlderBuildHasSetAsideIsReadByANewer(t *testing.T) {
	b := newBench(t)
	stop := b.consumer(b.open(), func(context.Context, store, event.Envelope) error {
		return errors.New("does not know what to do")
	}, func(c *inbox.Config) { c.Retry = rabbit.Backoff{First: time.Second, Most: time.Second} }).start()
	b.publish(order("1", 1))
	b.eventually("set aside", func() bool { return b.waiting("RETRYING") == 1 })
	stop()
	b.consumerOf(b.open(), routed(map[int]reader{1: readOrder, 2: readOrder}, doIt)).start()
	b.eventually("done", func() bool { return b.done() == 1 })
}
