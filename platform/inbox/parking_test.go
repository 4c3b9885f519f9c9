package inbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/testkit"
)

// flaw is a handler that fails for facts of a subject until it is mended.
type flaw struct {
	mended   atomic.Bool
	attempts atomic.Int64
}

func (f *flaw) handle(ctx context.Context, s store, fact event.Envelope) error {
	if strings.HasPrefix(fact.Subject, "bad") && fact.Sequence == 1 && !f.mended.Load() {
		f.attempts.Add(1)
		return fmt.Errorf("order %s is broken", uuid.New())
	}
	return s.do(ctx, fact)
}

// parked publishes facts of which the first of each bad subject fails, and waits until as many as given are parked.
func (b *bench) parked(f *flaw, parked, behind int, facts ...event.Envelope) *inbox.Parking {
	b.t.Helper()
	c := b.consumer(b.db, f.handle, func(c *inbox.Config) { c.Attempts = 2 })
	c.start()
	b.publish(facts...)
	b.eventually("parked", func() bool { return b.waiting("PARKED") == parked && b.waiting("BEHIND") == behind })
	return c.Parking()
}

func (b *bench) list(p *inbox.Parking, filter inbox.ParkedFilter) inbox.ParkedPage {
	b.t.Helper()
	page, err := p.List(b.t.Context(), filter, 10, inbox.ParkedPlace{})
	if err != nil {
		b.t.Fatal(err)
	}
	return page
}

func (b *bench) retry(p *inbox.Parking, retry inbox.Retry) inbox.Retried {
	b.t.Helper()
	retry.Actor = "olga@quadrille.test"
	outcome, err := p.Retry(b.t.Context(), retry)
	if err != nil {
		b.t.Fatal(err)
	}
	return outcome
}

func TestWhatFailsIsTriedAtOnceThenFromTheTableThenParked(t *testing.T) {
	b := newBench(t)
	var inline, later atomic.Int64
	c := b.consumer(b.db, func(context.Context, store, event.Envelope) error {
		if b.scalar(`SELECT count(*) FROM waiting`) == 0 {
			inline.Add(1)
		} else {
			later.Add(1)
		}
		return errors.New("broken")
	}, func(c *inbox.Config) { c.Attempts, c.Patience = 3, 2*time.Second })
	c.start()
	fact := order("bad", 1)
	b.publish(fact)
	b.eventually("parked", func() bool { return b.waiting("PARKED") == 1 })
	if inline.Load() < 2 || later.Load() != 2 {
		t.Errorf("%d attempts at once, %d from the table", inline.Load(), later.Load())
	}
	if n := b.scalar(`SELECT attempts FROM waiting`); n != 3 {
		t.Errorf("%d attempts are noted", n)
	}
}

func TestParkedMessagesAreListed(t *testing.T) {
	b := newBench(t)
	first, other := order("bad", 1), order("bad too", 1)
	first.Data = json.RawMessage(`{"orderId":"bad","shippingAddress":{"name":"Ada Lovelace","countryCode":"GB"}}`)
	f := &flaw{}
	parking := b.parked(f, 1, 2, first, order("bad", 2), order("bad", 3), order("good", 1))
	b.publish(other)
	v99 := order("version", 1)
	v99.DataVersion = 99
	b.publish(v99)
	b.eventually("parked", func() bool { return b.waiting("PARKED") == 3 })

	page := b.list(parking, inbox.ParkedFilter{})
	if page.Total != 3 || page.More || len(page.Messages) != 3 {
		t.Fatalf("listed %+v", page)
	}
	got := page.Messages[0]
	if got.ID != first.ID || got.Fact != placed || got.Subject != "bad" || got.Attempts != 2 || got.Behind != 2 ||
		!strings.HasPrefix(got.Error, "order ") || got.FirstFailedAt.IsZero() || got.LastFailedAt.Before(got.FirstFailedAt) {
		t.Errorf("listed %+v", got)
	}
	want := `{"orderId":"bad","shippingAddress":{"countryCode":"GB","name":"***"}}`
	if string(got.Payload) != want {
		t.Errorf("payload %s, want %s", got.Payload, want)
	}
	groups := []inbox.Group{{placed, "order * is broken", 2}, {placed, "UNKNOWN_EVENT_VERSION: ordering.order.placed v99", 1}}
	if diff := cmp.Diff(groups, page.Groups); diff != "" {
		t.Error(diff)
	}
	for _, test := range []struct {
		filter inbox.ParkedFilter
		want   int64
	}{
		{inbox.ParkedFilter{Fact: placed}, 3},
		{inbox.ParkedFilter{Fact: "ordering.order"}, 0},
		{inbox.ParkedFilter{Error: "UNKNOWN_EVENT_VERSION"}, 1},
		{inbox.ParkedFilter{Error: "order * is broken"}, 2},
		{inbox.ParkedFilter{Error: got.Error}, 1},
		{inbox.ParkedFilter{Error: "nul\x00\xff"}, 0},
		{inbox.ParkedFilter{IDs: []uuid.UUID{first.ID, uuid.New()}}, 1},
	} {
		if page := b.list(parking, test.filter); page.Total != test.want || len(page.Messages) != int(test.want) {
			t.Errorf("%+v: %d of %d, want %d", test.filter, len(page.Messages), page.Total, test.want)
		}
	}
	b.pages(parking, page.Messages)
}

