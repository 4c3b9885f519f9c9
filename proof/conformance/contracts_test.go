package conformance

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/schema"
	"quadrille.dev/services/billing"
	"quadrille.dev/services/chronicle"
	"quadrille.dev/services/fulfillment"
	"quadrille.dev/services/inventory"
	"quadrille.dev/services/ordering"
)

// TestSchemasNameTheirConsumers holds the consumers that the schemas declare, from which topology and documents derive, against the
// routes that contexts really have.
func TestSchemasNameTheirConsumers(t *testing.T) {
	t.Parallel()
	routed := map[string][]string{}
	for context, facts := range map[string][]string{
		"billing": billing.Facts(), "fulfillment": fulfillment.Facts(), "inventory": inventory.Facts(), "ordering": ordering.Facts(),
	} {
		for _, fact := range facts {
			routed[fact] = append(routed[fact], context)
		}
	}
	declared := map[string][]string{}
	for fact, contexts := range schema.Consumers() {
		if len(contexts) > 0 {
			declared[fact] = contexts
		}
	}
	for _, contexts := range routed {
		slices.Sort(contexts)
	}
	if diff := cmp.Diff(declared, routed); diff != "" {
		t.Errorf("consumers of each fact (-declared in the schema, +routed):\n%s", diff)
	}
	if facts := chronicle.Facts(); !slices.Equal(facts, []string{"#"}) {
		t.Errorf("chronicle hears %v, not everything", facts)
	}
}

// reading is how each context that reacts to facts reads one: by its shipped routes, in memory.
func reading() map[string]func(ctx context.Context, fact event.Envelope, at time.Time) error {
	by := func(participant testkit.Participant) func(context.Context, event.Envelope, time.Time) error {
		return func(ctx context.Context, fact event.Envelope, at time.Time) error {
			_, err := participant.Deliver(ctx, fact, at)
			return err
		}
	}
	return map[string]func(context.Context, event.Envelope, time.Time) error{
		"billing":     by(billing.Participant()),
		"chronicle":   chronicle.NewObserver().Hear,
		"fulfillment": by(fulfillment.Participant()),
		"inventory":   by(inventory.Participant(nil)),
		"ordering":    by(ordering.Participant(time.Hour)),
	}
}

// notRead tells a fact that was not understood from one that was, and is about something that nobody has heard of.
func notRead(err error) bool {
	_, unreadable := errors.AsType[*inbox.UnreadableError](err)
	_, unknownType := errors.AsType[*inbox.UnknownTypeError](err)
	_, unknownVersion := errors.AsType[*inbox.UnknownVersionError](err)
	return unreadable || unknownType || unknownVersion
}

// Every consumer reads every example of every version of what it consumes.
func TestEveryConsumerReadsEveryExample(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	for _, e := range schema.Events() {
		consumers, replyTo := schema.Consumers()[e.Name], ""
		if !e.Addressed() {
			consumers = append(consumers, "chronicle")
		}
		if e.Style == schema.Command {
			replyTo = rabbit.RepliesExchange(e.Owner)
		}
		for _, consumer := range consumers {
			for i, example := range e.Examples {
				fact := event.New(t.Context(), event.Fact{
					Name: e.Name, Version: e.Version, Subject: "s", Sequence: int64(i + 1), CorrelationID: "c", At: at, Data: example, ReplyTo: replyTo,
				})
				read, known := reading()[consumer]
				if !known {
					t.Errorf("%s consumes %s, and is not among those whose reading is tested", consumer, e.Name)
				} else if err := read(t.Context(), fact, at); notRead(err) {
					t.Errorf("%s, example %d of %s v%d: %v", consumer, i, e.Name, e.Version, err)
				}
			}
		}
	}
}
