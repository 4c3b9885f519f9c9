package password_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"

	"quadrille.dev/services/customers/internal/password"
)

func TestHashAndVerify(t *testing.T) {
	h := password.NewHasher(1)
	stored, err := h.Hash(t.Context(), "quadrille")
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`).MatchString(stored) {
		t.Errorf("stored %q", stored)
	}
	for given, want := range map[string]bool{"quadrille": true, "Quadrille": false, "": false, "quadrille ": false} {
		if got, err := h.Verify(t.Context(), stored, given); got != want || err != nil {
			t.Errorf("%q: %v, %v", given, got, err)
		}
	}
}

func TestSaltsDiffer(t *testing.T) {
	h := password.NewHasher(1)
	one, _ := h.Hash(t.Context(), "quadrille")
	two, _ := h.Hash(t.Context(), "quadrille")
	if one == two {
		t.Error("two hashes of one password are equal")
	}
}

// The example of the Argon2 reference implementation, so that hashes of others can be taken over.
func TestVerifyKnownHash(t *testing.T) {
	const known = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if ok, err := password.NewHasher(1).Verify(t.Context(), known, "password"); !ok || err != nil {
		t.Errorf("got %v, %v", ok, err)
	}
}

func TestNoStoredHashIsNeverRight(t *testing.T) {
	h := password.NewHasher(1)
	for _, given := range []string{"", "quadrille"} {
		if ok, err := h.Verify(t.Context(), "", given); ok || err != nil {
			t.Errorf("%q: %v, %v", given, ok, err)
		}
	}
}

func TestUnreadable(t *testing.T) {
	good, err := password.NewHasher(1).Hash(t.Context(), "quadrille")
	if err != nil {
		t.Fatal(err)
	}
	for _, stored := range []string{
		"x", "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ", strings.Replace(good, "argon2id", "argon2i", 1),
		strings.Replace(good, "v=19", "v=16", 1), strings.Replace(good, "t=2", "t=0", 1),
		strings.Replace(good, "m=19456", "m=4194304", 1), strings.Replace(good, "p=1", "p=0", 1), good + "!",
	} {
		if _, err := password.NewHasher(1).Verify(t.Context(), stored, "quadrille"); !errors.Is(err, password.ErrUnreadable) {
			t.Errorf("%s: %v", stored, err)
		}
	}
}

func TestWaitingEndsWithTheCaller(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := password.NewHasher(0).Hash(ctx, "quadrille"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
