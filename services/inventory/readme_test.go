package inventory_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/event"
	"quadrille.dev/services/inventory"
	"quadrille.dev/services/inventory/internal/app"
)

// table is the first column of the table under a heading of README.md.
func table(t *testing.T, heading string) []string {
	t.Helper()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(readme), "\n## "+heading+"\n")
	if !found {
		t.Fatalf("README.md has no %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var column []string
	for line := range strings.Lines(section) {
		if cells := strings.Split(line, "|"); len(cells) > 2 && !strings.HasPrefix(cells[1], "-") {
			column = append(column, strings.TrimSpace(cells[1]))
		}
	}
	return column[1:]
}

func TestReadmeListsTheFacts(t *testing.T) {
	heard := slices.Concat(table(t, "Facts in"), table(t, "Commands"))
	if diff := cmp.Diff(slices.Sorted(slices.Values(inventory.Facts())), slices.Sorted(slices.Values(heard))); diff != "" {
		t.Error("facts in and commands (-routes +README.md):\n" + diff)
	}
	if diff := cmp.Diff(inventory.Published(), table(t, "Facts out")); diff != "" {
		t.Error("facts out (-published +README.md):\n" + diff)
	}
}

// What is listed as published is what is said, when every branch is taken.
func TestPublishedIsWhatIsSaid(t *testing.T) {
	said := map[string]bool{audit.Fact("inventory"): true} // what operators do is said by the RPCs
	for _, branch := range []struct {
		cups  int64
		facts []string
	}{
		{2, []string{"ordering.order.placed", "fulfillment.shipment.arranged", "billing.payment.refunded"}},
		{2, []string{"ordering.order.placed", "billing.payment.declined"}},
		{1, []string{"ordering.order.placed"}},
		{2, []string{
			"ordering.order.placed", "fulfillment.shipment.arranged", "ordering.return.restock", "ordering.return.withdrawStock",
		}},
	} {
		participant := inventory.Participant(map[string]int64{"CUP": branch.cups, "JUG": 1})
		published, err := participant.Do(func(store app.Store) error {
			_, err := app.Receive(t.Context(), store, app.Delivery{SKU: "TEA", Quantity: 1, Reference: "note"}, at)
			return err
		})
		for _, name := range branch.facts {
			if err != nil {
				t.Fatal(err)
			}
			var more []event.Envelope
			more, err = participant.Deliver(t.Context(), fact(name, 1), at)
			published = append(published, more...)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range published {
			said[f.Name()] = true
		}
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(inventory.Published())), slices.Sorted(maps.Keys(said))); diff != "" {
		t.Error("listed and said differ (-listed +said):\n" + diff)
	}
}
