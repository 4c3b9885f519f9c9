package provision_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/stack/internal/provision"
)

// databases provisions databases of the test's own for all contexts.
func databases(t *testing.T) map[string]string {
	t.Helper()
	server := provision.Postgres{URL: testkit.Postgres(t), Prefix: "test_" + strings.ToLower(rand.Text()[:12]) + "_"}
	t.Cleanup(func() {
		if err := server.Drop(context.Background(), rabbit.Contexts); err != nil {
			t.Error(err)
		}
	})
	secret := func(name string) string { return "it's the secret of " + name }
	if _, err := server.Databases(t.Context(), rabbit.Contexts, secret); err != nil {
		t.Fatal(err)
	}
	// A second run finds them there.
	urls, err := server.Databases(t.Context(), rabbit.Contexts, secret)
	if err != nil {
		t.Fatal(err)
	}
	return urls
}

func TestARoleConnectsToItsOwnDatabaseAlone(t *testing.T) {
	t.Parallel()
	urls := databases(t)
	for role, own := range urls {
		for owner, other := range urls {
			err := connect(t, own, other)
			if role == owner && err != nil {
				t.Errorf("%s cannot work in its own database: %v", role, err)
			}
			var refusal *pgconn.PgError
			if role != owner && (!errors.As(err, &refusal) || refusal.Code != "42501") {
				t.Errorf("%s connects to the database of %s: %v", role, owner, err)
			}
		}
	}
}

// connect makes a table as the role of one URL in the database of another.
func connect(t *testing.T, role, database string) error {
	t.Helper()
	config, err := pgx.ParseConfig(role)
	if err != nil {
		t.Fatal(err)
	}
	other, err := pgx.ParseConfig(database)
	if err != nil {
		t.Fatal(err)
	}
	config.Database = other.Database
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		return err
	}
	defer conn.Close(t.Context())
	_, err = conn.Exec(t.Context(), "CREATE TABLE mine (id bigint)")
	return err
}

func TestARoleHasNoPowerOverOthers(t *testing.T) {
	t.Parallel()
	urls := databases(t)
	conn, err := pgx.Connect(t.Context(), urls["ordering"])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var powerful bool
	err = conn.QueryRow(t.Context(), `SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = current_user`).Scan(&powerful)
	if err != nil || powerful {
		t.Errorf("powerful: %t, %v", powerful, err)
	}
}
