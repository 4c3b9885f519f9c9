package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/event"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/rabbit"
)

// deeds is a store that notes what was done, in the transaction that records the message.
type deeds struct {
	tx pgx.Tx
	db *postgres.DB
}

func (d deeds) do(ctx context.Context, fact event.Envelope) error {
	_, err := d.tx.Exec(ctx, `INSERT INTO done (id, subject, sequence) VALUES ($1, $2, $3)`, fact.ID, fact.Subject, fact.Sequence)
	return err
}

// books is a database with what an inbox needs.
type books struct {
	*postgres.DB
	t *testing.T
}

func openBooks(t *testing.T) *books {
	t.Helper()
	db, err := postgres.Open(t.Context(), Postgres(t), "inventory")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	_, createErr := db.Exec(t.Context(),
		`CREATE TABLE done (position bigint GENERATED ALWAYS AS IDENTITY, id uuid, subject text, sequence bigint)`)
	if err := errors.Join(
		createErr, db.Migrate(t.Context(), "outbox", outbox.Migrations()), db.Migrate(t.Context(), "inbox", Migrations()),
		db.Migrate(t.Context(), "audit", audit.Migrations()),
	); err != nil {
		t.Fatal(err)
	}
	return &books{db, t}
}

func (b *books) empty() {
	if _, err := b.Exec(b.t.Context(), `TRUNCATE done, inbox, waiting, audit, interventions, outbox`); err != nil {
		b.t.Fatal(err)
	}
}

// consumer is one process that consumes, without a broker: the test delivers.
func (b *books) consumer(attempts int, handle func(ctx context.Context, d deeds, fact event.Envelope) error) *Consumer[deeds] {
	broker := rabbit.New(rabbit.Config{Name: "inventory"})
	b.t.Cleanup(broker.Close)
	return NewConsumer(Config{
		DB: b.DB, Broker: broker, Log: slog.New(slog.DiscardHandler), Patience: time.Nanosecond, Attempts: attempts, Together: 8,
	}, Routes[deeds]{On("ordering.order.placed", Versions[event.Envelope]{1: legible},
		func(ctx context.Context, d deeds, fact event.Envelope, _ time.Time) error {
			return handle(ctx, d, fact)
		},
	)}, func(tx pgx.Tx) deeds { return deeds{tx, b.DB} })
}

func legible(fact event.Envelope) (event.Envelope, error) {
	order, err := event.Data[struct {
		OrderID string `json:"orderId"`
	}](fact)
	if err == nil && order.OrderID == "" {
		err = errors.New("no orderId")
	}
	return fact, err
}

func collect[T any](b *books, query string, args ...any) []T {
	rows, err := b.Query(b.t.Context(), query, args...)
	if err != nil {
		b.t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[T])
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

func factOf(subject string, sequence int64, payload any) event.Envelope {
	return event.New(context.Background(), event.Fact{
		Name: "ordering.order.placed", Version: 1, Subject: subject, Sequence: sequence, CorrelationID: subject, At: time.Now(), Data: payload,
	})
}

// fate is what befalls a consumer in the middle of a message.
type fate string

const (
	well         fate = "stays well"
	beforeCommit fate = "dies before the commit"
	beforeAck    fate = "dies after the commit and before the ack"
)

type fateKey struct{}

// fated is a message in hand of a consumer that may die.
type fated struct {
	hand
	fate fate
	// others are all that the consumer has in hand.
	others []*fated
}

func (f *fated) die() {
	f.lose()
	for _, other := range f.others {
		other.lose()
	}
}

func (f *fated) lose() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lost = true
}

// Ack gets through while the consumer lives.
func (f *fated) Ack() {
	if !f.Stale() {
		f.hand.Ack()
	}
}

// handleFated does what there is to do, and dies as it is fated to.
func handleFated(ctx context.Context, d deeds, fact event.Envelope) error {
	if err := d.do(ctx, fact); err != nil {
		return err
	}
	f := ctx.Value(fateKey{}).(*fated)
	switch f.fate {
	case beforeCommit:
		f.die()
		_, err := d.tx.Exec(ctx, `SELECT pg_terminate_backend(pg_backend_pid())`)
		return err
	case beforeAck:
		d.db.OnCommit(d.tx, f.die)
	case well:
	}
	return nil
}

// world is the model of an inbox: the copies that the broker holds, and the facts that have taken effect.
type world struct {
	books     *books
	consumers []*Consumer[deeds]
	copies    []event.Envelope
	published []event.Envelope
	effects   map[uuid.UUID]bool
}

// hand has a consumer handle a copy, under its fate, and tells whether it was acknowledged.
func (w *world) hand(t *rapid.T, consumer int, fact event.Envelope, fate fate) (acked bool) {
	body, err := json.Marshal(fact)
	if err != nil {
		t.Fatal(err)
	}
	f := &fated{hand: hand{body: body}, fate: fate}
	w.consumers[consumer].process(context.WithValue(w.books.t.Context(), fateKey{}, f), f, fact)
	return !f.ackedAt().IsZero()
}

// deliver takes a copy from the broker and gives it back unless it was acknowledged.
func (w *world) deliver(t *rapid.T, fate fate) {
	i := rapid.IntRange(0, len(w.copies)-1).Draw(t, "copy")
	fact := w.copies[i]
	acked := w.hand(t, 0, fact, fate)
	if want := w.effects[fact.ID] || fate == well; acked != want {
		t.Fatalf("acknowledged: %t, want %t", acked, want)
	}
	if acked {
		w.copies = slices.Delete(w.copies, i, i+1)
	}
	w.effects[fact.ID] = w.effects[fact.ID] || fate != beforeCommit
}

