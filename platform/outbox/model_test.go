package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/testkit"
)

// party is a relay as a process of its own, which can be cut off from the database and the broker.
type party struct {
	toDatabase, toBroker *proxy
	db                   *postgres.DB
	broker               *rabbit.Broker
	stop                 context.CancelFunc
	ended                chan struct{}
	// release lets go what the broker says, if that is held back.
	release func()
}

func (b *bench) party() *party {
	p := &party{toDatabase: proxyTo(b.t, b.url), toBroker: proxyTo(b.t, b.amqpURL), ended: make(chan struct{}), release: func() {}}
	var err error
	if p.db, err = postgres.Open(b.t.Context(), p.toDatabase.url(), "ordering"); err != nil {
		b.t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	p.broker = rabbit.New(rabbit.Config{URL: p.toBroker.url(), ManagementURL: testkit.RabbitMQManagement(b.t), Name: "ordering", Log: log})
	relay := outbox.NewRelay(outbox.RelayConfig{DB: p.db, Broker: p.broker, Log: log})
	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	go func() {
		defer close(p.ended)
		_ = relay.Run(ctx)
	}()
	return p
}

// end ends the relay in good order.
func (p *party) end() {
	p.release()
	p.stop()
	<-p.ended
	p.broker.Close()
	p.toBroker.close()
	// The proxy tells no end of the other's, for which closing the database might wait.
	p.toDatabase.close()
	p.db.Close()
}

// kill has nothing of what the relay does arrive any more, nor anything arrive at it.
func (p *party) kill() {
	p.toDatabase.close()
	p.toBroker.close()
}

// draft is a transaction that is open: it has its aggregate for itself.
type draft struct {
	// by is whose process it is of; nil if no relay runs there.
	by      *party
	subject string
	facts   []event.Envelope
	// steps are what is done in it, done what came of each, and ended what came of all.
	steps       chan func(tx pgx.Tx) error
	done, ended chan error
}

var errRolledBack = errors.New("rolled back")

func openDraft(db *postgres.DB, by *party, subject string) *draft {
	d := &draft{by: by, subject: subject, steps: make(chan func(pgx.Tx) error), done: make(chan error), ended: make(chan error, 1)}
	go func() {
		d.ended <- db.InTx(context.Background(), func(tx pgx.Tx) error {
			for step := range d.steps {
				err := step(tx)
				if d.done <- err; err != nil {
					return err
				}
			}
			return nil
		})
	}()
	return d
}

func (d *draft) do(step func(tx pgx.Tx) error) error {
	select {
	case d.steps <- step:
		return <-d.done
	case err := <-d.ended: // It has not even begun.
		d.ended <- err
		return err
	}
}

func (d *draft) commit() error {
	close(d.steps)
	return <-d.ended
}

func (d *draft) rollBack() error {
	_ = d.do(func(pgx.Tx) error { return errRolledBack })
	return <-d.ended
}

// hall is the model of an outbox: the facts that were committed, and those that have arrived.
type hall struct {
	bench *bench
	tap   *tap
	name  string
	bound bool

	drafts  []*draft
	parties []*party
	// written counts the facts, so that no two say the same.
	written int
	// committed is what each fact says, by id, and last the last sequence committed of each subject.
	committed map[uuid.UUID]string
	last      map[string]int64
	// arrived are the ids that have arrived, and heard the last sequence of each subject.
	arrived map[uuid.UUID]bool
	heard   map[string]int64
}

func (h *hall) begin(t *rapid.T) {
	subject := h.name + rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "subject")
	if slices.ContainsFunc(h.drafts, func(d *draft) bool { return d.subject == subject }) {
		t.Skip("the aggregate is locked")
	}
	db, by := h.bench.db, (*party)(nil)
	if i := rapid.IntRange(-1, len(h.parties)-1).Draw(t, "process"); i >= 0 {
		db, by = h.parties[i].db, h.parties[i]
	}
	h.drafts = append(h.drafts, openDraft(db, by, subject))
}

