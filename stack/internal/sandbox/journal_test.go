package sandbox

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type entry struct{ Name string }

func open(t *testing.T, path string) (*Journal[entry], []entry) {
	t.Helper()
	var found []entry
	j, err := OpenJournal(path, func(e entry) { found = append(found, e) })
	if err != nil {
		t.Fatal(err)
	}
	return j, found
}

func TestJournalIsReadBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deeper", "journal")
	j, found := open(t, path)
	if len(found) != 0 {
		t.Fatalf("a new journal holds %v", found)
	}
	for _, name := range []string{"a", "b"} {
		if err := j.Append(entry{name}); err != nil {
			t.Fatal(err)
		}
	}
	// The first one is not closed, as after a kill.
	second, found := open(t, path)
	if diff := cmp.Diff([]entry{{"a"}, {"b"}}, found); diff != "" {
		t.Error(diff)
	}
	if err := errors.Join(j.Close(), second.Close()); err != nil {
		t.Error(err)
	}
	if err := j.Append(entry{"c"}); !errors.Is(err, ErrClosed) {
		t.Errorf("append after close: %v", err)
	}
}

func TestJournalCutsOffATornLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	if err := os.WriteFile(path, []byte("{\"Name\":\"whole\"}\n{\"Name\":\"to"), 0o644); err != nil {
		t.Fatal(err)
	}
	j, found := open(t, path)
	if diff := cmp.Diff([]entry{{"whole"}}, found); diff != "" {
		t.Error(diff)
	}
	if err := errors.Join(j.Append(entry{"next"}), j.Close()); err != nil {
		t.Fatal(err)
	}
	j, found = open(t, path)
	t.Cleanup(func() { _ = j.Close() })
	if diff := cmp.Diff([]entry{{"whole"}, {"next"}}, found); diff != "" {
		t.Error(diff)
	}
}

func TestJournalRefusesDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	if err := os.WriteFile(path, []byte("not JSON\n{\"Name\":\"b\"}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenJournal(path, func(entry) {}); err == nil {
		t.Error("a damaged journal was opened")
	}
}

func TestJournalTakesConcurrentAppends(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	j, _ := open(t, path)
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			if err := j.Append(entry{"x"}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j, found := open(t, path)
	t.Cleanup(func() { _ = j.Close() })
	if len(found) != 100 {
		t.Errorf("%d records of 100", len(found))
	}
}
