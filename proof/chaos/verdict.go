package chaos

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	amqp "github.com/rabbitmq/amqp091-go"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/schema"
)

// said says where each context's state tells what it has said: the versions of its aggregates are their sequences. After those comes who
// a message is for, if not for all. Among what billing and inventory say of a return to ordering are facts for all.
var said = []struct{ context, query string }{
	{"ordering", `SELECT order_id::text, version, '' FROM order_events WHERE type IN ('placed', 'cancelled', 'fulfilled', 'settled')`},
	{"ordering", `SELECT return_id::text, version, '' FROM return_events WHERE type NOT IN ('commanded', 'undoRefused')`},
	{"inventory", `SELECT order_id::text, generate_series(1, version), '' FROM reservation`},
	{"inventory", `SELECT sku, generate_series(1, version), '' FROM stock`},
	{"billing", `SELECT order_id::text, generate_series(1, version), '' FROM accounts`},
	{"fulfillment", `SELECT order_id::text, generate_series(1, version), '' FROM shipments`},
	{"catalog", `SELECT id::text, generate_series(1, version), '' FROM product`},
	{"customers", `SELECT id::text, generate_series(1, version), '' FROM customer`},
	{"pricing", `SELECT sku, generate_series(1, version), '' FROM price`},
	{"ordering", `
		SELECT return_id::text, version, CASE data ->> 'command'
			WHEN 'arrangePickup' THEN 'fulfillment' WHEN 'cancelPickup' THEN 'fulfillment'
			WHEN 'restock' THEN 'inventory' WHEN 'withdrawStock' THEN 'inventory' ELSE 'billing' END
		FROM return_events WHERE type = 'commanded'`},
	{"inventory", `SELECT return_id::text, generate_series(1, version), 'ordering chronicle' FROM restock`},
	{"fulfillment", `SELECT return_id::text, generate_series(1, version), 'ordering' FROM pickups`},
	{"billing", `SELECT return_id::text, generate_series(1, version), 'ordering chronicle' FROM refunds`},
}

// handling is what became of a message at a subscriber.
type handling int

const (
	unheard handling = iota
	waits
	parked
	handled
)

// books are what the databases say about facts.
type books struct {
	// committed are the facts that the contexts' own states tell of, in words.
	committed map[uuid.UUID]string
	// addressed are the messages for one context alone, in words, with whom they may be for.
	addressed map[uuid.UUID]letter
	// recorded are the names of the facts that chronicle has.
	recorded map[uuid.UUID]string
	// handled is what each subscriber made of which message.
	handled map[string]map[uuid.UUID]handling
	// times is how often each fact took effect at the witness.
	times map[uuid.UUID]int
	// unpublished, waiting and dead count what is left over.
	unpublished, waiting map[string]int
	dead                 map[string]int
}

// letter is a message for one of some contexts.
type letter struct{ words, to string }

// verdict looks into the databases until they are in order, or nothing that is wrong has changed for as long as patience says, and
// answers what is wrong then.
func (t *Trial) verdict(ctx context.Context, patience time.Duration) ([]string, error) {
	var before []string
	for until := time.Now().Add(patience); ; {
		books, err := t.read(ctx)
		if err != nil {
			return nil, err
		}
		faults := books.audit()
		if !slices.Equal(faults, before) {
			until, before = time.Now().Add(patience), faults
		}
		if len(faults) == 0 || time.Now().After(until) {
			t.count("facts committed", len(books.committed))
			return faults, nil
		}
		if err := sleep(ctx, time.Second); err != nil {
			return nil, err
		}
	}
}

// audit lists what is wrong, as far as nothing is under way.
func (b books) audit() (faults []string) {
	subscribers := schema.Consumers()
	for id, words := range b.committed {
		name, recorded := b.recorded[id]
		if !recorded {
			faults = append(faults, fmt.Sprintf("lost: chronicle has not heard %s (%s)", words, id))
			continue
		}
		for _, subscriber := range append(slices.Clone(subscribers[name]), "chronicle") {
			if how := b.handled[subscriber][id]; how != handled && how != parked {
				faults = append(faults, fmt.Sprintf("lost: %s has not handled %s, %s (%s)", subscriber, name, words, id))
			}
		}
		if published(name) && b.times[id] == 0 {
			faults = append(faults, fmt.Sprintf("lost: the witness has not heard %s, %s (%s)", name, words, id))
		}
	}
	for id, letter := range b.addressed {
		arrived := slices.ContainsFunc(strings.Fields(letter.to), func(to string) bool {
			how := b.handled[to][id]
			return how == handled || how == parked
		})
		if !arrived {
			faults = append(faults, fmt.Sprintf("lost: %s has not handled %s (%s)", letter.to, letter.words, id))
		}
	}
	for id, times := range b.times {
		if times > 1 {
			faults = append(faults, fmt.Sprintf("doubled: %s (%s) took effect %d times at the witness", b.recorded[id], id, times))
		}
		if _, known := b.committed[id]; !known && published(b.recorded[id]) {
			faults = append(faults, fmt.Sprintf("made up: %s (%s) was published and is not in its context's state", b.recorded[id], id))
		}
	}
	for what, left := range map[string]map[string]int{"unpublished": b.unpublished, "waiting": b.waiting, "dead": b.dead} {
		for name, count := range left {
			if count > 0 {
				faults = append(faults, fmt.Sprintf("left over: %d %s at %s", count, what, name))
			}
		}
	}
	slices.Sort(faults)
	return faults
}

