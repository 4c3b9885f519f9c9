package explore_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/proof/explore"
	"quadrille.dev/schema"
)

var (
	see        = sync.OnceValues(explore.See)
	seeReturns = sync.OnceValues(explore.SeeReturns)
)

func TestReadmesTellWhatTheExplorerSaw(t *testing.T) {
	t.Parallel()
	seen, err := see()
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join("..", "..")
	returns, err := seeReturns()
	if err != nil {
		t.Fatal(err)
	}
	documents, err := explore.Documents(root, seen, returns)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range documents {
		is, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(is)); diff != "" {
			t.Errorf("%s is stale, run make generate (-seen +written):\n%s", name, diff)
		}
	}
}

// What the schemas say of the process is what was seen: each fact was brought about by all that it is declared to wait for, and by
// nothing that it, or what it waits for, is not declared to wait for. What a context says because of its own facts nobody else sees.
func TestWhatSchemasDeclareIsWhatIsSeen(t *testing.T) {
	t.Parallel()
	seen, err := see()
	if err != nil {
		t.Fatal(err)
	}
	declared := map[string][]string{}
	for _, e := range schema.Events() {
		if e.Saga != nil && !strings.HasSuffix(e.Name, ".stalled") {
			declared[e.Name] = slices.Concat(e.Saga.After...)
		}
	}
	for fact, after := range declared {
		for _, before := range after {
			own := strings.HasPrefix(before, fact[:strings.IndexByte(fact, '.')+1])
			if !own && !seen.Leads[explore.Lead{From: before, To: fact}] {
				t.Errorf("%s is declared to wait for %s, which was never seen to lead to it", fact, before)
			}
		}
	}
	for lead := range seen.Leads {
		after, inSaga := declared[lead.To]
		if people := !strings.Contains(lead.From, "."); inSaga && !people && !slices.Contains(after, lead.From) {
			t.Errorf("%s leads to %s, which is not declared to wait for it", lead.From, lead.To)
		}
	}
}
