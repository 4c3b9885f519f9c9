package backup_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"quadrille.dev/platform/testkit"
	"quadrille.dev/stack/internal/backup"
)

func TestABackupHoldsEachContextAndIsNotOverwritten(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "backup")
	urls := map[string]string{"ordering": testkit.Postgres(t), "billing": testkit.Postgres(t), "inventory": testkit.Postgres(t)}
	if _, err := backup.Take(t.Context(), dir, urls); err != nil {
		t.Fatal(err)
	}
	held, err := backup.Read(dir)
	slices.Sort(held.Contexts)
	if err != nil || !slices.Equal(held.Contexts, []string{"billing", "inventory", "ordering"}) {
		t.Errorf("holds %v, %v", held.Contexts, err)
	}
	for _, context := range held.Contexts {
		if dump, err := os.Stat(filepath.Join(dir, context+".dump")); err != nil || dump.Size() == 0 || dump.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", context, dump, err)
		}
	}
	if _, err := backup.Take(t.Context(), dir, urls); !errors.Is(err, backup.ErrThere) {
		t.Errorf("taken again: %v", err)
	}
}

// A directory without a manifest holds no backup, though one of the databases was written into it.
func TestABackupThatFailsIsNone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "backup")
	gone := testkit.Postgres(t) + "_gone"
	if _, err := backup.Take(t.Context(), dir, map[string]string{"ordering": testkit.Postgres(t), "billing": gone}); err == nil {
		t.Error("it did not fail")
	}
	if _, err := backup.Read(dir); err == nil {
		t.Error("it holds a backup")
	}
}