// pages holds the list, a message a page, against the list at once.
func (b *bench) pages(parking *inbox.Parking, all []inbox.Parked) {
	b.t.Helper()
	place := inbox.ParkedPlace{}
	for i, message := range all {
		page, err := parking.List(b.t.Context(), inbox.ParkedFilter{}, 1, place)
		if err != nil {
			b.t.Fatal(err)
		}
		if len(page.Messages) != 1 || page.Messages[0].ID != message.ID || page.More != (i < len(all)-1) {
			b.t.Fatalf("page %d: %+v", i, page)
		}
		place = inbox.ParkedPlace{FirstFailedAt: message.FirstFailedAt, ID: message.ID, Context: "inventory"}
	}
}

func TestALargePayloadIsShownAloneOnly(t *testing.T) {
	b := newBench(t)
	large := order("bad", 1)
	large.Data = json.RawMessage(`{"orderId":"bad","padding":"` + strings.Repeat("x", 100_000) + `"}`)
	parking := b.parked(&flaw{}, 1, 0, large)
	if page := b.list(parking, inbox.ParkedFilter{}); page.Messages[0].Payload != nil {
		t.Errorf("listed with %d bytes", len(page.Messages[0].Payload))
	}
	if page := b.list(parking, inbox.ParkedFilter{IDs: []uuid.UUID{large.ID}}); len(page.Messages[0].Payload) < 100_000 {
		t.Errorf("shown with %d bytes", len(page.Messages[0].Payload))
	}
}

func TestARetryOnceTheCauseIsMendedReleasesThoseBehindInOrder(t *testing.T) {
	b := newBench(t)
	f, bad := &flaw{}, order("bad", 1)
	parking := b.parked(f, 1, 3, bad, order("bad", 2), order("bad", 3), order("bad", 4), order("good", 1))
	ids := []uuid.UUID{bad.ID}

	dry := b.retry(parking, inbox.Retry{IDs: append(ids, uuid.New()), DryRun: true})
	if dry.Count != 1 || len(dry.Failed) != 1 || dry.Failed[0].Error != inbox.NotParked || b.waiting("PARKED") != 1 {
		t.Errorf("dry run: %+v", dry)
	}
	if vain := b.retry(parking, inbox.Retry{IDs: ids}); vain.Count != 0 || len(vain.Failed) != 1 || vain.Failed[0].ID != bad.ID ||
		!strings.HasSuffix(vain.Failed[0].Error, "is broken") || b.waiting("BEHIND") != 3 {
		t.Errorf("a retry before it is mended: %+v", vain)
	}
	if n := b.scalar(`SELECT attempts FROM waiting WHERE state = 'PARKED'`); n != 3 {
		t.Errorf("%d attempts", n)
	}
	f.mended.Store(true)
	if outcome := b.retry(parking, inbox.Retry{IDs: ids}); outcome.Count != 1 || len(outcome.Failed) != 0 {
		t.Errorf("retried: %+v", outcome)
	}
	b.eventually("all are done", func() bool { return b.done() == 5 })
	if got := b.sequences("bad"); !slices.Equal(got, []int64{1, 2, 3, 4}) {
		t.Errorf("done %v", got)
	}
	if gone := b.retry(parking, inbox.Retry{IDs: ids}); gone.Count != 0 || gone.Failed[0].Error != inbox.NotParked {
		t.Errorf("a retry of what is handled: %+v", gone)
	}
	retried := fmt.Sprintf("olga@quadrille.test parked.retried %s: Retried ordering.order.placed v1.", bad.ID)
	if diff := cmp.Diff([]string{retried, retried}, testkit.Audited(t, b.db)); diff != "" {
		t.Error(diff)
	}
	if n := b.scalar(`SELECT count(*) FROM outbox WHERE routing_key = 'operator.acted.v1'`); n != 2 {
		t.Errorf("%d facts tell of it", n)
	}
}

