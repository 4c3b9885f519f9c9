package postgres_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/money"
	"quadrille.dev/platform/outbox"
	platform "quadrille.dev/platform/postgres"
	"quadrille.dev/platform/prune"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/services/ordering/internal/acl"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/app/storetest"
	"quadrille.dev/services/ordering/internal/history"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/postgres"
	"quadrille.dev/services/ordering/migrations"
)

var (
	at  = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ada = order.CustomerID{UUID: uuid.MustParse("01940000-0000-7000-8000-0000000000aa")}
)

// visa is how it is paid.
const visa = "pm_card_visa"

// open makes an empty database of ordering's.
func open(t *testing.T, options ...platform.Option) (*platform.DB, *postgres.Books) {
	t.Helper()
	db, err := platform.Open(t.Context(), testkit.Postgres(t), "ordering", options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if err := db.Migrate(t.Context(), "outbox", outbox.Migrations()); err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), "inbox", inbox.Migrations()); err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), "ordering", migrations.FS); err != nil {
		t.Fatal(err)
	}
	return db, postgres.Open(db, acl.Published)
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Do {
		t.Parallel()
		db, books := open(t)
		return func(use func(app.Store) error) ([]event.Envelope, error) {
			if err := books.InTx(t.Context(), use); err != nil {
				return nil, err
			}
			return drain(t.Context(), db)
		}
	})
}

// drain takes the facts out of the outbox.
func drain(ctx context.Context, db *platform.DB) ([]event.Envelope, error) {
	rows, err := db.Query(ctx, `
		WITH gone AS (DELETE FROM outbox RETURNING position, envelope, exchange) SELECT envelope, exchange FROM gone ORDER BY position`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (event.Envelope, error) {
		var (
			body []byte
			to   string
		)
		if err := row.Scan(&body, &to); err != nil {
			return event.Envelope{}, err
		}
		envelope, err := event.Decode(body)
		envelope.To = to
		return envelope, err
	})
}

func placing(id order.ID, number string, key uuid.UUID) app.Placing {
	price := money.Money{Minor: 425, Currency: "GBP"}
	return app.Placing{
		Request: app.Request{Principal: "ada", Mutation: "placeOrder", Key: key},
		ID:      id,
		Placement: order.Placement{
			Number: number, CustomerID: ada, Lines: []order.Line{{SKU: "CUP", Quantity: 1, UnitPrice: price, LineTotal: price}},
			Discount: money.Money{Currency: "GBP"}, Total: price, PaymentToken: visa, PricedFrom: order.Live,
			ShippingAddress: order.Address{Name: "Ada Byron", Street: "1 Row", City: "London", PostalCode: "N1", CountryCode: "GB"},
			Deadline:        at.Add(time.Minute),
		},
	}
}

func newID() order.ID { return order.ID{UUID: uuid.New()} }

// atOnce runs f several times at once.
func atOnce(times int, f func(i int)) {
	var group sync.WaitGroup
	for i := range times {
		group.Go(func() { f(i) })
	}
	group.Wait()
}

