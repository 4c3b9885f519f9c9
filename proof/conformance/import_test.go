package conformance

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
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
	returned := report.Returned
	if returned.Requested == 0 || returned.Completed != returned.Requested || returned.Replayed != 0 {
		t.Errorf("not every credit note of goods that were bought is paid back: %+v", returned)
	}
	again, err := importer.Run(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	if again.Replayed != report.Orders || again.Taken != report.Taken {
		t.Errorf("the second run placed something: %+v, after %+v", again, report)
	}
	if again.Returned.Replayed != returned.Requested || again.Returned.Refunded != returned.Refunded {
		t.Errorf("the second run returned something: %+v, after %+v", again.Returned, returned)
	}
}

// weekSlice writes the first invoices of the week to a file, and the first credit notes of goods that were bought in that week with the
// invoices by which they were. Without the week there is nothing to import; its place is beside the
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
	chosen := map[string]bool{}
	for _, row := range rows[:sliceLines] {
		chosen[row[0]] = true
	}
	matched(rows[1:], chosen)
	slice := slices.DeleteFunc(rows, func(row []string) bool { return !chosen[row[0]] })
	out, err := os.Create(filepath.Join(t.TempDir(), "slice.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := csv.NewWriter(out).WriteAll(slice); err != nil {
		t.Fatal(err)
	}
	return out.Name()
}

// matched chooses a few credit notes whose customer has bought the goods before, and the invoices of that.
func matched(rows [][]string, chosen map[string]bool) {
	const invoice, sku, customer, enough = 0, 1, 6, 5
	bought := map[[2]string]string{}
	for notes, i := 0, 0; i < len(rows) && notes < enough; i++ {
		row := rows[i]
		goods := [2]string{row[customer], strings.ToUpper(row[sku])}
		switch by := bought[goods]; {
		case row[customer] == "":
		case !strings.HasPrefix(row[invoice], "C"):
			bought[goods] = row[invoice]
		case by != "" && !chosen[row[invoice]]:
			chosen[row[invoice]], chosen[by] = true, true
			notes++
		}
	}
}
