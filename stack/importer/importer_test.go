package importer

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/platform/money"
)

const dirty = `InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
1,85123A, WHITE  HEART ,6,12/1/10 8:26,2.55,17850,United Kingdom
1,85123a,WHITE HEART,2,12/1/10 8:26,2.95,17850,United Kingdom
1,POST,POSTAGE,1,12/1/10 8:26,18,17850,United Kingdom
2,85123A,WHITE HEART,1,12/1/10 8:30,2.55,,EIRE
3,22222,,-10,12/1/10 8:30,0,,United Kingdom
4,22222,damaged,1,12/1/10 8:30,0,,United Kingdom
5,22222,MUG,1,12/1/10 8:30,1.5,12,Atlantis
6,22222,MUG,many,12/1/10 8:30,1.5,12,France
7,22222,MUG,10001,12/1/10 8:30,1.5,12,France
8,22222
C9,85123A,WHITE HEART,-1,12/1/10 8:30,2.55,17850,United Kingdom
`

func TestReadGivesEveryRowOneFate(t *testing.T) {
	file, err := Read(strings.NewReader(dirty))
	if err != nil {
		t.Fatal(err)
	}
	got := map[int]Reason{}
	for _, reject := range file.Rejects {
		got[reject.Line] = reject.Reason
	}
	want := map[int]Reason{
		4: NotAProduct, 6: NegativeQuantity, 7: NoPrice, 8: UnmappedCountry, 9: Malformed, 10: OutOfRange, 11: Malformed,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rejects (-want +got):\n%s", diff)
	}
	if file.Lines() != 11 || file.Returns != 1 || file.Folded != 1 {
		t.Errorf("%d lines, %d returns, %d folded; want 11, 1, 1", file.Lines(), file.Returns, file.Folded)
	}
}

func TestReadRefusesAnotherFile(t *testing.T) {
	if _, err := Read(strings.NewReader("a,b\n1,2\n")); err == nil {
		t.Error("a file with other columns was read")
	}
}

func TestPlan(t *testing.T) {
	file, err := Read(strings.NewReader(dirty))
	if err != nil {
		t.Fatal(err)
	}
	got := Make(file)
	want := Plan{
		Products: []Product{{"85123A", "WHITE HEART", money.Money{Minor: 255, Currency: "GBP"}, 9}},
		Customers: []Customer{
			{"customer-17850@online-retail.test", "customer-17850", key("customer", "customer-17850@online-retail.test")},
			{"guest-2@online-retail.test", "guest-2", key("customer", "guest-2@online-retail.test")},
		},
		Orders: []Order{
			{"1", key("order", "1"), "customer-17850@online-retail.test", "GB", []Line{{"85123A", 8}}, 2},
			{"2", key("order", "2"), "guest-2@online-retail.test", "IE", []Line{{"85123A", 1}}, 1},
		},
		Merged: 1, Repriced: 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
}

// weekFile is where the real week is, beside the project, or where QUADRILLE_WEEK says.
func weekFile(t *testing.T) *os.File {
	path := os.Getenv("QUADRILLE_WEEK")
	if path == "" {
		path = "../../../shared/data/online-retail.csv"
	}
	file, err := os.Open(path)
	if err != nil {
		t.Skipf("the real week is not here: %v", err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}

func TestTheRealWeekAddsUp(t *testing.T) {
	file, err := Read(weekFile(t))
	if err != nil {
		t.Fatal(err)
	}
	if file.Lines() != 14_553 {
		t.Errorf("%d rows, want 14,553", file.Lines())
	}
	plan := Make(file)
	var rows, quantity, stock int
	for _, order := range plan.Orders {
		rows += order.Rows
		for _, line := range order.Lines {
			quantity += line.Quantity
		}
	}
	for _, product := range plan.Products {
		stock += product.Quantity
	}
	if rows != len(file.Rows) || quantity != stock {
		t.Errorf("orders stand for %d of %d rows, and take %d of %d pieces", rows, len(file.Rows), quantity, stock)
	}
}
