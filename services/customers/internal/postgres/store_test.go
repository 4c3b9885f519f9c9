package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/outbox"
	platform "quadrille.dev/platform/postgres"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/services/customers/internal/acl"
	"quadrille.dev/services/customers/internal/app"
	"quadrille.dev/services/customers/internal/customer"
	"quadrille.dev/services/customers/internal/postgres"
	"quadrille.dev/services/customers/migrations"
)

var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func open(t *testing.T) *platform.DB {
	t.Helper()
	db, err := platform.Open(t.Context(), testkit.Postgres(t), "customers")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if err := errors.Join(
		db.Migrate(t.Context(), "outbox", outbox.Migrations()),
		db.Migrate(t.Context(), "inbox", inbox.Migrations()),
		db.Migrate(t.Context(), "customers", migrations.FS),
	); err != nil {
		t.Fatal(err)
	}
	return db
}

func inTx(t *testing.T, db *platform.DB, use func(app.Store) error) error {
	t.Helper()
	return db.InTx(t.Context(), func(tx pgx.Tx) error { return use(postgres.New(tx, acl.Published)) })
}

func enrol(t *testing.T, db *platform.DB, email string) customer.ID {
	t.Helper()
	id := customer.ID(uuid.New())
	account := app.Account{
		ID: id, Profile: customer.Profile{Email: email, Name: "Mary"}, Tier: customer.Premium,
		Roles: []customer.Role{customer.Buyer, customer.Operator}, Password: "hash of " + email,
	}
	if err := inTx(t, db, func(store app.Store) error { return app.Enrol(t.Context(), store, account, now) }); err != nil {
		t.Fatal(err)
	}
	return id
}

// What is read again is what the events made.
func TestStoreKeepsCustomers(t *testing.T) {
	db := open(t)
	id := enrol(t, db, "Mary@quadrille.test")
	address := customer.Address{ID: uuid.New(), Name: "M", Street: "S", City: "C", PostalCode: "P", CountryCode: "GB"}
	var want customer.Customer
	err := inTx(t, db, func(store app.Store) (err error) {
		if _, err = app.UpdateProfile(t.Context(), store, id, nil, new("123"), now); err != nil {
			return err
		}
		want, err = app.AddAddress(t.Context(), store, id, address, now)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	got, password, err := postgres.NewDirectory(db).Find(t.Context(), "MARY@quadrille.test")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if want.Version != 5 || password != "hash of Mary@quadrille.test" {
		t.Errorf("version %d, password %q", want.Version, password)
	}
}

func TestEnrolTwice(t *testing.T) {
	db := open(t)
	id := enrol(t, db, "mary@quadrille.test")
	err := inTx(t, db, func(store app.Store) error {
		return app.Enrol(t.Context(), store, app.Account{ID: id, Profile: customer.Profile{Email: "other@quadrille.test"}}, now)
	})
	if err != nil {
		t.Fatal(err)
	}
	var facts int
	if err := db.QueryRow(t.Context(), `SELECT count(*) FROM outbox`).Scan(&facts); err != nil || facts != 3 {
		t.Errorf("%d facts, %v", facts, err)
	}
}

func TestEmailsAreUnique(t *testing.T) {
	db := open(t)
	enrol(t, db, "mary@quadrille.test")
	err := inTx(t, db, func(store app.Store) error {
		claim := app.Claim{Key: uuid.New(), Digest: []byte{1}, Customer: customer.ID(uuid.New())}
		profile := customer.Profile{Email: "MARY@quadrille.test"}
		_, _, err := app.Register(t.Context(), store, app.Registration{Claim: claim, Profile: profile}, now)
		return err
	})
	if !errors.Is(err, app.ErrEmailTaken) {
		t.Errorf("got %v", err)
	}
	var claims int
	if err := db.QueryRow(t.Context(), `SELECT count(*) FROM claim`).Scan(&claims); err != nil || claims != 0 {
		t.Errorf("%d claims, %v", claims, err)
	}
}

func TestUnknownCustomer(t *testing.T) {
	db := open(t)
	id := customer.ID(uuid.New())
	err := inTx(t, db, func(store app.Store) error {
		_, err := app.SetTier(t.Context(), store, id, customer.VIP, now)
		return err
	})
	if !errors.Is(err, app.ErrNoCustomer) {
		t.Errorf("set tier: %v", err)
	}
	if _, err := postgres.NewDirectory(db).Password(t.Context(), id); !errors.Is(err, app.ErrNoCustomer) {
		t.Errorf("password: %v", err)
	}
}

// Instances that start at once must sign with one key.
func TestSecretIsShared(t *testing.T) {
	db := open(t)
	secrets := make(chan []byte, 10)
	for range cap(secrets) {
		go func() {
			secret, err := postgres.Secret(context.WithoutCancel(t.Context()), db, "key", 32)
			if err != nil {
				t.Error(err)
			}
			secrets <- secret
		}()
	}
	first := <-secrets
	for range cap(secrets) - 1 {
		if diff := cmp.Diff(first, <-secrets); diff != "" {
			t.Error("two secrets of one name")
		}
	}
	if other, err := postgres.Secret(t.Context(), db, "other", 32); err != nil || cmp.Equal(other, first) || len(other) != 32 {
		t.Errorf("other secret: %v", err)
	}
}
