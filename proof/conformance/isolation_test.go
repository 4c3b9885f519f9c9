package conformance

import (
	"errors"
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"quadrille.dev/platform/rabbit"
)

// noRoleCanConnectToAnotherDatabase shows that a shared database is not merely avoided but impossible.
func noRoleCanConnectToAnotherDatabase(t *testing.T) {
	t.Parallel()
	for _, role := range rabbit.Contexts {
		for _, database := range rabbit.Contexts {
			if role == database {
				continue
			}
			theirs, err := url.Parse(quadrille.DatabaseURL(database))
			if err != nil {
				t.Fatal(err)
			}
			trespass, err := url.Parse(quadrille.DatabaseURL(role))
			if err != nil {
				t.Fatal(err)
			}
			trespass.Path = theirs.Path
			conn, err := pgx.Connect(t.Context(), trespass.String())
			if err == nil {
				conn.Close(t.Context())
				t.Errorf("the role of %s can connect to the database of %s", role, database)
				continue
			}
			var refused *pgconn.PgError
			if !errors.As(err, &refused) || refused.Code != "42501" {
				t.Errorf("the role of %s at the database of %s: %v; want insufficient privilege", role, database, err)
			}
		}
	}
}