func (h *hall) draft(t *rapid.T) (*draft, int) {
	if len(h.drafts) == 0 {
		t.Skip("no transaction is open")
	}
	i := rapid.IntRange(0, len(h.drafts)-1).Draw(t, "transaction")
	return h.drafts[i], i
}

func (h *hall) append(t *rapid.T) {
	d, _ := h.draft(t)
	for range rapid.IntRange(1, 4).Draw(t, "facts") {
		h.written++
		fact := event.New(context.Background(), event.Fact{
			Name: "ordering.order.placed", Version: 1, Subject: d.subject, Sequence: h.last[d.subject] + int64(len(d.facts)) + 1,
			Data: fmt.Sprintf("fact %d", h.written),
		})
		kept, now := rapid.IntRange(0, 4).Draw(t, "kept") > 0, rapid.Bool().Draw(t, "now")
		err := d.do(func(tx pgx.Tx) error {
			err := pgx.BeginFunc(context.Background(), tx, func(tx pgx.Tx) error {
				if err := outbox.Append(context.Background(), tx, fact); err != nil || kept {
					return err
				}
				return errors.Join(postgres.Now(context.Background(), tx), errRolledBack)
			})
			if !kept && errors.Is(err, errRolledBack) {
				return nil
			}
			if now {
				err = errors.Join(err, postgres.Now(context.Background(), tx))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if kept {
			d.facts = append(d.facts, fact)
		}
	}
}

func (h *hall) commit(t *rapid.T) {
	d, i := h.draft(t)
	h.drafts = slices.Delete(h.drafts, i, i+1)
	// What follows a commit may come before its answer.
	for _, fact := range d.facts {
		h.committed[fact.ID], h.last[d.subject] = string(fact.Data), fact.Sequence
	}
	if err := d.commit(); err != nil {
		t.Fatal(err)
	}
}

func (h *hall) rollBack(t *rapid.T) {
	d, i := h.draft(t)
	h.drafts = slices.Delete(h.drafts, i, i+1)
	if err := d.rollBack(); !errors.Is(err, errRolledBack) {
		t.Fatal(err)
	}
}

// drop rolls back what is open in the process of a relay, or as much of it as is still to be reached.
func (h *hall) drop(p *party) {
	h.drafts = slices.DeleteFunc(h.drafts, func(d *draft) bool {
		if d.by == p {
			_ = d.rollBack()
		}
		return d.by == p
	})
}

func (h *hall) start(t *rapid.T) {
	if len(h.parties) == 2 {
		t.Skip("two relays are enough")
	}
	h.parties = append(h.parties, h.bench.party())
}

func (h *hall) party(t *rapid.T) (*party, int) {
	if len(h.parties) == 0 {
		t.Skip("no relay runs")
	}
	i := rapid.IntRange(0, len(h.parties)-1).Draw(t, "relay")
	return h.parties[i], i
}

func (h *hall) stop(t *rapid.T) {
	p, i := h.party(t)
	h.parties = slices.Delete(h.parties, i, i+1)
	h.drop(p)
	p.end()
}

func (h *hall) kill(t *rapid.T) {
	p, i := h.party(t)
	h.parties = slices.Delete(h.parties, i, i+1)
	p.kill()
	h.drop(p)
	p.end()
}

// loseOwnership ends the database sessions that hold the partitions.
func (h *hall) loseOwnership(*rapid.T) { h.bench.terminated() }

func (h *hall) cutBroker(t *rapid.T) {
	p, _ := h.party(t)
	p.release()
	p.toBroker.cut()
}

// holdConfirms has what the broker says not arrive at a relay until something else happens to it.
func (h *hall) holdConfirms(t *rapid.T) {
	p, _ := h.party(t)
	p.release()
	p.release = p.toBroker.toRelay.hold(h.bench.t)
}

func (h *hall) letConfirm(t *rapid.T) {
	p, _ := h.party(t)
	p.release()
}

// turnBinding takes the queue away, so that facts are returned, or binds it again.
func (h *hall) turnBinding(t *rapid.T) {
	if h.bound = !h.bound; h.bound {
		h.bench.bind(h.tap, "order.placed.*")
		return
	}
	if err := h.bench.ch.QueueUnbind(h.tap.queue, "order.placed.*", "ordering.events", nil); err != nil {
		t.Fatal(err)
	}
}

// listen hears what arrives in a while.
func (h *hall) listen(t *rapid.T) { h.hear(t, 100*time.Millisecond) }

// hear notes the next message, if one arrives in time: it says what was committed, and none of its aggregate was left out before it.
func (h *hall) hear(t *rapid.T, within time.Duration) bool {
	select {
	case m := <-h.tap.messages:
		fact, err := event.Decode(m.Body)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(fact.Subject, h.name) {
			return true
		}
		if said, committed := h.committed[fact.ID]; !committed || said != string(fact.Data) {
			t.Fatalf("%s %d says %s, and was committed (%t) as %s", fact.Subject, fact.Sequence, fact.Data, committed, said)
		}
		if next := h.heard[fact.Subject] + 1; fact.Sequence > next {
			t.Fatalf("%s %d came before %d", fact.Subject, fact.Sequence, next)
		}
		h.heard[fact.Subject] = max(h.heard[fact.Subject], fact.Sequence)
		h.arrived[fact.ID] = true
		return true
	case <-time.After(within):
		return false
	}
}

// check holds that what is committed is in the outbox until it has arrived.
func (h *hall) check(t *rapid.T) {
	rows, err := h.bench.db.Query(context.Background(), `SELECT id FROM outbox`)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		t.Fatal(err)
	}
	for id, said := range h.committed {
		for !h.arrived[id] && !slices.Contains(kept, id) {
			// Once it is confirmed it is in the queue, and so on its way here.
			if !h.hear(t, 10*time.Second) {
				t.Fatalf("%s is neither in the outbox nor has it arrived", said)
			}
		}
	}
}

// rest has a relay do all that is left, once nothing stands in its way.
func (h *hall) rest(t *rapid.T) {
	for len(h.drafts) > 0 {
		h.commit(t)
	}
	if !h.bound {
		h.turnBinding(t)
	}
	for _, p := range h.parties {
		p.release()
	}
	if len(h.parties) == 0 {
		h.start(t)
	}
	for deadline := time.Now().Add(patience); len(h.arrived) < len(h.committed) || h.bench.rows() > 0; h.listen(t) {
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d have arrived, %d are left", len(h.arrived), len(h.committed), h.bench.rows())
		}
	}
	h.check(t)
}

func (h *hall) close() {
	for _, d := range h.drafts {
		_ = d.rollBack()
	}
	for _, p := range h.parties {
		p.end()
	}
}

// Whoever commits, rolls back, relays, dies, loses what he owns, hears nothing or gets facts back: what is committed is published, at
// least once and in the order of its aggregate, what is not is not, and no row is removed before it has arrived.
func TestTheOutboxBehavesAsItsModel(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tap := b.tap("order.placed.*", nil)
	checks := 0
	rapid.Check(t, func(t *rapid.T) {
		if _, err := b.db.Exec(context.Background(), `TRUNCATE outbox`); err != nil {
			t.Fatal(err)
		}
		checks++
		b.bind(tap, "order.placed.*")
		h := &hall{
			bench: b, tap: tap, name: fmt.Sprintf("%d-", checks), bound: true,
			committed: map[uuid.UUID]string{}, last: map[string]int64{}, arrived: map[uuid.UUID]bool{}, heard: map[string]int64{},
		}
		defer h.close()
		t.Repeat(map[string]func(*rapid.T){
			"":                    h.check,
			"begin":               h.begin,
			"append":              h.append,
			"append more":         h.append,
			"commit":              h.commit,
			"roll back":           h.rollBack,
			"start a relay":       h.start,
			"stop a relay":        h.stop,
			"kill a relay":        h.kill,
			"lose the ownership":  h.loseOwnership,
			"cut from the broker": h.cutBroker,
			"hold confirms":       h.holdConfirms,
			"let confirms arrive": h.letConfirm,
			"turn the binding":    h.turnBinding,
			"listen":              h.listen,
		})
		h.rest(t)
	})
}
