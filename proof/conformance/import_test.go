package conformance

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"testing"

	"quadrille.dev/proof/system"
	"quadrille.dev/stack/importer"
)

// sliceLines is how much of the week is imported, and then the rest of the last invoice.
const sliceLines = 400

// aRealWeekIsTraded imports the first invoices of the real week, when it is there, and then the same again.
func aRealWeekIsTraded(t *testing.T) {
	t.Parallel()
	slice := weekSlice(t)
	config := importer.Config{
		File: slice, URL: quadrille.URL("gateway") + "/graphql", Email: system.Olga, Password: "quadrille",
		Out: t.TempDir(), Progress: func(string, int, int) {},
	}
	report, err := importer.Run(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	rejected := 0
	for _, count := range report.Rejected {
		rejected += count
	}
	if report.Taken+report.Returns+report.Refused+rejected != report.Lines || report.Lines < sliceLines {
		t.Errorf("the rows do not add up: %+v", report)
	}
	if report.Fulfilled != report.Orders || report.Orders == 0 || report.Refused != 0 || report.Replayed != 0 {
		t.Errorf("not every invoice is fulfilled: %+v", report)
	}
	again, err := importer.Run(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	if again.Replayed != report.Orders || again.Taken != report.Taken {
		t.Errorf("the second run placed something: %+v, after %+v", again, report)
	}
}

// weekSlice writes the first invoices of the week to a file. Without the week there is nothing to import; its place is beside the
// project, or where QUADRILLE_WEEK says.
func weekSlice(t *testing.T) string {
	t.Helper()
	path := os.Getenv("QUADRILLE_WEEK")
	if path == "" {
		path = "../../../shared/data/online-retail.csv"
	}
	week, err := os.Open(path)
	if err != nil {
		t.Skipf("the real week is not here: %v", err)
	}
	defer week.Close()
	rows, err := csv.NewReader(week).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	end := sliceLines
	for end < len(rows) && rows[end][0] == rows[end-1][0] {
		end++
	}
	out, err := os.Create(filepath.Join(t.TempDir(), "slice.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := csv.NewWriter(out).WriteAll(rows[:end]); err != nil {
		t.Fatal(err)
	}
	return out.Name()
}
