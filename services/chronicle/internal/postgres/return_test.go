package postgres_test

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/schema/eventtest"

	"quadrille.dev/services/chronicle/internal/acl"
	"quadrille.dev/services/chronicle/internal/app"
	"quadrille.dev/services/chronicle/internal/postgres"
	"quadrille.dev/services/chronicle/internal/saga"
)

// ofReturn is a fact of a return, of a step if that is named, with its schema's first example as payload.
func ofReturn(name, step string, id uuid.UUID, sequence int64) event.Envelope {
	e := fact(name, id, sequence)
	if step != "" {
		e.Data = bytes.Replace(eventtest.Examples(name, 1)[0], []byte(`"step": "pickup"`), []byte(`"step": "`+step+`"`), 1)
	}
	return e
}

// needy is a return that needs an operator.
func needy(id uuid.UUID) []event.Envelope {
	return []event.Envelope{
		ofReturn("ordering.return.requested", "", id, 1),
		ofReturn("ordering.return.stepStarted", "pickup", id, 2),
		ofReturn("ordering.return.stepCompleted", "pickup", id, 3),
		ofReturn("ordering.return.stepStarted", "restock", id, 4),
		ofReturn("ordering.return.stepFailed", "restock", id, 5),
		fact("ordering.return.needsOperator", id, 6), // of the step restock
		ofReturn("billing.creditnote.issued", "", id, 7),
	}
}

func TestReturnsAreKeptFoundAndCounted(t *testing.T) {
	b := open(t)
	order, id := uuid.New(), uuid.New()
	b.record(fact("ordering.order.placed", order, 1), start)
	for i, e := range needy(id) {
		b.record(e, start.Add(time.Duration(i+1)*time.Second))
	}
	s := b.saga(id.String())
	want := saga.Order{
		ID: "01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01", Number: "Q-00001234", Customer: uuid.MustParse("01996f1e-0b7d-7a33-b1c9-5e4f2a6d8c11"),
	}
	if diff := cmp.Diff(want, s.Order); diff != "" || s.State() != saga.NeedsOperator || s.Sequence != 7 || !s.LastFactAt.Equal(start.Add(6*time.Second)) {
		t.Errorf("state %s, sequence %d, last fact at %v\n%s", s.State(), s.Sequence, s.LastFactAt, diff)
	}
	for name, test := range map[string]struct {
		query app.Query
		want  []string
	}{
		"beside its order":  {app.Query{OrderNumber: "Q-00001234"}, []string{id.String(), order.String()}},
		"by the customer":   {app.Query{Customer: want.Customer}, []string{id.String(), order.String()}},
		"returns alone":     {app.Query{Kind: "RETURN", OrderNumber: "Q-00001234"}, []string{id.String()}},
		"needs an operator": {app.Query{States: []saga.State{saga.NeedsOperator}}, []string{id.String()}},
		"others":            {app.Query{States: []saga.State{saga.Compensating}}, nil},
	} {
		sagas, total, err := b.archive().Search(t.Context(), test.query, app.Page{First: 10})
		var got []string
		for _, found := range sagas {
			got = append(got, found.ID)
		}
		if diff := cmp.Diff(test.want, got); err != nil || diff != "" || total != len(test.want) {
			t.Errorf("%s: total %d, %v\n%s", name, total, err, diff)
		}
	}
	census, err := b.archive().Census(t.Context(), start)
	if want := (app.Census{Running: 1, NeedsOperator: 1}); err != nil || census != want {
		t.Errorf("%+v, %v; want %+v", census, err, want)
	}
}

// A return that needs an operator has said so itself; one that is silent otherwise is told of like an order.
func TestASilentReturnIsToldOf(t *testing.T) {
	b := open(t)
	id := uuid.New()
	for _, e := range needy(uuid.New()) {
		b.record(e, start)
	}
	b.record(ofReturn("ordering.return.requested", "", id, 1), start)
	told := b.alarm(start.Add(time.Second))
	if len(told) != 1 || told[0].Subject != id.String() || !bytes.Contains(told[0].Data, []byte(`"kind":"RETURN"`)) {
		t.Errorf("told %v", told)
	}
	b.record(told[0], start.Add(2*time.Minute))
	if s := b.saga(id.String()); s.Sequence != 2 || !s.LastFactAt.Equal(start) {
		t.Errorf("sequence %d, last fact at %v", s.Sequence, s.LastFactAt)
	}
}

func TestWhatAReturnIsForIsBlotted(t *testing.T) {
	b := open(t)
	id := uuid.New()
	b.record(ofReturn("ordering.return.requested", "", id, 1), start)
	if envelope := b.facts(id.String())[0].Envelope; bytes.Contains(envelope, []byte("crack")) {
		t.Errorf("kept %s", envelope)
	}
}

// What is told again with remarks, steps and stalls is what it was: also what is kept beside for searching.
func TestASagaToldAgainIsWhatItWas(t *testing.T) {
	b := open(t)
	id, order := uuid.New(), uuid.New()
	stuck := fact("chronicle.saga.stuck", order, 1)
	told := append(needy(id), fact("inventory.stock.reserved", order, 1), fact("billing.payment.stalled", order, 2), stuck)
	for i, e := range told {
		b.record(e, start.Add(time.Duration(i)*time.Second))
	}
	type row struct {
		Saga    saga.Saga
		Columns json.RawMessage
		SKUs    []string
	}
	rows := func() (all []row) {
		for _, id := range []uuid.UUID{id, order} {
			r := row{Saga: b.saga(id.String())}
			if err := b.db.QueryRow(t.Context(), `SELECT to_jsonb(sagas) FROM sagas WHERE id = $1`, id.String()).Scan(&r.Columns); err != nil {
				t.Fatal(err)
			}
			skus, err := b.archive().SKUs(t.Context(), []string{id.String()})
			if err != nil {
				t.Fatal(err)
			}
			r.SKUs = skus[id.String()]
			all = append(all, r)
		}
		return all
	}
	before := rows()
	if len(before[0].SKUs) == 0 || len(before[1].SKUs) != 0 {
		t.Errorf("SKUs are %v and %v", before[0].SKUs, before[1].SKUs)
	}
	if _, err := b.db.Exec(t.Context(), `UPDATE sagas SET state = 'LOST', stalled = NOT stalled, heard = '{}', order_id = NULL, sequence = 1`); err != nil {
		t.Fatal(err)
	}
	if _, err := b.db.Exec(t.Context(), `DELETE FROM saga_skus`); err != nil {
		t.Fatal(err)
	}
	err := b.db.InTx(t.Context(), func(tx pgx.Tx) error {
		store := postgres.NewRetelling(tx, acl.Read)
		if err := app.Rebuild(context.Background(), store, acl.Processes()["RETURN"], id.String()); err != nil {
			return err
		}
		return app.Rebuild(context.Background(), store, acl.Processes()["ORDER"], order.String())
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, rows(), cmpopts.IgnoreFields(saga.Saga{}, "Process")); diff != "" {
		t.Error(diff)
	}
}