// deliverTwo delivers two copies of a fact to two consumers at once.
func (w *world) deliverTwo(t *rapid.T) {
	fact := w.copies[rapid.IntRange(0, len(w.copies)-1).Draw(t, "copy")]
	fates := rapid.SliceOfN(rapid.SampledFrom([]fate{well, beforeCommit, beforeAck}), 2, 2).Draw(t, "fates")
	w.copies = slices.DeleteFunc(w.copies, func(other event.Envelope) bool { return other.ID == fact.ID })
	var acked [2]bool
	var both sync.WaitGroup
	for i := range acked {
		both.Go(func() { acked[i] = w.hand(t, i, fact, fates[i]) })
	}
	both.Wait()
	for _, acked := range acked {
		if !acked {
			w.copies = append(w.copies, fact)
		}
	}
	w.effects[fact.ID] = w.effects[fact.ID] || fates[0] != beforeCommit || fates[1] != beforeCommit
}

// deliverSeveral has a consumer handle copies in one transaction, and meet its fate in the middle of one of them: all have taken effect, or
// none has. It gives back what was not acknowledged.
func (w *world) deliverSeveral(t *rapid.T, fate fate) {
	n := rapid.IntRange(1, min(len(w.copies), 5)).Draw(t, "several")
	copies, rest := rapid.Permutation(w.copies).Draw(t, "copies"), []event.Envelope{}
	copies, rest = copies[:n], append(rest, copies[n:]...)
	struck := rapid.IntRange(0, n-1).Draw(t, "struck")
	strikes := fate != well && !w.effects[copies[struck].ID] &&
		!slices.ContainsFunc(copies[:struck], func(before event.Envelope) bool { return before.ID == copies[struck].ID })
	hands := w.handSeveral(t, copies, struck, fate)
	w.copies = rest
	for i, h := range hands {
		if acked := !h.ackedAt().IsZero(); acked == strikes {
			t.Fatalf("acknowledged: %t", acked)
		} else if !acked {
			w.copies = append(w.copies, copies[i])
		}
		w.effects[copies[i].ID] = w.effects[copies[i].ID] || !strikes || fate != beforeCommit
	}
}

func (w *world) handSeveral(t *rapid.T, copies []event.Envelope, struck int, fate fate) []*fated {
	hands := make([]*fated, len(copies))
	c := w.consumers[0]
	c.gathering.mu.Lock()
	for i, fact := range copies {
		body, err := json.Marshal(fact)
		if err != nil {
			t.Fatal(err)
		}
		hands[i] = &fated{hand: hand{body: body}, fate: well}
		if i == struck {
			hands[i].fate = fate
		}
		ctx := context.WithValue(w.books.t.Context(), fateKey{}, hands[i])
		c.gathering.waits = append(c.gathering.waits, message{ctx: ctx, delivery: hands[i], fact: fact})
	}
	hands[struck].others = hands
	messages := c.gathering.next()
	c.gathering.mu.Unlock()
	c.takeTogether(messages)
	c.workers.wait()
	if n := c.inHand(); n != 0 {
		t.Fatalf("%d in hand", n)
	}
	return hands
}

func (w *world) check(t *rapid.T) {
	want := []string{}
	for id, has := range w.effects {
		if has {
			want = append(want, id.String())
		}
	}
	slices.Sort(want)
	for _, query := range []string{
		`SELECT id::text FROM done ORDER BY id::text COLLATE "C"`, `SELECT message_id::text FROM inbox ORDER BY message_id::text COLLATE "C"`,
	} {
		if diff := cmp.Diff(want, collect[string](w.books, query)); diff != "" {
			t.Fatalf("%s (-want +got):\n%s", query, diff)
		}
	}
	if waiting := collect[int64](w.books, `SELECT count(*) FROM waiting`)[0]; waiting != 0 {
		t.Fatalf("%d were set aside though none failed", waiting)
	}
}

// Delivered in any order, again and again, to consumers that die at the worst moments: each fact takes effect once.
func TestEachFactTakesEffectOnceWhateverIsDeliveredAndWhoeverDies(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	consumers := []*Consumer[deeds]{b.consumer(10, handleFated), b.consumer(10, handleFated)}
	rapid.Check(t, func(t *rapid.T) {
		b.empty()
		w := &world{books: b, consumers: consumers, effects: map[uuid.UUID]bool{}}
		delivering := func(deliver func(*rapid.T)) func(*rapid.T) {
			return func(t *rapid.T) {
				if len(w.copies) == 0 {
					t.Skip("the broker holds nothing")
				}
				deliver(t)
			}
		}
		actions := map[string]func(*rapid.T){
			"": w.check,
			"publish": func(t *rapid.T) {
				fact := factOf(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "subject"), int64(len(w.published)+1), map[string]string{"orderId": "a"})
				w.published = append(w.published, fact)
				w.copies = append(w.copies, fact)
			},
			"publish again": func(t *rapid.T) {
				if len(w.published) == 0 {
					t.Skip("nothing was published")
				}
				w.copies = append(w.copies, w.published[rapid.IntRange(0, len(w.published)-1).Draw(t, "fact")])
			},
			"deliver to two at once": delivering(w.deliverTwo),
		}
		for _, fate := range []fate{well, beforeCommit, beforeAck} {
			actions[fmt.Sprintf("deliver to one who %s", fate)] = delivering(func(t *rapid.T) { w.deliver(t, fate) })
			actions[fmt.Sprintf("deliver several to one who %s", fate)] = delivering(func(t *rapid.T) { w.deliverSeveral(t, fate) })
		}
		t.Repeat(actions)
		for len(w.copies) > 0 {
			w.deliver(t, well)
		}
		w.check(t)
		if len(w.effects) != len(w.published) {
			t.Fatalf("%d of %d have taken effect", len(w.effects), len(w.published))
		}
	})
}