// One request that comes many times at once places one order, and all are answered with it.
func TestOneRequestAtOncePlacesOneOrder(t *testing.T) {
	t.Parallel()
	db, books := open(t)
	key := uuid.New()
	answers := make([]app.Answer, 8)
	atOnce(len(answers), func(i int) {
		err := books.InTx(t.Context(), func(store app.Store) (err error) {
			answers[i], err = app.Place(t.Context(), store, placing(newID(), "", key), at)
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	fresh := 0
	for _, answer := range answers {
		if !answer.Replayed {
			fresh++
		}
		if answer.Order.ID != answers[0].Order.ID {
			t.Errorf("orders %s and %s", answer.Order.ID, answers[0].Order.ID)
		}
	}
	facts, err := drain(t.Context(), db)
	if fresh != 1 || len(facts) != 1 || err != nil {
		t.Errorf("%d placed, %d facts, %v", fresh, len(facts), err)
	}
}

// The goods leave, the customer cancels and the deadline passes, all at once: there is one decision.
func TestOneDecisionAtOnce(t *testing.T) {
	t.Parallel()
	db, books := open(t)
	for range 10 {
		id := newID()
		do := func(use func(app.Store) error) {
			if err := books.InTx(t.Context(), use); err != nil && !errors.Is(err, order.ErrFulfilled) {
				t.Error(err)
			}
		}
		do(func(store app.Store) error {
			_, err := app.Place(t.Context(), store, placing(id, "", uuid.New()), at)
			return err
		})
		atOnce(6, func(i int) {
			switch i % 3 {
			case 0:
				do(func(store app.Store) error { return app.HearStockDeducted(t.Context(), store, id, at) })
			case 1:
				do(func(store app.Store) error {
					cancelling := app.Cancelling{
						Request: app.Request{Principal: "ada", Mutation: "cancelOrder", Key: uuid.New()}, ID: id, By: order.ByCustomer, Customer: ada,
					}
					_, err := app.Cancel(t.Context(), store, cancelling, at)
					return err
				})
			case 2:
				do(func(store app.Store) error {
					_, err := app.Expire(t.Context(), store, at.Add(time.Hour), 5)
					return err
				})
			}
		})
		facts, err := drain(t.Context(), db)
		if err != nil || len(facts) != 2 {
			t.Errorf("%d facts, %v", len(facts), err)
		}
	}
}

// Every order in the tables is what its events tell, and nothing personal is left of an erased customer.
func TestErasedCustomerIsGoneFromTheTables(t *testing.T) {
	t.Parallel()
	db, books := open(t)
	id := newID()
	use := func(use func(app.Store) error) {
		t.Helper()
		if err := books.InTx(t.Context(), use); err != nil {
			t.Fatal(err)
		}
	}
	use(func(store app.Store) error {
		_, err := app.Place(t.Context(), store, placing(id, "Q-1", uuid.New()), at)
		return err
	})
	use(func(store app.Store) error {
		cancelling := app.Cancelling{
			ID: id, By: order.ByCustomer, Customer: ada, Reason: "Ada is away",
			Request: app.Request{Principal: ada.String(), Mutation: "cancelOrder", Key: uuid.New()},
		}
		_, err := app.Cancel(t.Context(), store, cancelling, at)
		return err
	})
	personal := []string{"Ada Byron", "Ada is away", "1 Row", "London", "N1", "pm_card_visa"}
	if len(testkit.Search(t, db.Config().ConnString(), personal...)) < len(personal) {
		t.Fatal("there is nothing to erase")
	}
	use(func(store app.Store) error { return app.Erase(t.Context(), store, ada, at) })
	for _, where := range testkit.Search(t, db.Config().ConnString(), personal...) {
		t.Error(where)
	}
	facts, err := drain(t.Context(), db)
	if err != nil || len(facts) != 2 {
		t.Errorf("%d facts left to publish, %v", len(facts), err)
	}
}

// A request that was priced before the customer was erased places nothing after it, and what is said after it is not kept.
func TestTheErasedAreHeldToIt(t *testing.T) {
	t.Parallel()
	db, books := open(t)
	before := newID()
	err := books.InTx(t.Context(), func(store app.Store) error {
		_, err := app.Place(t.Context(), store, placing(before, "Q-1", uuid.New()), at)
		return errors.Join(err, app.Erase(t.Context(), store, ada, at))
	})
	if err != nil {
		t.Fatal(err)
	}
	err = books.InTx(t.Context(), func(store app.Store) error {
		_, err := app.Place(t.Context(), store, placing(newID(), "Q-2", uuid.New()), at)
		return err
	})
	if !errors.Is(err, app.ErrErased) {
		t.Errorf("placed: %v", err)
	}
	err = books.InTx(t.Context(), func(store app.Store) error {
		cancelling := app.Cancelling{ID: before, By: order.ByOperator, Reason: "Ada is away"}
		_, err := app.Cancel(t.Context(), store, cancelling, at)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, where := range testkit.Search(t, db.Config().ConnString(), "Ada Byron", "Ada is away", "1 Row") {
		t.Error(where)
	}
}

// No payment token is kept but in the order itself.
func TestRequestsKeepNoToken(t *testing.T) {
	t.Parallel()
	db, books := open(t)
	err := books.InTx(t.Context(), func(store app.Store) error {
		_, err := app.Place(t.Context(), store, placing(newID(), "Q-1", uuid.New()), at)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var kept string
	if err := db.QueryRow(t.Context(), `SELECT string_agg(requests::text, '') FROM requests`).Scan(&kept); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(kept, "pm_") {
		t.Error(kept)
	}
}

func TestEventsInAnUnknownFormAreRefused(t *testing.T) {
	t.Parallel()
	db, books := open(t)
	id := newID()
	err := books.InTx(t.Context(), func(store app.Store) error {
		_, err := app.Place(t.Context(), store, placing(id, "Q-1", uuid.New()), at)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(t.Context(), `UPDATE order_events SET schema_version = 99`); err != nil {
		t.Fatal(err)
	}
	if _, err := books.Orders(t.Context(), []order.ID{id}); !errors.Is(err, history.ErrUnreadable) {
		t.Errorf("got %v, want ErrUnreadable", err)
	}
}

// An order as the first program that was ever deployed has left it, in the middle of its saga. These statements stay as they are:
// what was written is not written again.
func TestAnOrderThatAnOlderBuildPlacedIsFulfilledByThisOne(t *testing.T) {
	t.Parallel()
	db, books := open(t)
	const id = "01940000-0000-7000-8000-000000000001"
	for _, statement := range []string{
		`INSERT INTO orders (order_id, customer_id, number, placed_at, version)
		VALUES ('` + id + `', '01940000-0000-7000-8000-0000000000aa', 'Q-00000001', '2026-03-01T12:00:00Z', 2)`,
		`INSERT INTO order_events (order_id, version, type, schema_version, data, at) VALUES
		('` + id + `', 1, 'placed', 1, '{"number":"Q-00000001","customerId":"01940000-0000-7000-8000-0000000000aa","lines":[{"sku":"CUP",
			"quantity":2,"unitPrice":{"minorUnits":425,"currency":"GBP"},"lineTotal":{"minorUnits":850,"currency":"GBP"}}],
			"discount":{"minorUnits":50,"currency":"GBP"},"total":{"minorUnits":800,"currency":"GBP"},
			"shippingAddress":{"name":"Ada","street":"1 Row","city":"London","postalCode":"N1","countryCode":"GB"},
			"paymentToken":"pm_card_visa","pricedFrom":"CACHED","deadline":"2026-03-01T12:15:00Z"}', '2026-03-01T12:00:00Z'),
		('` + id + `', 2, 'stockReleased', 1, '{}', '2026-03-01T12:00:01Z')`,
		`INSERT INTO deadlines (order_id, due_at) VALUES ('` + id + `', '2026-03-01T12:15:00Z')`,
	} {
		if _, err := db.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	placed := order.ID{UUID: uuid.MustParse(id)}
	err := books.InTx(t.Context(), func(store app.Store) error { return app.HearStockDeducted(t.Context(), store, placed, at) })
	if err != nil {
		t.Fatal(err)
	}
	facts, err := drain(t.Context(), db)
	if err != nil || len(facts) != 1 || facts[0].Name() != "ordering.order.fulfilled" {
		t.Errorf("%v, %v", facts, err)
	}
}

func TestNumbersRise(t *testing.T) {
	t.Parallel()
	_, books := open(t)
	for _, want := range []string{"Q-00000001", "Q-00000002"} {
		var answer app.Answer
		err := books.InTx(t.Context(), func(store app.Store) (err error) {
			answer, err = app.Place(t.Context(), store, placing(newID(), "", uuid.New()), at)
			return err
		})
		if answer.Order.Number != want || err != nil {
			t.Errorf("got %s, %v, want %s", answer.Order.Number, err, want)
		}
	}
}

// A fact is stored with the order that it tells of: data as the envelope has it is what the events hold.
func TestPlacedFactCarriesTheOrder(t *testing.T) {
	t.Parallel()
	db, books := open(t)
	id := newID()
	err := books.InTx(t.Context(), func(store app.Store) error {
		_, err := app.Place(t.Context(), store, placing(id, "Q-1", uuid.New()), at)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	facts, err := drain(t.Context(), db)
	if err != nil || len(facts) != 1 {
		t.Fatal(len(facts), err)
	}
	var data struct {
		OrderID order.ID
		Number  string
		Payment struct{ Token string }
	}
	if err := json.Unmarshal(facts[0].Data, &data); err != nil || data.OrderID != id || data.Number != "Q-1" || data.Payment.Token != "pm_card_visa" {
		t.Errorf("got %+v, %v", data, err)
	}
}

func TestRequestsAreForgottenWhenTheyAreNotAnsweredAgain(t *testing.T) {
	t.Parallel()
	db, books := open(t)
	now := time.Now()
	for age, want := range map[time.Duration]bool{app.KeptFor - time.Minute: true, app.KeptFor + time.Minute: false} {
		p := placing(newID(), age.String(), uuid.New())
		err := books.InTx(t.Context(), func(store app.Store) error {
			_, _, err := store.Claim(t.Context(), p.Request, p.ID.UUID, now.Add(-age))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := prune.New(prune.Config{DB: db, Tables: []prune.Table{postgres.Kept()}}).Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, kept, err := books.Answered(t.Context(), p.Request, now.Add(-age)); kept != want || err != nil {
			t.Errorf("kept %t, %v after %s", kept, err, age)
		}
	}
}
