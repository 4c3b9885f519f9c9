package postgres_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/prune"
	"quadrille.dev/schema/eventtest"

	"quadrille.dev/services/chronicle/internal/postgres"
)

func TestSagasAreForgottenWithTheirFactsWhenTheyHaveBeenAtRestForLong(t *testing.T) {
	b := open(t)
	const year = 365 * 24 * time.Hour
	now := time.Now()
	old, young, running := uuid.New(), uuid.New(), uuid.New()
	for _, e := range fulfilled(old) {
		b.record(e, now.Add(-year-time.Minute))
	}
	for _, e := range fulfilled(young) {
		b.record(e, now.Add(-year+time.Minute))
	}
	for _, e := range fulfilled(running)[:3] {
		b.record(e, now.Add(-10*year))
	}
	b.record(event.New(t.Context(), event.Fact{
		Name: "pricing.price.changed", Version: 1, Subject: "TEA", Sequence: 1, At: now.Add(-10 * year),
		Data: eventtest.Examples("pricing.price.changed", 1)[0],
	}), now.Add(-10*year))
	removed, err := prune.New(prune.Config{DB: b.db, Tables: []prune.Table{postgres.Kept(year)}}).Once(t.Context())
	if err != nil || removed != 1+8+2 {
		t.Errorf("%d rows removed, %v", removed, err)
	}
	if facts := len(b.facts(old.String())); facts != 0 {
		t.Errorf("%d facts left of what is forgotten", facts)
	}
	if facts := len(b.facts(young.String())); facts != 8 {
		t.Errorf("%d facts left of a saga at rest that is young", facts)
	}
	if facts := len(b.facts(running.String())); facts != 3 {
		t.Errorf("%d facts left of a saga that is not at rest", facts)
	}
	if n := b.count(`SELECT count(*) FROM facts WHERE name = 'pricing.price.changed'`); n != 1 {
		t.Error("a price that holds was forgotten")
	}
	if n := b.count(`SELECT count(*) FROM sagas`); n != 2 {
		t.Errorf("%d sagas left", n)
	}
}
