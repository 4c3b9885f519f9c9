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
	if file.Lines() != 11 || len(file.Returns) != 1 || file.Folded != 1 {
		t.Errorf("%d lines, %d returns, %d folded; want 11, 1, 1", file.Lines(), len(file.Returns), file.Folded)
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
		Returns: []Return{{"C9", "1", key("return", "C9|1"), []Line{{"85123A", 1}}, file.Returns}},
		Merged:  1, Repriced: 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
}

const back = `InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
1,22222,MUG,4,12/1/10 8:00,1.5,12,France
2,22222,MUG,3,12/2/10 8:00,1.5,12,France
3,22222,MUG,9,12/4/10 8:00,1.5,12,France
4,22222,MUG,9,12/1/10 8:00,1.5,13,France
5,33333,CUP,2,12/1/10 8:00,1.5,12,France
5,33333,CUP,1,12/1/10 8:00,1.5,12,France
C6,22222,MUG,-5,12/3/10 8:00,1.5,12,France
C6,33333,CUP,-1,12/3/10 8:00,1.5,12,France
C6,33333,CUP,-1,12/3/10 8:00,1.5,12,France
C7,22222,MUG,-3,12/3/10 9:00,1.5,12,France
C7,22222,MUG,-2,12/3/10 9:00,1.5,12,France
C8,22222,MUG,-1,12/2/10 8:00,1.5,,France
C8,POST,POSTAGE,-1,12/2/10 8:00,18,12,France
C8,22222,MUG,2,12/2/10 8:00,1.5,12,France
C9,44444,HAT,-1,12/2/10 8:00,1.5,12,France
C9,22222
C10,22222,MUG,-1,11/30/10 8:00,1.5,13,France
C11,22222,MUG,-9,12/1/10 8:00,1.5,13,France
`

func TestGoodsGoBackToTheLatestPurchasesBeforeAndNeverMoreThanWasBought(t *testing.T) {
	file, err := Read(strings.NewReader(back))
	if err != nil {
		t.Fatal(err)
	}
	plan := Make(file)
	type traded struct {
		Invoice, Order string
		Lines          []Line
		Rows           int
	}
	var got []traded
	keys := map[any]bool{}
	for _, r := range plan.Returns {
		got = append(got, traded{r.Invoice, r.Order, r.Lines, len(r.Rows)})
		keys[r.Key] = true
	}
	want := []traded{
		{"C11", "4", []Line{{"22222", 9}}, 1},
		{"C6", "2", []Line{{"22222", 3}}, 1},
		{"C6", "1", []Line{{"22222", 2}}, 1},
		{"C6", "5", []Line{{"33333", 2}}, 2},
		{"C7", "1", []Line{{"22222", 2}}, 1},
	}
	if diff := cmp.Diff(want, got); diff != "" || len(keys) != len(want) {
		t.Errorf("%d keys, returns (-want +got):\n%s", len(keys), diff)
	}
	unmatched := map[int]Reason{}
	for _, row := range plan.Unmatched {
		unmatched[row.Line] = row.Reason
	}
	reasons := map[int]Reason{
		11: MoreThanBought, 13: UnknownCustomer, 14: NotAProduct, 15: PositiveQuantity, 16: NotBought, 17: Malformed, 18: NotBought,
	}
	if diff := cmp.Diff(reasons, unmatched); diff != "" {
		t.Errorf("unmatched (-want +got):\n%s", diff)
	}
	checkReportOfReturns(t, plan, len(file.Returns))
}

// checkReportOfReturns has all returns completed but those of one order, which was cancelled.
func checkReportOfReturns(t *testing.T, plan Plan, rows int) {
	t.Helper()
	var taken []TakenBack
	var undone []Back
	for _, r := range plan.Returns {
		if r.Order == "1" {
			for _, row := range r.Rows {
				row.Reason = NotFulfilled
				undone = append(undone, row)
			}
			continue
		}
		taken = append(taken, TakenBack{Return: r, State: "COMPLETED", Refund: money.Money{Minor: 150, Currency: "GBP"}})
	}
	report := Report{Returns: rows}
	report.addReturns(taken, plan.Unmatched, undone)
	want := Returned{
		Requested: 3, Completed: 3, Rows: 4, Refunded: "4.50", Invoices: 4,
		Unmatched: map[Reason]int{
			MoreThanBought: 1, UnknownCustomer: 1, NotAProduct: 1, PositiveQuantity: 1, NotBought: 2, Malformed: 1, NotFulfilled: 1,
		},
	}
	if diff := cmp.Diff(want, report.Returned); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
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
	matched := map[int]bool{}
	for _, r := range plan.Returns {
		for _, row := range r.Rows {
			matched[row.Line] = true
		}
	}
	if len(matched)+len(plan.Unmatched) != len(file.Returns) || len(matched) < 20 {
		t.Errorf("%d rows of credit notes matched, %d not, of %d", len(matched), len(plan.Unmatched), len(file.Returns))
	}
	if rows != len(file.Rows) || quantity != stock {
		t.Errorf("orders stand for %d of %d rows, and take %d of %d pieces", rows, len(file.Rows), quantity, stock)
	}
}