// published tells whether a fact is of those that orders bring about, which the witness was there for.
func published(name string) bool {
	_, fact, _ := strings.Cut(name, ".")
	aggregate, _, _ := strings.Cut(fact, ".")
	return slices.Contains([]string{"order", "return", "stock", "payment", "invoice", "shipment"}, aggregate) &&
		!slices.Contains([]string{"stock.received", "stock.returned", "stock.withdrawn"}, fact)
}

func (t *Trial) read(ctx context.Context) (books, error) {
	b := books{
		committed: map[uuid.UUID]string{}, addressed: map[uuid.UUID]letter{}, recorded: map[uuid.UUID]string{}, handled: map[string]map[uuid.UUID]handling{},
		times: map[uuid.UUID]int{}, unpublished: map[string]int{}, waiting: map[string]int{},
	}
	for _, name := range append(slices.Clone(rabbit.Contexts), witness) {
		conn, err := pgx.Connect(ctx, t.database(name))
		if err != nil {
			return b, fmt.Errorf("connect to the database of %s: %w", name, err)
		}
		err = b.readOne(ctx, conn, name)
		conn.Close(ctx)
		if err != nil {
			return b, fmt.Errorf("read the database of %s: %w", name, err)
		}
	}
	var err error
	b.dead, err = t.dead()
	return b, err
}

// readOne reads one database. What is published is read before what is handled, and so on: a fact that is under way is seen at its
// origin first, and missed later; the audit is then made once more.
func (b books) readOne(ctx context.Context, conn *pgx.Conn, name string) error {
	for _, source := range said {
		if source.context != name {
			continue
		}
		var subject, to string
		var sequence int64
		err := each(ctx, conn, source.query, []any{&subject, &sequence, &to}, func() {
			id := event.ID("/"+name, subject, sequence)
			if to == "" {
				b.committed[id] = fmt.Sprintf("version %d of %s in %s", sequence, subject, name)
				return
			}
			b.addressed[id] = letter{fmt.Sprintf("message %d of %s in %s", sequence, subject, name), to}
		})
		if err != nil {
			return err
		}
	}
	var id uuid.UUID
	var text string
	switch name {
	case "chronicle":
		if err := each(ctx, conn, `SELECT id, name FROM facts`, []any{&id, &text}, func() { b.recorded[id] = text }); err != nil {
			return err
		}
	case witness:
		var times int
		if err := each(ctx, conn, `SELECT message_id, times FROM tally`, []any{&id, &times}, func() { b.times[id] = times }); err != nil {
			return err
		}
	}
	return b.readMessages(ctx, conn, name)
}

func (b books) readMessages(ctx context.Context, conn *pgx.Conn, name string) error {
	of := map[uuid.UUID]handling{}
	b.handled[name] = of
	var id uuid.UUID
	var state string
	if err := each(ctx, conn, `SELECT message_id FROM inbox`, []any{&id}, func() { of[id] = handled }); err != nil {
		return err
	}
	err := each(ctx, conn, `SELECT message_id, state FROM waiting`, []any{&id, &state}, func() {
		if of[id] = waits; state == "PARKED" {
			of[id] = parked
			return
		}
		b.waiting[name]++
	})
	if err != nil {
		return err
	}
	var rows int
	if err := conn.QueryRow(ctx, `SELECT count(*) FROM outbox`).Scan(&rows); err != nil {
		return err
	}
	b.unpublished[name] = rows
	return nil
}

func each(ctx context.Context, conn *pgx.Conn, query string, into []any, row func()) error {
	rows, err := conn.Query(ctx, query)
	if err != nil {
		return err
	}
	_, err = pgx.ForEachRow(rows, into, func() error {
		row()
		return nil
	})
	return err
}

// dead counts the messages that nobody could read.
func (t *Trial) dead() (map[string]int, error) {
	dead := map[string]int{}
	return dead, t.tap.with(func(ch *amqp.Channel) error {
		for _, context := range append(slices.Clone(rabbit.Contexts), witness) {
			queue, err := ch.QueueDeclarePassive(rabbit.DeadQueue(context), true, false, false, false, nil)
			if err != nil {
				return fmt.Errorf("count the dead of %s: %w", context, err)
			}
			dead[context] = queue.Messages
		}
		return nil
	})
}
