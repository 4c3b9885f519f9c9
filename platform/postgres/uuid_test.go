package postgres_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/testkit"
)

func TestUUIDsComeBackAsTheyWere(t *testing.T) {
	db := open(t, testkit.Postgres(t))
	one, none := uuid.New(), uuid.New()
	untouched := none
	var text string
	var null, known *uuid.UUID
	var many []uuid.UUID
	err := db.QueryRow(t.Context(), `SELECT $1::uuid, $1::uuid::text, NULL::uuid, NULL::uuid, $1::uuid, $2::uuid[]`, one, []uuid.UUID{one, uuid.Nil}).
		Scan(&one, &text, &none, &null, &known, &many)
	if err != nil {
		t.Fatal(err)
	}
	if text != one.String() || none != untouched || null != nil || *known != one || !slices.Equal(many, []uuid.UUID{one, uuid.Nil}) {
		t.Errorf("%s came back as %s, %s, %v, %v, %v", one, text, none, null, known, many)
	}
	var absent *uuid.UUID
	var missing bool
	if err := db.QueryRow(t.Context(), `SELECT $1::uuid IS NULL`, absent).Scan(&missing); err != nil || !missing {
		t.Errorf("a pointer to none is not null: %t, %v", missing, err)
	}
}

// What is said in words, as without prepared statements, is read too.
func TestUUIDsAreReadFromText(t *testing.T) {
	db := open(t, testkit.Postgres(t))
	want := uuid.New()
	var got uuid.UUID
	if err := db.QueryRow(t.Context(), `SELECT $1::uuid`, pgx.QueryExecModeSimpleProtocol, want).Scan(&got); err != nil || got != want {
		t.Errorf("%s came back as %s: %v", want, got, err)
	}
}