func TestAGroupIsRetriedAsAWhole(t *testing.T) {
	b := newBench(t)
	f, facts := &flaw{}, []event.Envelope{}
	for n := range 20 {
		facts = append(facts, order(fmt.Sprint("bad ", n), 1))
	}
	v99 := order("version", 1)
	v99.DataVersion = 99
	parking := b.parked(f, 21, 0, append(facts, v99)...)
	group := &inbox.Group{Fact: placed, Cause: "order * is broken"}
	if dry := b.retry(parking, inbox.Retry{Group: group, DryRun: true}); dry.Count != 20 || b.waiting("PARKED") != 21 {
		t.Errorf("dry run: %+v", dry)
	}
	f.mended.Store(true)
	if outcome := b.retry(parking, inbox.Retry{Group: group}); outcome.Count != 20 || len(outcome.Failed) != 0 {
		t.Errorf("retried: %+v", outcome)
	}
	b.eventually("all are done", func() bool { return b.done() == 20 })
	if n := b.waiting("PARKED"); n != 1 {
		t.Errorf("%d parked", n)
	}
	want := []string{"olga@quadrille.test parked.retried ordering.order.placed: Retried a group of 20 parked messages of ordering.order.placed."}
	if diff := cmp.Diff(want, testkit.Audited(t, b.db)); diff != "" {
		t.Error(diff)
	}
}

func TestARetryWaitsForEarlierMessagesOfItsAggregate(t *testing.T) {
	b := newBench(t)
	f, first, second := &flaw{}, order("bad", 1), order("bad", 2)
	parking := b.parked(f, 1, 2, first, second, order("bad", 3))
	if _, err := b.db.Exec(t.Context(), `UPDATE waiting SET state = 'PARKED', attempts = 2, first_failed_at = now(), last_failed_at = now()
		WHERE message_id = $1`, second.ID); err != nil {
		t.Fatal(err)
	}
	f.mended.Store(true)
	if outcome := b.retry(parking, inbox.Retry{IDs: []uuid.UUID{second.ID}}); outcome.Count != 1 || b.done() != 0 || b.waiting("BEHIND") != 2 {
		t.Errorf("retried before the first: %+v, %d done", outcome, b.done())
	}
	b.retry(parking, inbox.Retry{IDs: []uuid.UUID{first.ID}})
	b.eventually("all are done", func() bool { return b.done() == 3 })
	if got := b.sequences("bad"); !slices.Equal(got, []int64{1, 2, 3}) {
		t.Errorf("done %v", got)
	}
}

