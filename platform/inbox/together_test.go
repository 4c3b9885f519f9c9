package inbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/testkit/allocate"
)

// receiveAll has a consumer receive facts that wait together, and returns when it is done with them.
func receiveAll(t *testing.T, c *Consumer[deeds], facts []event.Envelope) []*hand {
	t.Helper()
	hands := make([]*hand, len(facts))
	c.gathering.mu.Lock()
	c.gathering.running++ // a transaction, for which they wait
	c.gathering.mu.Unlock()
	for i, fact := range facts {
		body, err := fact.Encode()
		if err != nil {
			t.Fatal(err)
		}
		hands[i] = &hand{body: body}
		c.receive(t.Context(), hands[i])
	}
	c.gathering.mu.Lock()
	c.gathering.running--
	c.gathering.help()
	c.gathering.mu.Unlock()
	c.workers.wait()
	return hands
}

// Whatever waits together, and whichever of it fails: what is innocent takes effect once, in the order of its aggregate; what fails is set
// aside, and what comes after it in its aggregate waits behind it, in order.
func TestWhateverWaitsTogetherEndsAsIfEachCameAlone(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	c := b.consumer(1, func(ctx context.Context, d deeds, fact event.Envelope) error {
		if err := d.do(ctx, fact); err != nil {
			return err
		}
		if strings.HasPrefix(fact.CorrelationID, "poison") {
			return errors.New("poison")
		}
		return nil
	})
	rapid.Check(t, func(r *rapid.T) {
		b.empty()
		var done, waits []string
		sick, sequence := map[string]bool{}, int64(0)
		for range rapid.IntRange(1, 4).Draw(r, "rounds") {
			var facts []event.Envelope
			for range rapid.IntRange(1, 12).Draw(r, "facts") {
				sequence++
				subject := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(r, "subject")
				fact := factOf(subject, sequence, map[string]string{"orderId": "a"})
				if rapid.IntRange(0, 9).Draw(r, "poison") == 0 {
					fact.CorrelationID = "poison"
					sick[subject] = true
				}
				if name := fmt.Sprint(subject, sequence); sick[subject] {
					waits = append(waits, name)
				} else {
					done = append(done, name)
				}
				facts = append(facts, fact)
			}
			for i, h := range receiveAll(t, c, facts) {
				if h.ackedAt().IsZero() {
					r.Fatalf("message %d is not acknowledged", i)
				}
			}
		}
		slices.SortStableFunc(done, bySubject)
		slices.SortStableFunc(waits, bySubject)
		const told = ` ORDER BY subject, position`
		if diff := cmp.Diff(done, collect[string](b, `SELECT subject || sequence FROM done`+told)); len(done) > 0 && diff != "" {
			r.Fatalf("done (-want +got):\n%s", diff)
		}
		got := collect[string](b, `SELECT subject || (convert_from(envelope, 'UTF8')::json ->> 'sequence') FROM waiting`+told)
		if diff := cmp.Diff(waits, got); len(waits) > 0 && diff != "" {
			r.Fatalf("waiting (-want +got):\n%s", diff)
		}
		first := collect[int64](b, `SELECT count(*) FROM waiting WHERE state = 'PARKED'`)[0]
		if first != int64(len(sick)) {
			r.Fatalf("%d are parked, of %d aggregates", first, len(sick))
		}
	})
}

func bySubject(x, y string) int { return strings.Compare(x[:1], y[:1]) }

// A consumer that waits for what another has in hand gives its transaction up, and handles each by itself; only what the other has waits.
func TestWhatAnotherConsumerHasInHandHoldsUpNoneOfTheOthers(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	c := b.consumer(10, func(ctx context.Context, d deeds, fact event.Envelope) error { return d.do(ctx, fact) })
	held := factOf("held", 1, map[string]string{"orderId": "a"})
	other, err := b.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := recordHandled(t.Context(), other, "inventory", held, 1, nothing); err != nil {
		t.Fatal(err)
	}
	innocent := []event.Envelope{factOf("a", 2, map[string]string{"orderId": "a"}), factOf("b", 3, map[string]string{"orderId": "a"})}
	go func() {
		for collect[int64](b, `SELECT count(*) FROM done`)[0] < int64(len(innocent)) {
			time.Sleep(10 * time.Millisecond)
		}
		_ = other.Commit(context.Background())
	}()
	for i, h := range receiveAll(t, c, append(innocent, held)) {
		if h.ackedAt().IsZero() {
			t.Errorf("message %d is not acknowledged", i)
		}
	}
	if done := collect[string](b, `SELECT subject FROM done ORDER BY subject`); !slices.Equal(done, []string{"a", "b"}) {
		t.Errorf("done %v", done)
	}
}

// What a message costs beside its use case, when it is handled with others.
func TestHandlingTogetherTakesFewAllocations(t *testing.T) {
	b := openBooks(t)
	c := b.consumer(10, func(context.Context, deeds, event.Envelope) error { return nil })
	const messages = 32
	sequence := int64(0)
	batch := func() []message {
		all := make([]message, messages)
		for i := range all {
			sequence++
			fact := factOf(fmt.Sprint(i), sequence, map[string]string{"orderId": "a"})
			all[i] = message{ctx: about(t.Context(), fact), delivery: &hand{}, fact: fact}
		}
		return all
	}
	if err := c.handleTogether(batch()); err != nil {
		t.Fatal(err)
	}
	batches := make([][]message, 101) // one is to warm up
	for i := range batches {
		batches[i] = batch()
	}
	allocate.AtMost(t, 25*messages, func() {
		if err := c.handleTogether(batches[0]); err != nil {
			t.Fatal(err)
		}
		batches = batches[1:]
	})
}
