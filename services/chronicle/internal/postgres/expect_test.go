package postgres_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"

	"quadrille.dev/services/chronicle/internal/acl"
	"quadrille.dev/services/chronicle/internal/app"
	"quadrille.dev/services/chronicle/internal/saga"
)

// recordTogether handles facts in one transaction, as the consumer does.
func (b *book) recordTogether(facts []event.Envelope, at time.Time) {
	b.Helper()
	err := b.db.InTx(context.Background(), func(tx pgx.Tx) error {
		store, routes := b.store(tx), acl.Routes()
		if err := routes.Ahead(context.Background(), store, facts); err != nil {
			return err
		}
		for _, e := range facts {
			if err := routes.Handle(context.Background(), store, e, at); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Errorf("record %d facts: %v", len(facts), err)
	}
}

// However facts come, several in a transaction or each in its own, and some of them again: the same is recorded and announced.
func TestFactsThatAreRecordedTogetherAreRecordedAsEachByItself(t *testing.T) {
	together, single := open(t), open(t)
	orders := []uuid.UUID{uuid.New(), uuid.New(), uuid.New(), uuid.New()}
	var facts []event.Envelope
	for _, order := range orders {
		facts = append(facts, fulfilled(order)...)
	}
	listed := fact("catalog.product.listed", uuid.New(), 1)
	listed.CorrelationID = ""
	facts = append(facts, listed)
	random := rand.New(rand.NewPCG(7, 7))
	facts = append(facts, facts[:10]...)
	random.Shuffle(len(facts), func(i, j int) { facts[i], facts[j] = facts[j], facts[i] })
	for _, e := range facts {
		single.record(e, start)
	}
	for len(facts) > 0 {
		n := min(len(facts), 1+random.IntN(12))
		together.recordTogether(facts[:n], start)
		facts = facts[n:]
	}
	for _, order := range orders {
		id := order.String()
		want, got := single.saga(id), together.saga(id)
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(saga.Saga{}, "Process")); diff != "" {
			t.Errorf("saga (-each by itself +together):\n%s", diff)
		}
		if diff := cmp.Diff(single.facts(id), together.facts(id), cmpopts.IgnoreFields(app.Recorded{}, "RecordedAt")); diff != "" {
			t.Errorf("facts (-each by itself +together):\n%s", diff)
		}
	}
	if diff := cmp.Diff(single.announced, together.announced); diff != "" {
		t.Errorf("announced (-each by itself +together):\n%s", diff)
	}
	if kept, err := together.archive().FactsByID(t.Context(), []uuid.UUID{listed.ID}); err != nil || len(kept) != 0 {
		t.Errorf("what belongs to no saga is numbered: %v, %v", kept, err)
	}
}

// Sagas are locked in one order by whoever expects several, so that none waits for the other in a circle.
func TestTwoWhoExpectTheSameSagasDoNotWaitInACircle(t *testing.T) {
	b := open(t)
	var sets [2][]event.Envelope
	for range 20 {
		order := uuid.New()
		for i, name := range []string{"ordering.order.placed", "billing.invoice.issued"} {
			sets[i] = append(sets[i], fact(name, order, 1))
		}
	}
	slices.Reverse(sets[1])
	done := make(chan struct{}, len(sets))
	for _, facts := range sets {
		go func() {
			b.recordTogether(facts, start)
			done <- struct{}{}
		}()
	}
	for range sets {
		<-done
	}
	for _, e := range sets[0] {
		if s := b.saga(e.CorrelationID); s.Sequence != 2 {
			t.Errorf("saga %s has %d facts", s.ID, s.Sequence)
		}
	}
}