func TestOneMessageIsRetriedWithAnEditedPayload(t *testing.T) {
	b := newBench(t)
	var handled atomic.Value
	c := b.consumer(b.db, func(ctx context.Context, s store, fact event.Envelope) error {
		handled.Store(string(fact.Data))
		return s.do(ctx, fact)
	})
	c.start()
	parking := c.Parking()
	bad := order("bad", 1)
	bad.Data = json.RawMessage(`{"orderId":{},"shippingAddress":{"name":"Ada","postalCode":"N1"}}`)
	b.publish(bad, order("bad", 2))
	b.eventually("parked", func() bool { return b.waiting("PARKED") == 1 && b.waiting("BEHIND") == 1 })
	ids := []uuid.UUID{bad.ID}
	for name, payload := range map[string]string{
		"no JSON": `{`, "unreadable": `{"orderId":7}`, "a blot with nothing under it": `{"orderId":"bad","payment":{"token":"***"}}`,
	} {
		for _, dry := range []bool{true, false} {
			_, err := parking.Retry(t.Context(), inbox.Retry{Actor: "olga", IDs: ids, Payload: json.RawMessage(payload), DryRun: dry})
			if _, refused := errors.AsType[*inbox.PayloadError](err); !refused {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if n := len(testkit.Audited(t, b.db)); n != 0 || b.waiting("PARKED") != 1 {
		t.Errorf("refused, and %d audited", n)
	}
	edited := json.RawMessage(`{"orderId":"bad","shippingAddress":{"name":"***","postalCode":"N2"}}`)
	if outcome := b.retry(parking, inbox.Retry{IDs: ids, Payload: edited}); outcome.Count != 1 {
		t.Errorf("retried: %+v", outcome)
	}
	b.eventually("both are done", func() bool { return b.done() == 2 })
	if got := b.sequences("bad"); !slices.Equal(got, []int64{1, 2}) {
		t.Errorf("done %v", got)
	}
	want := []string{fmt.Sprintf(
		"olga@quadrille.test parked.retried %s: Retried ordering.order.placed v1 with orderId, shippingAddress.postalCode changed.", bad.ID)}
	if diff := cmp.Diff(want, testkit.Audited(t, b.db)); diff != "" {
		t.Error(diff)
	}
	b.intervened(`{"orderId":{},"shippingAddress":{"name":"***","postalCode":"***"}}`, `{"orderId":"bad","shippingAddress":{"name":"***","postalCode":"***"}}`)
}

// intervened holds the payloads of the one message that was edited or discarded, before and after.
func (b *bench) intervened(before, after string) {
	b.t.Helper()
	var got [2]string
	err := b.db.QueryRow(b.t.Context(), `
		SELECT before->>'data', coalesce(after->>'data', '') FROM interventions JOIN audit ON audit.id = audit_id`).Scan(&got[0], &got[1])
	if err != nil {
		b.t.Fatal(err)
	}
	if diff := cmp.Diff([2]string{before, after}, got); diff != "" {
		b.t.Error(diff)
	}
}

func TestWhatIsDiscardedIsNeverHandledAndThoseBehindGoOn(t *testing.T) {
	b := newBench(t)
	f, bad := &flaw{}, order("bad", 1)
	parking := b.parked(f, 1, 2, bad, order("bad", 2), order("bad", 3))
	unknown := uuid.New()
	_, err := parking.Discard(t.Context(), inbox.Discard{Actor: "olga", IDs: []uuid.UUID{bad.ID, unknown}, Reason: "a mistake"})
	if refused, is := errors.AsType[*inbox.NotParkedError](err); !is || !slices.Equal(refused.IDs, []uuid.UUID{unknown}) || b.waiting("PARKED") != 1 {
		t.Errorf("discarding what is not there: %v", err)
	}
	n, err := parking.Discard(t.Context(), inbox.Discard{Actor: "olga@quadrille.test", IDs: []uuid.UUID{bad.ID}, Reason: "a mistake"})
	if n != 1 || err != nil {
		t.Fatalf("%d discarded, %v", n, err)
	}
	b.eventually("the others are done", func() bool { return b.done() == 2 })
	f.mended.Store(true)
	b.publish(bad, order("bad", 4))
	b.eventually("the next is done", func() bool { return b.done() == 3 })
	if got := b.sequences("bad"); !slices.Equal(got, []int64{2, 3, 4}) {
		t.Errorf("done %v", got)
	}
	want := []string{fmt.Sprintf("olga@quadrille.test parked.discarded %s: Discarded ordering.order.placed v1: a mistake", bad.ID)}
	if diff := cmp.Diff(want, testkit.Audited(t, b.db)); diff != "" {
		t.Error(diff)
	}
	b.intervened(`{"orderId":"bad"}`, "")
}

func TestAnUnknownVersionIsHandledOnceAConsumerKnowsIt(t *testing.T) {
	b := newBench(t)
	stop := b.consumer(b.db, doIt).start()
	v99 := order("version", 1)
	v99.DataVersion = 99
	b.publish(v99, order("version", 2))
	b.eventually("parked", func() bool { return b.waiting("PARKED") == 1 && b.waiting("BEHIND") == 1 })
	if _, reason := b.errorOf(v99); reason != "UNKNOWN_EVENT_VERSION: ordering.order.placed v99" {
		t.Errorf("reason %q", reason)
	}
	stop()
	deployed := b.deployed(inbox.Versions[event.Envelope]{1: readOrder, 99: readOrder}, doIt)
	deployed.start()
	if outcome := b.retry(deployed.Parking(), inbox.Retry{IDs: []uuid.UUID{v99.ID}}); outcome.Count != 1 {
		t.Errorf("retried: %+v", outcome)
	}
	b.eventually("both are done", func() bool { return b.done() == 2 })
	if got := b.sequences("version"); !slices.Equal(got, []int64{1, 2}) {
		t.Errorf("done %v", got)
	}
}

func TestOperatorsAndConsumersAtOnceHandleEachMessageOnceAndInOrder(t *testing.T) {
	b := newBench(t)
	f, facts := &flaw{}, []event.Envelope{}
	const subjects, each = 10, 4
	for n := range subjects {
		for sequence := range each {
			facts = append(facts, order(fmt.Sprint("bad ", n), int64(sequence+1)))
		}
	}
	first := b.parked(f, subjects, subjects*(each-1), facts...)
	second := b.consumer(b.open(), f.handle, func(c *inbox.Config) { c.Attempts = 2 })
	second.start()
	f.mended.Store(true)
	var ids []uuid.UUID
	for n := range subjects {
		ids = append(ids, facts[n*each].ID)
	}
	var operators sync.WaitGroup
	for n := range 8 {
		parking := []*inbox.Parking{first, second.Parking()}[n%2]
		operators.Go(func() {
			if _, err := parking.Retry(t.Context(), inbox.Retry{Actor: fmt.Sprint("operator ", n), IDs: ids}); err != nil {
				t.Error(err)
			}
			if _, err := parking.List(t.Context(), inbox.ParkedFilter{}, 100, inbox.ParkedPlace{}); err != nil {
				t.Error(err)
			}
		})
	}
	operators.Wait()
	b.eventually("all are done", func() bool { return b.done() == subjects*each })
	for n := range subjects {
		if got := b.sequences(fmt.Sprint("bad ", n)); !slices.Equal(got, []int64{1, 2, 3, 4}) {
			t.Errorf("%d: done %v", n, got)
		}
	}
	if audited := testkit.Audited(t, b.db); len(audited) != subjects {
		t.Errorf("%d retries are audited of %d", len(audited), subjects)
	}
	b.eventually("nothing waits", func() bool { return b.scalar(`SELECT count(*) FROM waiting`) == 0 })
}

func TestAContextThatConsumesNothingHasNothingParked(t *testing.T) {
	b := newBench(t)
	parking := inbox.NewParking(b.db, "catalog")
	if page := b.list(parking, inbox.ParkedFilter{}); page.Total != 0 || len(page.Messages) != 0 {
		t.Errorf("listed %+v", page)
	}
	if outcome := b.retry(parking, inbox.Retry{IDs: []uuid.UUID{uuid.New()}}); outcome.Count != 0 || len(outcome.Failed) != 1 {
		t.Errorf("retried %+v", outcome)
	}
}

// deployed is a consumer of another release, which knows these versions.
func (b *bench) deployed(versions inbox.Versions[event.Envelope], handle handler) *consumer {
	return b.consumerOf(b.open(), routed(versions, handle))
}
